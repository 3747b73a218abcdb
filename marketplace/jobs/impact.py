"""Booking the figures of an order as soon as something happened in it."""

from sqlalchemy.orm import Session

from marketplace.impact import booking
from marketplace.jobs import telling
from marketplace.jobs.job import Job


def work_logged(session: Session, job: Job, *, order_id: int) -> None:
    """Book the hours."""
    booking.book(session, order_id, now=job.now)


def order_moved(
    session: Session, job: Job, *, order_id: int, topic: str, user_id: int | None
) -> None:
    """Tell whom it concerns, and book what has changed."""
    telling.order_moved(session, job, order_id=order_id, topic=topic, user_id=user_id)
    booking.book(session, order_id, now=job.now)
