"""Renewals: holders are reminded in time, and an application begins with what the last one said."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from marketplace.core import outbox
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid
from marketplace.seals.events import SealEnding
from marketplace.seals.lifecycle import CertificateState, SealState
from marketplace.seals.models import ProductionStep, SealApplication, SealInput, SealOrder
from marketplace.seals.register import RENEWAL, Certificate

REMIND = (RENEWAL.days, 61, 14)
"""How many days before a certificate ends its holder hears of it: half a year, two months, two weeks."""
ASKED = (SealState.DRAFT, SealState.REFUSED, SealState.WITHDRAWN)
"""In these states nobody has asked for a renewal, or not with success."""

INPUT = (
    "name", "material_code", "mass_kg", "origin", "latitude", "longitude", "organisation_id", "route",
    "order_number", "order_line",
)  # fmt: skip
STEP = ("name", "organisation_id", "hours", "disadvantaged", "order_number", "order_line")


def remind(session: Session, *, today: date, now: datetime) -> int:
    """Record which certificates end soon, once for each of ``REMIND``; return how many.

    A day on which nothing ran is made up for. Who has asked for the renewal is left alone.
    """
    asked = select(SealApplication.renews).where(
        SealApplication.renews.is_not(None), SealApplication.state.not_in(ASKED)
    )
    wanted = select(Certificate).where(
        Certificate.state == CertificateState.VALID,
        Certificate.valid_until.between(today, today + RENEWAL),
        Certificate.number.not_in(asked),
    )
    told = 0
    for certificate in session.scalars(wanted.order_by(Certificate.id)):
        left = (certificate.valid_until - today).days
        stage = min(days for days in REMIND if left <= days)
        if certificate.reminded_days is None or certificate.reminded_days > stage:
            certificate.reminded_days = stage
            outbox.record(session, SealEnding(certificate.id, stage), now=now)
            told += 1
    session.flush()
    return told


def earlier(session: Session, number: str, *, today: date, actor: Actor) -> SealApplication:
    """Return the application that a certificate to be renewed came of.

    Raises ``Invalid`` on ``renews`` where it is not the applicant's, not yet due, or being renewed.
    """
    known = session.scalars(select(Certificate).where(Certificate.number == number)).one_or_none()
    if known is None or not actor.belongs_to(known.organisation_id):
        raise Invalid.one("renews", "seal_not_yours")
    if not known.may_be_renewed(today):
        raise Invalid.one("renews", "seal_not_due")
    ask_once(session, number)
    return session.scalars(
        select(SealApplication)
        .where(SealApplication.id == known.application_id)
        .options(
            selectinload(SealApplication.makers),
            selectinload(SealApplication.inputs),
            selectinload(SealApplication.steps),
            selectinload(SealApplication.orders).joinedload(SealOrder.order),
        )
    ).one()


def ask_once(session: Session, number: str) -> None:
    """Raise ``Invalid`` on ``renews`` where somebody has asked for this renewal already."""
    held = select(Certificate.id).where(Certificate.number == number)
    session.execute(held.with_for_update(key_share=True))
    begun = select(SealApplication.id).where(
        SealApplication.renews == number, SealApplication.state.not_in(ASKED)
    )
    if session.scalars(begun).first() is not None:
        raise Invalid.one("renews", "seal_renewal_begun")


def carry_over(application: SealApplication, before: SealApplication) -> None:
    """Copy what was stated before, and the rows of orders that both have."""
    bound = {row.order_id for row in application.orders}
    kept = {None, *(row.order.number for row in before.orders if row.order_id in bound)}
    counts = {maker.organisation_id: maker for maker in before.makers}
    for maker in application.makers:
        same = counts.get(maker.organisation.id)
        if same is not None:
            maker.employees, maker.disadvantaged = same.employees, same.disadvantaged
    for row in before.inputs:
        if row.order_number in kept:
            application.inputs.append(SealInput(**{name: getattr(row, name) for name in INPUT}))
    makers = {maker.organisation.id for maker in application.makers}
    for step in before.steps:
        if step.order_number in kept:
            copy = ProductionStep(**{name: getattr(step, name) for name in STEP})
            if copy.organisation_id not in makers:
                copy.organisation_id = None
            application.steps.append(copy)
