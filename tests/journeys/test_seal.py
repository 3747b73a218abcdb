"""The seal from the application to the certificate, its page on a phone, and its end on that page."""

import re

ASSESSOR = "pruefung@demo.sopro.example"
PANEL = "beirat@demo.sopro.example"
DECIDER = "vergabe@demo.sopro.example"
ADVISER = "vermittlung@demo.sopro.example"
JUDGED = ("S2", "S3", "S4", "E4", "E5", "I1", "Q1")
PAPER = b"%PDF-1.4\n% Laborbericht"


def send(page, button="main form [type=submit]"):
    with page.expect_navigation():
        page.locator(button).last.click()


def confirmed(page, action):
    """Press a button that asks first."""
    page.locator(f"form[action$='/{action}'] button[type=submit]").first.click()
    dialog = page.locator("dialog[open]")
    if dialog.count():
        with page.expect_navigation():
            dialog.locator("button[value=yes], .button--main, .button--refuse").first.click()
    page.wait_for_load_state()


def apply(someone):
    """Apply for a bag: people, a material, a step, evidence; return the application's address."""
    page = someone.go("/seals/new")
    page.fill("[name=name]", "Rucksack Rosalia")
    page.fill("#description", "Ein Rucksack aus Planen, genäht in Wiener Neustadt.")
    send(page, "main form[enctype] [type=submit]")
    address = re.search(r"/seals/\d+", page.url)[0]
    page.locator("a[href*='/makers/']").first.click()
    page.fill("[name=employees]", "20")
    page.fill("[name=disadvantaged]", "9")
    send(page)
    page.goto(f"{address}/inputs/new")
    page.fill("[name=name]", "Lkw-Plane")
    page.fill("[name=mass_kg]", "0,8")
    page.locator("label.chip", has=page.locator("[name=route][value=leftover]")).click()
    page.fill("[name=city]", "Eisenstadt")
    send(page)
    page.goto(f"{address}/steps/new")
    page.fill("[name=name]", "Nähen")
    page.fill("[name=hours]", "2,5")
    page.check("[name=disadvantaged]")
    send(page)
    page.goto(f"{address}/evidence/new")
    file = {"name": "Pruefung.pdf", "mimeType": "application/pdf", "buffer": PAPER}
    page.set_input_files("[name=file]", file)
    send(page)
    assert "0,8 kg" in page.content()
    assert "Pruefung.pdf" in page.content()
    confirmed(page, "submit")
    assert "eingereicht" in page.locator("main .badge").first.inner_text()
    return address


def appoint(agency, address):
    page = agency.go(address)
    for role, email in (
        ("adviser", ADVISER), ("assessor", ASSESSOR), ("panel", PANEL), ("decider", DECIDER),
    ):  # fmt: skip
        page.select_option("[name=role]", role)
        page.fill(".seal-appoint [name=email]", email)
        send(page, ".seal-appoint [type=submit]")
    confirmed(page, "begin")


def assess(assessor, address):
    for code in JUDGED:
        page = assessor.go(f"{address}/sheet/{code}")
        page.locator("label.chip", has=page.locator("[name=finding][value=holds]")).click()
        page.fill("[name=points]", "7,5")
        page.fill("[name=reason]", "Beim Besuch gesehen.")
        send(page)
    confirmed(page, "report")


def test_from_the_application_to_the_withdrawal(visitor):
    maker = visitor(width=390).sign_in("betrieb@demo.sopro.example")
    address = apply(maker)
    agency = visitor().sign_in("agentur@demo.sopro.example")
    appoint(agency, address)
    assess(visitor().sign_in(ASSESSOR), address)
    agency.go(address)
    confirmed(agency.page, "convene")
    page = visitor().sign_in(PANEL).go(address)
    page.locator("label.chip", has=page.locator("[name=yes][value=yes]")).click()
    page.fill("form[action$='/vote'] [name=reason]", "Überzeugt.")
    send(page, "form[action$='/vote'] [type=submit]")
    page = visitor().sign_in(DECIDER).go(address)
    page.fill("form[action$='/award'] [name=reason]", "Alle Kriterien sind erfüllt.")
    confirmed(page, "award")
    number = re.search(r"AT-\d{4}-\d{4}", page.locator("main").inner_text())[0]
    paper = maker.page.request.get(f"{address}/certificate.pdf")
    assert paper.body().startswith(b"%PDF")

    phone = visitor(width=390)
    page = phone.go(f"/seal/{number}")
    assert "Dieses Zeichen ist echt" in page.locator("h1").inner_text()
    assert "Rucksack Rosalia" in page.locator("main").inner_text()
    assert not phone.overflows()
    assert phone.axe() == []

    page = agency.go(f"/agency/seals/{number}")
    page.fill("[name=reason]", "Beschluss vom Vortag.")
    page.fill("[name=public_text]", "Die Fertigung liegt nicht mehr beim Nähwerk.")
    page.locator("button[value=withdraw]").click()
    with page.expect_navigation():
        page.locator("dialog[open] button[value=yes], dialog[open] .button--main").first.click()
    page = phone.go(f"/seal/{number}")
    assert "gilt nicht mehr" in page.locator("h1").inner_text()
    assert "nicht mehr beim Nähwerk" in page.locator("main").inner_text()


def test_a_forged_copy_does_not_pass(visitor):
    someone = visitor(width=390)
    page = someone.go("/seal/register")
    number = page.locator("tbody th a").first.inner_text()
    document = page.request.get(f"/seal/{number}.json").text()
    for text, said in ((document, number), (document.replace("E-2", "E-3"), "gefälscht")):
        page = someone.go("/seal/verify")
        page.fill("[name=document]", text)
        send(page)
        assert said in page.locator("main .flash").inner_text()
