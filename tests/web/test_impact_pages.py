"""The pages of impact: figures, the lines behind them, what became of the mass, factors, reports."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, select

from marketplace.impact import factors
from marketplace.impact.models import FactorVersion, Fate, ImpactFactor, Path
from tests.builders import a_broker, a_company, a_person, an_agency_person, sign_in
from tests.impact.impact_stories import a_world, the_next
from tests.orders.order_stories import TODAY

WOOD = {
    "listing": {"material_code": "wood", "title": "Bretter"},
    "capability": {"materials": ["wood"], "techniques": []},
}


@pytest.fixture
def world(session):
    world = a_world(session, **WOOD)
    world.material.waste_code = "030105"
    session.flush()
    world.bring(1000.0)
    world.bring(100.0, line=world.order.lines[1])
    world.say(Path.RE_USED, 300.0)
    world.say(Path.DISPOSED_OF, 50.0)
    world.work(hours=80.0)
    world.book()
    session.commit()
    return world


@pytest.fixture
def as_(app, session, world):
    def enter(user, language="en"):
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["lang"] = language
        return sign_in(client, user)

    return enter


def text(response, status=200):
    assert response.status_code == status, response.status_code
    return response.get_data(as_text=True)


@pytest.mark.parametrize("language", ["de", "hu", "en"])
def test_the_dashboard_in_each_language(as_, world, language):
    page = text(as_(world.story.andrea_user, language).get("/impact/"))
    assert page.count("<h1") == 1
    assert "measure=mass_kg" in page
    assert world.story.company.name in page


def test_each_figure_leads_to_its_lines(as_, world):
    client = as_(world.story.andrea_user)
    page = text(client.get("/impact/entries?measure=co2e_avoided_kg"))
    assert "0.23096" in page
    assert "Version 1" in page
    assert "UK Government GHG Conversion Factors" in page
    assert world.order.number in page
    assert "Nothing here" in text(client.get(f"/impact/entries?measure=mass_kg&year={1999}"))


def test_a_filter_that_makes_no_sense_is_none(as_, world):
    client = as_(world.story.andrea_user)
    for query in ("year=x", "year=99999", "material=nothing", "quarter=9", "measure=x&path=y",
                  "point=99999999999999999999", "page=0"):  # fmt: skip
        text(client.get(f"/impact/?{query}"))
        text(client.get(f"/impact/entries?{query}"))


def test_the_agency_sees_service_points_side_by_side(as_, session, world):
    client = as_(an_agency_person(session))
    session.commit()
    page = text(client.get("/impact/"))
    assert "Service points side by side" in page
    point = world.story.company.service_point_id
    assert "One line" not in text(client.get(f"/impact/?point={point}"))
    assert client.get("/impact/?point=987654").status_code == 404


def test_strangers_see_an_empty_page(as_, session, world):
    person = a_person(session, a_company(session, name="Fremde GmbH"))
    session.commit()
    page = text(as_(person).get("/impact/"))
    assert "No figures here yet" in page
    assert world.order.number not in text(as_(person).get("/impact/entries"))
    assert (
        as_(person).get(f"/impact/report.pdf?organisation={world.story.company.id}").status_code
        == 404
    )


def test_the_dashboard_asks_a_bounded_number_of_questions(as_, engine, world):
    client = as_(world.story.andrea_user)
    asked = []
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    text(client.get("/impact/"))
    first = len(asked)
    for _n in range(5):
        world.bring(10.0)
    world.book()
    world.session.commit()
    asked.clear()
    text(client.get("/impact/"))
    assert len(asked) == first < 40


def test_csv(as_, world):
    body = text(as_(world.story.andrea_user).get(f"/impact/table.csv?year={TODAY.year}"))
    head, *rows = body.splitlines()
    assert head.startswith("period,value_eur,mass_given_kg")
    assert any("1000" in row for row in rows)


def test_the_workshop_says_what_became_of_it(as_, session, world):
    client = as_(world.story.emre_user)
    order = f"/orders/{world.order_id}"
    page = text(client.get(order))
    assert "650 kg are in work" in page
    form = f"/impact{order}/fates/new"
    assert 'value="650"' in text(client.get(form))
    typed = {"party_id": world.party.id, "path": "recycled", "mass_kg": "1,200",
             "happened_on": TODAY.isoformat(), "to_order_id": ""}  # fmt: skip
    refused = text(client.post(form, data=typed), 422)
    assert "More than came here: 650.0 kg are left." in refused
    assert 'value="1,200"' in refused
    answer = client.post(form, data=typed | {"mass_kg": "150.5"})
    assert answer.status_code == 302
    assert answer.location.endswith(f"{order}#h-mass")
    row = session.scalars(select(Fate).where(Fate.path == Path.RECYCLED)).one()
    assert row.mass_kg == 150.5
    assert client.post(f"/impact{order}/fates/{row.id}/strike").status_code == 302
    session.expire_all()
    assert session.scalars(select(Fate).where(Fate.path == Path.RECYCLED)).all() == []


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("path", "", "Please choose one of the options"),
        ("path", "burnt", "Please choose one of the options"),
        ("mass_kg", "", "Please fill this in"),
        ("mass_kg", "viel", "Please write a number"),
        ("mass_kg", "-3", "greater than zero"),
        ("happened_on", "gestern", "Please write a date"),
        ("happened_on", "2999-01-01", "not come yet"),
        ("party_id", "987654", ""),
        ("to_order_id", "987654", "Please choose to which order"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field(as_, world, field, value, says):
    typed = {"party_id": world.party.id, "path": "recycled", "mass_kg": "5",
             "happened_on": TODAY.isoformat(), "to_order_id": ""} | {field: value}  # fmt: skip
    form = f"/impact/orders/{world.order_id}/fates/new"
    page = text(as_(world.story.emre_user).post(form, data=typed), 422)
    assert says in page
    assert 'role="alert"' in page


def test_only_the_workshop_says_so(as_, session, world):
    form = f"/impact/orders/{world.order_id}/fates/new"
    assert as_(world.story.andrea_user).get(form).status_code == 403
    page = text(as_(world.story.andrea_user).get(f"/orders/{world.order_id}"))
    assert "fates/new" not in page
    assert "650 kg are in work" in page
    person = a_person(session, a_company(session))
    session.commit()
    assert as_(person).get(form).status_code == 404


def test_passing_on_from_the_page(as_, session, world):
    nxt = the_next(session, world)
    session.commit()
    typed = {"party_id": world.party.id, "path": "passed_on", "mass_kg": "100",
             "happened_on": TODAY.isoformat(), "to_order_id": nxt.order_id}  # fmt: skip
    client, form = as_(world.story.emre_user), f"/impact/orders/{world.order_id}/fates/new"
    assert nxt.order.number in text(client.get(form))
    assert client.post(form, data=typed).status_code == 302
    assert nxt.order.number in text(client.get(f"/orders/{world.order_id}"))


def test_factors_and_a_new_version(as_, session, world):
    client = as_(an_agency_person(session))
    session.commit()
    assert "Construction: Wood: re-used" in text(client.get("/agency/factors?path=re_used"))
    assert "Construction: Wood: re-used" not in text(client.get("/agency/factors?path=recycled"))
    assert text(client.get("/agency/factors?path=burnt&page=9")).count("<h1") == 1
    key = factors.key_for("wood", Path.RE_USED)
    factor = session.scalars(select(ImpactFactor).where(ImpactFactor.key == key)).one()
    page = f"/agency/factors/{factor.id}"
    assert "0.23096128" in text(client.get(page))
    typed = {"value": "0.3", "low": "0.4", "high": "0.5", "source": "Umweltbundesamt, Tab. 3",
             "year": "2026", "valid_from": TODAY.isoformat(), "seen": "1"}  # fmt: skip
    refused = text(client.post(page, data=typed), 422)
    assert "The value lies outside its range." in refused
    assert "Umweltbundesamt, Tab. 3" in refused
    assert client.post(page, data=typed | {"low": "0.2"}).status_code == 302
    late = client.post(page, data=typed | {"low": "0.2"})
    assert "Somebody else has added a version" in text(late, 422)
    rows = session.scalars(select(FactorVersion.value).where(FactorVersion.factor_id == factor.id))
    assert sorted(rows) == [pytest.approx(0.23096128), 0.3]
    shown = text(client.get("/impact/"))
    assert "this is what the factors in force today would make of it" in shown
    assert client.post(page, data={}).status_code == 422
    assert client.get("/agency/factors/987654").status_code == 404


def test_factors_may_be_put_down_before_anything_is_booked(app, session):
    person = an_agency_person(session)
    session.commit()
    client = sign_in(app.test_client(), person)
    assert client.get("/agency/factors").status_code == 200
    assert client.post("/agency/factors").status_code == 302
    assert session.scalars(select(ImpactFactor)).first() is not None


@pytest.mark.parametrize("language", ["de", "hu", "en"])
def test_a_report_as_pdf(as_, world, language):
    answer = as_(world.story.andrea_user).get(
        f"/impact/report.pdf?year={TODAY.year}&lang={language}"
    )
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")


def test_a_report_as_workbook_has_numbers_and_no_formulas(as_, session, world):
    world.story.company.name = "=1+1 GmbH"
    session.commit()
    answer = as_(world.story.andrea_user).get(f"/impact/report.xlsx?year={TODAY.year}&lang=en")
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Summary", "E5-5 outflows", "E5-4 inflows", "Factors"]
    assert book["Summary"]["A1"].value == "'=1+1 GmbH"
    heads, row = list(book["E5-5 outflows"].values)
    found = dict(zip(heads, row, strict=True))
    assert found["List of Waste"].startswith("03 01 05")
    assert found["Preparation for re-use"] == pytest.approx(300.0)
    assert found["Directed to disposal"] == pytest.approx(50.0)
    cells = [c for sheet in book for line in sheet.values for c in line]
    assert not [c for c in cells if isinstance(c, str) and c[:1] in "=+-@" and c]


def test_the_broker_chooses_whose_report(as_, world):
    client, koller = as_(world.story.maria_user), world.story.company
    page = text(client.get("/impact/report"))
    assert 'data-suggest="/impact/report/organisations?q="' in page
    assert koller.name not in page
    answer = client.get("/impact/report/organisations?q=kOll")
    assert answer.json["items"] == [
        {"value": str(koller.id), "label": koller.name, "hint": koller.city}
    ]
    url = f"/impact/report.pdf?organisation={koller.id}&year={TODAY.year}"
    assert client.get(url).data.startswith(b"%PDF")
    assert client.get("/impact/report.pdf").location == "/impact/report"
    assert client.get("/impact/report.xlsx?organisation=987654&year=x").status_code == 404


def test_without_script_a_name_is_enough_or_the_page_asks_back(as_, session, world):
    """Nähwerk and Koller have figures; another Koller has none and is nobody's business."""
    a_company(session, name="Koller Konkurrenz")
    session.commit()
    client = as_(world.story.maria_user)
    typed = "/impact/report.xlsx?whose={}&organisation=&year=2026&lang=de"
    assert client.get(typed.format("koller")).mimetype.endswith("sheet")
    several = client.get(typed.format("er"))
    assert several.location == "/impact/report?whose=er&year=2026&lang=de"
    page = text(client.get(several.location))
    for name in (world.story.company.name, world.story.enterprise.name):
        assert name in page
    assert f"/impact/report.pdf?organisation={world.story.company.id}&amp;year=2026" in page
    page = text(client.get(client.get(typed.format("Konkurrenz")).location))
    assert "We have no figures of anybody called “Konkurrenz”." in page


def test_who_has_no_figures_is_suggested_nobody(as_, session, world):
    stranger = a_person(session, a_company(session))
    elsewhere = a_broker(session)
    session.commit()
    for person in (stranger, elsewhere):
        assert as_(person).get("/impact/report/organisations?q=koller").json["items"] == []
    mine = as_(world.story.andrea_user).get("/impact/report?whose=n")
    assert "Which one?" not in text(mine)


def test_the_public_page_hides_what_is_of_few(client, session, world):
    page = text(client.get("/results/"))
    assert world.story.company.name not in page
    assert "3.850" not in page
    for _n in range(2):
        more = a_world(session, **WOOD)
        more.bring(1000.0)
        more.say(Path.RE_USED, 1000.0)
    session.commit()
    page = text(client.get("/results/"))
    assert "2,3" in page
    assert world.story.company.name not in page
    assert "/impact/entries" not in page


def test_a_year_without_anything_is_reported_as_such(as_, world):
    url = f"/impact/report.pdf?year={date(1999, 1, 1).year}"
    assert as_(world.story.andrea_user).get(url).data.startswith(b"%PDF")
