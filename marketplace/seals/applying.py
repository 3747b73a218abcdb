"""What applicants write while their application is a draft: head, makers, materials, steps."""

from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound
from marketplace.orders.models import Order, OrderParty, Part
from marketplace.orders.numbers import add_numbered
from marketplace.photos.actions import chosen
from marketplace.seals import policy, renewing, versions
from marketplace.seals.drafts import ApplicationDraft, InputDraft, MakerDraft, StepDraft
from marketplace.seals.lifecycle import SEAL
from marketplace.seals.models import (
    ProductionStep,
    SealApplication,
    SealInput,
    SealMaker,
    SealOrder,
    SealPhoto,
)
from marketplace.seals.prefilling import prefill
from marketplace.seals.queries import possible_orders
from marketplace.seals.record import lock

HEAD = ("kind", "name", "description", "language", "group")
MOST_ROWS = 100
Row = TypeVar("Row", SealMaker, SealInput, ProductionStep)


def begin(
    session: Session, draft: ApplicationDraft, *, today: date, actor: Actor, now: datetime
) -> SealApplication:
    """Open an application under the criteria in force, pre-filled from its orders.

    A renewal begins with the makers' figures, materials and steps of the application before it.

    Raises ``Invalid`` on ``renews`` where that certificate is not the applicant's or not yet due.
    """
    require(actor.organisation_id is not None)
    organisation = session.get_one(Organisation, actor.organisation_id)
    earlier = None
    if draft.renews is not None:
        earlier = renewing.earlier(session, draft.renews, today=today, actor=actor)
    application = SealApplication(
        organisation=organisation,
        criteria_set=versions.established(session, today=today, now=now),
        renews=draft.renews,
        state=SEAL.start,
        round=1,
        points=0.0,
        figures={},
        decision="",
        created_at=now,
        makers=[SealMaker(organisation=organisation)],
        orders=[],
        inputs=[],
        steps=[],
        pictures=[],
        course=[],
        **{name: getattr(draft, name) for name in HEAD},
    )
    add_numbered(session, application, SealApplication.number, f"G-{now.year}-")
    _hang(session, application, draft)
    _bind(session, application, draft.order_ids, earlier=earlier, actor=actor)
    if earlier is not None:
        renewing.carry_over(application, earlier)
    session.flush()
    audit.note(session, "begin", application, actor=actor, now=now, after={"name": draft.name})
    return application


def edit(
    session: Session,
    application: SealApplication,
    draft: ApplicationDraft,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Change the head; orders that are new to it bring their rows along."""
    _open(session, application, actor=actor)
    for name in HEAD:
        setattr(application, name, getattr(draft, name))
    _hang(session, application, draft)
    _bind(session, application, draft.order_ids, actor=actor)
    _changed(session, application, "edit", {"name": draft.name}, actor=actor, now=now)


def _open(session: Session, application: SealApplication, *, actor: Actor) -> None:
    lock(session, application)
    require(policy.can_edit(actor, application))


def _changed(
    session: Session,
    application: SealApplication,
    what: str,
    after: dict[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    session.flush()
    audit.note(session, what, application, actor=actor, now=now, after=after)


def _hang(session: Session, application: SealApplication, draft: ApplicationDraft) -> None:
    photos = chosen(session, draft.photo_ids, organisation_id=application.organisation.id)
    kept = {row.photo_id: row for row in application.pictures}
    rows = [kept.get(photo.id) or SealPhoto(photo_id=photo.id) for photo in photos]
    for position, row in enumerate(rows):
        row.position = position
    application.pictures = rows


def _bind(
    session: Session,
    application: SealApplication,
    order_ids: list[int],
    *,
    earlier: SealApplication | None = None,
    actor: Actor,
) -> None:
    """Take the chosen orders; their workshops are makers. Orders left out take their rows along.

    The rows of orders that ``earlier`` had are not drawn up anew.
    """
    drawn_up = {row.order_id for row in earlier.orders} if earlier is not None else set()
    known = {row.order_id: row for row in application.orders}
    offered = {order.id: order for order in possible_orders(session, actor=actor)}
    wanted = [offered[key] for key in dict.fromkeys(order_ids) if key in offered]
    left_out = [row for key, row in known.items() if key not in order_ids]
    for row in left_out:
        _release(session, application, row)
    if left_out:
        _keep_makers(session, application)
    for order in wanted:
        if order.id in known:
            continue
        application.orders.append(SealOrder(order=order))
        _add_makers(session, application, order)
        session.flush()
        if order.id not in drawn_up:
            prefill(session, application, order)


def _release(session: Session, application: SealApplication, row: SealOrder) -> None:
    number = session.get_one(Order, row.order_id).number
    application.inputs = [each for each in application.inputs if each.order_number != number]
    application.steps = [each for each in application.steps if each.order_number != number]
    application.orders.remove(row)


def _keep_makers(session: Session, application: SealApplication) -> None:
    """Let makers go whom no order of the application names any more."""
    kept = select(OrderParty.organisation_id).where(
        OrderParty.order_id.in_([row.order_id for row in application.orders]),
        OrderParty.part == Part.ENTERPRISE,
    )
    ours = {application.organisation_id, *session.scalars(kept)}
    application.makers = [m for m in application.makers if m.organisation_id in ours]


def _add_makers(session: Session, application: SealApplication, order: Order) -> None:
    known = {maker.organisation.id for maker in application.makers}
    rows = session.scalars(
        select(Organisation)
        .join(OrderParty, OrderParty.organisation_id == Organisation.id)
        .where(OrderParty.order_id == order.id, OrderParty.part == Part.ENTERPRISE)
        .order_by(OrderParty.position)
    ).all()
    for organisation in rows:
        if organisation.id not in known:
            application.makers.append(SealMaker(organisation=organisation))


def count_people(
    session: Session,
    application: SealApplication,
    maker_id: int,
    draft: MakerDraft,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """State how many people a maker employs, and how many of them are disadvantaged."""
    _open(session, application, actor=actor)
    row = _one(application.makers, maker_id)
    row.employees, row.disadvantaged = draft.employees, draft.disadvantaged
    after: dict[str, object] = {"maker": row.organisation_id, "employees": draft.employees}
    _changed(session, application, "count", after, actor=actor, now=now)


def put_input(
    session: Session,
    application: SealApplication,
    row_id: int | None,
    draft: InputDraft,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Add a material or change one; what the applicant changes is stated by the applicant."""
    _open(session, application, actor=actor)
    row = SealInput() if row_id is None else _one(application.inputs, row_id)
    if row_id is None:
        _room(application.inputs)
        application.inputs.append(row)
    measured = (draft.mass_kg, draft.point.latitude, draft.point.longitude, draft.route)
    if (row.mass_kg, row.latitude, row.longitude, row.route) != measured:
        row.order_number = row.order_line = None
    if (row.latitude, row.longitude) != measured[1:3]:
        row.organisation_id = None
    row.mass_kg, row.latitude, row.longitude, row.route = measured  # type: ignore[assignment]
    row.name, row.material_code, row.origin = draft.name, draft.material_code, draft.origin[:160]
    _changed(session, application, "put_input", {"name": row.name}, actor=actor, now=now)


def put_step(
    session: Session,
    application: SealApplication,
    row_id: int | None,
    draft: StepDraft,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Add a step or change one; what the applicant changes is stated by the applicant."""
    _open(session, application, actor=actor)
    makers = {maker.organisation_id for maker in application.makers}
    if draft.organisation_id is not None and draft.organisation_id not in makers:
        raise Invalid.one("organisation_id", "organisation_unknown")
    row = ProductionStep() if row_id is None else _one(application.steps, row_id)
    if row_id is None:
        _room(application.steps)
        application.steps.append(row)
    stated = (draft.hours, draft.disadvantaged, draft.organisation_id)
    if (row.hours, row.disadvantaged, row.organisation_id) != stated:
        row.order_number = row.order_line = None
    row.hours, row.disadvantaged, row.organisation_id = stated
    row.name = draft.name
    _changed(session, application, "put_step", {"name": row.name}, actor=actor, now=now)


def remove_input(
    session: Session, application: SealApplication, row_id: int, *, actor: Actor, now: datetime
) -> None:
    """Take a material out."""
    _open(session, application, actor=actor)
    row = _one(application.inputs, row_id)
    application.inputs.remove(row)
    _changed(session, application, "remove_input", {"name": row.name}, actor=actor, now=now)


def remove_step(
    session: Session, application: SealApplication, row_id: int, *, actor: Actor, now: datetime
) -> None:
    """Take a step out."""
    _open(session, application, actor=actor)
    row = _one(application.steps, row_id)
    application.steps.remove(row)
    _changed(session, application, "remove_step", {"name": row.name}, actor=actor, now=now)


def _one(rows: list[Row], row_id: int) -> Row:
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFound
    return found


def _room(rows: list[SealInput] | list[ProductionStep]) -> None:
    if len(rows) >= MOST_ROWS:
        raise Invalid.one("name", "too_many_lines", most=MOST_ROWS)
