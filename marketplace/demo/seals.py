"""The demo region's seals: certificates in every state, one in assessment, one being prepared."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.accounts.passwords import hashed
from marketplace.core.actor import Actor, Role
from marketplace.demo.goods import Album
from marketplace.demo.people import PASSWORD, SIGN_INS
from marketplace.demo.region import People
from marketplace.demo.tables import Row, days_ago, rows
from marketplace.geo.coordinates import Coordinate
from marketplace.listings.models import Listing
from marketplace.orders.models import Order, OrderPairing
from marketplace.seals import applying, certifying, process, queries, separation
from marketplace.seals.assessment import Finding, SealRole
from marketplace.seals.criteria import ProductKind
from marketplace.seals.drafts import ApplicationDraft, InputDraft, MakerDraft, StepDraft
from marketplace.seals.lifecycle import CertificateAction
from marketplace.seals.models import ProductGroup, Route, SealApplication
from marketplace.seals.signing import Signer

ASSESSOR = ("Bela Prüfer", SIGN_INS["assessor"])
OUTSIDE = ("Cora Beirat", "beirat@demo.sopro.example")
DECIDER = ("Dora Entscheid", "vergabe@demo.sopro.example")
POINTS = 7.0
REASONS = {
    "S2": "Zuschnitt, Fertigung und Kontrolle liegen bei den Teilnehmenden, beim Besuch gesehen.",
    "S3": "Für alle gibt es einen Entwicklungsplan, er wird jedes Halbjahr besprochen.",
    "S4": "Bezahlung nach Kollektivvertrag, zwei Kurse im Jahr.",
    "E4": "Wenig Verschnitt, keine Lösungsmittel, Strom aus Wasserkraft.",
    "E5": "Alle Teile lassen sich trennen und tauschen.",
    "I1": "Der Schnitt nutzt die Form des Reststoffs.",
    "Q1": "Belastungsprobe bestanden, Muster liegt auf.",
}
ACTIONS = {"suspended": CertificateAction.SUSPEND, "withdrawn": CertificateAction.WITHDRAW}


@dataclass(frozen=True)
class Jury:
    """Who assesses and decides, with their addresses."""

    agency: Actor
    assessor: Actor
    panel: list[Actor]
    decider: Actor
    emails: dict[SealRole, list[str]]


def tell_seals(session: Session, people: People, album: Album, *, now: datetime) -> int:
    """Tell the story of every row; return how many there are.

    They are signed with a key that nobody keeps: its public half stays, so they can be checked.
    """
    signing = Signer(secrets.token_bytes(32))
    jury = _jury(session, people, now=now)
    table = rows("seals")
    for row in table:
        then = days_ago(now, int(row["days"]), 8)
        made = _apply(session, row, people, album, now=then)
        if row["state"] == "draft":
            continue
        _assess(session, made, people.actors[row["org"]], jury, now=then)
        if row["state"] != "assessing":
            _decide(session, made, row, jury, signing, then=then, today=now.date())
    return len(table)


def _person(session: Session, who: tuple[str, str], now: datetime, **more: object) -> Actor:
    name, email = who
    user = User(name=name, email=email, language="de", password_hash=hashed(PASSWORD), **more)
    user.confirmed_at = user.created_at = now
    session.add(user)
    session.flush()
    roles = {Role.AGENCY} if user.agency else set()
    return Actor(user_id=user.id, roles=frozenset(roles))


def _jury(session: Session, people: People, *, now: datetime) -> Jury:
    agency = session.scalars(select(User).where(User.email == SIGN_INS["agency"])).one()
    brokers = list(people.brokers.values())[:2]
    emails = [session.get_one(User, broker.user_id).email for broker in brokers]
    return Jury(
        agency=Actor(user_id=agency.id, roles=frozenset({Role.AGENCY})),
        assessor=_person(session, ASSESSOR, now),
        panel=[_person(session, OUTSIDE, now), brokers[1]],
        decider=_person(session, DECIDER, now, agency=True),
        emails={
            SealRole.ADVISER: [emails[0]],
            SealRole.ASSESSOR: [ASSESSOR[1]],
            SealRole.PANEL: [OUTSIDE[1], emails[1]],
            SealRole.DECIDER: [DECIDER[1]],
        },
    )


def _apply(
    session: Session, row: Row, people: People, album: Album, *, now: datetime
) -> SealApplication:
    owner, actor = people.organisations[row["org"]], people.actors[row["org"]]
    draft = ApplicationDraft(
        kind=ProductKind(row["kind"]),
        name=row["name"],
        description=row["description"],
        language="hu" if owner.country == "HU" else "de",
        group=ProductGroup(row["group"]),
        order_ids=_orders(session, row["listing"]),
        photo_ids=[album.hang(session, row["photo"], row["alt"], owner.id, now)],
    )
    made = applying.begin(session, draft, today=now.date(), actor=actor, now=now)
    for maker in list(made.makers):
        counted = MakerDraft(employees=int(row["people"]), disadvantaged=int(row["helped"]))
        applying.count_people(session, made, maker.id, counted, actor=actor, now=now)
    if row["units"]:
        _of_one_unit(session, made, float(row["units"]), actor=actor, now=now)
    part = InputDraft(
        name=row["input"],
        mass_kg=float(row["kg"]),
        origin=owner.city,
        point=owner.place.exact,
        route=Route(row["route"]),
    )
    applying.put_input(session, made, None, part, actor=actor, now=now)
    if not any(each.route is Route.LEFTOVER for each in made.inputs):
        left = InputDraft(
            name=row["alt"].split(" ")[-1],
            mass_kg=5 * float(row["kg"]),
            origin=owner.city,
            point=owner.place.exact,
            route=Route.LEFTOVER,
        )
        applying.put_input(session, made, None, left, actor=actor, now=now)
    step = StepDraft(
        name=row["step"], organisation_id=owner.id, hours=float(row["hours"]), disadvantaged=True
    )
    applying.put_step(session, made, None, step, actor=actor, now=now)
    return queries.get(session, made.id, actor=actor)


def _of_one_unit(
    session: Session, made: SealApplication, units: float, *, actor: Actor, now: datetime
) -> None:
    """Say what of an order goes into one unit, where the order itself does not count any."""
    for row in list(made.inputs):
        part = InputDraft(
            name=row.name,
            material_code=row.material_code,
            mass_kg=round(row.mass_kg / units, 3),
            origin=row.origin,
            point=Coordinate(row.latitude, row.longitude),
            route=row.route,
        )
        applying.put_input(session, made, row.id, part, actor=actor, now=now)
    for step in list(made.steps):
        applying.remove_step(session, made, step.id, actor=actor, now=now)


def _orders(session: Session, ref: str) -> list[int]:
    found = (
        select(Order.id)
        .join(OrderPairing, OrderPairing.order_id == Order.id)
        .join(Listing, Listing.id == OrderPairing.listing_id)
        .where(Listing.ref == ref)
        .order_by(Order.id)
    )
    return list(session.scalars(found))


def _assess(
    session: Session, made: SealApplication, applicant: Actor, jury: Jury, *, now: datetime
) -> None:
    process.submit(session, made, today=now.date(), actor=applicant, now=now)
    for role, emails in jury.emails.items():
        for email in emails:
            separation.appoint(session, made, role, email, actor=jury.agency, now=now)
    process.begin(session, made, actor=jury.agency, now=now)
    asked = process.ask(
        session,
        made,
        "Woher kommen die Kleinteile, und gibt es dazu Nachweise?",
        actor=jury.assessor,
        now=now,
    )
    answer = "Vom Händler im Ort, die Lieferscheine liegen bei."
    process.answer(session, made, asked.id, answer, actor=applicant, now=now)
    for code, reason in list(REASONS.items())[:3]:
        process.judge(
            session, made, code, Finding.HOLDS, POINTS, reason, actor=jury.assessor, now=now
        )


def _decide(
    session: Session,
    made: SealApplication,
    row: Row,
    jury: Jury,
    signer: Signer,
    *,
    then: datetime,
    today: date,
) -> None:
    for code, reason in REASONS.items():
        process.judge(
            session, made, code, Finding.HOLDS, POINTS, reason, actor=jury.assessor, now=then
        )
    process.report(session, made, actor=jury.assessor, now=then)
    process.convene(session, made, actor=jury.agency, now=then)
    for member in jury.panel:
        process.vote(session, made, True, "Überzeugt beim Besuch.", actor=member, now=then)
    certificate = certifying.award(
        session,
        made,
        "Alle Kriterien, die gelten müssen, sind erfüllt.",
        signer=signer,
        today=then.date(),
        actor=jury.decider,
        now=then,
    )
    if row["state"] in ACTIONS:
        certifying.move(
            session,
            certificate,
            ACTIONS[row["state"]],
            row["reason"],
            row["reason"],
            today=today,
            actor=jury.agency,
            now=then,
        )
