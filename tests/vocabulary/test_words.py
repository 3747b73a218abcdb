"""Words of the agency's own: refused where they mean something already, found once they are added."""

import pytest
from sqlalchemy import select

from marketplace.core import audit
from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.tree import Word
from marketplace.taxonomy.understanding import understood
from marketplace.vocabulary import words
from marketplace.vocabulary.models import Branch, TaxonomyWord
from marketplace.vocabulary.words import WordDraft
from tests.builders import NOW, a_broker, actor_for, an_agency_person

FELT = "textile.felt"


@pytest.fixture
def agnes(session):
    return actor_for(session, an_agency_person(session))


def a_word(**changes):
    values = {
        "branch": Branch.MATERIALS, "code": FELT, "language": "de", "word": "Brimbel",
        "reason": "Drei Zeilen eines Imports.",
    }  # fmt: skip
    return WordDraft(**values | changes)


def find(session, word, branch=Branch.MATERIALS):
    node = words.tree_of(branch).find(word, words.own(session, branch))
    return node.code if node is not None else None


def codes(refused):
    return {(p.field, p.code) for p in refused.value.problems}


def test_a_word_is_found_with_its_endings_until_it_is_withdrawn(session, agnes):
    assert find(session, "Brimbel") is None
    row = words.add(session, a_word(), actor=agnes, now=NOW)
    assert {find(session, w) for w in ("Brimbel", "BRIMBEL", "Brimbeln", "brim-bel")} == {FELT}
    assert find(session, "Brimbel", Branch.TECHNIQUES) is None
    assert materials().find("Brimbel") is None, "nothing is kept in the process"
    with pytest.raises(Invalid) as refused:
        words.withdraw(session, row.id, "", actor=agnes, now=NOW)
    assert codes(refused) == {("reason", "reason_required")}
    words.withdraw(session, row.id, "Ein Irrtum.", actor=agnes, now=NOW)
    assert find(session, "Brimbel") is None
    with pytest.raises(WrongState):
        words.withdraw(session, row.id, "Noch einmal.", actor=agnes, now=NOW)
    again = words.add(session, a_word(code="textile"), actor=agnes, now=NOW)
    assert find(session, "Brimbel") == "textile"
    assert [r.action for r in audit.trail(session, row)] == ["add", "withdraw"]
    said = [(r.action, r.after["reason"]) for r, _who in words.history(session, row.tree, FELT)]
    assert said == [("withdraw", "Ein Irrtum."), ("add", "Drei Zeilen eines Imports.")]
    assert words.in_use(session, Branch.MATERIALS, FELT) == []
    assert words.in_use(session, Branch.MATERIALS, "textile") == [again]


def test_what_means_something_already_is_refused(session, agnes):
    with pytest.raises(Invalid) as refused:
        words.add(session, a_word(word="Holz"), actor=agnes, now=NOW)
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["name"]) == ("word_means_other", "Holz")
    for known in ("Filz", FELT):
        with pytest.raises(Invalid) as refused:
            words.add(session, a_word(word=known), actor=agnes, now=NOW)
        assert codes(refused) == {("word", "word_known")}
    words.add(session, a_word(), actor=agnes, now=NOW)
    for code, why in ((FELT, "word_known"), ("wood", "word_means_other")):
        with pytest.raises(Invalid) as refused:
            words.add(session, a_word(word="brimbeln", code=code), actor=agnes, now=NOW)
        assert codes(refused) == {("word", why)}


def test_the_database_keeps_a_word_from_meaning_two_things(session, agnes, monkeypatch):
    words.add(session, a_word(), actor=agnes, now=NOW)
    nothing = words.own(session, Branch.TECHNIQUES)
    monkeypatch.setattr(words, "own", lambda *_: nothing)
    with pytest.raises(Invalid) as refused:
        words.add(session, a_word(word="BRIMBEL", code="wood"), actor=agnes, now=NOW)
    assert codes(refused) == {("word", "word_added_meanwhile")}
    assert len(session.scalars(select(TaxonomyWord)).all()) == 1


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"word": ""}, "word"),
        ({"word": "!?"}, "word"),
        ({"word": "x" * 81}, "word"),
        ({"reason": ""}, "reason"),
        ({"language": "fr"}, "language"),
    ],
)
def test_a_draft_is_complete(wrong, where):
    with pytest.raises(Invalid) as refused:
        a_word(**wrong)
    assert {field for field, _code in codes(refused)} == {where}


def test_only_the_agency_and_only_known_nodes(session, agnes):
    broker = actor_for(session, a_broker(session))
    with pytest.raises(NotAllowed):
        words.add(session, a_word(), actor=broker, now=NOW)
    with pytest.raises(NotFound):
        words.add(session, a_word(code="unobtanium"), actor=agnes, now=NOW)
    row = words.add(session, a_word(), actor=agnes, now=NOW)
    with pytest.raises(NotAllowed):
        words.withdraw(session, row.id, "x", actor=broker, now=NOW)
    with pytest.raises(NotFound):
        words.withdraw(session, 10**9, "x", actor=agnes, now=NOW)


def test_the_tree_s_own_words_go_first_and_unknown_codes_are_left_out():
    tree = techniques()
    first = next(iter(tree))
    own = tree.own(
        [Word("gone.with.a.release", "de", "Fletschern"), Word(first.code, "de", "Xyzzy")]
    )
    assert tree.find("Fletschern", own) is None
    assert tree.find("Xyzzy", own) is first
    over = materials().own([Word("wood", "de", "Filz")])
    assert materials().find("Filz", over).code == FELT


def test_suggestions_hold_them_once_and_in_their_place():
    own = materials().own([Word(FELT, "de", "Brimbelstoff"), Word(FELT, "de", "Brimbelfilz")])
    found = materials().suggest("Brimbel", "de", own=own)
    assert [s.node.code for s in found].count(FELT) == 1
    assert found[0].matched in {"Brimbelstoff", "Brimbelfilz"}
    exact = materials().suggest(
        "Holz", "de", own=materials().own([Word(FELT, "de", "Holzwolle X")])
    )
    assert exact[0].node.code == "wood", "what is spelled alike comes first"
    with pytest.raises(Invalid) as refused:
        understood(materials(), "Brimblstoff", field="m", what="material", language="de", own=own)
    assert "Filz" in refused.value.problems[0].params["near"]
