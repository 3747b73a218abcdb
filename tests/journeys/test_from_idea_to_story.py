"""From an idea without an account to a public story: one order, two workshops in a row, own clicks."""

import re
import sqlite3
import zlib
from datetime import UTC, datetime, timedelta

IDEA = "Aus unseren alten Hoteltextilien sollen Beutel für die Gäste werden"
HOTEL = "Hotel Leithablick"
LISTING = "Bettwäsche und Vorhänge vom Umbau"
SORTS, SEWS = "Werkraum Wien", "Nähwerk Wiener Neustadt"
ADDRESS, SECRET = "nora@leithablick.example", "ein langer Satz"


def press(where, button):
    """Press a button or follow a link by its words, and wait for the page behind it."""
    page = where.page if hasattr(where, "page") else where
    named = where.get_by_role("button", name=button).or_(where.get_by_role("link", name=button))
    with page.expect_navigation():
        named.first.click()
    return page


def town(page, name):
    """Type the town and take the first suggestion."""
    page.locator("#city").press_sequentially(name, delay=20)
    page.locator("[role=option]:visible").first.click()


def confirmation(site, page):
    """Return the way in the mail to Nora; the worker may need a moment for it."""
    path = site.environment["DATABASE_URL"].removeprefix("sqlite:///")
    wanted = "SELECT text FROM mails WHERE recipient = ? AND text LIKE '%/confirm/%'"
    for _ in range(60):
        with sqlite3.connect(path) as mailbox:
            mail = mailbox.execute(wanted, [ADDRESS]).fetchone()
        if mail is not None:
            return re.search(r"/confirm/\S+", mail[0])[0]
        page.wait_for_timeout(250)
    raise AssertionError("no mail came")


def scanned(note):
    """Return the address of the note's QR code as it stands in the PDF."""
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", note, re.DOTALL)
    plain = [zlib.decompressobj().decompress(p) for p in parts if p[:1] == b"\x78"]
    return re.search(rb"/h/[\w-]+", b"\n".join([note, *plain]))[0].decode()


def ask_without_account(page):
    page.fill("#words", f"{IDEA}. Etwa 200 Stück, zur Wiedereröffnung.")
    page.fill("#name", "Nora Leitner")
    page.fill("#email", ADDRESS)
    page.fill("#organisation", HOTEL)
    town(page, "Baden")
    page.check("#agreed")
    press(page, "Anfrage senden")


def register(site, page):
    page.fill("#organisation_name", HOTEL)
    town(page, "Baden")
    page.fill("#name", "Nora Leitner")
    page.fill("#email", ADDRESS)
    page.fill("#password", SECRET)
    press(page.locator("main"), "Mitmachen")
    page.goto(confirmation(site, page))
    page.fill("#email", ADDRESS)
    page.fill("#password", SECRET)
    press(page.locator("main"), "Anmelden")


def post_listing(page):
    page.goto("/listings/new?kind=residual")
    page.fill("#title", LISTING)
    page.locator("#material_text").press_sequentially("Textil", delay=20)
    page.locator("[role=option]:visible", has_text="Textil").first.click()
    page.fill("#quantity", "180")
    page.locator("label.chip", has=page.locator("[name=condition][value=used_clean]")).click()
    page.click("button[value=publish]")
    page.wait_for_url(re.compile(r"/materials/\d+$"))


def verify(page):
    page.goto("/desk/organisations")
    press(page.locator("li.sheet", has_text=HOTEL), "Bestätigen")


def take_the_case(page):
    """Find the enquiry among what is new today, take it, and let the hotel take part."""
    page.goto("/desk/today")
    press(page.locator("section", has_text="Neue Anfragen"), re.compile(IDEA[:40]))
    press(page.locator("main"), "Übernehmen")
    case = page.url
    page.fill("#party-q", HOTEL)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("party="))
    press(page.locator("#parties"), "Hinzufügen")
    return case.partition("#")[0]


def follow(page, case):
    """Follow the listing, and of what is proposed for it the two workshops."""
    page.goto(case)
    press(page.locator("#attempts"), "Versuch")
    page.select_option("#listing", label=LISTING)
    press(page.locator("main form").last, "Verfolgen")
    for workshop in (SORTS, SEWS):
        for _ in range(60):
            line = page.locator(".best .part__line", has_text=workshop)
            if line.count():
                break
            page.wait_for_timeout(500)
            page.goto(case)
        press(line.first, "Diesen versuchen")


def make_one_order(page):
    for workshop in (SORTS, SEWS):
        page.locator("#attempts li", has_text=workshop).get_by_role("checkbox").first.check()
    page.locator("#one-order button").click()
    page.wait_for_url(re.compile(r"/orders/\d+/edit"))
    page.fill("#product", "200 Beutel aus Bettwäsche, gewaschen, sortiert und genäht")
    for line, pays in ((0, "nobody"), (1, "nobody")):
        page.select_option(f"[name=lines-{line}-pays]", pays)
    press(page.locator("main"), "Position hinzufügen")
    page.fill("[name=lines-2-description]", "Beutel")
    page.fill("[name=lines-2-quantity]", "200")
    page.select_option("[name=lines-2-giver]", label=SEWS)
    page.select_option("[name=lines-2-taker]", label=HOTEL)
    page.select_option("[name=lines-2-pays]", "taker")
    page.fill("[name=lines-2-price]", "14,50")
    press(page.locator("main"), "Speichern und beiden Seiten anbieten")
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    return page.url


def accept(person, order):
    page = person.go(order)
    for box in page.locator("form[action$='/accept'] input[type=checkbox]").all():
        box.check()
    press(page.locator("form[action$='/accept']"), re.compile("annehmen"))


def do(person, order, button):
    return press(person.go(order).locator("main"), button)


def state(person, order):
    return person.go(order).locator(".page-head .badge").first.inner_text()


def offer_other_terms(broker, order):
    page = do(broker, order, "Andere Bedingungen anbieten")
    page.fill("[name=lines-2-price]", "15,20")
    press(page.locator("main"), "Die anderen Bedingungen anbieten")


def announce_a_delivery(person, order, line):
    page = do(person, order, "Lieferung eintragen")
    page.select_option("[name=line_id]", index=line)
    page.fill("[name=expected]", "200")
    page.fill("[name=planned_on]", f"{(datetime.now(UTC) + timedelta(days=3)).date()}")
    page.locator("main form .button--main").click()
    page.wait_for_url(re.compile(r"/orders/\d+(#.*)?$"))


def hand_over_by_the_code(giver, taker, order):
    """The giver has the note on paper; the taker scans its code on the phone and confirms."""
    note = giver.go(order).locator("a[href$='/note.pdf']").first.get_attribute("href")
    page = taker.go(scanned(giver.page.request.get(note).body()))
    assert page.url.startswith(order), "the code leads to its hand-over"
    assert not taker.overflows()
    press(page.locator("main"), "Übergabe bestätigen")
    page = giver.go(order)
    press(page.locator("main table").first, re.compile("Beutel"))
    press(page.locator("main"), "Übergabe bestätigen")


def tell_the_story(person, order):
    page = do(person, order, "Geschichte schreiben")
    page.fill("#title", "Aus Bettwäsche wurden Beutel")
    page.fill("#text", "Der Werkraum hat sortiert, das Nähwerk genäht; jeder Gast nimmt einen mit.")
    press(page.locator("main form").last, "Speichern")


def test_from_an_idea_to_a_story_that_everybody_reads(visitor, site):
    nora = visitor(width=390)
    ask_without_account(nora.go("/enquiry"))
    broker = visitor().sign_in("vermittlung@demo.sopro.example")
    register(site, nora.go("/register"))
    verify(broker.page)
    post_listing(nora.page)
    case = take_the_case(broker.page)
    follow(broker.page, case)
    order = make_one_order(broker.page)
    sorts = visitor(width=390).sign_in("wer@demo.sopro.example")
    sews = visitor(width=390).sign_in("betrieb@demo.sopro.example")
    everybody = (nora, sorts, sews)
    for person in everybody:
        accept(person, order)
    assert state(nora, order) == "vereinbart"
    assert order.rpartition("/")[2] in broker.go(case).content(), "the case leads to its order"

    do(sorts, order, "Produktion beginnen")
    offer_other_terms(broker, order)
    for person in everybody:
        assert "14,50" in person.go(order).locator("#h-what ~ .scroll-x").inner_text()
        accept(person, order)
    assert "15,20" in nora.go(order).locator("#h-what ~ .scroll-x").inner_text()

    announce_a_delivery(sews, order, 2)
    hand_over_by_the_code(sews, nora, order)
    do(sews, order, "Lieferung melden")
    do(nora, order, "Auftrag abschließen")
    assert state(nora, order) == "abgeschlossen"

    tell_the_story(sews, order)
    for person in (nora, sorts):
        do(person, order, "Ja, das darf öffentlich sein")
    everyone = visitor(width=390)
    press(everyone.go("/stories/").locator("main"), re.compile("Aus Bettwäsche wurden Beutel"))
    assert "sortiert" in everyone.page.locator("main").inner_text()
    for person in (*everybody, everyone):
        assert not person.overflows()
