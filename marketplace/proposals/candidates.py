"""Listings and capabilities out of the database as the matcher's columns."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation, Verification
from marketplace.capabilities.models import Capability, CapabilityState
from marketplace.core.db import columns_of
from marketplace.listings.drafts import ListingDraft
from marketplace.listings.lifecycle import ListingState
from marketplace.listings.models import Kind, Listing, Recurrence, Unit, WorkPlace
from marketplace.matching import kinds
from marketplace.matching.columns import Capabilities, Listings, Sets
from marketplace.matching.eligibility import is_hazardous
from marketplace.matching.ontology import Ontology
from marketplace.matching.ontology import Tree as Numbers
from marketplace.matching.weights import Weights
from marketplace.proposals.models import REFUSED, Proposal, WeightsRow
from marketplace.proposals.reading import (
    Columns,
    are,
    coded,
    days,
    flags,
    floats,
    numbers,
    one_of,
    plain,
    read_columns,
    sets,
    whole,
)
from marketplace.taxonomy.edition import Edition, in_force
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.waste import waste_codes

KINDS = {k: kinds.Kind[k.name] for k in Kind}
RECURRENCES = {r: kinds.Recurrence[r.name] for r in Recurrence}
CONDITIONS = {c.name.lower(): int(c) for c in kinds.Condition if c.name}


def ontology() -> Ontology:
    """Return the taxonomies in force by number."""
    return _ontology(in_force(), in_force())


def ontology_with(values: Edition) -> Ontology:
    """Return the taxonomies in force by number, as if techniques kept what another edition says."""
    return _ontology(in_force(), values)


@lru_cache(maxsize=2)
def _ontology(trees: Edition, values: Edition) -> Ontology:
    return Ontology(
        Numbers(trees.materials.parent_numbers),
        Numbers(trees.techniques.parent_numbers),
        np.array([values.techniques.get(t.code).value_retention for t in trees.techniques]),
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


LISTING_COLUMNS = (
    Listing.id, Listing.revision, Listing.ref, Listing.organisation_id, Listing.state, Listing.kind,
    Listing.material_code, Listing.techniques, Listing.hazardous, Listing.waste_code,
    Listing.condition, Listing.mass_kg, Listing.quantity, Listing.unit, Listing.work_hours,
    Listing.recurrence, Listing.available_from, Listing.available_until, Listing.work_place,
)  # fmt: skip
CAPABILITY_COLUMNS = (
    Capability.id, Capability.revision, Capability.ref, Capability.organisation_id,
    Capability.state, Capability.materials, Capability.techniques, Capability.conditions,
    Capability.service_radius_km, Capability.service_area, Capability.accepts_hazardous,
    Capability.on_site, Capability.min_batch_kg, Capability.capacity_kg_per_month,
    Capability.capacity_pieces_per_month, Capability.capacity_hours_per_month,
    Capability.committed_kg_per_month, Capability.committed_pieces_per_month,
    Capability.committed_hours_per_month, Capability.available_from, Capability.available_until,
)  # fmt: skip
ORGANISATION_COLUMNS = (
    Organisation.active, Organisation.verification, Organisation.service_point_id,
    Organisation.open_orders,
)  # fmt: skip


@cache
def _query(of: type[Listing] | type[Capability], public: bool) -> Select[Any]:
    """Return the query for all rows of a table, by key, where they are or where others see them."""
    columns = LISTING_COLUMNS if of is Listing else CAPABILITY_COLUMNS
    place = (of.public_latitude, of.public_longitude) if public else (of.latitude, of.longitude)
    return (
        select(
            *(plain(column) for column in (*columns, *ORGANISATION_COLUMNS)),
            *(column.label(f"at_{n}") for n, column in enumerate(place)),
        )
        .join(Organisation, Organisation.id == of.organisation_id)
        .order_by(of.id)
    )


def read_listings(
    session: Session, *conditions: ColumnElement[bool], public: bool = False
) -> Offered:
    """Return the listings that meet ``conditions``, by key; in whatever state they are.

    ``public`` takes them where others see them: for answers that must not give the exact place away.
    """
    read = read_columns(session, _query(Listing, public).where(*conditions))
    is_pieces = are(read["unit"], Unit.PIECE)
    columns = Listings(
        ref=np.array(read["ref"], dtype=np.str_),
        organisation=whole(read["organisation_id"]),
        organisation_active=_takes_part(read),
        published=are(read["state"], ListingState.PUBLISHED),
        kind=coded(read["kind"], KINDS),
        material=coded(read["material_code"], materials().numbers, -1),
        techniques=sets(techniques(), read["techniques"]),
        latitude=floats(read["at_0"]),
        longitude=floats(read["at_1"]),
        hazardous=_hazardous(read["hazardous"], read["waste_code"]),
        condition=coded(read["condition"], CONDITIONS),
        mass_kg=floats(read["mass_kg"]),
        pieces=np.where(is_pieces, floats(read["quantity"]), np.nan),
        hours=floats(read["work_hours"]),
        recurrence=coded(read["recurrence"], RECURRENCES),
        available_from=days(read["available_from"]),
        available_until=days(read["available_until"]),
        client_site=are(read["work_place"], WorkPlace.CLIENT_SITE),
    )
    return Offered(*_keys(read), columns)


def _takes_part(read: Columns) -> NDArray[np.bool_]:
    return flags(read["active"]) & are(read["verification"], Verification.VERIFIED)


def _hazardous(by_flag: Sequence[Any], codes: Sequence[str | None]) -> NDArray[np.bool_]:
    starred = {code: waste_codes().get(code).hazardous for code in set(codes) if code}
    return is_hazardous(flags(by_flag), coded(codes, starred))


def _keys(read: Columns) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int | None]]:
    return whole(read["id"]), whole(read["revision"]), list(read["service_point_id"])


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
        material=np.array([materials().numbers.get(draft.material_code or "", -1)]),
        techniques=Sets.of([numbers(techniques(), draft.techniques)]),
        latitude=np.array([draft.place.exact.latitude]),
        longitude=np.array([draft.place.exact.longitude]),
        hazardous=np.array([draft.hazardous]),
        condition=np.array([CONDITIONS.get(draft.condition or "", 0)]),
        mass_kg=floats([mass]),
        pieces=floats([draft.quantity if draft.unit is Unit.PIECE else None]),
        hours=floats([draft.work_hours]),
        recurrence=np.array([RECURRENCES[draft.recurrence]], dtype=np.int64),
        available_from=days([draft.available_from]),
        available_until=days([draft.available_until]),
        client_site=np.array([draft.work_place is WorkPlace.CLIENT_SITE]),
    )


def read_capabilities(
    session: Session, *conditions: ColumnElement[bool], public: bool = False
) -> Able:
    """Return the capabilities that meet ``conditions``, by key; ``public`` as in ``read_listings``."""
    read = read_columns(session, _query(Capability, public).where(*conditions))
    columns = Capabilities(
        ref=np.array(read["ref"], dtype=np.str_),
        organisation=whole(read["organisation_id"]),
        organisation_active=_takes_part(read),
        active=are(read["state"], CapabilityState.ACTIVE),
        materials=sets(materials(), read["materials"]),
        techniques=sets(techniques(), read["techniques"]),
        latitude=floats(read["at_0"]),
        longitude=floats(read["at_1"]),
        radius_km=floats(read["service_radius_km"]),
        area=shapely.from_geojson(np.array(read["service_area"], dtype=np.object_)),
        accepts_hazardous=flags(read["accepts_hazardous"]),
        conditions=coded(read["conditions"], _accepted(read["conditions"])),
        min_batch_kg=floats(read["min_batch_kg"]),
        capacity_kg=floats(read["capacity_kg_per_month"]),
        capacity_pieces=floats(read["capacity_pieces_per_month"]),
        capacity_hours=floats(read["capacity_hours_per_month"]),
        committed_kg=floats(read["committed_kg_per_month"]),
        committed_pieces=floats(read["committed_pieces_per_month"]),
        committed_hours=floats(read["committed_hours_per_month"]),
        open_orders=whole(read["open_orders"]),
        available_from=days(read["available_from"]),
        available_until=days(read["available_until"]),
        on_site=flags(read["on_site"]),
    )
    return Able(*_keys(read), columns)


def _accepted(texts: Sequence[str]) -> dict[str, int]:
    """Return the bits of each list of conditions, written as JSON."""
    return {text: sum(CONDITIONS.get(c, 0) for c in json.loads(text)) for text in set(texts)}


def matchable() -> tuple[ColumnElement[bool], ...]:
    """Return the filter for capabilities that may be matched at all."""
    return (
        Capability.state == CapabilityState.ACTIVE,
        Organisation.active.is_(True),
        Organisation.verification == Verification.VERIFIED,
    )


def refused_pairs(session: Session, offered: Offered, able: Able) -> NDArray[np.intp]:
    """Return the pairs of rows that a broker refused and neither side has changed since."""
    side = (Proposal.capability_id, able) if len(able.ids) == 1 else (Proposal.listing_id, offered)
    query = select(
        Proposal.listing_id,
        Proposal.capability_id,
        Proposal.listing_revision,
        Proposal.capability_revision,
    ).where(REFUSED, one_of(side[0], side[1].ids.tolist()))
    rows = [tuple(row) for row in columns_of(session, query)]
    found = np.array(rows, dtype=np.int64).reshape(-1, 4)
    listing, capability = rows_of(offered.ids, found[:, 0]), rows_of(able.ids, found[:, 1])
    here = (listing >= 0) & (capability >= 0)
    pairs = np.stack([listing, capability], axis=1)[here]
    now = np.stack([offered.revisions[pairs[:, 0]], able.revisions[pairs[:, 1]]], axis=1)
    unchanged: NDArray[np.intp] = pairs[(now == found[here, 2:]).all(axis=1)]
    return unchanged


def rows_of(ids: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return where each key stands among ``ids``, which ascend; -1 where it does not."""
    place = np.searchsorted(ids, keys)
    found = np.append(ids, -1)[place] == keys
    return np.where(found, place, -1)


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
