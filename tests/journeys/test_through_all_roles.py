"""The main job from end to end, as the people of both sides and their broker would do it."""

import re
from pathlib import Path

from playwright.sync_api import expect

PHOTOS = Path(__file__).resolve().parents[2] / "marketplace" / "demo_photos"
TITLE = "Quastenplanen vom Herbstwechsel"


def post_a_leftover(company, words, option, title):
    page = company.go("/listings/new?kind=residual")
    page.set_input_files(
        "[data-photos] input[type=file]", [PHOTOS / "tarp.jpg", PHOTOS / "webbing.jpg"]
    )
    page.fill("#title", title)
    page.locator("#material_text").press_sequentially(words, delay=30)
    page.locator("[role=option]:visible", has_text=option).first.click()
    page.fill("#quantity", "14")
    expect(page.locator("[data-live-mass]")).to_contain_text("kg")
    choose_chip(page, "condition", "used_clean")
    expect(page.locator("[data-live-count]")).to_have_text(re.compile("[1-9]"))
    page.locator("li[data-photo-id]").nth(1).wait_for()
    page.locator("input[name^=alt-]").first.fill("Blaue Plane mit weißer Schrift")
    page.click("button[value=publish]")
    page.wait_for_url(re.compile(r"/materials/\d+$"))


def choose_chip(page, name, value):
    """Choose a chip as people do, by its label, once the page around it stands still."""
    radio = page.locator(f"[name={name}][value={value}]")
    page.locator("label.chip", has=radio).click()
    expect(radio).to_be_checked()


def rows_at_the_desk(broker, words, at_least=1):
    """Return the names of the enterprises proposed for these words; the worker may need a moment."""
    for _ in range(60):
        page = broker.go(f"/desk/?q={words}")
        names = page.locator("table.ranked tbody tr td:nth-child(3) b").all_inner_texts()
        if len(names) >= at_least:
            return names
        page.wait_for_timeout(500)
    raise AssertionError("the worker proposed too little")


def press(page, action):
    form = page.locator(f"form[action='{action}']").first
    for box in form.locator("input[type=checkbox]").all():
        box.check()
    form.locator("button[type=submit]").first.click()
    page.wait_for_load_state()


def name_of(person):
    """Return the organisation for which somebody acts."""
    person.go("/organisation")
    return person.page.locator("[name=organisation_name]").input_value()


def test_from_a_leftover_to_a_completed_order(visitor):
    company = visitor(width=390).sign_in("firma@demo.sopro.example")
    post_a_leftover(company, "Lkw-Pl", "Lkw-Planen", TITLE)
    assert company.page.locator("main img").count() >= 2
    assert not company.overflows()
    enterprise = visitor(width=390).sign_in("betrieb@demo.sopro.example")
    workshop = name_of(enterprise)

    broker = visitor().sign_in("vermittlung@demo.sopro.example")
    names = rows_at_the_desk(broker, TITLE.split()[0], at_least=2)
    assert workshop in names
    page = broker.page
    radios = page.locator("table.ranked tbody [type=radio]")
    radios.nth(len(names) - 1 if names[0] == workshop else 0).check()
    page.keyboard.press("a")
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=reason]").first.check()
    dialog.locator("button[type=submit]").first.click()
    page.wait_for_load_state()
    assert len(rows_at_the_desk(broker, TITLE.split()[0])) == len(names) - 1

    radios.first.check()
    page.keyboard.press("b")
    page.wait_for_url(re.compile(r"/orders/\d+/edit"))
    order = re.search(r"/orders/(\d+)", page.url)[1]
    page.fill("[name=product]", "200 Kuriertaschen")
    page.select_option("[name=lines-0-pays]", "giver")
    page.check("[name=lines-0-lump_sum]")
    page.fill("[name=lines-0-price]", "4.200,50")
    page.locator("main form button[value=offer]").click()
    page.wait_for_url(re.compile(r"/orders/\d+$"))

    company.go(f"/orders/{order}")
    assert "4.200,50" in company.page.content()
    assert "200 Kuriertaschen" in company.page.content()
    press(company.page, f"/orders/{order}/accept")
    enterprise.go(f"/orders/{order}")
    for step in ("accept", "start", "deliver"):
        press(enterprise.page, f"/orders/{order}/{step}")
    assert not enterprise.overflows()
    company.go(f"/orders/{order}")
    press(company.page, f"/orders/{order}/complete")
    assert "abgeschlossen" in company.page.locator(".badge--yes").first.inner_text()

    agreement = company.page.request.get(f"/orders/{order}/agreement.pdf")
    assert agreement.status == 200
    assert agreement.body().startswith(b"%PDF")
    assert "/sign-in" in visitor().go(f"/orders/{order}").url


def test_magyarul_a_ponyvatol_a_javaslatig(visitor):
    """In Hungarian: a workshop finds a material near it, says why it fits, and shows interest."""
    workshop = visitor(language="hu", width=390).sign_in("muhely@demo.sopro.example")
    page = workshop.go("/capabilities/for-you")
    assert page.locator("html").get_attribute("lang") == "hu"
    first = page.locator("article.card h3 a").first
    title = first.inner_text()
    first.click()
    page.wait_for_url(re.compile(r"/materials/\d+$"))
    assert title in page.locator("h1").inner_text()
    assert page.locator("#h-fit").count() == 1
    page.fill("#note", "Táskákat varrnánk belőle.")
    page.locator("form[action$='/interest'] button").click()
    page.locator(".flash--yes").first.wait_for()
    assert not workshop.overflows()

    page = workshop.go("/capabilities/new")
    page.fill("#title", "Vászontáskák kis szériában")
    page.locator("#techniques_text").press_sequentially("varr", delay=30)
    page.locator("[role=option]:visible").first.click()
    page.get_by_label("Ponyva", exact=True).check()
    page.locator("button[value=publish]").click()
    page.wait_for_url(re.compile(r"/capabilities/$"))
    assert "Vászontáskák" in page.content()


def test_the_agency_opens_a_service_point(visitor):
    agency = visitor().sign_in("agentur@demo.sopro.example")
    page = agency.go("/agency/service-points/new")
    page.fill("[name=name]", "Servicestelle Tirol")
    page.locator("[name=regions][value=AT-7]").check()
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/agency/$"))
    assert "Servicestelle Tirol" in page.content()


def test_a_broker_verifies_an_organisation(visitor):
    broker = visitor().sign_in("vermittlung@demo.sopro.example")
    page = broker.go("/desk/organisations")
    forms = page.locator("form[action$='/verify']")
    before = forms.count()
    assert before
    forms.first.locator("button[type=submit]").click()
    page.locator(".flash--yes").first.wait_for()
    page.goto("/desk/organisations")
    assert page.locator("form[action$='/verify']").count() == before - 1
