"""The audit trail: who decided what, when, and from what to what."""

from datetime import datetime

from sqlalchemy import JSON, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.core.actor import Actor
from marketplace.core.db import Base, Key, Moment


class AuditRow(Base):
    __tablename__ = "audit_trail"
    __table_args__ = (Index("ix_audit_trail_subject", "subject", "subject_id"),)

    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(Key)
    organisation_id: Mapped[int | None] = mapped_column(Key)
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int] = mapped_column(Key)
    before: Mapped[dict[str, object]] = mapped_column(JSON)
    after: Mapped[dict[str, object]] = mapped_column(JSON)


def note(
    session: Session,
    action: str,
    thing: Base,
    *,
    actor: Actor,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """Put a decision about ``thing`` (already flushed) on record, with plain values only."""
    session.add(
        AuditRow(
            at=now,
            user_id=actor.user_id,
            organisation_id=actor.organisation_id,
            action=action,
            subject=thing.__tablename__,
            subject_id=thing.id,
            before=before or {},
            after=after or {},
        )
    )


def trail(session: Session, thing: Base) -> list[AuditRow]:
    """Return what was decided about ``thing``, oldest first."""
    about = (AuditRow.subject == thing.__tablename__, AuditRow.subject_id == thing.id)
    return list(session.scalars(select(AuditRow).where(*about).order_by(AuditRow.id)))
