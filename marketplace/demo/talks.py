"""What the demo region's people wrote to each other, and the searches that they have saved."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation, User
from marketplace.cases.models import Case
from marketplace.core.actor import SYSTEM, Actor
from marketplace.demo.people import SIGN_INS
from marketplace.demo.region import People
from marketplace.demo.tables import days_ago, rows
from marketplace.geo.coordinates import Coordinate
from marketplace.notifications.messages import posting, seats
from marketplace.notifications.messages.subjects import Subject as Talk
from marketplace.notifications.messages.subjects import as_broker, find
from marketplace.notifications.models import Frequency
from marketplace.notifications.searches import saving
from marketplace.notifications.searches.models import Subject
from marketplace.notifications.searches.saving import SearchDraft
from marketplace.orders.models import Order

ZONE = "Europe/Vienna"
READ_AFTER_DAYS = 3
SEARCHES: dict[str, tuple[Subject, str, dict[str, object], float | None]] = {
    "company": (Subject.WORKSHOPS, "Planen und Gurte", {"material": "tarpaulin"}, 60.0),
    "enterprise": (Subject.MATERIALS, "Planen rund um Wiener Neustadt", {"material": "tarpaulin"}, 60.0),
    "workshop": (Subject.MATERIALS, "Bőr és filc a közelben", {"material": "leather"}, 100.0),
    "broker": (Subject.MATERIALS, "Alles aus Holz", {"material": "wood"}, None),
    "broker_hu": (Subject.MATERIALS, "Textil", {"material": "textile"}, None),
    "agency": (Subject.WORKSHOPS, "Freie Hände", {"seeking_work": True}, None),
}  # fmt: skip
"""Subject, name, what is wanted, and km around one's own organisation."""


def tell_talks(session: Session, people: People, *, now: datetime) -> int:
    """Let people write ``data/messages.csv``; return how many messages there are."""
    told = sorted(rows("messages"), key=lambda row: -int(row["days"]))
    for row in told:
        talk = _talk(session, row["about"], row["title"])
        written = days_ago(now, int(row["days"]), int(row["hour"]), 20)
        posting.post(
            session,
            talk,
            text=row["text"],
            language=row["language"],
            actor=_writer(talk, row["who"], people),
            now=written,
        )
        if int(row["days"]) >= READ_AFTER_DAYS:
            _let_all_read(session, talk, now=written)
    return len(told)


def _talk(session: Session, about: str, title: str) -> Talk:
    if about == "case":
        case_id = session.scalars(select(Case.id).where(Case.title == title)).one()
        return find(session, case_id=case_id, actor=SYSTEM)
    order_id = session.scalars(select(Order.id).where(Order.title == title)).one()
    return find(session, order_id=order_id, actor=SYSTEM)


def _writer(talk: Talk, who: str, people: People) -> Actor:
    if who != "broker":
        return people.actors[who]
    assert talk.about.broker is not None
    return as_broker(talk.about.broker)


def _let_all_read(session: Session, talk: Talk, *, now: datetime) -> None:
    thread = seats.existing(session, talk)
    assert thread is not None
    for user_id in seats.of(session, thread.id):
        seats.read(session, thread.id, user_id=user_id, now=now)


def save_searches(session: Session, *, now: datetime) -> None:
    """Save a search for each person who signs in to look around."""
    for part, (subject, name, wanted, radius) in SEARCHES.items():
        user = session.scalars(select(User).where(User.email == SIGN_INS[part])).one()
        home = session.get(Organisation, user.last_organisation_id or 0)
        near = Coordinate(home.latitude, home.longitude) if home is not None and radius else None
        draft = SearchDraft(
            subject=subject,
            name=name,
            frequency=Frequency.DAILY,
            wanted=wanted,
            place=home.city if home is not None and near is not None else "",
            near=near,
            radius_km=radius,
        )
        saving.save(session, draft, zone=ZONE, actor=Actor(user.id), now=now)
