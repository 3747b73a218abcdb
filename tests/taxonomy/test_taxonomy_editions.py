"""Editions without a database: entries laid over the release, differences, what a thread follows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from marketplace.taxonomy.edition import Edition, differences, follow, in_force, install
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.tables import Branch, Entry, released
from marketplace.taxonomy.tree import UnknownCode, Word
from marketplace.taxonomy.waste import waste_codes

FELT, WOOL = "textile.felt", "textile.felt.wool"


def entry(code: str, **changes: object) -> Entry:
    known = released(Branch.MATERIALS).get(code)
    return replace(known or Entry(code=code, name_de=code, name_hu=code, name_en=code), **changes)


def an_edition(*entries: Entry, number: int = 1) -> Edition:
    return Edition.of(number, [(Branch.MATERIALS, each) for each in entries])


def test_an_edition_is_the_release_with_entries_over_it() -> None:
    edition = an_edition(entry(FELT, name_de="Filze"), entry("textile.new"), entry("new"))
    release = Edition.of(0)
    assert edition.materials.name(FELT, "de") == "Filze"
    assert edition.materials.get(WOOL) == release.materials.get(WOOL)
    assert edition.materials.get("textile.new").photo == "textile"
    assert [n.code for n in edition.materials.roots][-1] == "new"
    assert [n.code for n in edition.materials.children("textile")][-1] == "textile.new"
    assert [n.code for n in edition.techniques] == [n.code for n in release.techniques]
    found = differences(release, edition)
    assert [(d.code, d.fields[:1]) for d in found if d.before] == [(FELT, ["name_de"])]
    assert [d.code for d in found if d.before is None] == ["new", "textile.new"]
    assert [d.code for d in differences(edition, release) if d.after is None] == [
        "new",
        "textile.new",
    ]
    assert differences(edition, edition) == []
    with pytest.raises(UnknownCode):
        an_edition(entry("nowhere.new"))


def test_who_is_meant_by_a_retired_node() -> None:
    tree = an_edition(
        entry(WOOL, retired=True, successor=FELT),
        entry(FELT, retired=True, successor="textile"),
        entry("wood.board", retired=True),
        entry("glass", synonyms_de=("Wollfilz",)),
    ).materials
    assert tree.heir("textile").code == "textile"
    assert tree.heir(WOOL).code == "textile", "through those retired since"
    assert tree.heir("wood.board") is None
    assert tree.find("Wollfilz").code == "glass", "a synonym in use before a name that is not"
    assert tree.find(WOOL).code == WOOL
    own = tree.own([Word("leather", "de", "Gyapjúfilc")])
    assert tree.find("Gyapjúfilc").code == WOOL
    assert tree.find("Gyapjúfilc", own).code == "leather"
    assert FELT not in [s.node.code for s in tree.suggest("Filz", "de", limit=50)]
    assert "wood.board" not in [node.code for node in tree.offered("wood")]


def test_the_title_of_a_waste_code_follows() -> None:
    before = waste_codes().title("150109", "de")
    assert "Jutesäcke" in before
    install(an_edition(entry(materials().find("Jutesäcke").code, retired=True)))
    assert "Jutesäcke" not in waste_codes().title("150109", "de")


def test_a_thread_keeps_its_edition_until_it_follows() -> None:
    """What began with one edition's numbers ends with them; a new thread has the newest."""
    begun, installed = Event(), Event()

    def works() -> tuple[int, int, int]:
        follow(1, lambda: an_edition(number=1))
        first = in_force().number
        begun.set()
        assert installed.wait(10)
        kept = in_force().number
        follow(2, lambda: pytest.fail("the process has it already"))
        return first, kept, in_force().number

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(works)
        assert begun.wait(10)
        install(an_edition(entry(FELT, name_de="Filze"), number=2))
        installed.set()
        assert done.result(10) == (1, 1, 2)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: materials().name(FELT, "de")).result(10) == "Filze"
