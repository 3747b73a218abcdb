"""A geocoder that needs no network: the gazetteer in the shape of geopy's geocoders."""

from collections.abc import Iterable

from geopy.location import Location

from marketplace.geo.gazetteer import Gazetteer, Town, gazetteer

__all__ = ["OfflineGeocoder", "gazetteer"]

MANY = 10


class OfflineGeocoder:
    """Finds towns and postal codes, not streets: the point is the town's."""

    def __init__(self, towns: Gazetteer | None = None) -> None:
        self._towns = towns

    @property
    def towns(self) -> Gazetteer:
        """Return the gazetteer behind this, read on first use."""
        return self._towns if self._towns is not None else gazetteer()

    def geocode(
        self,
        query: str,
        *,
        exactly_one: bool = True,
        country_codes: str | Iterable[str] | None = None,
        timeout: float | None = None,
    ) -> Location | list[Location] | None:
        """Return the place called ``query`` as a geopy Location (raw: the Town), or None.

        With ``exactly_one=False`` a list of up to ten, best first. ``timeout`` is taken for the
        interface's sake.
        """
        countries = [country_codes] if isinstance(country_codes, str) else country_codes
        wanted = [c.upper() for c in countries] if countries is not None else None
        found = self._found(query, wanted)
        if not found:
            return None
        return _location(found[0]) if exactly_one else [_location(t) for t in found[:MANY]]

    def _found(self, query: str, countries: list[str] | None) -> list[Town]:
        within: list[str | None] = [*countries] if countries else [None]
        tries = (self.towns.locate(address=query, country=c) for c in within)
        meant = [t for t in tries if t is not None]
        others = self.towns.suggest(query, countries, limit=MANY)
        return list(dict.fromkeys([*meant, *others]))

    def reverse(
        self, query: tuple[float, float], *, exactly_one: bool = True, timeout: float | None = None
    ) -> Location | list[Location]:
        """Return the town nearest to (latitude, longitude) in degrees."""
        found = _location(self.towns.nearest(*query))
        return found if exactly_one else [found]


def _location(town: Town) -> Location:
    return Location(f"{town.label}, {town.country}", (town.latitude, town.longitude, 0.0), town)
