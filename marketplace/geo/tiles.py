"""Quad tiles of the web's map projection, in which the map counts what it shows.

Level 0 cuts the world into 16 by 16 tiles, each further level each tile into four. A tile of the
finest level is 2.4 km wide on the equator and 1.6 km in Vienna, so never finer than the blur of
about a kilometre anywhere below 65 degrees of latitude.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import asinh, atan, cos, floor, pi, radians, sinh, tan

LEVELS = 11
COARSEST_ZOOM = 4
LAST_LATITUDE = 85.0511
EQUATOR_KM = 40_075.017


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Column ``x`` counts from the antimeridian eastward, row ``y`` from the north."""

    level: int
    x: int
    y: int

    @property
    def wider(self) -> "Tile":
        """The tile of the level above that holds this one."""
        return Tile(self.level - 1, self.x // 2, self.y // 2)

    @property
    def km2(self) -> float:
        """About how many square kilometres it holds."""
        rows = tiles_across(self.level)
        middle = atan(sinh(pi * (1 - 2 * (self.y + 0.5) / rows)))
        return (EQUATOR_KM / rows * cos(middle)) ** 2


def tiles_across(level: int) -> int:
    """Return how many tiles of a level go around the world, and as many down it."""
    return 1 << (level + COARSEST_ZOOM)


def tile_of(latitude: float, longitude: float, level: int = LEVELS - 1) -> Tile:
    """Return the tile of a level that holds a point; the polar caps belong to the outermost rows."""
    across = tiles_across(level)
    bounded = radians(min(max(latitude, -LAST_LATITUDE), LAST_LATITUDE))
    x = floor((longitude + 180) / 360 * across)
    y = floor((1 - asinh(tan(bounded)) / pi) / 2 * across)
    return Tile(level, min(max(x, 0), across - 1), min(max(y, 0), across - 1))


def tile_and_wider(tile: Tile) -> Iterator[Tile]:
    """Yield the tile and those that hold it, up to level 0."""
    yield tile
    while tile.level:
        tile = tile.wider
        yield tile


@dataclass(frozen=True, slots=True)
class View:
    """A section of the map in degrees. Where it crosses the antimeridian, west is greater than east."""

    west: float
    south: float
    east: float
    north: float

    @property
    def ranges(self) -> list[tuple[float, float]]:
        """The longitudes that it shows, in one range, or two where it crosses the antimeridian."""
        if self.west <= self.east:
            return [(self.west, self.east)]
        return [(self.west, 180.0), (-180.0, self.east)]

    def columns(self, level: int) -> list[tuple[int, int]]:
        """Return the first and last column of tiles in each of its ranges."""
        return [(tile_of(0, w, level).x, tile_of(0, e, level).x) for w, e in self.ranges]

    def rows(self, level: int) -> tuple[int, int]:
        """Return the first and the last row of tiles."""
        return tile_of(self.north, 0, level).y, tile_of(self.south, 0, level).y


def view_of(west: float, south: float, east: float, north: float) -> View:
    """Return the view between longitudes that may run on beyond 180 degrees, as maps that were dragged
    around the world give them; ValueError where there is no such view."""
    if not (-90 <= south <= north <= 90 and -1080 <= west <= east <= 1080):
        raise ValueError("no view")
    if east - west >= 360:
        return View(-180.0, south, 180.0, north)
    return View(_turned(west), south, _turned(east), north)


def _turned(longitude: float) -> float:
    return (longitude + 180) % 360 - 180 if not -180 <= longitude <= 180 else longitude


def level_for(zoom: int) -> int:
    """Return the level whose tiles are about 64 pixels wide on a map of that zoom."""
    return min(max(zoom + 2 - COARSEST_ZOOM, 0), LEVELS - 1)
