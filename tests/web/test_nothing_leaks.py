"""What is private stays with the parties, their brokers and the agency."""

from datetime import timedelta

import pytest

from marketplace.cases import opening
from marketplace.cases.models import CaseFile
from marketplace.cluster import calls, consortia
from marketplace.cluster.drafts import CallDraft, ConsortiumDraft
from marketplace.cluster.models import Consortium
from marketplace.core.actor import SYSTEM
from marketplace.geo.coordinates import Coordinate
from marketplace.impact.models import Entry, Measure
from marketplace.listings.lifecycle import ListingState
from marketplace.notifications.actions import tell
from marketplace.notifications.models import Notification, Topic
from marketplace.photos.models import Photo
from marketplace.seals import applying, process
from marketplace.seals.assessment import Question, SealEvidence
from marketplace.seals.criteria import ProductKind
from marketplace.seals.drafts import ApplicationDraft, InputDraft, MakerDraft, StepDraft
from marketplace.seals.models import ProductGroup, Route, SealApplication
from tests.builders import (
    NOW,
    a_broker,
    a_capability,
    a_company,
    a_listing,
    a_person,
    a_place,
    a_service_point,
    an_enterprise,
    an_organisation,
    sign_in,
)
from tests.orders.order_stories import a_story
from tests.web.test_who_may_use_what import routes

HIDDEN = {
    "address": "Geheimgasse 77",
    "postal_code": "7099",
    "latitude": 47.8412345,
    "longitude": 16.5298765,
    "city": "Eisenstadt",
    "country": "AT",
}
SECRETS = [
    "Geheimgasse", "7099", "47.8412", "47,8412", "16.5298", "16,5298", "heimlich@", "+43 660 777",
    "Andrea Koller", "Emre Y", "Entwurf Omega", "Pause Omega", "Unverifiziert Omega", "15.400",
    "15,400", "SP-Omega", "Wortlaut Omega", "Siegelantrag Omega", "Nachweis Omega", "Frage Omega",
    "Konsortium Omega", "Aufgabe Omega", "Anhang Omega", "Fall Omega", "98.765", "98,765", "98765",
]  # fmt: skip


@pytest.fixture
def world(session):
    story = a_story(session)
    contact = {"email": "heimlich@koller.example", "phone": "+43 660 7777777"}
    for organisation in (story.company, story.enterprise):
        organisation.move_to(a_place(**HIDDEN))
        for name, value in contact.items():
            setattr(organisation, name, value)
    story.listing.move_to(a_place(**HIDDEN))
    story.capability.move_to(a_place(**HIDDEN))
    order = story.offered()
    able = a_listing(session, story.company, title="Plane offen")
    able.move_to(a_place(**HIDDEN))
    draft = a_listing(
        session, story.company, title="Entwurf Omega", state=ListingState.DRAFT, published_at=None
    )
    a_listing(session, story.company, title="Pause Omega", state=ListingState.PAUSED)
    new = a_company(session, name="Unverifiziert Omega", verification="pending",
                    service_point_id=story.company.service_point_id)  # fmt: skip
    a_listing(session, new, title="Unverifiziert Omega Plane")
    workshop = an_enterprise(session, name="Unverifiziert Omega Werk", verification="pending",
                             service_point_id=story.company.service_point_id)  # fmt: skip
    a_capability(session, workshop, title="Unverifiziert Omega Nähen")
    tell(session, story.andrea_user, Topic.ORDER_OFFERED,
         {"title": "Wortlaut Omega", "number": "SP-Omega"}, "/orders/1", "omega", now=NOW)  # fmt: skip
    photo = Photo(key="omega", organisation_id=story.company.id, width=9, height=9, alt="",
                  source_hash="x", created_at=NOW)  # fmt: skip
    session.add(photo)
    elsewhere = a_service_point(session, regions=["AT-8"])
    rival, other = a_company(session, name="Fremd AG"), an_enterprise(session, name="Fremdwerk")
    a_capability(session, other, service_radius_km=400.0)
    story.outsiders = {
        "stranger": None,
        "company": a_person(session, rival),
        "enterprise": a_person(session, other),
        "partner": a_person(session, an_organisation(session, kind="partner")),
        "broker": a_broker(session, elsewhere, name="Ferne Vermittlung"),
    }
    story.offered_order, story.draft, story.photo, story.new = order, draft, photo, new
    story.more = seals_and_figures(session, story) | cases_and_consortia(session, story)
    session.commit()
    return story


def seals_and_figures(session, story):
    """An application for the seal with its parts, and a figure of the ledger; return their numbers."""
    head = ApplicationDraft(
        kind=ProductKind.PRODUCT, name="Siegelantrag Omega", description="Siegelantrag Omega",
        language="de", group=ProductGroup.TEXTILE,
    )  # fmt: skip
    today, act = NOW.date(), {"actor": story.emre, "now": NOW}
    made = applying.begin(session, head, today=today, **act)
    people = MakerDraft(employees=20, disadvantaged=9)
    applying.count_people(session, made, made.makers[0].id, people, **act)
    point = Coordinate(HIDDEN["latitude"], HIDDEN["longitude"])
    material = InputDraft(
        name="Plane", mass_kg=1.0, origin="Geheimgasse", point=point, route=Route.LEFTOVER
    )
    applying.put_input(session, made, None, material, **act)
    applying.put_step(session, made, None, StepDraft(name="Nähen"), **act)
    process.submit(session, made, today=today, **act)
    known = {"application_id": made.id}
    evidence = SealEvidence(
        application_id=made.id, criterion_id=made.criteria_set.criteria[0].id, key="omega",
        name="Nachweis Omega.pdf", size=1, at=NOW,
    )  # fmt: skip
    question = Question(application_id=made.id, text="Frage Omega", answer="", asked_at=NOW)
    figure = Entry(
        order_id=story.offered_order.id, key="omega", source="line", source_id=1, unit="EUR",
        measure=Measure.VALUE_EUR, amount=98765.0, result=98765.0, low=98765.0, high=98765.0,
        happened_on=today, giver_id=story.company.id, taker_id=story.enterprise.id,
        service_point_id=story.company.service_point_id,
    )  # fmt: skip
    session.add_all([evidence, question, figure])
    session.flush()
    known |= {"evidence_id": evidence.id, "question_id": question.id}
    return known | {"row_id": made.inputs[0].id, "maker_id": made.makers[0].id}


def cases_and_consortia(session, story):
    """A case with a file of a party, and a consortium; return their numbers."""
    case = opening.from_listing(session, story.listing, actor=story.maria, now=NOW)
    case.title = "Fall Omega"
    kept = CaseFile(
        case_id=case.id, organisation_id=story.company.id, key="case-omega", size=1,
        name="Anhang Omega.pdf", media_type="application/pdf", for_parties=True, at=NOW,
    )  # fmt: skip
    words = CallDraft(
        title="Ein Aufruf", programme="Interreg", text="Text", language="de",
        deadline_on=NOW.date() + timedelta(days=400),
    )  # fmt: skip
    call = calls.write(session, words, actor=SYSTEM, now=NOW)
    idea = ConsortiumDraft(
        name="Konsortium Omega", text="Konsortium Omega", language="de", task="Aufgabe Omega"
    )
    group = consortia.found(session, call, idea, actor=story.andrea, now=NOW)
    session.add(kept)
    session.flush()
    known = {"case_id": case.id, "file_id": kept.id, "call_id": call.id}
    return known | {"consortium_id": group.id}


def visits(app, world, session):
    """Yield every address with the numbers of what is private."""
    notified = session.query(Notification.id).first()[0]
    numbers = {
        "listing_id": [world.listing.id, world.draft.id, world.draft.id + 1, world.draft.id + 2],
        "order_id": [world.offered_order.id],
        "capability_id": [world.capability.id],
        "organisation_id": [world.company.id, world.enterprise.id, world.new.id],
        "proposal_id": [world.proposal.id],
        "notification_id": [notified],
        "user_id": [world.andrea_user.id],
        "point_id": [world.company.service_point_id],
    } | {name: [number] for name, number in world.more.items()}
    adapter = app.url_map.bind("localhost")
    for rule, method in routes(app):
        if rule.endpoint.startswith("mailbox") or rule.endpoint in {
            "account.sign_out",
            "media.show",
        }:
            continue
        names = sorted(rule.arguments)
        if not names:
            yield method, adapter.build(rule.endpoint)
        for name in names[:1]:
            for number in numbers.get(name, [1]):
                values = {n: numbers.get(n, [1])[0] for n in names} | {name: number}
                for key, converter in rule._converters.items():
                    if hasattr(converter, "items"):
                        values[key] = sorted(converter.items)[-1]
                yield method, adapter.build(rule.endpoint, values)


def tells(answer):
    heard = answer.get_data(as_text=True) + "\n".join(
        f"{k}: {v}" for k, v in answer.headers.items()
    )
    return [secret for secret in SECRETS if secret in heard]


@pytest.mark.parametrize(
    ("who", "accept"),
    [
        ("stranger", "application/json"),
        ("company", "text/html"),
        ("enterprise", "text/html"),
        ("partner", "application/json"),
        ("broker", "text/html"),
    ],
)
def test_outsiders_learn_nothing_and_change_nothing(app, session, world, who, accept):
    told = []
    for method, path in visits(app, world, session):
        client = app.test_client()
        if world.outsiders[who] is not None:
            sign_in(client, world.outsiders[who])
        data = {"photos": str(world.photo.id), "reason": "x", "role": "member", "terms": "1"}
        kwargs = {"data": data} if method == "POST" else {}
        answer = client.open(path, method=method, headers={"Accept": accept}, **kwargs)
        if answer.status_code >= 500 or tells(answer):
            told.append((method, path, answer.status_code, tells(answer)))
    assert told == []
    session.expire_all()
    assert world.offered_order.state == "offered"
    session.refresh(world.offered_order, ["acceptances"])
    assert world.offered_order.acceptances == []
    assert world.draft.title == "Entwurf Omega"
    assert world.new.verification == "pending"
    assert world.capability.state == "active"
    assert session.get_one(SealApplication, world.more["application_id"]).state == "submitted"
    assert session.get_one(Consortium, world.more["consortium_id"]).state == "forming"
    assert session.get(CaseFile, world.more["file_id"]) is not None
    session.refresh(world.andrea_user, ["memberships"])
    assert len(world.andrea_user.memberships) == 1


def test_the_enterprise_of_an_order_sees_it_but_no_drafts(app, session, world):
    client = sign_in(app.test_client(), world.emre_user)
    page = client.get(f"/orders/{world.offered_order.id}")
    assert page.status_code == 200
    assert client.get(f"/materials/{world.draft.id}").status_code == 404
    assert client.get(f"/orders/{world.offered_order.id}/edit").status_code == 302


def test_the_live_count_does_not_follow_the_exact_place(app, session, world):
    """Two workshops whose public places are the same give the same answer, wherever they really are."""
    client = sign_in(app.test_client(), world.outsiders["company"])
    asked = {"material_text": "Plane", "quantity": "100", "unit": "kg", "condition": "clean",
             "latitude": "47.9", "longitude": "16.4", "title": "x"}  # fmt: skip
    before = client.get("/listings/nearby", query_string=asked).get_json()
    assert before["count"]
    world.capability.latitude += 0.004
    world.capability.longitude -= 0.004
    session.commit()
    assert client.get("/listings/nearby", query_string=asked).get_json() == before


def test_the_secrets_are_there_for_whom_they_are(app, world):
    maria = sign_in(app.test_client(), world.maria_user)
    heard = tells(maria.get(f"/desk/organisations/{world.company.id}"))
    heard += tells(maria.get(f"/orders/{world.offered_order.id}"))
    assert {"Geheimgasse", "7099", "47.8412", "heimlich@", "Andrea Koller", "15.400"} <= set(heard)
    number = world.more
    emre = sign_in(app.test_client(), world.emre_user)
    heard = tells(emre.get(f"/seals/{number['application_id']}")) + tells(emre.get("/impact/"))
    assert {"Siegelantrag Omega", "Nachweis Omega", "Frage Omega"} <= set(heard)
    assert {"98.765", "98765"} & set(heard)
    andrea = sign_in(app.test_client(), world.andrea_user)
    heard = tells(andrea.get(f"/calls/consortia/{number['consortium_id']}"))
    heard += tells(andrea.get(f"/cases/{number['case_id']}"))
    assert {"Konsortium Omega", "Aufgabe Omega", "Anhang Omega", "Fall Omega"} <= set(heard)
