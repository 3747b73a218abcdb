"""Service points, organisations and the people who act for them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from marketplace.accounts import actions, agency
from marketplace.accounts.drafts import OrganisationDraft, PersonDraft
from marketplace.accounts.models import (
    MemberRole,
    Membership,
    Organisation,
    OrganisationKind,
    ServicePoint,
    User,
)
from marketplace.accounts.passwords import hashed
from marketplace.accounts.places import make_place
from marketplace.core.actor import SYSTEM, Actor, Role
from marketplace.demo.people import PASSWORD, SIGN_INS
from marketplace.demo.tables import Row, rows, several

ROLES = {
    OrganisationKind.COMPANY: Role.COMPANY,
    OrganisationKind.PUBLIC_BODY: Role.COMPANY,
    OrganisationKind.SOCIAL_ENTERPRISE: Role.ENTERPRISE,
    OrganisationKind.CONSULTANCY: Role.PARTNER,
    OrganisationKind.PARTNER: Role.PARTNER,
}
SHOWN_TO_VISITORS = {"KOL": "company", "NAH": "enterprise", "MUH": "workshop"}
FOUNDED = timedelta(days=700)
WAITING = timedelta(days=14)
REASON = "Unter dieser Adresse gibt es den Betrieb nicht. Bitte einen Firmenbuchauszug schicken."
MADE_UP_NUMBERS = {"AT": "+43 2622 900 {:03d}", "HU": "+36 99 900 {:03d}"}


@dataclass
class People:
    """Organisations by reference; who acts for them, and for the service points by key."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    brokers: dict[int | None, Actor] = field(default_factory=dict)

    def broker_of(self, organisation: Organisation) -> Actor:
        return self.brokers[organisation.service_point_id]


def settle(session: Session, *, secret: bytes, now: datetime) -> People:
    """Make the service points, the organisations and one person for each."""
    people = People()
    began = now - FOUNDED
    password = hashed(PASSWORD)
    agency_person = PersonDraft(
        name="Agnes Winter", email=SIGN_INS["agency"], password=PASSWORD, language="de"
    )
    agency.appoint(session, agency_person, actor=SYSTEM, now=began)
    for row in rows("service_points"):
        _service_point(session, row, people, password, began)
    for number, row in enumerate(rows("organisations"), start=1):
        _organisation(session, row, number, people, password, secret=secret, now=now)
    return people


def _person(session: Session, name: str, email: str, language: str, password: str) -> User:
    user = User(email=email, name=name, language=language, password_hash=password)
    session.add(user)
    return user


def _service_point(
    session: Session, row: Row, people: People, password: str, began: datetime
) -> None:
    plain = {name: row[name] for name in ("name", "country", "email", "phone")}
    about = {lang: row[f"about_{lang}"] for lang in ("de", "hu")}
    abroad = row["abroad"] == "yes"
    point = ServicePoint(
        **plain, regions=several(row["regions"]), about=about, contact_abroad=abroad
    )
    session.add(point)
    session.flush()
    broker = _person(session, row["broker"], row["broker_email"], row["language"], password)
    broker.service_point_id = point.id
    broker.confirmed_at = broker.created_at = began
    session.flush()
    people.brokers[point.id] = Actor(
        user_id=broker.id, service_point_id=point.id, roles=frozenset({Role.BROKER})
    )


def _organisation(
    session: Session,
    row: Row,
    number: int,
    people: People,
    password: str,
    *,
    secret: bytes,
    now: datetime,
) -> None:
    ref = row["ref"]
    verified = row["verification"] == "verified"
    since = now - (FOUNDED - timedelta(days=3 * number) if verified else WAITING)
    language = "hu" if row["country"] == "HU" else "de"
    email = SIGN_INS[SHOWN_TO_VISITORS[ref]] if ref in SHOWN_TO_VISITORS else _address(ref)
    draft = OrganisationDraft(
        name=row["name"],
        kind=OrganisationKind(row["kind"]),
        market_tier=int(row["market_tier"]) if row["market_tier"] else None,
        email=_address(ref),
        phone=MADE_UP_NUMBERS[row["country"]].format(number),
        contact_name=row["contact"],
        languages=[language],
        description=row["description"],
        description_language=language,
        place=make_place(
            address=row["address"],
            postal_code=row["postal_code"],
            city=row["city"],
            country=row["country"],
            secret=secret,
        ),
    )
    made = actions.found(
        session, draft, actor=SYSTEM, now=since, ref=f"DEMO-{ref}", verified=verified
    )
    user = _person(session, row["contact"], email, language, password)
    user.confirmed_at = user.created_at = since
    session.flush()
    session.add(Membership(user_id=user.id, organisation_id=made.id, role=MemberRole.MANAGER))
    user.last_organisation_id = made.id
    people.organisations[ref] = made
    people.actors[ref] = Actor(
        user_id=user.id,
        organisation_id=made.id,
        roles=frozenset({ROLES[made.kind], Role.MANAGER}),
    )
    if row["verification"] == "refused":
        broker = people.broker_of(made)
        actions.decide(session, made, verified=False, reason=REASON, actor=broker, now=now)


def _address(ref: str) -> str:
    return f"{ref.lower()}@demo.sopro.example"
