"""The value cluster: who joins it, what a partner offers, and a call that two answer together."""

import re
from datetime import UTC, datetime, timedelta

from marketplace.demo.people import SIGN_INS

OFFER = "Varrógépek péntekenként"
CALL = "Werkstätten beiderseits der Leitha"
IDEA = "Plane wird Rucksack"


def send(page):
    with page.expect_navigation():
        page.locator("main form[method=post] [type=submit]").last.click()


def press(page, words):
    """Press a button, and say yes where it asks first."""
    button = page.locator("main").get_by_role("button", name=words, exact=True).first
    if button.get_attribute("data-confirm"):
        button.click()
        button = page.locator("dialog[open] button[value=yes]")
    with page.expect_navigation():
        button.click()


def tick(page, name, *values):
    for value in values:
        page.locator("label.chip", has=page.locator(f"[name={name}][value={value}]")).click()


def in_days(days):
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def name_of(person):
    return person.go("/organisation").locator("[name=organisation_name]").input_value()


def join(workshop, agency):
    """Apply, be admitted, and stand on the public page."""
    name = name_of(workshop)
    page = workshop.go("/cluster/apply")
    page.fill("[name=text]", "Varrodát és tizenkét tapasztalt embert hozunk.")
    tick(page, "themes", "labour_market", "skills")
    send(page)
    page = agency.go("/agency/cluster")
    waiting = page.locator("section.sheet", has=page.get_by_role("heading", name=name))
    with page.expect_navigation():
        waiting.locator("button[value=admit]").click()
    assert name in workshop.go("/cluster/").locator("main").inner_text()


def offer(workshop):
    page = workshop.go("/cluster/cooperation/new")
    tick(page, "direction", "offer")
    page.fill("[name=title]", OFFER)
    page.fill("[name=text]", "Hat gép, betanítással együtt.")
    tick(page, "themes", "skills")
    page.fill("[name=ends_on]", in_days(60))
    send(page)


def write_call(agency):
    """Let the agency announce a call; return its address."""
    page = agency.go("/agency/calls/new")
    page.fill("[name=title]", CALL)
    page.fill("[name=programme]", "Interreg VI-A Österreich–Ungarn")
    page.fill("[name=text]", "Gefördert wird, was Werkstätten verbindet.")
    page.fill("[name=deadline_on]", in_days(40))
    page.fill("[name=budget]", "1.200.000")
    tick(page, "countries", "AT", "HU")
    tick(page, "themes", "cross_border")
    send(page)
    page.goto("/calls/")
    page.get_by_role("link", name=CALL).click()
    page.wait_for_url(re.compile(r"/calls/\d+$"))
    assert "1.200.000" in page.locator("main").inner_text()
    return re.search(r"/calls/\d+", page.url)[0]


def show_interest(person, call, brings):
    page = person.go(call)
    page.fill("[name=brings]", brings)
    with page.expect_navigation():
        page.locator(f"form[action='{call}/interest'] [type=submit]").click()


def begin_consortium(leader, call, other):
    """Found a consortium, and invite the other one, whose interest the page has shown."""
    page = leader.go(f"{call}/consortia/new")
    page.fill("[name=name]", IDEA)
    page.fill("[name=text]", "Was fährt, bleibt in der Region.")
    page.fill("[name=task]", "Material und Leitung")
    send(page)
    with page.expect_navigation():
        page.locator("#invite").get_by_role("link", name=other).click()
    page.fill("#invite [name=task]", "Nähen und Ausbilden")
    with page.expect_navigation():
        page.locator("#invite form[method=post] [type=submit]").click()
    return re.search(r"/calls/consortia/\d+", page.url)[0]


def test_from_the_application_to_a_call_answered_together(visitor):
    company = visitor(width=390).sign_in(SIGN_INS["company"])
    workshop = visitor(language="hu").sign_in(SIGN_INS["workshop"])
    agency = visitor().sign_in(SIGN_INS["agency"])
    join(workshop, agency)
    offer(workshop)
    call = write_call(agency)
    show_interest(company, call, "Planen, sortiert")
    show_interest(workshop, call, "Műhely tizenkét emberrel")
    passer_by = visitor(width=390)
    assert OFFER in passer_by.go("/cluster/cooperation").locator("main").inner_text()
    seen = passer_by.go(call).locator("main").inner_text()
    assert "Planen, sortiert" in seen
    assert "Műhely tizenkét emberrel" in seen

    consortium = begin_consortium(company, call, name_of(workshop))
    assert "/sign-in" in passer_by.go(consortium).url
    page = company.go(consortium)
    press(page, "Eingereicht")
    assert "im Entstehen" in page.locator("main .page-head").inner_text(), "one has not answered"
    press(workshop.go(consortium), "Részt veszünk")
    press(company.go(consortium), "Eingereicht")
    assert "eingereicht" in page.locator("main .page-head .badge").inner_text()
    for person in (company, workshop):
        assert person.axe() == []
        assert not person.overflows()
