"""A capability: what a social enterprise accepts and can do, how far and how much."""

import math
from datetime import date, datetime
from enum import StrEnum, auto
from typing import Any

import numpy as np
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Connection,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    delete,
    event,
    insert,
    inspect,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.accounts.places import Placed, on_earth
from marketplace.core.db import Base, Key, Moment, choice
from marketplace.geo.areas import parse_area, reaches_km
from marketplace.photos.models import Photo

SMALLEST_REACH_KM = 10.0


class CapabilityState(StrEnum):
    DRAFT = auto()
    ACTIVE = auto()
    PAUSED = auto()


class Capability(Placed, Base):
    """Serves either a radius around its place or an area drawn on the map.

    Capacities are per month; ``committed_*`` is what open orders already take of them per month.
    ``permits`` says under which permit waste may be taken; empty: none.
    ``revision`` rises when a field that matching reads changes.
    """

    __tablename__ = "capabilities"
    __table_args__ = (
        *on_earth(),
        UniqueConstraint("organisation_id", "ref"),
        CheckConstraint(
            "(service_radius_km IS NULL) <> (service_area IS NULL)", name="radius_or_area"
        ),
        CheckConstraint(
            "service_radius_km IS NULL OR service_radius_km >= 0", name="radius_not_negative"
        ),
        CheckConstraint(
            "available_from IS NULL OR available_until IS NULL"
            " OR available_from <= available_until",
            name="window_in_order",
        ),
        Index("ix_capabilities_state", "state"),
        Index("ix_capabilities_shown_at", "shown_at"),
        Index("ix_capabilities_band", "band", "longitude", "x", "y", "z"),
    )

    ref: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int] = mapped_column(Key, ForeignKey("organisations.id"))
    created_by: Mapped[int | None] = mapped_column(Key)
    title: Mapped[str] = mapped_column(String(160))
    description: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2))
    materials: Mapped[list[str]] = mapped_column(JSON, default=list)
    techniques: Mapped[list[str]] = mapped_column(JSON, default=list)
    conditions: Mapped[list[str]] = mapped_column(JSON, default=list)
    equipment: Mapped[list[str]] = mapped_column(JSON, default=list)
    capacity_kg_per_month: Mapped[float | None] = mapped_column(Float(53))
    capacity_pieces_per_month: Mapped[float | None] = mapped_column(Float(53))
    capacity_hours_per_month: Mapped[float | None] = mapped_column(Float(53))
    committed_kg_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    committed_pieces_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    committed_hours_per_month: Mapped[float] = mapped_column(Float(53), default=0.0)
    min_batch_kg: Mapped[float | None] = mapped_column(Float(53))
    lead_time_days: Mapped[int | None]
    service_radius_km: Mapped[float | None] = mapped_column(Float(53))
    service_area: Mapped[str | None] = mapped_column(Text)
    accepts_hazardous: Mapped[bool] = mapped_column(default=False)
    permits: Mapped[str] = mapped_column(String(300), default="", server_default="")
    on_site: Mapped[bool] = mapped_column(default=False)
    pickup: Mapped[bool] = mapped_column(default=False)
    storage_m2: Mapped[float | None] = mapped_column(Float(53))
    cooling: Mapped[bool] = mapped_column(default=False)
    seeking_work: Mapped[bool] = mapped_column(default=False)
    seeking_from: Mapped[date | None]
    available_from: Mapped[date | None]
    available_until: Mapped[date | None]
    state: Mapped[CapabilityState] = mapped_column(
        choice(CapabilityState, "known_state"), default=CapabilityState.DRAFT
    )
    created_at: Mapped[datetime] = mapped_column(Moment)
    shown_at: Mapped[datetime | None] = mapped_column(Moment)
    revision: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    pictures: Mapped[list["CapabilityPhoto"]] = relationship(
        order_by="CapabilityPhoto.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def photos(self) -> list[Photo]:
        return [p.photo for p in self.pictures]


class CapabilityNode(Base):
    """One thing that a capability accepts or offers: where matching finds it.

    ``node`` is a material's code, or ``~`` and a technique's. ``reach_km`` is the radius, or for an area
    a distance that no point of it exceeds; by its class a search looks only as far as that reaches.
    Kept by the mapper, with the capability's exact place.
    """

    __tablename__ = "capability_nodes"
    __table_args__ = (
        Index(
            "ix_capability_nodes_node_band",
            "node",
            "reach_class",
            "band",
            "longitude",
            "x",
            "y",
            "z",
            "reach_km",
            "capability_id",
        ),
        Index("ix_capability_nodes_node_reach", "node", "reach_km"),
    )

    capability_id: Mapped[int] = mapped_column(
        Key, ForeignKey("capabilities.id", ondelete="CASCADE"), index=True
    )
    node: Mapped[str] = mapped_column(String(121))
    band: Mapped[int]
    latitude: Mapped[float] = mapped_column(Float(53))
    longitude: Mapped[float] = mapped_column(Float(53))
    x: Mapped[float] = mapped_column(Float(53))
    y: Mapped[float] = mapped_column(Float(53))
    z: Mapped[float] = mapped_column(Float(53))
    reach_km: Mapped[float] = mapped_column(Float(53))
    reach_class: Mapped[int]


def reach_class(km: float) -> int:
    """Return the class of a reach: 0 up to 10 km, each further one up to twice as far."""
    return max(0, math.ceil(math.log2(max(km, 1e-9) / SMALLEST_REACH_KM)))


def class_reach_km(number: int) -> float:
    """Return the farthest that capabilities of one class reach."""
    return SMALLEST_REACH_KM * 2.0**number


NODES_FROM = (
    "materials", "techniques", "latitude", "longitude", "service_radius_km", "service_area",
)  # fmt: skip


def nodes_of(capability: Capability) -> list[dict[str, Any]]:
    """Return the rows that the capability has in ``capability_nodes``."""
    if capability.service_area:
        base = [capability.latitude], [capability.longitude]
        area = np.array([parse_area(capability.service_area)], dtype=np.object_)
        reach = float(reaches_km(area, *base)[0])
    else:
        reach = capability.service_radius_km or 0.0
    named = [*capability.materials, *("~" + code for code in capability.techniques)]
    return [
        {
            "capability_id": capability.id,
            "node": node,
            "band": capability.band,
            "latitude": capability.latitude,
            "longitude": capability.longitude,
            "x": capability.x,
            "y": capability.y,
            "z": capability.z,
            "reach_km": reach,
            "reach_class": reach_class(reach),
        }
        for node in dict.fromkeys(named)
    ]


@event.listens_for(Capability, "after_insert")
def _add_nodes(mapper: object, connection: Connection, capability: Capability) -> None:
    rows = nodes_of(capability)
    if rows:
        connection.execute(insert(CapabilityNode), rows)


@event.listens_for(Capability, "after_update")
def _keep_nodes(mapper: object, connection: Connection, capability: Capability) -> None:
    state = inspect(capability)
    if any(state.attrs[name].history.has_changes() for name in NODES_FROM):
        connection.execute(
            delete(CapabilityNode).where(CapabilityNode.capability_id == capability.id)
        )
        _add_nodes(mapper, connection, capability)


class CapabilityPhoto(Base):
    """A photo's place in a capability's gallery."""

    __tablename__ = "capability_photos"
    __table_args__ = (UniqueConstraint("capability_id", "photo_id"),)

    capability_id: Mapped[int] = mapped_column(
        Key, ForeignKey("capabilities.id", ondelete="CASCADE")
    )
    photo_id: Mapped[int] = mapped_column(Key, ForeignKey("photos.id"), index=True)
    position: Mapped[int]

    photo: Mapped[Photo] = relationship(lazy="raise_on_sql")
