"""Listings and capabilities out of the database as the matcher's columns."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation, Verification
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.listings.drafts import ListingDraft
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Kind, Listing, Recurrence, Unit, WorkPlace
from marketplace.matching import kinds
from marketplace.matching.columns import Capabilities, Listings, Sets
from marketplace.matching.eligibility import is_hazardous
from marketplace.matching.ontology import Ontology
from marketplace.matching.ontology import Tree as Numbers
from marketplace.matching.weights import Weights
from marketplace.proposals.lifecycle import ProposalState
from marketplace.proposals.models import Proposal, WeightsRow
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.waste import waste_codes

KINDS = {k: kinds.Kind[k.name] for k in Kind}
RECURRENCES = {r: kinds.Recurrence[r.name] for r in Recurrence}
CONDITIONS = {c.name.lower(): int(c) for c in kinds.Condition if c.name}


@cache
def ontology() -> Ontology:
    """Return the taxonomies by number."""
    return Ontology(
        Numbers(materials().parent_numbers),
        Numbers(techniques().parent_numbers),
        np.array([t.value_retention for t in techniques()]),
    )


@dataclass(frozen=True)
class Offered:
    """Listings as columns, with the keys of their rows."""

    ids: NDArray[np.int64]
    revisions: NDArray[np.int64]
    service_points: list[int | None]
    columns: Listings


@dataclass(frozen=True)
class Able:
    """Capabilities as columns, with the keys of their rows."""

    ids: NDArray[np.int64]
    revisions: NDArray[np.int64]
    service_points: list[int | None]
    columns: Capabilities


def _numbers(tree: Any, codes: list[str]) -> list[int]:
    return [tree.number(code) for code in codes if code in tree]


def _floats(values: list[Any]) -> NDArray[np.float64]:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _days(values: list[Any]) -> NDArray[np.datetime64]:
    return np.array([np.datetime64("NaT") if v is None else v for v in values], "datetime64[D]")


def _bits(conditions: list[str]) -> int:
    return sum(CONDITIONS.get(c, 0) for c in conditions)


def _hazard(flag: bool, code: str | None) -> bool:
    return bool(is_hazardous(flag, bool(code) and waste_codes().get(code).hazardous))  # type: ignore[arg-type]


LISTING_COLUMNS = (
    Listing.id, Listing.revision, Listing.ref, Listing.organisation_id, Listing.state, Listing.kind,
    Listing.material_code, Listing.techniques, Listing.latitude, Listing.longitude,
    Listing.public_latitude, Listing.public_longitude,
    Listing.hazardous, Listing.waste_code, Listing.condition, Listing.mass_kg, Listing.quantity,
    Listing.unit, Listing.work_hours, Listing.recurrence, Listing.available_from,
    Listing.available_until, Listing.work_place, Organisation.active, Organisation.verification,
    Organisation.service_point_id,
)  # fmt: skip


def read_listings(
    session: Session, *conditions: ColumnElement[bool], public: bool = False
) -> Offered:
    """Return the listings that meet ``conditions``, by key; in whatever state they are.

    ``public`` takes them where others see them: for answers that must not give the exact place away.
    """
    rows = session.execute(
        select(*LISTING_COLUMNS)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(*conditions)
        .order_by(Listing.id)
    ).all()
    columns = Listings(
        ref=np.array([r.ref for r in rows], dtype=np.str_),
        organisation=np.array([r.organisation_id for r in rows], dtype=np.int64),
        organisation_active=np.array([_takes_part(r) for r in rows], dtype=np.bool_),
        published=np.array([r.state is ListingState.PUBLISHED for r in rows], dtype=np.bool_),
        kind=np.array([KINDS[r.kind] for r in rows], dtype=np.int64),
        material=np.array([_material(r.material_code) for r in rows], dtype=np.int64),
        techniques=Sets.of([_numbers(techniques(), r.techniques) for r in rows]),
        latitude=_floats([r.public_latitude if public else r.latitude for r in rows]),
        longitude=_floats([r.public_longitude if public else r.longitude for r in rows]),
        hazardous=np.array([_hazard(r.hazardous, r.waste_code) for r in rows], dtype=np.bool_),
        condition=np.array([CONDITIONS.get(r.condition or "", 0) for r in rows], dtype=np.int64),
        mass_kg=_floats([r.mass_kg for r in rows]),
        pieces=_floats([r.quantity if r.unit is Unit.PIECE else None for r in rows]),
        hours=_floats([r.work_hours for r in rows]),
        recurrence=np.array([RECURRENCES[r.recurrence] for r in rows], dtype=np.int64),
        available_from=_days([r.available_from for r in rows]),
        available_until=_days([r.available_until for r in rows]),
        client_site=np.array([r.work_place is WorkPlace.CLIENT_SITE for r in rows], dtype=np.bool_),
    )
    return Offered(*_keys(rows), columns)


def _takes_part(row: Any) -> bool:
    return bool(row.active and row.verification is Verification.VERIFIED)


def _material(code: str | None) -> int:
    return materials().number(code) if code and code in materials() else -1


def _keys(rows: Any) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int | None]]:
    return (
        np.array([r.id for r in rows], dtype=np.int64),
        np.array([r.revision for r in rows], dtype=np.int64),
        [r.service_point_id for r in rows],
    )


def draft_columns(draft: ListingDraft, organisation_id: int | None) -> Listings:
    """Return a listing that is not stored yet as one row, as if it were published and verified."""
    draft = draft.completed()
    mass, _ = draft.mass()
    return Listings(
        ref=np.array([""]),
        organisation=np.array([organisation_id or 0]),
        organisation_active=np.array([True]),
        published=np.array([True]),
        kind=np.array([KINDS[draft.kind]], dtype=np.int64),
        material=np.array([_material(draft.material_code)]),
        techniques=Sets.of([_numbers(techniques(), draft.techniques)]),
        latitude=np.array([draft.place.exact.latitude]),
        longitude=np.array([draft.place.exact.longitude]),
        hazardous=np.array([draft.hazardous]),
        condition=np.array([CONDITIONS.get(draft.condition or "", 0)]),
        mass_kg=_floats([mass]),
        pieces=_floats([draft.quantity if draft.unit is Unit.PIECE else None]),
        hours=_floats([draft.work_hours]),
        recurrence=np.array([RECURRENCES[draft.recurrence]], dtype=np.int64),
        available_from=_days([draft.available_from]),
        available_until=_days([draft.available_until]),
        client_site=np.array([draft.work_place is WorkPlace.CLIENT_SITE]),
    )


CAPABILITY_COLUMNS = (
    Capability.id, Capability.revision, Capability.ref, Capability.organisation_id,
    Capability.state, Capability.materials, Capability.techniques, Capability.conditions,
    Capability.latitude, Capability.longitude, Capability.public_latitude,
    Capability.public_longitude, Capability.service_radius_km, Capability.service_area,
    Capability.accepts_hazardous, Capability.on_site, Capability.min_batch_kg,
    Capability.capacity_kg_per_month, Capability.capacity_pieces_per_month,
    Capability.capacity_hours_per_month, Capability.committed_kg_per_month,
    Capability.committed_pieces_per_month, Capability.committed_hours_per_month,
    Capability.available_from, Capability.available_until, Organisation.active,
    Organisation.verification, Organisation.service_point_id, Organisation.open_orders,
)  # fmt: skip


def read_capabilities(
    session: Session, *conditions: ColumnElement[bool], public: bool = False
) -> Able:
    """Return the capabilities that meet ``conditions``, by key; ``public`` as in ``read_listings``."""
    rows = session.execute(
        select(*CAPABILITY_COLUMNS)
        .join(Organisation, Organisation.id == Capability.organisation_id)
        .where(*conditions)
        .order_by(Capability.id)
    ).all()
    areas = shapely.from_geojson(np.array([r.service_area for r in rows], dtype=np.object_))
    columns = Capabilities(
        ref=np.array([r.ref for r in rows], dtype=np.str_),
        organisation=np.array([r.organisation_id for r in rows], dtype=np.int64),
        organisation_active=np.array([_takes_part(r) for r in rows], dtype=np.bool_),
        active=np.array([r.state is CapabilityState.ACTIVE for r in rows], dtype=np.bool_),
        materials=Sets.of([_numbers(materials(), r.materials) for r in rows]),
        techniques=Sets.of([_numbers(techniques(), r.techniques) for r in rows]),
        latitude=_floats([r.public_latitude if public else r.latitude for r in rows]),
        longitude=_floats([r.public_longitude if public else r.longitude for r in rows]),
        radius_km=_floats([r.service_radius_km for r in rows]),
        area=areas,
        accepts_hazardous=np.array([r.accepts_hazardous for r in rows], dtype=np.bool_),
        conditions=np.array([_bits(r.conditions) for r in rows], dtype=np.int64),
        min_batch_kg=_floats([r.min_batch_kg for r in rows]),
        capacity_kg=_floats([r.capacity_kg_per_month for r in rows]),
        capacity_pieces=_floats([r.capacity_pieces_per_month for r in rows]),
        capacity_hours=_floats([r.capacity_hours_per_month for r in rows]),
        committed_kg=_floats([r.committed_kg_per_month for r in rows]),
        committed_pieces=_floats([r.committed_pieces_per_month for r in rows]),
        committed_hours=_floats([r.committed_hours_per_month for r in rows]),
        open_orders=np.array([r.open_orders for r in rows], dtype=np.int64),
        available_from=_days([r.available_from for r in rows]),
        available_until=_days([r.available_until for r in rows]),
        on_site=np.array([r.on_site for r in rows], dtype=np.bool_),
    )
    return Able(*_keys(rows), columns)


def matchable() -> tuple[ColumnElement[bool], ...]:
    """Return the filter for capabilities that may be matched at all."""
    return (
        Capability.state == CapabilityState.ACTIVE,
        Organisation.active.is_(True),
        Organisation.verification == Verification.VERIFIED,
    )


def refused_pairs(session: Session, offered: Offered, able: Able) -> NDArray[np.intp]:
    """Return the pairs of rows that a broker refused and neither side has changed since."""
    if not len(offered.ids) or not len(able.ids):
        return np.empty((0, 2), dtype=np.intp)
    span = (int(offered.ids[0]), int(offered.ids[-1]))
    rows = session.execute(
        select(
            Proposal.listing_id,
            Proposal.capability_id,
            Proposal.listing_revision,
            Proposal.capability_revision,
        ).where(and_(Proposal.state == ProposalState.REFUSED, Proposal.listing_id.between(*span)))
    ).all()
    listing_row = {int(key): row for row, key in enumerate(offered.ids)}
    capability_row = {int(key): row for row, key in enumerate(able.ids)}
    pairs = [
        (i, j)
        for r in rows
        if (i := listing_row.get(r.listing_id)) is not None
        and (j := capability_row.get(r.capability_id)) is not None
        and offered.revisions[i] == r.listing_revision
        and able.revisions[j] == r.capability_revision
    ]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def weights(session: Session) -> Weights:
    """Return the weights in force; the specification's defaults where none were set."""
    row = session.scalars(
        select(WeightsRow).order_by(WeightsRow.version.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return Weights()
    return Weights(
        row.proximity, row.fit, row.capacity, row.timing, row.value, row.fairness,
        half_distance_km=row.half_distance_km, version=row.version,
    )  # fmt: skip


def day64(day: date) -> np.datetime64:
    """Return a calendar day as the matcher wants it."""
    return np.datetime64(day, "D")
