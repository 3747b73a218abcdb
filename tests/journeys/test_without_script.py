"""Every form works with JavaScript off."""

import re
from pathlib import Path

import pytest

from tests.journeys.test_every_page import SAME_FOR_ALL, SAME_FOR_BROKERS, crawl

PHOTO = Path(__file__).resolve().parents[2] / "marketplace" / "demo_photos" / "felt.jpg"


def test_register_confirm_and_sign_in(visitor):
    page = visitor(script=False).go("/register?kind=company")
    page.fill("[name=organisation_name]", "Druckerei Pfeil")
    page.fill("[name=city]", "Baden")
    page.fill("main [name=name]", "Petra Pfeil")
    page.fill("main [name=email]", "petra@pfeil.example")
    page.fill("main [name=password]", "Offset-und-Digital")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state()
    for _ in range(200):
        page.goto("/dev/mail")
        if page.get_by_text("petra@pfeil.example").count():
            break
        page.wait_for_timeout(200)
    page.locator("main a", has_text=re.compile("bestätig", re.I)).first.click()
    link = page.locator("a[href*='/confirm/']").first.get_attribute("href")
    page.goto(link)
    page.goto("/sign-in")
    form = page.locator("main form", has=page.locator("[type=password]")).first
    form.locator("[name=email]").fill("petra@pfeil.example")
    form.locator("[name=password]").fill("Offset-und-Digital")
    form.locator("[type=submit]").click()
    page.wait_for_load_state()
    page.goto("/listings/")
    assert "/sign-in" not in page.url


def test_post_a_listing_with_a_photo(visitor):
    page = (
        visitor(script=False).sign_in("firma@demo.sopro.example").go("/listings/new?kind=residual")
    )
    page.set_input_files("input[name=files]", PHOTO)
    page.fill("#title", "Filz ohne Skript")
    page.fill("#material_text", "Wollfilz")
    page.check("[name=condition][value=offcut]")
    page.fill("#quantity", "viel")
    page.click("button[value=publish]")
    page.wait_for_load_state()
    assert page.locator("#quantity-e").count() == 1
    assert page.locator("[data-photo-id]").count() == 1
    page.fill("#quantity", "12,5")
    page.select_option("#unit", "kg")
    page.click("button[value=publish]")
    page.wait_for_url(re.compile(r"/materials/\d+$"))
    assert page.locator(".gallery img").count() >= 1


def test_show_a_capability(visitor):
    page = visitor(script=False).sign_in("betrieb@demo.sopro.example").go("/capabilities/new")
    page.fill("#title", "Filzarbeiten ohne Skript")
    page.fill("#techniques_text", "Nähen; Zuschneiden")
    page.fill("#service_radius_km", "40")
    page.click("button[value=publish]")
    page.wait_for_url(re.compile(r"/capabilities/$"))
    assert "Filzarbeiten ohne Skript" in page.content()


def test_search_and_interest(visitor):
    page = visitor(script=False).sign_in("betrieb@demo.sopro.example").go("/materials/")
    page.fill("#q", "Plane")
    page.fill("#place", "Eisenstadt")
    page.click("form[role=search] button[type=submit]")
    page.wait_for_load_state()
    assert "place=Eisenstadt" in page.url
    page.locator("article.card h3 a").first.click()
    page.wait_for_url(re.compile(r"/materials/\d+$"))
    button = page.locator("form[action$='/interest'] button")
    if button.count():
        button.click()
        page.wait_for_load_state()
    assert page.locator("form[action$='/interest']").count() == 0


ROLES = {
    "firma": "nothing",
    "betrieb": SAME_FOR_ALL,
    "vermittlung": SAME_FOR_ALL,
    "agentur": SAME_FOR_BROKERS,
}
FORMS = """() => {
  document.querySelectorAll('details').forEach((fold) => (fold.open = true));
  return [...document.querySelectorAll('main form')]
  .filter((form) => !form.closest('dialog, [hidden]') && form.offsetParent)
  .filter((form) => ![...form.elements].some((e) => e.type === 'submit' && e.checkVisibility()))
  .map((form) => form.getAttribute('action') || location.pathname) }"""


@pytest.mark.parametrize("role", ROLES)
def test_every_form_can_be_sent(visitor, site, role):
    """On every kind of page each form that is to be seen has a button that is to be seen."""
    someone = visitor(script=False).sign_in(f"{role}@demo.sopro.example")
    stuck = {
        path: found
        for path in crawl(someone, site, ROLES[role])
        if (found := someone.page.evaluate(FORMS))
    }
    assert stuck == {}


def test_shortlist_and_refuse_at_the_desk(visitor):
    page = visitor(script=False).sign_in("vermittlung@demo.sopro.example").go("/desk/")
    path = page.locator("a[href*='/desk/proposals/']").first.get_attribute("href").split("?")[0]
    page.goto(path)
    page.locator("form[action*='/shortlist'] button, form[action*='/unlist'] button").first.click()
    page.wait_for_load_state()
    assert page.locator(".flash--yes").count() >= 1
    page.goto(path)
    form = page.locator("section#refuse form")
    form.locator("[name=reason]").first.check()
    form.locator("button[type=submit]").first.click()
    page.wait_for_load_state()
    page.goto(path)
    assert page.locator("form[action*='/refuse']").count() == 0
