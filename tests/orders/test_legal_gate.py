"""What the law asks for before waste changes hands, over every code of the list."""

import io

import pytest
from PIL import Image

from marketplace.core.errors import Invalid, NotAllowed, NotFound, WrongState
from marketplace.core.storage import ObjectStorage
from marketplace.orders import actions, evidence, legal, terms
from marketplace.orders.carrying import EvidenceKind
from marketplace.orders.legal import Demand, Load, Shipment, missing, shipment
from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import LineRole
from marketplace.taxonomy.waste import waste_codes
from tests.builders import NOW, a_company, a_person, a_place, actor_for
from tests.orders.order_stories import a_story

CODES = list(waste_codes())


@pytest.fixture
def storage(tmp_path):
    return ObjectStorage(f"file://{tmp_path}")


def a_picture():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return out.getvalue()


def test_there_are_all_codes():
    assert len(CODES) == 842


@pytest.mark.parametrize("assessed", [False, True])
@pytest.mark.parametrize("permit", [False, True])
@pytest.mark.parametrize("takes", [False, True])
def test_every_code_asks_for_what_it_must(takes, permit, assessed):
    for code in CODES:
        found = missing(Load(code=code, takes_hazardous=takes, permit=permit, assessed=assessed))
        assert (Demand.HAZARD_PERMIT in found) == (code.pretty.endswith("*") and not takes)
        assert (Demand.WASTE_PERMIT in found) == (not permit)
        mirror = code.entry_type in ("MN", "MH")
        assert (Demand.ASSESSMENT in found) == (mirror and not assessed)
        assert len(found) == len(set(found))


def test_what_is_no_waste_asks_for_nothing_but_hazard():
    assert missing(Load()) == []
    assert missing(Load(hazardous=True)) == [Demand.HAZARD_PERMIT]
    assert missing(Load(hazardous=True, takes_hazardous=True)) == []


def test_every_code_across_the_border_has_its_procedure():
    for code in CODES:
        assert shipment(code, "AT", "AT") is None
        found = shipment(code, "AT", "HU")
        assert found is (Shipment.NOTIFICATION if code.hazardous else Shipment.GREEN)
    assert shipment(None, "AT", "HU") is None


def waste(story, code):
    """Koller gives waste to Nähwerk."""
    client, enterprise = story.company.id, story.enterprise.id
    return {
        "role": LineRole.MATERIAL_IN, "description": "Planen", "giver_id": client,
        "taker_id": enterprise, "waste_code": code,
    }  # fmt: skip


def refused(call):
    with pytest.raises(Invalid) as refusal:
        call()
    return [p.code for p in refusal.value.problems]


def test_everything_that_is_missing_is_said_at_once_and_then_it_is_agreed(session, storage):
    story = a_story(session)
    order = story.offered(**waste(story, "170204"))
    say_yes = lambda actor: terms.accept(session, order, terms=1, actor=actor, now=NOW)  # noqa: E731
    assert refused(lambda: say_yes(story.andrea)) == [
        "legal_hazard_permit", "legal_waste_permit", "legal_assessment",
    ]  # fmt: skip
    story.capability.accepts_hazardous, story.capability.permits = True, "§ 24a AWG 2002"
    session.flush()
    assert refused(lambda: say_yes(story.andrea)) == ["legal_assessment"]
    kept_out = {
        b"GIF89a": "file_not_taken",
        b"": "file_not_taken",
        b"%PDF-1.7 /JavaScript ": "pdf_active",
    }
    for data, why in kept_out.items():
        assert refused(
            lambda data=data: evidence.attach(
                session, storage, order, order.lines[0].id, EvidenceKind.ASSESSMENT, "x.exe", data,
                actor=story.andrea, now=NOW,
            )
        ) == [why]  # fmt: skip
    row = evidence.attach(
        session, storage, order, order.lines[0].id, EvidenceKind.ASSESSMENT, "../Analyse.png",
        a_picture(), actor=story.andrea, now=NOW,
    )  # fmt: skip
    assert (row.name, storage.get(row.key)[8:12]) == ("Analyse.webp", b"WEBP")
    assert legal.open_points(session, order) == []
    say_yes(story.andrea)
    say_yes(story.emre)
    assert order.state is OrderState.AGREED


def test_a_permit_on_paper_does_too(session, storage):
    story = a_story(session)
    order = story.offered(**waste(story, "040222"))
    assert [p.demand for p in legal.open_points(session, order)] == [Demand.WASTE_PERMIT]
    evidence.attach(session, storage, order, order.lines[0].id, EvidenceKind.PERMIT, "Bescheid.pdf",
                    b"%PDF-1.7 ...", actor=story.emre, now=NOW)  # fmt: skip
    assert legal.open_points(session, order) == []


def test_who_attaches_what_to_what(session, storage):
    story = a_story(session)
    order = story.offered(**waste(story, "040222"))
    stranger = actor_for(session, a_person(session, a_company(session)))

    def attach(actor, line_id=None):
        return evidence.attach(
            session, storage, order, line_id or order.lines[0].id, EvidenceKind.PERMIT, "B.pdf",
            b"%PDF-1.7", actor=actor, now=NOW,
        )  # fmt: skip

    with pytest.raises(NotAllowed):
        attach(stranger)
    assert refused(lambda: attach(story.emre, 987654)) == ["line_unknown"]
    row = attach(story.emre)
    other = a_story(session).order()
    with pytest.raises(NotFound):
        evidence.get(session, other, row.id)
    actions.cancel(session, order, "Aus.", actor=story.maria, now=NOW)
    with pytest.raises(WrongState):
        attach(story.emre)


def test_a_way_to_hungary_carries_the_notice(session):
    story = a_story(session)
    story.enterprise.move_to(a_place("Sopron", country="HU"))
    session.flush()
    order = story.offered(**waste(story, "040222"))
    assert legal.shipments(order) == {order.lines[0].id: Shipment.GREEN}
    story.enterprise.move_to(a_place("Wiener Neustadt"))
    assert legal.shipments(order) == {}
