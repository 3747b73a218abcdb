"""What a section of the map shows: clusters out of the tiles' counts, or single listings."""

from dataclasses import dataclass
from math import cos, inf, radians
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from marketplace.accounts.nearby import chord2, public
from marketplace.accounts.nearest import Search, nearest
from marketplace.geo.bands import FARTHEST_KM, chord_limits
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.tiles import View, level_for
from marketplace.listings.browse import Filter, conditions
from marketplace.listings.map_tiles import Cluster, clusters, reach_for
from marketplace.listings.models import Listing, ListingPhoto

MOST_POINTS = 300
SINGLE_FROM_ZOOM = 13
KM_PER_DEGREE = 111.7  # of latitude, at the poles, where it is longest


@dataclass(frozen=True)
class Shown:
    """Clusters, or listings with their pictures; ``more`` listings lie in view than are shown."""

    clusters: list[Cluster]
    listings: list[Listing]
    more: bool


def in_view(session: Session, wanted: Filter, view: View, zoom: int) -> Shown:
    """Return what the map shows of a search; everything where others see it, never exactly.

    While nothing but a family is asked for, the counts answer; where few lie in view, and for any
    other search, single listings do, those nearest the middle of the view first.
    """
    if wanted.family is not None and not _radius(wanted) and zoom < SINGLE_FROM_ZOOM:
        groups = clusters(session, wanted.family, view, level_for(zoom))
        if sum(group.count for group in groups) > MOST_POINTS:
            return Shown(groups, [], False)
    keys = _keys(session, wanted, view)
    rows = session.scalars(
        select(Listing)
        .where(Listing.id.in_(keys[:MOST_POINTS]))
        .options(selectinload(Listing.pictures).joinedload(ListingPhoto.photo))
        .order_by(Listing.id)
    )
    return Shown([], list(rows), len(keys) > MOST_POINTS)


def _keys(session: Session, wanted: Filter, view: View) -> list[int]:
    middle, reach = _disc(view)
    inside = [*conditions(wanted), *_bounds(view), *_radius(wanted)]
    search = Search(Listing.id, public(Listing), middle, inside, reach)
    family = wanted.material.split(".")[0]
    first_km = reach_for(session, family, middle, MOST_POINTS)
    hits = nearest(session, search, count=MOST_POINTS + 1, first_km=first_km)
    return [hit.key for hit in hits]


def _disc(view: View) -> tuple[Coordinate, float]:
    """Return the middle of a view, and a distance in km that no point of it exceeds."""
    width = view.east - view.west if view.west <= view.east else view.east - view.west + 360
    east = view.west + width / 2
    middle = Coordinate((view.south + view.north) / 2, east - 360 if east > 180 else east)
    widest = cos(radians(min(max(0.0, view.south), view.north)))
    reach = KM_PER_DEGREE * ((view.north - view.south) / 2 + width / 2 * widest)
    return middle, min(reach, FARTHEST_KM)


def _bounds(view: View) -> list[ColumnElement[bool]]:
    columns: Any = Listing.public_longitude
    return [
        Listing.public_latitude.between(view.south, view.north),
        or_(*(columns.between(west, east) for west, east in view.ranges)),
    ]


def _radius(wanted: Filter) -> list[ColumnElement[bool]]:
    """Return the filter for the search's own radius, judged by the chord alone."""
    if wanted.near is None or not wanted.radius_km:
        return []
    possible = chord_limits(wanted.radius_km)[1]
    return [chord2(public(Listing), wanted.near) <= possible * possible] if possible < inf else []
