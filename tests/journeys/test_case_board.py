"""Cases move on the board by drag, by the keyboard and, without a script, by the menus' buttons."""

import pytest

from marketplace.demo.people import SIGN_INS

LANES = ("consultation", "development", "matching", "accompaniment")


def many(page):
    return [page.locator(f"[data-lane={lane}] .case").count() for lane in LANES]


@pytest.fixture
def maria(visitor):
    return visitor(language="de").sign_in(SIGN_INS["broker"])


def test_cards_move_by_drag_and_by_the_keyboard(maria):
    page = maria.go("/desk/cases/?show=all")
    before = many(page)
    assert sum(before) > 8
    card = page.locator("[data-lane=consultation] .case").first
    title = card.locator("h3").inner_text()
    with page.expect_navigation():
        card.drag_to(page.locator("[data-lane=development] header"))
    assert many(page) == [before[0] - 1, before[1] + 1, *before[2:]]
    assert page.evaluate("document.activeElement.textContent") == title, "the focus goes along"

    def lane_of_focus():
        return page.evaluate("document.activeElement.closest('[data-lane]').dataset.lane")

    page.keyboard.press("ArrowLeft")
    assert lane_of_focus() == "consultation"
    page.keyboard.press("ArrowRight")
    assert lane_of_focus() == "development"
    moved = page.locator("[data-lane=development] .case", has_text=title)
    moved.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert many(page) == before
    assert maria.axe() == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_pages_of_a_case_fit_and_can_be_read_aloud(visitor, width):
    maria = visitor(language="de", width=width).sign_in(SIGN_INS["broker"])
    page = maria.go("/desk/cases/?show=all")
    case = page.locator("[data-lane=matching] .case h3 a").first.get_attribute("href")
    ways = (
        "",
        "/edit",
        "/needs/csr_product",
        "/close",
        "/refer",
        "/appointments",
        "/files",
        "/tasks",
    )
    for path in ("/desk/today", "/desk/cases/list", "/enquiry", *(case + way for way in ways)):
        maria.go(path)
        assert not maria.overflows(), path
        assert maria.axe() == [], path


def test_without_a_script_the_menus_do_it(visitor):
    maria = visitor(language="de", script=False).sign_in(SIGN_INS["broker"])
    page = maria.go("/desk/cases/?show=all")
    before = many(page)
    card = page.locator("[data-lane=matching] .case").first
    card.locator("summary").click()
    with page.expect_navigation():
        card.locator("button[data-to=accompaniment]").click()
    assert many(page) == [*before[:2], before[2] - 1, before[3] + 1]
