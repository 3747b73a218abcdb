"""A case: one mediation from the first talk to what came of it, and all that is kept on the way."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, ServicePoint, User
from marketplace.cases.lifecycle import AttemptState, Phase
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.listings.models import Kind, Listing
from marketplace.proposals.models import Proposal


class Origin(StrEnum):
    """Where a case began."""

    ENQUIRY = auto()
    LISTING = auto()
    PROPOSAL = auto()
    BROKER = auto()


class Outcome(StrEnum):
    """What came of a case."""

    ORDER = auto()
    ADVICE = auto()
    NO_PARTNER = auto()
    NOT_FEASIBLE = auto()
    WITHDRAWN = auto()
    NO_ANSWER = auto()


class Part(StrEnum):
    """As what an organisation takes part in a case."""

    CLIENT = auto()
    ENTERPRISE = auto()


class Disclosure(StrEnum):
    """How much the other parties see of one: nothing but its kind, its region, or who it is."""

    ANONYMOUS = auto()
    REGION = auto()
    IDENTITY = auto()


class Verdict(StrEnum):
    OPEN = auto()
    PASSED = auto()
    FAILED = auto()


class Case(Base):
    """``last_word_at``: when somebody last wrote, met, tried or decided something in it.

    A case may begin before there is an account: ``contact_*`` is whoever asked.
    """

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("(phase = 'closed') = (outcome IS NOT NULL)", name="closed_has_outcome"),
        CheckConstraint("(phase = 'closed') = (closed_at IS NOT NULL)", name="closed_has_moment"),
        Index("ix_cases_service_point_id_phase", "service_point_id", "phase", "last_word_at"),
        Index("ix_cases_broker_id_phase", "broker_id", "phase", "last_word_at"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    description: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2))
    kind: Mapped[Kind | None] = mapped_column(choice(Kind, "known_kind"))
    origin: Mapped[Origin] = mapped_column(choice(Origin, "known_origin"))
    phase: Mapped[Phase] = mapped_column(choice(Phase, "known_phase"), default=Phase.CONSULTATION)
    phase_since: Mapped[datetime] = mapped_column(Moment)
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome, "known_outcome"))
    closed_reason: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    service_point_id: Mapped[int] = mapped_column(Key, ForeignKey("service_points.id"))
    broker_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    contact_name: Mapped[str] = mapped_column(String(120), default="")
    contact_organisation: Mapped[str] = mapped_column(String(160), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    contact_city: Mapped[str] = mapped_column(String(120), default="")
    opened_at: Mapped[datetime] = mapped_column(Moment)
    last_word_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    service_point: Mapped[ServicePoint] = relationship(lazy="raise_on_sql")
    broker: Mapped[User | None] = relationship(lazy="raise_on_sql")
    parties: Mapped[list["CaseParty"]] = relationship(
        order_by="CaseParty.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    attempts: Mapped[list["Attempt"]] = relationship(
        order_by="Attempt.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    needs: Mapped[list["NeedsSheet"]] = relationship(
        order_by="NeedsSheet.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    ideas: Mapped[list["Idea"]] = relationship(
        order_by="Idea.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    trials: Mapped[list["Trial"]] = relationship(
        order_by="Trial.tried_on", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    notes: Mapped[list["CaseNote"]] = relationship(
        order_by="CaseNote.at.desc()", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    tasks: Mapped[list["CaseTask"]] = relationship(
        order_by="CaseTask.due_on", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    appointments: Mapped[list["Appointment"]] = relationship(
        order_by="Appointment.starts_at", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    files: Mapped[list["CaseFile"]] = relationship(
        order_by="CaseFile.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    steps: Mapped[list["CaseStep"]] = relationship(
        order_by="CaseStep.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    referrals: Mapped[list["Referral"]] = relationship(
        order_by="Referral.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    __mapper_args__ = {"version_id_col": version}


def _case() -> Mapped[int]:
    """Return the column that says to which case a row belongs."""
    return mapped_column(Key, ForeignKey("cases.id", ondelete="CASCADE"), index=True)


class CaseParty(Base):
    """``disclosure`` is what the other parties see of this one."""

    __tablename__ = "case_parties"
    __table_args__ = (UniqueConstraint("case_id", "organisation_id"),)

    case_id: Mapped[int] = _case()
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"), index=True)
    part: Mapped[Part] = mapped_column(choice(Part, "known_part"))
    disclosure: Mapped[Disclosure] = mapped_column(
        choice(Disclosure, "known_disclosure"), default=Disclosure.ANONYMOUS
    )
    joined_at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class CaseStep(Base):
    """One move of a case, for its history."""

    __tablename__ = "case_steps"

    case_id: Mapped[int] = _case()
    phase: Mapped[Phase] = mapped_column(choice(Phase, "known_phase"))
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(120), default="")
    comment: Mapped[str] = mapped_column(Text, default="")


class Attempt(Base):
    """One opening that a case follows: a listing, with the proposal chosen for it if there is one."""

    __tablename__ = "case_attempts"
    __table_args__ = (
        Index(
            "uq_case_attempts_pair",
            "case_id",
            "listing_id",
            "proposal_id",
            unique=True,
            sqlite_where=text("listing_id IS NOT NULL"),
            postgresql_where=text("listing_id IS NOT NULL"),
        ),
    )

    case_id: Mapped[int] = _case()
    title: Mapped[str] = mapped_column(String(160))
    listing_id: Mapped[int | None] = mapped_column(Key, ForeignKey("listings.id"), index=True)
    proposal_id: Mapped[int | None] = mapped_column(Key, ForeignKey("proposals.id"), index=True)
    state: Mapped[AttemptState] = mapped_column(
        choice(AttemptState, "known_state"), default=AttemptState.OPEN
    )
    reason: Mapped[str] = mapped_column(Text, default="")
    began_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    listing: Mapped[Listing | None] = relationship(lazy="raise_on_sql")
    proposal: Mapped[Proposal | None] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}


class NeedsSheet(Base):
    """What is needed, per mediation kind; ``budget`` is in euro without VAT, ``sdgs`` are the numbers
    of the UN goals served, 1 to 17."""

    __tablename__ = "case_needs"
    __table_args__ = (
        UniqueConstraint("case_id", "kind"),
        CheckConstraint("budget IS NULL OR budget > 0", name="budget_positive"),
    )

    case_id: Mapped[int] = _case()
    kind: Mapped[Kind] = mapped_column(choice(Kind, "known_kind"))
    what: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text, default="")
    quality: Mapped[str] = mapped_column(Text, default="")
    quantity: Mapped[str] = mapped_column(String(120), default="")
    deadline: Mapped[date | None]
    budget: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    csr_goal: Mapped[str] = mapped_column(Text, default="")
    sdgs: Mapped[list[int]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Idea(Base):
    """What might be made; sketches and photos hang on it as files."""

    __tablename__ = "case_ideas"

    case_id: Mapped[int] = _case()
    title: Mapped[str] = mapped_column(String(160))
    description: Mapped[str] = mapped_column(Text, default="")
    verdict: Mapped[Verdict] = mapped_column(choice(Verdict, "known_verdict"), default=Verdict.OPEN)
    verdict_reason: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class Trial(Base):
    """What was tried before anything was ordered: with whom, how many pieces, how it came out."""

    __tablename__ = "case_trials"
    __table_args__ = (
        CheckConstraint("pieces IS NULL OR pieces > 0", name="pieces_positive"),
        CheckConstraint("verdict <> 'failed' OR reason <> ''", name="failure_has_reason"),
    )

    case_id: Mapped[int] = _case()
    attempt_id: Mapped[int] = mapped_column(
        Key, ForeignKey("case_attempts.id", ondelete="CASCADE"), index=True
    )
    organisation_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisations.id"))
    tried_on: Mapped[date]
    what: Mapped[str] = mapped_column(Text)
    pieces: Mapped[int | None]
    result: Mapped[str] = mapped_column(Text, default="")
    verdict: Mapped[Verdict] = mapped_column(choice(Verdict, "known_verdict"), default=Verdict.OPEN)
    reason: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)

    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")


class CaseNote(Base):
    """What brokers write down for themselves; the parties never see it."""

    __tablename__ = "case_notes"

    case_id: Mapped[int] = _case()
    author_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class CaseTask(Base):
    """What a broker has to do until when."""

    __tablename__ = "case_tasks"
    __table_args__ = (
        Index("ix_case_tasks_assignee_id_due_on", "assignee_id", "done_at", "due_on"),
    )

    case_id: Mapped[int] = _case()
    title: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date]
    assignee_id: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    done_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)

    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id], lazy="raise_on_sql")


class Appointment(Base):
    """When people meet; ``sequence`` counts its changes, as calendars want to know (RFC 5545)."""

    __tablename__ = "case_appointments"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 5 AND 1440", name="minutes_of_a_day"),
        Index("ix_case_appointments_starts_at", "starts_at"),
    )

    case_id: Mapped[int] = _case()
    uid: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    starts_at: Mapped[datetime] = mapped_column(Moment)
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(String(200), default="")
    for_parties: Mapped[bool] = mapped_column(default=True)
    sequence: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    created_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))


class CaseFile(Base):
    """A file of the case, perhaps of one idea or trial; ``key`` is its name where files are kept.

    ``organisation_id`` is the party that attached it; it is empty where a broker did.
    """

    __tablename__ = "case_files"

    case_id: Mapped[int] = _case()
    idea_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("case_ideas.id", ondelete="CASCADE")
    )
    trial_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("case_trials.id", ondelete="CASCADE")
    )
    organisation_id: Mapped[int | None] = mapped_column(Key, ForeignKey("organisations.id"))
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    for_parties: Mapped[bool] = mapped_column(default=False)
    uploaded_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class Referral(Base):
    """A case handed to another service point; ``handed_over`` counts what went along.

    ``stood`` is what changes later on, as it stood when the case was taken over: ``needs`` as sheets,
    of ``ideas``, ``trials`` and ``attempts`` what was said of each, by its key as text.

    Until it is answered both service points see the case; afterwards the one that gave it away still
    reads what it handed over.
    """

    __tablename__ = "case_referrals"
    __table_args__ = (
        CheckConstraint("from_point_id <> to_point_id", name="to_another"),
        CheckConstraint("(answered_at IS NULL) = (accepted IS NULL)", name="answer_has_moment"),
        Index(
            "uq_case_referrals_open",
            "case_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    case_id: Mapped[int] = _case()
    from_point_id: Mapped[int] = mapped_column(Key, ForeignKey("service_points.id"), index=True)
    to_point_id: Mapped[int] = mapped_column(Key, ForeignKey("service_points.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    handed_over: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    stood: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    asked_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answered_by: Mapped[int | None] = mapped_column(Key, ForeignKey("users.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    accepted: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(Text, default="")

    from_point: Mapped[ServicePoint] = relationship(
        foreign_keys=[from_point_id], lazy="raise_on_sql"
    )
    to_point: Mapped[ServicePoint] = relationship(foreign_keys=[to_point_id], lazy="raise_on_sql")
