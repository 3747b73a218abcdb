"""Drawing up an order: of one proposal or of several, from what all sides have said already."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability
from marketplace.cases import attempts
from marketplace.cases import policy as cases
from marketplace.cases.models import Case
from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, Outrun
from marketplace.listings.models import Kind, Listing
from marketplace.orders import parties
from marketplace.orders.commitments import recount_for
from marketplace.orders.lifecycle import ORDER
from marketplace.orders.models import LineRole, Order, OrderLine, OrderPairing, OrderParty, Part
from marketplace.orders.numbers import add_numbered
from marketplace.orders.steps import write_down
from marketplace.proposals import actions as proposals
from marketplace.proposals.lifecycle import ProposalAction
from marketplace.proposals.models import Proposal

USUAL_TIME = timedelta(weeks=6)
FIRST_LINE = {
    Kind.RESIDUAL: LineRole.MATERIAL_IN,
    Kind.PRODUCTION_STEP: LineRole.SERVICE,
    Kind.SERVICE: LineRole.SERVICE,
    Kind.CSR_PRODUCT: LineRole.PRODUCT_OUT,
}


class Pair(NamedTuple):
    """A proposal with both of its sides."""

    proposal: Proposal
    listing: Listing
    capability: Capability


def draft_from(
    session: Session, *chosen: Proposal, case: Case | None = None, actor: Actor, now: datetime
) -> Order:
    """Accept the proposals, all or none, and draw up one order of them.

    Who is to work on the same listing goes on with what the one named before has made of it. Every
    open case that follows one of the proposals is accompanied from now on; the order belongs to
    ``case``, else to the first of them. Nobody pays until a broker has written the terms: what is
    made and who pays are not in a listing. Raises ``WrongState`` where another broker was faster or
    one side is no longer there, and ``Invalid`` where hazardous material would go to somebody who is
    not permitted to take it, or where nobody is left as client.
    """
    require(actor.user_id is not None)
    require(case is None or cases.works_on(actor, case))
    _lock(session, chosen)
    try:
        for proposal in chosen:
            proposals.move(session, proposal, ProposalAction.ACCEPT, actor=actor, now=now)
        pairs = [_pair(session, proposal) for proposal in chosen]
        order = _drawn_up(session, pairs, actor=actor, now=now)
        for listing in dict.fromkeys(pair.listing for pair in pairs):
            parties.reserve(session, listing, now=now)
    except StaleDataError:
        raise Outrun("somebody else was faster") from None
    _number(session, order, now=now)
    order.lines.extend(_first_lines(order, pairs))
    write_down(session, order, "", actor=actor, now=now)
    keys = [proposal.id for proposal in chosen]
    after: dict[str, object] = {"number": order.number, "proposals": keys}
    audit.note(session, "create", order, actor=actor, now=now, after=after)
    recount_for(session, order, now=now)
    accompany(session, order, chosen, case=case, actor=actor, now=now)
    return order


def accompany(
    session: Session,
    order: Order,
    chosen: Iterable[Proposal],
    *,
    case: Case | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Note the order in every open case of the actor's that follows one of its proposals.

    It belongs to ``case``, else to the first of them, unless it belongs to one already.
    """
    moved = [c for p in chosen for c in attempts.ordered(session, p, actor=actor, now=now)]
    if order.case_id is None:
        order.case_id = next((c.id for c in [case, *moved] if c is not None), None)
        session.flush()


def _lock(session: Session, chosen: Sequence[Proposal]) -> None:
    """Have all rows in the order of their keys: two who want the same never wait for each other."""
    wanted: tuple[tuple[Any, list[int]], ...] = (
        (Proposal.id, [proposal.id for proposal in chosen]),
        (Listing.id, [proposal.listing_id for proposal in chosen]),
    )
    for column, keys in wanted:
        rows = select(column).where(column.in_(keys)).order_by(column)
        session.execute(rows.with_for_update(key_share=True))


def _pair(session: Session, proposal: Proposal) -> Pair:
    listing = session.get_one(Listing, proposal.listing_id)
    return Pair(proposal, listing, session.get_one(Capability, proposal.capability_id))


def _drawn_up(session: Session, pairs: list[Pair], *, actor: Actor, now: datetime) -> Order:
    first = pairs[0].listing
    begin = max([now.date(), *(pair.listing.available_from for pair in pairs)])
    return Order(
        broker_id=actor.user_id,
        title=first.title,
        product="",
        work_place=first.work_place,
        standing=False,
        recurrence=first.recurrence,
        starts_on=begin,
        due_on=begin + min(USUAL_TIME, date.max - begin),
        terms=0,
        state=ORDER.start,
        created_at=now,
        parties=_parties(session, pairs),
        pairings=_pairings(session, pairs, today=now.date()),
        lines=[],
        milestones=[],
        versions=[],
        acceptances=[],
    )


def _parties(session: Session, pairs: list[Pair]) -> list[OrderParty]:
    """Return everybody once, clients first; whoever works on anything is no client."""
    doers = dict.fromkeys(pair.capability.organisation_id for pair in pairs)
    givers = dict.fromkeys(pair.listing.organisation_id for pair in pairs)
    clients = [key for key in givers if key not in doers]
    if not clients:
        raise Invalid.one("parties", "both_sides_required")
    named = [(key, Part.CLIENT) for key in clients] + [(key, Part.ENTERPRISE) for key in doers]
    found = [parties.party(session.get_one(Organisation, key), part) for key, part in named]
    for position, row in enumerate(found):
        row.position = position
    return found


def _pairings(session: Session, pairs: list[Pair], *, today: date) -> list[OrderPairing]:
    """Return what each proposal binds; only the first of a listing binds the listing itself."""
    found: list[OrderPairing] = []
    begun: set[int] = set()
    for position, (proposal, listing, capability) in enumerate(pairs):
        chained = listing.id in begun
        row = parties.pairing(session, listing, capability, proposal, chained=chained, today=today)
        row.position = position
        begun.add(listing.id)
        found.append(row)
    return found


def _number(session: Session, order: Order, *, now: datetime) -> None:
    keys = [row.proposal_id for row in order.pairings]
    taken = select(OrderPairing.id).where(
        OrderPairing.proposal_id.in_(keys), OrderPairing.released.is_(False)
    )
    add_numbered(
        session,
        order,
        Order.number,
        f"A-{now.year}-",
        taken=lambda: session.scalars(taken).first() is not None,
    )


def _first_lines(order: Order, pairs: list[Pair]) -> list[OrderLine]:
    """Return per proposal what is given: material by whoever has it by then, else the work done."""
    whose = {party.organisation_id: party for party in order.parties}
    has: dict[int, OrderParty] = {}
    found = []
    for position, (_proposal, listing, capability) in enumerate(pairs):
        owner, doer = whose[listing.organisation_id], whose[capability.organisation_id]
        material = FIRST_LINE[listing.kind] is LineRole.MATERIAL_IN
        giver, taker = (has.get(listing.id, owner), doer) if material else (doer, owner)
        has[listing.id] = doer
        if giver is not taker:
            found.append(_line(listing, position, giver, taker))
    return found


def _line(listing: Listing, position: int, giver: OrderParty, taker: OrderParty) -> OrderLine:
    owned = listing.organisation_id in (giver.organisation_id, taker.organisation_id)
    return OrderLine(
        position=position,
        role=FIRST_LINE[listing.kind],
        description=listing.title,
        quantity=listing.quantity or 1.0,
        unit=listing.unit,
        mass_kg=listing.mass_kg,
        lump_sum=False,
        vat_percent=0,
        giver=giver,
        taker=taker,
        listing_id=listing.id if owned else None,
        waste_code=listing.waste_code,
    )
