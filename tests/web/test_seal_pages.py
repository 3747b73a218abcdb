"""The pages of the seal as people use them: applying, assessing, deciding; the register; checking."""

import html
import io
import json
import re
from urllib.parse import quote

import pytest
from sqlalchemy import event, select

from marketplace.cases.models import Case
from marketplace.notifications import preferences
from marketplace.notifications.models import Frequency, Group, Mail, Notification, Topic
from marketplace.seals import complaints, queries, signing, versions
from marketplace.seals.complaints import ComplaintDraft
from marketplace.seals.lifecycle import CertificateState, SealState
from marketplace.seals.models import SealApplication
from marketplace.seals.register import Certificate, Complaint
from tests.builders import NOW, a_company, a_person, a_service_point, sign_in
from tests.jobs.mail_stories import work
from tests.seals.seal_stories import SIGNER, TODAY, a_story


@pytest.fixture
def story(session):
    story = a_story(session)
    session.commit()
    return story


@pytest.fixture
def as_(app):
    def sign(user):
        client = sign_in(app.test_client(), user) if user else app.test_client()
        with client.session_transaction() as cookie:
            cookie["lang"] = "en"
        return client

    return sign


@pytest.fixture
def awarded(session, story):
    certificate = story.awarded()
    session.commit()
    return certificate


def text(response, status=200):
    assert response.status_code == status, response.status_code
    return response.get_data(as_text=True)


HEAD = {
    "kind": "product", "name": "Kuriertasche", "description": "Aus Planen.", "written_in": "de",
    "group": "textile",
}  # fmt: skip
INPUT = {
    "name": "Plane", "mass_kg": "0,9", "route": "leftover", "city": "Wien", "country": "AT",
}  # fmt: skip


def test_an_application_is_written_and_handed_in(as_, session, story):
    emre = as_(story.emre_user)
    answer = emre.post("/seals/new", data=HEAD)
    made = session.scalars(select(SealApplication)).one()
    assert answer.location == f"/seals/{made.id}"
    page = f"/seals/{made.id}"
    assert "Please say how many people" in text(emre.post(f"{page}/submit", follow_redirects=True))
    maker = queries.get(session, made.id, actor=story.emre).makers[0].id
    people = {"employees": "20", "disadvantaged": "9"}
    assert emre.post(f"{page}/makers/{maker}", data=people).status_code == 302
    with_comma = INPUT | {"mass_kg": "0.9"}
    assert emre.post(f"{page}/inputs/new", data=with_comma).status_code == 302
    step = {"name": "Nähen", "hours": "2", "disadvantaged": "y"}
    assert emre.post(f"{page}/steps/new", data=step).status_code == 302
    shown = text(emre.get(page))
    assert "stated by the applicant" in shown
    assert "45 %" in shown
    assert emre.post(f"{page}/submit").location == page
    session.expire_all()
    assert session.get(SealApplication, made.id).state is SealState.SUBMITTED
    assert emre.get(f"{page}/edit").status_code == 403


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("inputs/new", INPUT | {"mass_kg": "viel"}, "Please write a number"),
        ("inputs/new", INPUT | {"mass_kg": ""}, "Please fill this in"),
        ("inputs/new", INPUT | {"city": "Nirgendheim"}, "We cannot find"),
        ("inputs/new", INPUT | {"route": ""}, "Please choose one of the options"),
        ("inputs/new", INPUT | {"material_text": "Unobtanium"}, "We do not know the material"),
        ("steps/new", {"name": ""}, "Please fill this in"),
        ("steps/new", {"name": "x", "hours": "-1"}, "Zero or more"),
        ("steps/new", {"name": "x", "organisation_id": "987654"}, "choose one of the org"),
        ("edit", HEAD | {"name": ""}, "Please fill this in"),
        ("evidence/new", {"code": "S1a"}, "Please choose a file"),
        ("evidence/new", {"code": "S1a", "file": (io.BytesIO(b"MZ"), "a.exe")}, "Only pictures"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(as_, session, story, path, data, said):
    made = story.draft()
    session.commit()
    answer = as_(story.emre_user).post(f"/seals/{made.id}/{path}", data=data)
    page = text(answer, 422)
    assert said in page
    if data.get("name") == "Plane":
        assert 'value="Plane"' in page, "nothing typed is lost"


def test_from_the_assessment_to_the_certificate(as_, session, story):
    made = story.submitted()
    session.commit()
    page, agnes = f"/seals/{made.id}", as_(story.agnes_user)
    for name, role in (
        ("ada", "adviser"), ("bela", "assessor"), ("cora", "panel"), ("dan", "panel"),
        ("eva", "decider"),
    ):  # fmt: skip
        agnes.post(f"{page}/appointments", data={"role": role, "email": story.users[name].email})
    own = {"role": "panel", "email": story.emre_user.email}
    assert "belongs to the applicant" in text(
        agnes.post(f"{page}/appointments", data=own, follow_redirects=True)
    )
    agnes.post(f"{page}/begin")
    bela = as_(story.users["bela"])
    assert text(bela.post(f"{page}/sheet/S2", data={"finding": "holds"}), 422)
    for code in ("S2", "S3", "S4", "E4", "E5", "I1", "Q1"):
        found = {"finding": "holds", "points": "5", "reason": "Gesehen."}
        assert bela.post(f"{page}/sheet/{code}", data=found).status_code == 302
    assert bela.get(f"{page}/sheet/E1").status_code == 403
    pdf = (io.BytesIO(b"%PDF-1.4 nothing"), "Protokoll.pdf")
    assert bela.post(f"{page}/evidence/new", data={"code": "Q1", "file": pdf}).status_code == 302
    bela.post(f"{page}/questions/new", data={"text": "Woher kommt der Faden?"})
    question = queries.questions(session, made)[0].id
    emre = as_(story.emre_user)
    emre.post(f"{page}/questions/{question}", data={"text": "Aus Wien."})
    bela.post(f"{page}/report")
    assert emre.get(f"{page}/report.pdf").data.startswith(b"%PDF")
    agnes.post(f"{page}/convene")
    eva = as_(story.users["eva"])
    assert "Not enough of the panel has voted." in text(eva.get(page))
    for name in ("cora", "dan"):
        as_(story.users[name]).post(f"{page}/vote", data={"yes": "yes", "reason": "Ja."})
    assert "Please give a reason." in text(eva.post(f"{page}/award", follow_redirects=True))
    eva.post(f"{page}/award", data={"reason": "Alles erfüllt."})
    certificate = session.scalars(select(Certificate)).one()
    shown = text(emre.get(page))
    assert certificate.number in shown
    assert "Aus Wien." in shown
    for paper in ("certificate", "licence"):
        assert emre.get(f"{page}/{paper}.pdf").data.startswith(b"%PDF")
    svg = emre.get(f"{page}/seal.svg")
    assert certificate.number in svg.get_data(as_text=True)
    assert emre.get(f"{page}/seal.png").data.startswith(b"\x89PNG")
    assert agnes.get(f"{page}/seal.svg").status_code == 403, "the mark is the holder's"


def test_others_know_nothing_of_an_application(as_, session, story):
    made = story.submitted()
    stranger = a_person(session, a_company(session))
    session.commit()
    for path in ("", "/report.pdf", "/certificate.pdf", "/seal.svg", "/evidence/new"):
        assert as_(stranger).get(f"/seals/{made.id}{path}").status_code == 404
    assert "Kuriertasche" not in text(as_(stranger).get("/seals/"))
    assert "Kuriertasche" in text(as_(story.agnes_user).get("/seals/?q=kurier"))


def test_a_refusal_is_appealed_against(as_, session, story):
    made = story.at_panel()
    story.vote(made, cora=False)
    session.commit()
    page = f"/seals/{made.id}"
    as_(story.users["eva"]).post(f"{page}/refuse", data={"reason": "Zu wenig geprüft."})
    session.expire_all()
    made = session.get(SealApplication, made.id)
    assert made.state is SealState.REFUSED
    emre = as_(story.emre_user)
    assert "Zu wenig geprüft." in text(emre.get(page))
    assert "Please give a reason." in text(emre.post(f"{page}/appeal", data={"text": ""}), 422)


def test_the_page_behind_the_code(as_, session, story, awarded):
    anybody = as_(None)
    page = text(anybody.get(f"/seal/{awarded.number}"))
    assert "This seal is genuine" in page
    assert "Kuriertasche Leitha" in page
    assert "Nähwerk" in page
    markup = json.loads(re.search(r"ld\+json\">(.*?)</script>", page)[1])
    assert markup["hasCertification"]["certificationIdentification"] == awarded.number
    for typed in ("at-2026-0001", " AT - 2026 - 0001 ", "AT-2026-0001\0", "\u202eAT-2026-0001"):
        page = anybody.get(f"/seal/{quote(typed)}", follow_redirects=True)
        assert "This seal is genuine" in text(page), typed
        page = anybody.get("/seal/verify", query_string={"number": typed}, follow_redirects=True)
        assert "This seal is genuine" in text(page), typed
    assert "There is no such number" in text(anybody.get("/seal/AT-2026-9999"), 404)
    assert "100 %" in text(anybody.get(f"/seal/{awarded.number}/product"))
    for nothing in ("%00", "%20", "%E2%80%AE", "..%2F.."):
        for address in ("/seal/{}", "/seal/{}/product", "/seal/{}.json"):
            assert anybody.get(address.format(nothing)).status_code == 404, (address, nothing)


@pytest.mark.parametrize(
    ("action", "said"),
    [("suspend", "This seal is suspended"), ("withdraw", "This seal is no longer valid")],
)
def test_the_agency_takes_it_back_and_everybody_sees_why(
    as_, session, story, awarded, action, said
):
    agnes = as_(story.agnes_user)
    page = f"/agency/seals/{awarded.number}"
    missing = agnes.post(page, data={"do": action, "reason": "Geprüft."})
    assert "Please give a reason." in text(missing, 422)
    assert text(agnes.post(page, data={"do": "burn"}), 422)
    answer = {"do": action, "reason": "Geprüft.", "public_text": "Das Öl stimmt nicht."}
    assert agnes.post(page, data=answer).status_code == 302
    proof = text(as_(None).get(f"/seal/{awarded.number}"))
    assert said in proof
    assert "Das Öl stimmt nicht." in proof
    assert "hasCertification" not in proof
    assert as_(story.emre_user).get(f"/seals/{awarded.application_id}/seal.svg").status_code == 403


def test_the_register_is_searched(as_, session, story, awarded):
    awarded.state, awarded.since = CertificateState.SUSPENDED, TODAY
    session.commit()
    anybody = as_(None)
    for query in ("", "?q=kurier", "?q=n%C3%A4hwerk", "?q=AT-2026", "?group=textile",
                  "?country=AT", "?standing=suspended", "?place=Wien"):  # fmt: skip
        assert awarded.number in text(anybody.get(f"/seal/register{query}")), query
    for query in ("?q=stuhl", "?group=wood", "?country=HU", "?standing=valid"):
        assert awarded.number not in text(anybody.get(f"/seal/register{query}")), query
    assert "We cannot find" in text(anybody.get("/seal/register?place=Nirgendheim"))


def test_a_forged_certificate_is_told_apart(as_, session, story, awarded):
    anybody = as_(None)
    document = json.loads(text(anybody.get(f"/seal/{awarded.number}.json")))
    assert "This certificate is genuine" in text(
        anybody.post("/seal/verify", data={"document": json.dumps(document)})
    )
    forged = json.loads(json.dumps(document))
    forged["content"]["product"] = "Plastiktasche"
    answer = text(anybody.post("/seal/verify", data={"document": json.dumps(forged)}))
    assert "altered or forged" in answer
    assert 'href="/seal/complaint"' in answer
    stranger = signing.Signer(bytes(32)).sign(signing.CERTIFICATE, document["content"])
    file = (io.BytesIO(json.dumps(stranger).encode()), "x.json")
    assert "Nobody here signed this" in text(anybody.post("/seal/verify", data={"file": file}))
    for nothing in ("", "x", "[]", "{"):
        text(anybody.post("/seal/verify", data={"document": nothing}), 422)
    begins = document["content"] | {"valid_from": "2090-01-02"}
    later = SIGNER.sign(signing.CERTIFICATE, begins)
    answer = text(anybody.post("/seal/verify", data={"document": json.dumps(later)}))
    assert "Genuine, but not valid yet" in answer
    assert "valid from January 2, 2090" in answer
    number = anybody.get(f"/seal/verify?number={awarded.number.lower()}")
    assert number.location == f"/seal/{awarded.number}"


def test_keys_and_the_withdrawn_are_published_for_others(as_, session, story, awarded):
    anybody = as_(None)
    keys = signing.keys_of(text(anybody.get("/seal/keys.json")))
    listed = signing.read(text(anybody.get("/seal/revocations.json")))
    assert signing.revoked_of(listed, keys) == {}
    assert anybody.get("/seal/keys.json").headers["Access-Control-Allow-Origin"] == "*"


def test_the_criteria_are_public_with_their_versions(as_, session, story):
    page = text(as_(None).get("/seal/criteria"))
    assert page.count('<b class="num">') == 14
    assert "at least 30 %" in page
    assert as_(None).get("/seal/criteria?version=9").status_code == 404
    agnes = as_(story.agnes_user)
    agnes.post("/agency/criteria/begin")
    change = {"strength": "must", "threshold": "35", "de": "d", "hu": "h", "en": "Stricter now."}
    assert text(agnes.post("/agency/criteria/S1a", data=change | {"hu": ""}), 422)
    agnes.post("/agency/criteria/S1a", data=change)
    assert text(agnes.post("/agency/criteria/publish", data={"valid_from": "2000-01-01"}), 422)
    day = {"valid_from": "2099-01-01", "note": "Strenger."}
    assert agnes.post("/agency/criteria/publish", data=day).status_code == 302
    assert "Stricter now." in text(as_(None).get("/seal/criteria?version=2"))
    assert versions.in_force(session, today=TODAY).version == 1


def test_a_complaint_is_received_and_answered(as_, session, story):
    anybody = as_(None)
    assert text(anybody.post("/seal/complaint", data={"text": ""}), 422)
    said = {"text": "Gefälscht!", "about": "AT-1", "email": "k@example.org"}
    assert "B-20" in text(anybody.post("/seal/complaint", data=said, follow_redirects=True))
    machine = anybody.post("/seal/complaint", data=said | {"website": "x"})
    assert machine.status_code == 302
    row = session.scalars(select(Complaint)).one()
    agnes = as_(story.agnes_user)
    assert "Gefälscht!" in text(agnes.get("/agency/complaints"))
    agnes.post(f"/agency/complaints/{row.id}", data={"text": ""})
    agnes.post(f"/agency/complaints/{row.id}", data={"text": "Wir prüfen."})
    session.expire_all()
    assert session.get(Complaint, row.id).answer == "Wir prüfen."


def test_fees_and_points_are_the_agency_s(as_, session, story):
    agnes = as_(story.agnes_user)
    wrong = agnes.post("/agency/seal-settings", data={"years": "0"})
    assert "Between 1 and 20 years" in text(wrong, 422)
    given = {"pass_mark": "30", "years": "2", "once_textile": "300", "yearly_textile": "120.50"}
    assert agnes.post("/agency/seal-settings", data=given).status_code == 302
    made = story.submitted()
    session.commit()
    assert "300 euro once, 120.5 euro a year" in text(as_(story.emre_user).get(f"/seals/{made.id}"))


def test_many_complaints_come_by_the_page(as_, session, story):
    for n in range(25):
        draft = ComplaintDraft(text=f"Nummer {n}")
        complaints.receive(session, draft, today=TODAY, now=NOW)
    session.commit()
    agnes = as_(story.agnes_user)
    assert text(agnes.get("/agency/complaints")).count('<li class="sheet') == 20
    assert text(agnes.get("/agency/complaints?page=2")).count('<li class="sheet') == 5


def test_the_register_needs_few_statements(as_, session, story):
    def count():
        heard, engine = [], session.get_bind().engine
        listen = lambda *args: heard.append(args[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listen)
        try:
            text(as_(None).get("/seal/register"))
        finally:
            event.remove(engine, "before_cursor_execute", listen)
        return len([h for h in heard if h.startswith("SELECT")])

    story.awarded(name="Tasche")
    session.commit()
    few = count()
    for n in range(3):
        story.awarded(name=f"Tasche {n}")
    session.commit()
    assert count() == few


def test_a_question_about_a_product_goes_to_its_makers_too(
    app, as_, session, story, awarded, time_machine
):
    time_machine.move_to(NOW, tick=False)
    point = a_service_point(session, name="Servicestelle Ost")
    deaf = a_person(session, story.maker, name="Will keine Mails")
    preferences.choose(session, deaf.id, {Group.CASES: Frequency.NEVER})
    session.commit()
    anybody = as_(None)
    page = text(anybody.get(f"/seal/{awarded.number}"))
    (way,) = re.findall(r'href="(/enquiry\?[^"]+)"', page)
    page = text(anybody.get(html.unescape(way)))
    assert "goes to the service point and to those who make the product: Nähwerk." in page
    assert "Only the brokers of the service point" not in page
    asked = {"subject": "idea", "words": "Gibt es sie in Rot?", "name": "Eva Gruber", "agreed": "y",
             "email": "eva@pitten.example", "city": "Eisenstadt", "country": "AT",
             "service_point": str(point.id), "seal": awarded.number}  # fmt: skip
    page = text(anybody.post("/enquiry", data=asked | {"agreed": ""}), 422)
    assert "Nähwerk" in page
    assert f'name="seal" type="hidden" value="{awarded.number}"' in page
    assert anybody.post("/enquiry", data=asked).status_code == 302
    work(app, session)
    case = session.scalars(select(Case)).one()
    told = session.scalars(
        select(Notification).where(Notification.topic == Topic.CASE_JOINED)
    ).all()
    assert {one.user_id for one in told} == {story.emre_user.id, deaf.id}
    written = {m.recipient: m for m in session.scalars(select(Mail)) if case.number in m.subject}
    assert set(written) == {story.emre_user.email, "eva@pitten.example"}
    mail = written[story.emre_user.email]
    assert "pitten" not in mail.text
    page = text(as_(story.emre_user).get(f"/cases/{case.id}"))
    assert "Gibt es sie in Rot?" in page
    assert "Eva Gruber" not in page


def test_a_question_about_no_product_goes_to_the_service_point_alone(as_, session, story, awarded):
    a_service_point(session)
    session.commit()
    for query in ("", "?seal=AT-1999-0001", "?seal=%00"):
        assert "Only the brokers of the service point" in text(as_(None).get(f"/enquiry{query}"))
