"""Editions of the trees: drafted, checked, put into force, followed, gone back to."""

import pytest
from sqlalchemy import select

from marketplace.core import audit
from marketplace.core.errors import Invalid, NotAllowed, NotFound, Outrun, WrongState
from marketplace.core.outbox import OutboxRow
from marketplace.taxonomy.edition import differences, in_force
from marketplace.taxonomy.materials import estimate_mass_kg, materials
from marketplace.taxonomy.tables import Branch
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.understanding import understood
from marketplace.taxonomy.waste import waste_codes
from marketplace.vocabulary import drafting, editions, nodes
from marketplace.vocabulary.drafts import mark
from marketplace.vocabulary.models import TaxonomyEdition, TaxonomyNode
from tests.at_once import in_sessions
from tests.builders import NOW, a_broker, actor_for, an_agency_person
from tests.vocabulary.edition_stories import (
    AGENCY,
    FELT,
    a_node,
    add,
    as_it_is,
    change,
    force,
    retire,
)


def codes(refused):
    return {(p.field, p.code) for p in refused.value.problems}


def test_a_node_counts_from_when_its_edition_is_in_force(session):
    entry = add(
        session, bulk_density_kg_m3=90.0, synonyms_de=("Brimbel", "Brimbel", "Brimbelstoff")
    )
    assert entry.code == "textile.brimble_cloth"
    assert entry.synonyms_de == ("Brimbel",)
    assert entry.code not in materials()
    assert estimate_or_none(entry.code) is None
    row = force(session)
    assert (row.number, in_force().number, editions.newest(session)) == (1, 1, 1)
    assert materials().find("Brimbeln").code == entry.code
    assert [s.node.code for s in materials().suggest("Brimb", "de")] == [entry.code]
    assert materials().get(entry.code).usual_waste_code == "040222", "from the node above"
    assert estimate_mass_kg(entry.code, 2, "m3") == 180
    assert materials().children("textile")[-1].code == entry.code
    assert session.scalars(select(OutboxRow)).all() == [], "nothing to be matched anew"
    noted = audit.trail(session, row)
    assert [r.action for r in noted] == ["begin", "add_node", "put_into_force"]
    assert noted[1].after["reason"] == "Drei Betriebe haben danach gefragt."
    assert noted[2].before == {"edition": 0, f"materials/{entry.code}": None}
    assert noted[2].after[f"materials/{entry.code}"]["name_hu"] == "Brimbelszövet"


def estimate_or_none(code):
    return estimate_mass_kg(code, 1, "m3") if code in materials() else None


def test_names_words_and_figures_change_and_what_is_inherited_follows(session):
    felt, wool = FELT, f"{FELT}.wool"
    change(session, Branch.MATERIALS, felt, name_de="Filze", synonyms_de=("Filz", "Nadelfilz X"))
    change(session, Branch.MATERIALS, felt, waste_code="20 01 11", factor="Other: Clothing")
    assert len(drafting.changes(session, drafting.open_draft(session))) == 1
    force(session)
    assert materials().name(felt, "de") == "Filze"
    assert materials().find("Nadelfilz X").code == felt
    assert materials().get(wool).usual_waste_code == "200111"
    assert materials().get(wool).factor_source.endswith("Other, Clothing")
    assert "Filze" in waste_codes().title("200111", "de")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"name_hu": ""}, {("name_hu", "required")}),
        ({"name_de": "x" * 81}, {("name_de", "too_long")}),
        ({"name_de": "!?"}, {("name_de", "word_without_letters")}),
        ({"name_en": "Филц"}, {("name_en", "code_impossible")}),
        ({"name_en": "Felt"}, {("name_en", "code_taken")}),
        ({"name_de": "Filz"}, {("name_de", "name_taken")}),
        ({"synonyms_de": ("Eichenholz",)}, {("synonyms_de", "word_means_other")}),
        ({"synonyms_hu": ("x" * 81,)}, {("synonyms_hu", "too_long")}),
        ({"synonyms_en": tuple(map(str, range(41)))}, {("synonyms_en", "too_many_words")}),
        ({"bulk_density_kg_m3": -1.0}, {("bulk_density_kg_m3", "not_positive")}),
        ({"piece_mass_kg": float("nan")}, {("piece_mass_kg", "not_a_number")}),
        ({"piece_mass_kg": 1e9}, {("piece_mass_kg", "too_big")}),
        ({"waste_code": "99 99 99"}, {("waste_code", "waste_code_unknown")}),
        ({"factor": "Moon: Cheese"}, {("factor", "not_a_choice")}),
        ({"reason": ""}, {("reason", "required")}),
        ({"reason": "x" * 501}, {("reason", "too_long")}),
        ({"branch": Branch.TECHNIQUES}, {("value_retention", "required")}),
        (
            {"branch": Branch.TECHNIQUES, "value_retention": 1.01},
            {("value_retention", "not_a_share")},
        ),
        (
            {"branch": Branch.TECHNIQUES, "value_retention": float("nan")},
            {("value_retention", "not_a_share")},
        ),
    ],
)
def test_what_cannot_stand_is_refused_beside_its_field(session, changes, where):
    with pytest.raises(Invalid) as refused:
        add(session, **changes)
    assert codes(refused) == where


def test_hostile_names_stay_words(session):
    name = "<script>alert('x')</script> %(x)s {{ 7*7 }}; DROP"
    entry = add(session, name_de=name, name_en="Ä‑ß 3D/%s' OR 1=1", below="wood")
    assert entry.code == "wood.a_ss_3d_s_or_1_1"
    force(session)
    assert materials().name(entry.code, "de") == name


def test_a_code_has_room_in_its_column(session):
    below = "textile"
    for letter in "ab":
        name = letter * 50
        entry = add(session, below, name_de=name, name_hu=name, name_en=name)
        below = entry.code
    with pytest.raises(Invalid) as refused:
        add(session, below, name_en="c" * 60)
    assert codes(refused) == {("name_en", "too_long")}


def test_only_the_agency_and_only_known_nodes(session):
    broker = actor_for(session, a_broker(session))
    seen = mark(in_force().entries[Branch.MATERIALS][FELT])
    for call in (
        lambda: nodes.add(session, FELT, a_node(), actor=broker, now=NOW),
        lambda: nodes.retire(
            session, Branch.MATERIALS, FELT, "", "x", seen=seen, actor=broker, now=NOW
        ),
        lambda: drafting.put_into_force(session, "x", seen=0, actor=broker, now=NOW),
        lambda: drafting.drop(session, seen=0, actor=broker, now=NOW),
        lambda: drafting.go_back(session, 0, actor=broker, now=NOW),
        lambda: drafting.take_back(session, Branch.MATERIALS, FELT, actor=broker, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            call()
    assert session.scalars(select(TaxonomyEdition)).all() == []
    with pytest.raises(NotFound):
        add(session, "textile.unobtainium")
    with pytest.raises(NotFound):
        nodes.change(session, "unobtainium", a_node(), seen="", actor=AGENCY, now=NOW)
    with pytest.raises(NotFound):
        drafting.take_back(session, Branch.MATERIALS, FELT, actor=AGENCY, now=NOW)
    with pytest.raises(NotFound):
        drafting.go_back(session, 7, actor=AGENCY, now=NOW)


def test_a_retired_node_means_its_successor_and_stays_for_what_names_it(session):
    with pytest.raises(Invalid) as refused:
        retire(session, FELT)
    assert codes(refused) == {("", "nodes_below_in_use")}
    wool, synthetic = f"{FELT}.wool", f"{FELT}.synthetic"
    for odd in ("xyzzy", wool, "Wollfilz"):
        with pytest.raises(Invalid) as refused:
            retire(session, wool, odd)
        assert codes(refused) == {("successor", "successor_unknown")}
    retire(session, wool, "Filz")
    retire(session, synthetic)
    with pytest.raises(Invalid) as refused:
        retire(session, synthetic)
    assert codes(refused) == {("", "node_retired_already")}
    force(session)
    asked = {"field": "material", "what": "material", "language": "de"}
    assert materials().find("Wollfilz").code == wool, "for searches of what names it"
    assert understood(materials(), "Wollfilz", **asked) == FELT
    assert understood(materials(), wool, **asked, kept=[wool]) == wool
    with pytest.raises(Invalid) as refused:
        understood(materials(), synthetic, **asked)
    assert codes(refused) == {("material", "material_retired")}
    assert wool not in [s.node.code for s in materials().suggest("Wollfilz", "de", limit=99)]
    assert materials().offered(FELT) == []
    assert [n.code for n in materials().children(FELT)] == [wool, synthetic]
    with pytest.raises(Invalid) as refused:
        add(session, wool)
    assert codes(refused) == {("", "node_retired_above")}
    add(session, "wood", name_de="Wollfilz")
    force(session)
    assert materials().find("Wollfilz").code == "wood.brimble_cloth", "what is in use goes first"
    seen = mark(in_force().entries[Branch.MATERIALS][wool])
    again = {"seen": seen, "actor": AGENCY, "now": NOW}
    with pytest.raises(Invalid) as refused:
        nodes.reinstate(session, Branch.MATERIALS, wool, "Darum.", **again)
    assert codes(refused) == {("name_de", "word_means_other")}
    again["seen"] = mark(in_force().entries[Branch.MATERIALS][synthetic])
    nodes.reinstate(session, Branch.MATERIALS, synthetic, "Darum.", **again)
    force(session)
    assert [n.code for n in materials().offered(FELT)] == [synthetic]


def test_a_draft_is_listed_taken_back_and_dropped(session):
    parent = add(session)
    child = add(session, parent.code, name_de="Kind", name_hu="Gyerek", name_en="Child")
    change(session, Branch.TECHNIQUES, "sewing", value_retention=0.4)
    draft = drafting.open_draft(session)
    found = drafting.changes(session, draft)
    assert [(d.code, d.before is None) for d in found] == [
        (parent.code, True), (child.code, True), ("sewing", False),
    ]  # fmt: skip
    assert found[2].fields == ["value_retention"]
    with pytest.raises(Invalid) as refused:
        drafting.take_back(session, Branch.MATERIALS, parent.code, actor=AGENCY, now=NOW)
    assert codes(refused) == {("", "change_needed")}
    for branch, code in (
        (Branch.MATERIALS, child.code), (Branch.MATERIALS, parent.code), (Branch.TECHNIQUES, "sewing"),
    ):  # fmt: skip
        drafting.take_back(session, branch, code, actor=AGENCY, now=NOW)
    assert session.scalars(select(TaxonomyNode)).all() == [], "what the release says needs no row"
    with pytest.raises(Invalid) as refused:
        force(session)
    assert codes(refused) == {("", "edition_unchanged")}
    for comment, why in (("", "required"), ("x" * 201, "too_long")):
        with pytest.raises(Invalid) as refused:
            force(session, comment)
        assert codes(refused) == {("comment", why)}
    add(session)
    seen = drafting.open_draft(session).revision
    drafting.drop(session, seen=seen, actor=AGENCY, now=NOW)
    assert session.scalars(select(TaxonomyNode)).all() == []
    with pytest.raises(WrongState):
        drafting.take_back(session, Branch.MATERIALS, parent.code, actor=AGENCY, now=NOW)
    with pytest.raises(Outrun):
        drafting.put_into_force(session, "x", seen=seen, actor=AGENCY, now=NOW)


@pytest.mark.parametrize("branch", Branch)
def test_a_form_filled_with_a_node_changes_nothing_of_it(branch):
    for code, entry in in_force().entries[branch].items():
        assert as_it_is(branch, code).entry(code, entry) == entry


def test_a_change_that_changes_nothing_is_refused(session):
    with pytest.raises(Invalid) as refused:
        change(session, Branch.MATERIALS, FELT)
    assert codes(refused) == {("", "node_unchanged")}


def test_going_back_loses_no_code(session):
    entry = add(session)
    force(session)
    change(session, Branch.MATERIALS, FELT, name_de="Filze")
    change(session, Branch.MATERIALS, entry.code, name_de="Brombelstoff")
    force(session)
    for number, why in ((2, "edition_in_force"), (0, None), (1, "draft_open")):
        if why is None:
            drafting.go_back(session, number, actor=AGENCY, now=NOW)
            continue
        with pytest.raises(Invalid) as refused:
            drafting.go_back(session, number, actor=AGENCY, now=NOW)
        assert codes(refused) == {("", why)}
    row = force(session, "Zurück.")
    assert (row.number, row.went_back_to) == (3, 0)
    assert materials().name(FELT, "de") == "Filz"
    assert materials().get(entry.code).retired
    assert materials().name(entry.code, "de") == "Brombelstoff"
    drafting.go_back(session, 1, actor=AGENCY, now=NOW)
    force(session, "Und vor.")
    assert differences(editions.edition(session, 1), in_force()) == []
    assert not materials().get(entry.code).retired
    past = editions.history(session)
    assert [(p.number, p.went_back_to) for p in past] == [
        (4, 1), (3, 0), (2, None), (1, None), (0, None),
    ]  # fmt: skip


def test_another_value_is_told_and_every_process_follows(session):
    change(session, Branch.TECHNIQUES, "sewing", value_retention=0.4)
    before = in_force()
    seen = drafting.open_draft(session).revision
    drafting.put_into_force(session, "x", seen=seen, actor=AGENCY, now=NOW)
    (event,) = session.scalars(select(OutboxRow)).all()
    assert (event.kind, event.payload) == ("ValuesChanged", {"edition": 1})
    assert in_force() is before
    assert techniques().get("sewing").value_retention == 0.9
    editions.refresh(session)
    assert techniques().get("sewing").value_retention == 0.4
    after = in_force()
    editions.refresh(session)
    assert in_force() is after, "nothing is built twice"


def test_two_begin_the_draft_at_once_and_share_it(real):
    def adds(name):
        return lambda session: add(session, name_de=name, name_hu=name, name_en=name).code

    found = in_sessions(real, [adds("Erster Stoff"), adds("Zweiter Stoff")], Outrun)
    with real() as session:
        stored = {n.code for n in session.scalars(select(TaxonomyNode))}
        (draft,) = session.scalars(select(TaxonomyEdition)).all()
    assert stored == set(found) == {"textile.erster_stoff", "textile.zweiter_stoff"}
    assert draft.revision == 2


def test_whoever_has_not_seen_the_last_change_is_outrun(real):
    with real.begin() as session:
        add(session)
        seen = drafting.open_draft(session).revision
        mine = mark(in_force().entries[Branch.MATERIALS][FELT])

    def says(name):
        draft = as_it_is(Branch.MATERIALS, FELT, name_de=name)
        return lambda session: nodes.change(session, FELT, draft, seen=mine, actor=AGENCY, now=NOW)

    done = in_sessions(real, [says("Filze A"), says("Filze B")], Outrun)
    assert sorted(type(d) for d in done if d is not None) == [Outrun]

    def forces(session):
        now_seen = drafting.open_draft(session)
        return drafting.put_into_force(
            session, "x", seen=now_seen.revision if now_seen else 0, actor=AGENCY, now=NOW
        ).number

    with real() as session, pytest.raises(Outrun):
        drafting.put_into_force(session, "x", seen=seen, actor=AGENCY, now=NOW)
    done = in_sessions(real, [forces, forces], Outrun)
    assert sorted(map(str, done), key=len)[0] == "1"
    assert sum(isinstance(d, Outrun) for d in done) == 1


def test_the_agency_is_named_in_the_history(session):
    person = an_agency_person(session)
    nodes.add(session, None, a_node(), actor=actor_for(session, person), now=NOW)
    seen = drafting.open_draft(session).revision
    drafting.put_into_force(session, "Neu.", seen=seen, actor=actor_for(session, person), now=NOW)
    first = editions.history(session)[0]
    assert (first.put_by, first.comment, first.put_at) == ("Agnes Agentur", "Neu.", NOW)
