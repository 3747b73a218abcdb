"""Where a row lies: its point, its address, or its organisation's place."""

import math
from dataclasses import replace

from marketplace.accounts.places import Place, Placed, make_place
from marketplace.core.errors import Invalid, Problem
from marketplace.exchange.cells import Cells

COLUMN = {"latitude": "lat", "longitude": "lon"}
MOST_ADDRESS, MOST_CODE, MOST_CITY = 200, 12, 100


class Geocoder:
    """Geocodes each address once per run. ``secret`` keys the blur of the public point."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._known: dict[tuple[object, ...], Place | Invalid] = {}

    def place_of(self, cells: Cells, home: Place | None) -> Place | None:
        """Return the place of a row, ``home`` where it names none; None where that is wrong."""
        if not cells.has("address", "postal_code", "city", "lat", "lon"):
            if home is None:
                cells.blame("city", "place_required")
            return home
        latitude, longitude = cells.number("lat"), cells.number("lon")
        country = cells.country("country")
        for one, other in (("lat", "lon"), ("lon", "lat")):
            if cells.has(one) and not cells.has(other):
                cells.blame(other, "required")
        sizes = {"address": MOST_ADDRESS, "postal_code": MOST_CODE, "city": MOST_CITY}
        address, postal_code, city = (cells.text(column) for column in sizes)
        for column, most in sizes.items():
            if len(cells.text(column)) > most:
                cells.blame(column, "too_long", most=most)
        if any(p.field in {"lat", "lon", "country", *sizes} for p in cells.problems):
            return None
        found = self._made(address, postal_code, city, country, latitude, longitude)
        if isinstance(found, Invalid):
            cells.problems.extend(found.problems)
            return None
        return found

    def _made(
        self,
        address: str,
        postal_code: str,
        city: str,
        country: str,
        latitude: float | None,
        longitude: float | None,
    ) -> Place | Invalid:
        key = (address, postal_code, city, country, latitude, longitude)
        if key not in self._known:
            try:
                self._known[key] = make_place(
                    address=address,
                    postal_code=postal_code,
                    city=city,
                    country=country,
                    latitude=latitude,
                    longitude=longitude,
                    secret=self._secret,
                )
            except Invalid as refusal:
                text = ", ".join(filter(None, (address, f"{postal_code} {city}".strip(), country)))
                self._known[key] = Invalid([_in_file(p, text) for p in refusal.problems])
        return self._known[key]


def _in_file(problem: Problem, text: str) -> Problem:
    """Name the column and the whole address instead of the draft's field."""
    params = {"text": text} if problem.code == "place_unknown" else problem.params
    code = "row_place_unknown" if problem.code == "place_unknown" else problem.code
    return replace(
        problem, field=COLUMN.get(problem.field, problem.field), code=code, params=params
    )


def lies_at(thing: Placed, place: Place) -> bool:
    """Tell whether something lies just there already."""
    here = (thing.address, thing.postal_code, thing.city, thing.country)
    return (
        here == (place.address, place.postal_code, place.city, place.country)
        and math.isclose(thing.latitude, place.exact.latitude, rel_tol=1e-13)
        and math.isclose(thing.longitude, place.exact.longitude, rel_tol=1e-13)
    )


def place_record(thing: Placed) -> dict[str, object]:
    """Return the cells of a place."""
    return {
        "address": thing.address,
        "postal_code": thing.postal_code,
        "city": thing.city,
        "country": thing.country,
        "lat": thing.latitude,
        "lon": thing.longitude,
    }
