"""A proposal: one listing and one capability, ranked, with what it needs to be recomputed."""

from datetime import date, datetime
from enum import StrEnum, auto

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    SQLColumnExpression,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.capabilities.models import Capability
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.listings.models import Listing
from marketplace.proposals.lifecycle import ProposalState

COMPONENTS = ("proximity", "fit", "capacity", "timing", "value", "fairness")


class RefusalReason(StrEnum):
    NO_CAPACITY = auto()
    QUALITY = auto()
    DISTANCE = auto()
    PRICE = auto()
    PLACED_ELSEWHERE = auto()
    OTHER = auto()


class Proposal(Base):
    """``score`` and the components are in [0, 1]; ``distance_km`` runs along the geodesic.

    ``correction`` is what refusals have taught (``learning``), in points of 100, never above zero;
    only a proposal that waits for a decision has one.

    A pair has at most one proposal that is not refused; a refused one stays as it was decided, with
    the revisions of both sides, and the pair comes back only after one of them changed.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        Index(
            "uq_proposals_pair",
            "listing_id",
            "capability_id",
            unique=True,
            sqlite_where=text("state <> 'refused'"),
            postgresql_where=text("state <> 'refused'"),
        ),
        Index(
            "ix_proposals_refused",
            "listing_id",
            sqlite_where=text("state = 'refused'"),
            postgresql_where=text("state = 'refused'"),
        ),
        CheckConstraint("score BETWEEN 0 AND 1", name="score_in_range"),
        CheckConstraint("correction BETWEEN -10 AND 0", name="correction_bounded"),
        CheckConstraint("rank >= 1", name="rank_from_one"),
        CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="refusal_has_reason"),
    )

    listing_id: Mapped[int] = mapped_column(Key, ForeignKey("listings.id", ondelete="CASCADE"))
    capability_id: Mapped[int] = mapped_column(
        Key, ForeignKey("capabilities.id", ondelete="CASCADE"), index=True
    )
    listing_service_point_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("service_points.id")
    )
    capability_service_point_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("service_points.id")
    )
    state: Mapped[ProposalState] = mapped_column(
        choice(ProposalState, "known_state"), default=ProposalState.PROPOSED
    )
    rank: Mapped[int]
    score: Mapped[float] = mapped_column(Float(53))
    correction: Mapped[float] = mapped_column(Float(53), default=0.0, server_default=text("0"))
    distance_km: Mapped[float] = mapped_column(Float(53))
    proximity: Mapped[float] = mapped_column(Float(53))
    fit: Mapped[float] = mapped_column(Float(53))
    capacity: Mapped[float] = mapped_column(Float(53))
    timing: Mapped[float] = mapped_column(Float(53))
    value: Mapped[float] = mapped_column(Float(53))
    fairness: Mapped[float] = mapped_column(Float(53))
    weights_version: Mapped[int]
    as_of: Mapped[date]
    first_proposed_at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[RefusalReason | None] = mapped_column(choice(RefusalReason, "known_reason"))
    note: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[int | None] = mapped_column(Key)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    listing_revision: Mapped[int] = mapped_column(default=0)
    capability_revision: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column()

    listing: Mapped[Listing] = relationship(lazy="raise_on_sql")
    capability: Mapped[Capability] = relationship(lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}

    @property
    def number(self) -> str:
        """What people call it, such as V-2214."""
        return f"V-{self.id}"

    @hybrid_property
    def points(self) -> float:
        """What the desk sorts by, of 100: the score with its correction."""
        return self.score * 100 + self.correction

    @points.inplace.expression
    @classmethod
    def _points(cls) -> SQLColumnExpression[float]:
        """Write 100 out: an index serves only the expression that it was made with."""
        return cls.score * literal_column("100") + cls.correction


# Written out: an index over some of the rows serves only a query that says which.
REFUSED = Proposal.state == literal_column("'refused'")
STANDING = Proposal.state != literal_column("'refused'")

Index(
    "ix_proposals_listing_side_state_points",
    Proposal.listing_service_point_id,
    Proposal.state,
    Proposal.points,
)
Index(
    "ix_proposals_capability_side_state_points",
    Proposal.capability_service_point_id,
    Proposal.state,
    Proposal.points,
)


class WeightsRow(Base):
    """One version of the matcher's weights; the highest version is in force."""

    __tablename__ = "matching_weights"

    version: Mapped[int] = mapped_column(unique=True)
    proximity: Mapped[float] = mapped_column(Float(53))
    fit: Mapped[float] = mapped_column(Float(53))
    capacity: Mapped[float] = mapped_column(Float(53))
    timing: Mapped[float] = mapped_column(Float(53))
    value: Mapped[float] = mapped_column(Float(53))
    fairness: Mapped[float] = mapped_column(Float(53))
    half_distance_km: Mapped[float] = mapped_column(Float(53))
    set_by: Mapped[int | None] = mapped_column(Key)
    set_at: Mapped[datetime] = mapped_column(Moment)
    comment: Mapped[str] = mapped_column(String(200), default="")


class MatchRun(Base):
    """One matching of everything as of a day, shared by whoever works on it."""

    __tablename__ = "match_runs"

    as_of: Mapped[date]
    top: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class MatchPart(Base):
    """The listings between two bands of latitude, both included.

    Whoever works on them holds the lease; a worker that dies lets it run out, and another one takes
    the part.
    """

    __tablename__ = "match_parts"
    __table_args__ = (UniqueConstraint("run_id", "first_band"),)

    run_id: Mapped[int] = mapped_column(Key, ForeignKey("match_runs.id", ondelete="CASCADE"))
    first_band: Mapped[int]
    last_band: Mapped[int]
    listings: Mapped[int]
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    made: Mapped[int] = mapped_column(default=0)
    refreshed: Mapped[int] = mapped_column(default=0)
    expired: Mapped[int] = mapped_column(default=0)
