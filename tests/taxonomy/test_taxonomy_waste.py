"""The List of Waste: codes as people write them, hazards, titles and search."""

from collections import Counter

import pytest

from marketplace.taxonomy.tree import UnknownCode
from marketplace.taxonomy.waste import normalised, waste_codes, waste_groups


def test_the_list_is_complete() -> None:
    entries = list(waste_codes())
    assert len(waste_codes()) == len(entries) == 842
    assert sum(entry.hazardous for entry in entries) == 408
    types = Counter(entry.entry_type for entry in entries)
    assert types == {"AN": 256, "AH": 235, "MN": 178, "MH": 173}
    for entry in entries:
        assert entry.hazardous == entry.entry_type.endswith("H")


def test_there_are_twenty_chapters_and_a_title_for_every_group_in_each_language() -> None:
    chapters = [title for title in waste_groups().values() if len(title.code) == 2]
    assert len(chapters) == 20
    assert len(waste_groups()) - 20 == len({entry.code[:4] for entry in waste_codes()}) == 111
    for title in waste_groups().values():
        assert title.name("de")
        assert title.name("hu")
        assert title.name("en")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("20 03 07", "200307"),
        ("200307", "200307"),
        (" 20.03.07 ", "200307"),
        ("16 02 13*", "160213"),
        ("160213 *", "160213"),
        ("16-02-13", "160213"),
    ],
)
def test_a_code_is_read_however_it_is_written(written: str, code: str) -> None:
    assert normalised(written) == code
    assert waste_codes().get(written).code == code


@pytest.mark.parametrize("written", ["", "99 99 99", "20 03", "2003071", "Sperrmüll", "**"])
def test_what_is_no_entry_is_refused(written: str) -> None:
    with pytest.raises(UnknownCode):
        waste_codes().get(written)


def test_hazard_and_titles() -> None:
    screens = waste_codes().get("16 02 13")
    assert (screens.hazardous, screens.entry_type, screens.pretty) == (True, "AH", "16 02 13*")
    bulky = waste_codes().get("20 03 07")
    assert (bulky.hazardous, bulky.entry_type, bulky.pretty) == (False, "AN", "20 03 07")
    assert screens.group.name("en") == "Electrical and electronic equipment"
    assert screens.chapter.code == "16"
    assert waste_codes().title("16 02 13*", "de") == "Elektrische und elektronische Geräte"
    assert waste_codes().title("150109", "de") == "Verpackungen (z. B. Jutesäcke)"
    assert waste_codes().title("15 01 09", "hu") == "Csomagolás (pl. Jutazsák)"


def test_searching_by_digits_by_material_and_by_title() -> None:
    def found(text: str, language: str) -> list[str]:
        return [entry.code for entry in waste_codes().search(text, language)]

    assert found("20 03 0", "de") == ["200301", "200302", "200303", "200304", "200306", "200307"]
    assert found("16 02 13*", "de") == ["160213"]
    assert found("Sperrmüll", "de")[0] == "200307"
    assert found("jutazsák", "hu")[0] == "150109"
    assert found("batteries", "en")[0] == "200134"
    assert "160601" in found("batteries", "en")
    assert {code[:4] for code in found("Textilindustrie", "de")} == {"0402"}
    assert found("", "de") == []
    assert found("qqqqqq", "de") == []
    assert len(waste_codes().search("2", "de", limit=3)) == 3
