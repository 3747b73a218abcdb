"""What a thread is about, who takes part in it, and as whom each sees the others."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace.accounts.models import Membership, Organisation, OrganisationKind, User
from marketplace.accounts.queries import brokers, members
from marketplace.cases import disclosure, handed_over
from marketplace.cases import policy as cases
from marketplace.cases.models import Case, Part
from marketplace.cases.queries import with_sight
from marketplace.core.actor import Actor, Role
from marketplace.core.errors import NotFound
from marketplace.notifications.messages.models import Message, Thread
from marketplace.orders import policy as orders
from marketplace.orders.models import Order


class Kind(StrEnum):
    CASE = auto()
    ORDER = auto()


@dataclass(frozen=True)
class Sender:
    """As whom somebody shows to a reader: a broker, or one side with as much as is disclosed.

    ``name`` and ``organisation`` are empty where who it is stays hidden; ``part`` is empty where the
    side is known by its name.
    """

    name: str = ""
    organisation: str = ""
    part: Part | None = None
    region: str = ""
    broker: bool = False


@dataclass(frozen=True)
class Subject:
    """A case (with its parties and referrals) or an order, whichever the thread is about."""

    case: Case | None = None
    order: Order | None = None

    @property
    def about(self) -> Case | Order:
        found = self.case or self.order
        assert found is not None
        return found

    @property
    def kind(self) -> Kind:
        return Kind.CASE if self.case is not None else Kind.ORDER

    def title(self, actor: Actor) -> str:
        """Return number and title as the actor may read them."""
        said = f"{self.about.number}, {self.about.title}"
        return disclosure.veil(self.case, actor=actor)(said) if self.case is not None else said

    def can_write(self, actor: Actor) -> bool:
        """Tell whether the actor takes part; who handed a case over only goes on reading it."""
        if self.case is None:
            return actor.signed_in
        return cases.sight(actor, self.case) in (cases.Sight.BROKER, cases.Sight.PARTY)

    def read_until(self, actor: Actor) -> datetime | None:
        """Return the moment up to which the actor reads along: when they handed the case over."""
        return handed_over.until(self.case, actor=actor) if self.case is not None else None

    def mediates(self, actor: Actor) -> bool:
        """Tell whether the actor meets it as a broker, be it one who only goes on reading."""
        if self.case is not None:
            return cases.sight(actor, self.case) in (cases.Sight.BROKER, cases.Sight.READER)
        assert self.order is not None
        return orders.is_broker(actor, self.order)

    def hides(self, actor: Actor) -> bool:
        """Tell whether anybody in it is not fully disclosed to the actor."""
        return self.case is not None and not disclosure.knows_all(self.case, actor=actor)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the filter that hides threads which this actor must not know of."""
    return or_(
        Thread.case_id.in_(select(Case.id).where(cases.visible_to(actor))),
        Thread.order_id.in_(select(Order.id).where(orders.visible_to(actor))),
    )


def find(
    session: Session, *, case_id: int | None = None, order_id: int | None = None, actor: Actor
) -> Subject:
    """Return the case or order; raise ``NotFound`` where the actor must not know of it."""
    found: Subject | None = None
    if case_id is not None:
        wanted = select(Case).where(Case.id == case_id, cases.visible_to(actor))
        case = session.scalars(wanted.options(*with_sight(), joinedload(Case.broker))).first()
        found = Subject(case=case) if case is not None else None
    elif order_id is not None:
        asked = select(Order).where(Order.id == order_id, orders.visible_to(actor))
        order = session.scalars(
            asked.options(joinedload(Order.broker), selectinload(Order.parties))
        ).first()
        found = Subject(order=order) if order is not None else None
    if found is None:
        raise NotFound
    return found


def sides(subject: Subject) -> list[int]:
    """Return the organisations that take part; those of an order know of it from its first offer on."""
    if subject.case is not None:
        return [party.organisation_id for party in subject.case.parties]
    order = subject.order
    assert order is not None
    return [party.organisation_id for party in order.parties] if order.terms else []


def _service_points(subject: Subject) -> list[int | None]:
    if subject.case is not None:
        return [subject.case.service_point_id]
    order = subject.order
    assert order is not None
    return list(dict.fromkeys(party.service_point_id for party in order.parties))


def participants(session: Session, subject: Subject) -> dict[int, Actor]:
    """Return who takes part, by user, and as whom: the people of every side, and who mediates."""
    found: dict[int, Actor] = {}
    for organisation_id in sides(subject):
        for user in members(session, organisation_id):
            found.setdefault(user.id, Actor(user.id, organisation_id=organisation_id))
    return found | {user.id: as_broker(user) for user in mediators(session, subject)}


def mediators(session: Session, subject: Subject) -> list[User]:
    """Return the broker in charge; where a service point has none in charge, all of its brokers."""
    found: list[User] = []
    charged = subject.about.broker
    points = _service_points(subject)
    for point in points:
        if point is None and len(points) > 1:
            continue
        mine = charged is not None and charged.active and charged.service_point_id == point
        found += [charged] if mine and charged else brokers(session, point)
    return found


def as_broker(user: User) -> Actor:
    """Return the person as one who mediates."""
    role = Role.AGENCY if user.agency else Role.BROKER
    return Actor(user.id, service_point_id=user.service_point_id, roles=frozenset({role}))


def actor_in(session: Session, subject: Subject, user: User) -> Actor | None:
    """Return as whom a person takes part in a thread, None where they do not (any more)."""
    if not user.active:
        return None
    if user.agency or user.service_point_id is not None:
        broker = as_broker(user)
        if is_broker(broker, subject):
            return broker
    mine = session.scalars(
        select(Membership.organisation_id).where(
            Membership.user_id == user.id, Membership.organisation_id.in_(sides(subject))
        )
    ).first()
    return Actor(user.id, organisation_id=mine) if mine is not None else None


def is_broker(actor: Actor, subject: Subject) -> bool:
    """Tell whether the actor mediates in it."""
    if subject.case is not None:
        return cases.works_on(actor, subject.case)
    assert subject.order is not None
    return orders.is_broker(actor, subject.order)


def writes_for(actor: Actor, subject: Subject) -> int | None:
    """Return the side for which the actor writes; None for who mediates."""
    return actor.organisation_id if actor.organisation_id in sides(subject) else None


def sender(message: Message, subject: Subject, *, actor: Actor) -> Sender:
    """Return as whom the message's author shows to the actor. Needs its ``organisation`` loaded."""
    organisation: Organisation | None = message.organisation
    if organisation is None:
        return Sender(name=message.name, broker=True)
    if subject.case is None:
        return Sender(name=message.name, organisation=organisation.name)
    party = disclosure.party_of(subject.case, organisation.id)
    if party is None:
        return _former(message, organisation, actor)
    shown = disclosure.shown(subject.case, party, actor=actor)
    if shown.name:
        return Sender(name=message.name, organisation=shown.name)
    return Sender(part=shown.part, region=shown.region)


def _former(message: Message, organisation: Organisation, actor: Actor) -> Sender:
    """Return how a side shows that has left the case: to brokers and itself only by name."""
    if actor.has(Role.BROKER, Role.AGENCY) or actor.belongs_to(organisation.id):
        return Sender(name=message.name, organisation=organisation.name)
    enterprise = organisation.kind is OrganisationKind.SOCIAL_ENTERPRISE
    return Sender(part=Part.ENTERPRISE if enterprise else Part.CLIENT)
