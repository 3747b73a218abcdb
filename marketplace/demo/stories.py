"""What happened in the demo region: orders, decisions of brokers, interests shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.capabilities.models import Capability
from marketplace.core.actor import Actor
from marketplace.demo.carried import Cast, carry_out, close, language_of, planned
from marketplace.demo.region import People
from marketplace.demo.tables import Row, days_ago, rows
from marketplace.listings import actions as listings
from marketplace.listings.lifecycle import ListingAction, ListingState
from marketplace.listings.models import Listing, Recurrence, Unit
from marketplace.orders import actions as orders
from marketplace.orders import terms
from marketplace.orders.drafts import LineDraft, OrderDraft, PartyDraft, Pays
from marketplace.orders.drawing_up import draft_from
from marketplace.orders.models import LineRole, Order, Part
from marketplace.orders.snapshots import rows_of
from marketplace.proposals import actions as proposals
from marketplace.proposals.lifecycle import LIVE, ProposalAction
from marketplace.proposals.models import Proposal, RefusalReason

ONE_OFF = timedelta(days=60)
STANDING = timedelta(days=180)
LASTED = 48
RENEWED = timedelta(days=8)

COURSE: dict[str, tuple[str, ...]] = {
    "draft": (),
    "offered": ("offer",),
    "accepted_by_client": ("offer", "client"),
    "accepted_by_enterprise": ("offer", "enterprise"),
    "agreed": ("offer", "client", "enterprise"),
    "in_production": ("offer", "client", "enterprise", "start"),
    "delivered": ("offer", "client", "enterprise", "start", "deliver"),
    "completed": ("offer", "enterprise", "client", "start", "deliver", "complete"),
    "paused": ("offer", "client", "enterprise", "start", "pause"),
    "disputed": ("offer", "client", "enterprise", "start", "deliver", "dispute"),
    "cancelled": ("offer", "client", "cancel"),
}
"""The steps that lead to each end of a story."""


@dataclass
class Made:
    """What the region holds so far, by reference."""

    listings: dict[str, Listing] = field(default_factory=dict)
    capabilities: dict[str, Capability] = field(default_factory=dict)
    orders: int = 0


def tell_order(session: Session, row: Row, people: People, made: Made, *, now: datetime) -> None:
    """Draw an order up ``days`` ago and take it through its course until lately."""
    proposal = _proposal(session, row, people, made)
    client = row["listing"].partition("-")[0]
    enterprise = next(
        ref
        for ref, organisation in people.organisations.items()
        if organisation.id == session.get_one(Capability, proposal.capability_id).organisation_id
    )
    cast = _cast(people, client, enterprise, made.capabilities.get(row["then"]))
    steps = COURSE[row["state"]]
    over = row["state"] in {"completed", "cancelled"}
    span = min(int(row["days"]) - 1, LASTED) if over else int(row["days"]) - 1
    if "start" in steps and not over:
        span //= 2
    moments = list(_moments(now, int(row["days"]), len(steps) + 2, span=span))
    order = draft_from(session, proposal, actor=cast.broker, now=moments[0])
    if row["product"]:
        _write_terms(session, order, row, made, actor=cast.broker, now=moments[1])
    for step, then, after in zip(steps, moments[2:], [*moments[3:], now], strict=False):
        _take(session, order, step, row, cast, then)
        if step == "start":
            carry_out(session, order, cast, begun=then, until=after, whole="deliver" in steps)
        if step == "complete":
            close(session, order, cast, row, now=then)
    made.orders += 1


def _cast(people: People, client: str, enterprise: str, then: Capability | None) -> Cast:
    """Return who acts; ``then`` is the capability that goes on with what the first one made."""
    refs = [client, enterprise]
    if then is not None:
        refs += [r for r, o in people.organisations.items() if o.id == then.organisation_id]
    found = {people.organisations[ref].id: people.actors[ref] for ref in refs}
    return Cast(people.broker_of(people.organisations[client]), found)


def _proposal(session: Session, row: Row, people: People, made: Made) -> Proposal:
    """Return the best proposal for a listing, or the one with the enterprise that the row names."""
    wanted = (
        select(Proposal)
        .join(Capability, Capability.id == Proposal.capability_id)
        .where(
            Proposal.listing_id == made.listings[row["listing"]].id,
            Proposal.state.in_(LIVE),
        )
        .order_by(Proposal.rank)
        .limit(1)
    )
    if row["enterprise"]:
        enterprise = people.organisations[row["enterprise"]]
        wanted = wanted.where(Capability.organisation_id == enterprise.id)
    found = session.scalars(wanted).first()
    if found is None:
        raise LookupError(f"no proposal for {row['listing']} with {row['enterprise']}")
    return found


def _moments(now: datetime, days: int, count: int, *, span: int) -> Iterator[datetime]:
    """Return moments in office hours from ``days`` ago on, over ``span`` days."""
    for number in range(count):
        passed = span * number // max(count - 1, 1)
        yield days_ago(now, days - passed, 7 + number, 13 * number % 60)


def _write_terms(
    session: Session, order: Order, row: Row, made: Made, *, actor: Actor, now: datetime
) -> None:
    """Write what is made for how much beside the material that was offered."""
    standing = order.recurrence is not Recurrence.ONCE
    due = order.starts_on + (STANDING if standing else ONE_OFF)
    then = made.capabilities.get(row["then"])
    parties = rows_of(order).parties
    if then is not None:
        more = PartyDraft(
            organisation_id=then.organisation_id, part=Part.ENTERPRISE, capability_id=then.id
        )
        parties = (*parties, more)
    draft = OrderDraft(
        title=row["title"] or order.title,
        product=row["product"],
        work_place=order.work_place,
        standing=standing,
        recurrence=order.recurrence,
        starts_on=order.starts_on,
        due_on=due,
        parties=parties,
        lines=tuple(_lines(order, row, then)),
        milestones=planned(language_of(order), order.starts_on, due),
    )
    terms.edit(session, order, draft, actor=actor, now=now)


def _lines(order: Order, row: Row, then: Capability | None) -> Iterator[LineDraft]:
    """Yield the material, what goes on to the next workshop, and the product with its price."""
    client, maker = (party.organisation_id for party in order.parties)
    for line in rows_of(order).lines:
        if line.role is LineRole.MATERIAL_IN:
            yield line
    last = maker
    quantity = float(row["quantity"] or 1)
    if then is not None:
        last = then.organisation_id
        yield LineDraft(
            role=LineRole.MATERIAL_IN,
            description=f"{row['title']}: {then.title}",
            quantity=quantity,
            unit=Unit.PIECE,
            pays=Pays.NOBODY,
            giver_id=maker,
            taker_id=last,
        )
    free = row["payer"] == "nobody"
    yield LineDraft(
        role=LineRole.PRODUCT_OUT,
        description=row["title"] or order.title,
        quantity=quantity,
        unit=Unit.PIECE,
        pays={"client": Pays.TAKER, "enterprise": Pays.GIVER}.get(row["payer"], Pays.NOBODY),
        price=None if free else Decimal(row["price"]),
        lump_sum=True,
        vat_percent=Decimal(0 if free else 20),
        giver_id=last,
        taker_id=client,
    )


def _take(session: Session, order: Order, step: str, row: Row, cast: Cast, now: datetime) -> None:
    client, maker = cast.of(order.clients[0]), cast.of(order.enterprises[0])
    plain: dict[str, tuple[Callable[..., None], Actor]] = {
        "offer": (terms.offer, cast.broker),
        "start": (orders.start, maker),
        "deliver": (orders.deliver, maker),
        "complete": (orders.complete, client),
    }
    stops = {"pause": orders.pause, "dispute": orders.dispute}
    if step in ("client", "enterprise"):
        for party in order.clients if step == "client" else order.enterprises:
            yes, version = cast.of(party), order.terms
            terms.accept(session, order, terms=version, free_of_charge=True, actor=yes, now=now)
    elif step == "cancel":
        orders.cancel(session, order, row["reason"], not_again=True, actor=cast.broker, now=now)
    elif step in stops:
        stops[step](session, order, row["reason"], actor=cast.broker, now=now)
    else:
        act, actor = plain[step]
        act(session, order, actor=actor, now=now)


def renew_old_listings(
    session: Session, people: People, made: Made, offers: dict[str, Row], *, now: datetime
) -> None:
    """Let the owners have renewed what would have ended by now."""
    for ref, listing in made.listings.items():
        due = listing.expires_on is not None and listing.expires_on <= (now + RENEWED).date()
        if listing.state is ListingState.PUBLISHED and due:
            actor = people.actors[offers[ref]["org"]]
            then = now - RENEWED
            session.refresh(listing, ["pictures"])
            listings.move(session, listing, ListingAction.RENEW, actor=actor, now=then)


def decide_on_proposals(session: Session, people: People, made: Made, *, now: datetime) -> None:
    """Shortlist and refuse what ``data/decisions.csv`` names: a listing and a rank."""
    for row in rows("decisions"):
        listing = made.listings[row["listing"]]
        found = session.scalars(
            select(Proposal)
            .where(Proposal.listing_id == listing.id, Proposal.state.in_(LIVE))
            .order_by(Proposal.rank)
            .offset(int(row["place"]) - 1)
            .limit(1)
        ).one()
        broker = people.broker_of(people.organisations[row["listing"].partition("-")[0]])
        then = now - timedelta(days=int(row["days"]), hours=2)
        if row["reason"]:
            reason = RefusalReason(row["reason"])
            proposals.refuse(session, found, reason, row["note"], actor=broker, now=then)
        else:
            proposals.move(session, found, ProposalAction.SHORTLIST, actor=broker, now=then)


def show_interest(session: Session, people: People, made: Made, *, now: datetime) -> None:
    """Let enterprises say which listings they would like."""
    for row in rows("interests"):
        then = now - timedelta(days=int(row["days"]), hours=4)
        listings.show_interest(
            session,
            made.listings[row["listing"]],
            row["note"],
            actor=people.actors[row["enterprise"]],
            now=then,
        )
