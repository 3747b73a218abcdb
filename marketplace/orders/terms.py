"""Writing the terms of an order, offering them version by version, and saying yes to them."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, Outrun, WrongState
from marketplace.orders import legal, parties, policy, snapshots
from marketplace.orders.carrying import CallOff, Delivery
from marketplace.orders.commitments import recount
from marketplace.orders.drafts import LineDraft, OrderDraft, Pays
from marketplace.orders.lifecycle import ORDER, OrderAction, OrderState
from marketplace.orders.models import (
    Acceptance,
    Milestone,
    Order,
    OrderLine,
    OrderParty,
    OrderTerms,
)
from marketplace.orders.steps import HEAD, check_seen, lock, name_of, permitted, reason, take, tell

LINE = (
    "role", "description", "quantity", "unit", "mass_kg", "price", "lump_sum", "vat_percent",
    "listing_id", "waste_code",
)  # fmt: skip


def edit(
    session: Session,
    order: Order,
    draft: OrderDraft,
    *,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the terms while the order is a draft.

    ``seen`` is the row's version that the broker had before them: raises ``Outrun`` where somebody
    else has written since.
    """
    lock(session, order)
    require(policy.is_broker(actor, order))
    check_seen(order, seen)
    if order.state is not OrderState.DRAFT:
        raise WrongState("the terms have been offered")
    before = snapshots.plain(order)
    _write(session, order, draft, actor=actor, now=now)
    after = snapshots.plain(order)
    changed = sorted(name for name in after if after[name] != before[name])
    audit.note(
        session,
        "edit",
        order,
        actor=actor,
        now=now,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )


def _write(
    session: Session, order: Order, draft: OrderDraft, *, actor: Actor, now: datetime
) -> None:
    enterprises = {row.organisation_id for row in order.enterprises}
    for name in HEAD:
        setattr(order, name, getattr(draft, name))
    flag_modified(order, "title")
    parties.arrange(session, order, draft.parties, actor=actor, now=now)
    _write_lines(order, draft.lines)
    _write_milestones(order, draft)
    session.flush()
    parties.dismiss(session, order, draft.parties, actor=actor, now=now)
    enterprises |= {row.organisation_id for row in order.enterprises}
    recount(session, enterprises, [row.capability_id for row in order.pairings], now=now)


def _write_lines(order: Order, drafts: tuple[LineDraft, ...]) -> None:
    """Bring the lines to what the draft says; those that stay keep their keys."""
    by_organisation = {row.organisation_id: row for row in order.parties}
    there = {line.id: line for line in order.lines}
    wanted: list[OrderLine] = []
    for position, draft in enumerate(drafts):
        line = there.get(draft.id or 0) or OrderLine()
        for name in LINE:
            setattr(line, name, getattr(draft, name))
        giver, taker = by_organisation[draft.giver_id], by_organisation[draft.taker_id]
        payer = {Pays.GIVER: giver, Pays.TAKER: taker}.get(draft.pays or Pays.NOBODY)
        line.position, line.giver, line.taker = position, giver, taker
        line.giver_id, line.taker_id = giver.id, taker.id
        line.payer_id = None if payer is None else payer.id
        wanted.append(line)
    order.lines[:] = wanted


def _write_milestones(order: Order, draft: OrderDraft) -> None:
    there = {milestone.id: milestone for milestone in order.milestones}
    wanted: list[Milestone] = []
    for each in draft.milestones:
        milestone = there.get(each.id or 0) or Milestone()
        milestone.title, milestone.planned_on = each.title, each.planned_on
        wanted.append(milestone)
    reached = [m for m in order.milestones if m.reached_on is not None and m not in wanted]
    order.milestones[:] = sorted([*wanted, *reached], key=lambda m: m.planned_on)


def offer(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Ask all parties for their yes to the terms as they stand; every offer is a new version."""
    lock(session, order)
    require(policy.can(actor, order, OrderAction.OFFER))
    after = ORDER.after(order.state, OrderAction.OFFER)
    _fit_to_offer(order, now.date())
    permitted(session, order, now=now)
    order.terms = _add_version(order, snapshots.written(order), actor=actor, now=now)
    take(session, order, OrderAction.OFFER, after, "", actor=actor, now=now)


def _fit_to_offer(order: Order, today: date) -> None:
    """A draft says nothing of the product until a broker has written the terms once."""
    if not order.product:
        raise Invalid.one("product", "required")
    if order.due_on < today:
        raise Invalid.one("due_on", "window_past")


def _add_version(order: Order, text: str, *, actor: Actor, now: datetime) -> int:
    version = 1 + max((t.version for t in order.versions), default=0)
    order.versions.append(
        OrderTerms(
            version=version,
            snapshot=text,
            digest=snapshots.digest(text),
            offered_at=now,
            offered_by=actor.user_id,
        )
    )
    return version


def amend(
    session: Session,
    order: Order,
    draft: OrderDraft,
    *,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Offer other terms while the order runs; it goes on under the old ones until all say yes.

    Who takes part stays. An amendment that waited before is taken back by this one.
    """
    lock(session, order)
    require(policy.is_broker(actor, order))
    check_seen(order, seen)
    if order.state not in policy.BEING_CARRIED_OUT:
        raise WrongState("nothing runs that could be amended")
    if {row.organisation_id for row in order.parties} != {
        each.organisation_id for each in draft.parties
    }:
        raise Invalid.one("parties", "parties_fixed")
    _keep_used_lines(session, order, draft)
    for waiting in order.versions:
        waiting.withdrawn = waiting.withdrawn or waiting.version > order.terms
    version = _add_version(order, snapshots.written_draft(order, draft), actor=actor, now=now)
    flag_modified(order, "title")
    session.flush()
    after: dict[str, object] = {"version": version}
    audit.note(session, "amend", order, actor=actor, now=now, after=after)
    tell(session, order, "order_offered", actor=actor, now=now)


def _keep_used_lines(session: Session, order: Order, draft: OrderDraft) -> None:
    """What was delivered or called off stays in the terms."""
    used = set(session.scalars(select(Delivery.line_id).where(Delivery.order_id == order.id)))
    used |= set(session.scalars(select(CallOff.line_id).where(CallOff.order_id == order.id)))
    if used - {line.id for line in draft.lines}:
        raise Invalid.one("lines", "line_in_use")


def refuse_amendment(
    session: Session, order: Order, text: str, *, actor: Actor, now: datetime
) -> None:
    """Say no to the other terms, or take them back; the order goes on under those in force."""
    lock(session, order)
    require(bool(policy.sides(actor, order)))
    comment = reason(text)
    waiting = policy.amendment(order)
    if waiting is None:
        raise WrongState("no other terms are on offer")
    waiting.withdrawn = True
    flag_modified(order, "title")
    after: dict[str, object] = {"version": waiting.version, "reason": comment}
    audit.note(session, "refuse_amendment", order, actor=actor, now=now, after=after)
    tell(session, order, "order_returned", actor=actor, now=now)


def accept(
    session: Session,
    order: Order,
    *,
    terms: int,
    free_of_charge: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    """Say yes for the actor's party to the version ``terms``; with every yes it is agreed.

    Saying it twice is saying it once. Raises ``Outrun`` where the terms are others by now, and
    ``Invalid`` where something is free of charge and that was not said, or where the law asks for
    more.
    """
    lock(session, order)
    party = policy.speaks_for(actor, order)
    waiting = policy.amendment(order)
    current = order.terms if waiting is None else waiting.version
    if terms != current:
        raise Outrun("the terms have changed")
    if party.id in (policy.standing(order) if waiting is None else policy.said_yes(order, terms)):
        return
    if waiting is None:
        ORDER.after(order.state, OrderAction.AGREE)
    draft = snapshots.read(next(t for t in order.versions if t.version == terms).snapshot)
    free = any(line.pays is Pays.NOBODY for line in draft.lines)
    if free and not free_of_charge:
        raise Invalid.one("free_of_charge", "free_of_charge_required")
    permitted(session, order, now=now)
    if waiting is None:
        legal.check(session, order)
    _sign(session, order, party, terms, free, actor=actor, now=now)
    if not policy.agreed_by_all(order, terms):
        tell(session, order, "order_accepted", actor=actor, now=now)
    elif waiting is None:
        take(session, order, OrderAction.AGREE, OrderState.AGREED, "", actor=actor, now=now)
    else:
        _bring_into_force(session, order, terms, draft, actor=actor, now=now)


def _sign(
    session: Session,
    order: Order,
    party: OrderParty,
    terms: int,
    free: bool,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    order.acceptances.append(
        Acceptance(
            party_id=party.id,
            terms=terms,
            user_id=actor.user_id,
            name=name_of(session, actor),
            free_of_charge=free,
            at=now,
        )
    )
    session.flush()
    after: dict[str, object] = {
        "party": party.organisation_id,
        "terms": terms,
        "free_of_charge": free,
    }
    audit.note(session, "accept", order, actor=actor, now=now, after=after)


def _bring_into_force(
    session: Session,
    order: Order,
    version: int,
    draft: OrderDraft,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The other terms hold from now on; the order goes on where it stands."""
    _write(session, order, draft, actor=actor, now=now)
    legal.check(session, order)
    before, order.terms = order.terms, version
    session.flush()
    audit.note(
        session,
        "bring_into_force",
        order,
        actor=actor,
        now=now,
        before={"terms": before},
        after={"terms": version},
    )
    tell(session, order, "order_agreed", actor=actor, now=now)
