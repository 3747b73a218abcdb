"""People's words find their node: other spellings, endings, slips, suggestions."""

import pytest

from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.words import fold, spellings, stem, stems, word_stems


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Lkw-Plane", "tarpaulin.truck"),
        ("LKW PLANEN", "tarpaulin.truck"),
        ("lkwplane", "tarpaulin.truck"),
        ("kamionponyvát", "tarpaulin.truck"),
        ("Werbebanners", "tarpaulin.banner"),
        ("molino", "tarpaulin.banner"),
        ("Molinók", "tarpaulin.banner"),
        ("Jutesäcke", "textile.jute.sack"),
        ("Jutesack", "textile.jute.sack"),
        ("jutazsákok", "textile.jute.sack"),
        ("burlap bags", "textile.jute.sack"),
        ("Mülltonne", "plastic.bin"),
        ("Muelltonnen", "plastic.bin"),
        ("wheelie bins", "plastic.bin"),
        ("  fahrraeder ", "vehicle.bicycle"),
        ("Fussball", "equipment.sport.football"),
        ("bőr", "leather"),
        ("bor", "food.beverage"),
        ("textile.felt.wool", "textile.felt.wool"),
    ],
)
def test_case_accents_hyphens_and_endings_do_not_matter(word: str, code: str) -> None:
    found = materials().find(word)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("word", ["", " - ", "Einhorn", "Werbebaner", "xyz"])
def test_an_unknown_word_is_not_guessed(word: str) -> None:
    assert materials().find(word) is None


def suggested(text: str, language: str) -> list[str]:
    return [each.node.code for each in materials().suggest(text, language)]


def test_the_word_itself_comes_first_then_what_lies_near() -> None:
    assert suggested("Lkw plane", "de")[0] == "tarpaulin.truck"
    assert suggested("molinó", "hu")[:2] == ["tarpaulin.banner", "tarpaulin.banner.mesh"]
    assert suggested("filc", "hu")[0] == "textile.felt"
    assert suggested("Filz", "de")[0] == "textile.felt"
    assert {"textile.felt.wool", "textile.felt.synthetic"} < set(suggested("filc", "hu"))


def test_what_is_still_being_typed_is_completed() -> None:
    assert suggested("jut", "hu") == ["textile.jute", "textile.jute.sack"]
    assert suggested("kaffeep", "de")[0] == "packaging.composite.coffee"
    assert "textile.jute.sack" in suggested("sack", "de")
    assert suggested("textile.fe", "de")[0] == "textile.felt"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("werbebaner", "tarpaulin.banner"),
        ("stoffrste", "textile.fabric"),
        ("kafeepackung", "packaging.composite.coffee"),
        ("jutezsák", "textile.jute.sack"),
    ],
)
def test_a_slip_of_the_finger_is_forgiven(typed: str, code: str) -> None:
    assert suggested(typed, "de")[0] == code


def test_a_suggestion_is_labelled_in_the_readers_language_and_says_what_matched() -> None:
    first = materials().suggest("molinó", "de")[0]
    assert (first.label, first.matched) == ("Werbebanner", "Molinó")
    first = materials().suggest("Werbebanner", "de")[0]
    assert (first.label, first.matched) == ("Werbebanner", None)
    assert techniques().suggest("szerelés", "de")[0].label == "Montage"


def test_suggestions_keep_to_their_limit_and_name_a_node_once() -> None:
    every = suggested("ho", "de")
    assert len(every) == len(set(every)) == 8
    assert len(materials().suggest("ho", "de", limit=3)) == 3
    assert materials().suggest("  ", "de") == []
    assert materials().suggest("holz", "de", limit=0) == []
    assert materials().suggest("qqqqqq", "de") == []


def test_folding() -> None:
    assert fold("Straße – LKW-Plane (ŐRSÉG)") == "strasse lkw plane orseg"
    assert spellings("Möbel") == ("mobel", "moebel")
    assert spellings("Holz") == ("holz",)


def test_stems_meet_across_number_case_and_missing_accents() -> None:
    assert stem("Planen", "de") == stem("Plane", "de") == "plan"
    assert stem("zsákok", "hu") == stem("zsák", "hu") == "zsak"
    assert stem("tévé", "hu") == "teve"
    assert set(stems("Säcke", "de")) & set(stems("Sack", "de"))
    assert set(stems("molinok")) & set(stems("molinók", "hu"))
    assert [bool(each) for each in word_stems("Alte Lkw-Planen")] == [True, True, True]
    assert stems("") == []
    with pytest.raises(ValueError, match="not a language"):
        stems("plane", "fr")
