"""Towns and postal codes, offline: what people type, and what a point is called.

The data are GeoNames' (geonames.org, CC BY 4.0): all postal codes and places of Austria and
Hungary, and the towns of 10,000 and more in the countries round about.
"""

import csv
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from marketplace.geo.distance import ecef
from marketplace.geo.names import fold

PATH = Path(__file__).parent / "data" / "places.csv"
LIMIT = 8
HOME = frozenset({"AT", "HU"})
ABROAD = 0.05
UNCODED = 0.05
ALIKE = 80.0  # one letter in five
HIGHEST = chr(0x10FFFF)
POSTAL_THEN_CITY = re.compile(
    r"^(?:(?P<country>[A-Z]{1,2})[- ]+)?(?P<code>\d{3} ?\d{1,2})\b[ ,]*(?P<city>.*)$"
)
QUALIFIERS = ("am", "an", "im", "in", "bei", "ob")
QUALIFIER = re.compile(rf" (?:{'|'.join(QUALIFIERS)}) .*$")
PLATES = {"A": "AT", "H": "HU", "D": "DE", "I": "IT", "AT": "AT", "HU": "HU", "DE": "DE"}

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Town:
    """One place under one postal code.

    ``part`` names a district of a large town. ``region`` is an ISO 3166-2 code in Austria and
    Hungary, elsewhere empty. ``population`` is 0 where unknown. Degrees of WGS84.
    """

    country: str
    postal_code: str
    name: str
    part: str
    latitude: float
    longitude: float
    region: str
    population: int
    aliases: tuple[str, ...]

    @property
    def label(self) -> str:
        """Return what people read, such as ``3100 St. Pölten`` or ``1110 Wien, Simmering``."""
        label = f"{self.postal_code} {self.name}".strip()
        return f"{label}, {self.part}" if self.part else label

    @property
    def weight(self) -> float:
        """Return how soon it is meant: its population, abroad and without a code much less."""
        return (
            self.population
            * (1.0 if self.country in HOME else ABROAD)
            * (1.0 if self.postal_code else UNCODED)
        )


def read_towns(path: Path = PATH) -> list[Town]:
    """Read the gazetteer in the order of weight, then by name, code and part."""
    with path.open(encoding="utf-8", newline="") as file:
        towns = [
            Town(
                country=row["country"],
                postal_code=row["postal_code"],
                name=row["name"],
                part=row["part"],
                latitude=float(row["latitude"]),
                longitude=float(row["longitude"]),
                region=row["region"],
                population=int(row["population"] or 0),
                aliases=tuple(filter(None, row["aliases"].split("|"))),
            )
            for row in csv.DictReader(file)
        ]
    return sorted(towns, key=lambda t: (-t.weight, t.name, t.postal_code, t.part))


class _Prefixes:
    """Rows by the beginning of a key."""

    def __init__(self, entries: Iterable[tuple[str, int]]) -> None:
        ordered = sorted(set(entries))
        self.keys = [key for key, _ in ordered]
        self.rows = np.array([row for _, row in ordered], dtype=np.intp)

    def starting(self, text: str) -> Rows:
        """Return the rows of which a key starts with ``text``, each once, ascending."""
        return self._between(text, text + HIGHEST)

    def equal(self, text: str) -> Rows:
        """Return the rows of which a key is ``text``, each once, ascending."""
        return self._between(text, text + "\0")

    def _between(self, low: str, high: str) -> Rows:
        found: Rows = np.unique(
            self.rows[bisect_left(self.keys, low) : bisect_left(self.keys, high)]
        )
        return found


class Gazetteer:
    """All towns, in memory. Row numbers follow weight, so an ascending row is a sensible order."""

    def __init__(self, towns: list[Town]) -> None:
        self.towns = towns
        names = [
            (fold(n), i) for i, t in enumerate(towns) for n in (t.name, t.part, *t.aliases) if n
        ]
        self._names = _Prefixes(names)
        self._words = _Prefixes(
            (" ".join(words[k:]), i)
            for words, i in ((key.split(), i) for key, i in names)
            for k in range(1, len(words))
        )
        self._codes = _Prefixes(
            (_code(t.postal_code), i) for i, t in enumerate(towns) if t.postal_code
        )
        self._spellings = sorted({key for key, _ in names})
        self._countries = np.array([t.country for t in towns])
        lat, lon = np.array([(t.latitude, t.longitude) for t in towns]).T
        self._points = np.stack(ecef(lat, lon))
        self._populations = np.array([t.population for t in towns])

    def suggest(
        self, text: str, countries: Iterable[str] | None = None, limit: int = LIMIT
    ) -> list[Town]:
        """Return what ``text`` may become: a postal code's beginning, or a name's.

        Names that start with it come first, then those of which a later word does. Of a town with
        many postal codes one comes first, the others after all other towns.
        """
        code, name = _split(text)
        if code:
            found = [self._codes.equal(code), self._codes.starting(code)]
            if name:
                named = self._names.starting(name)
                found = [np.intersect1d(rows, named) for rows in found]
            return self._best(found, countries, limit, together=True)
        if not name:
            return []
        found = [self._names.equal(name), self._names.starting(name), self._words.starting(name)]
        return self._best(found, countries, limit, together=False)

    def _best(
        self, found: list[Rows], countries: Iterable[str] | None, limit: int, *, together: bool
    ) -> list[Town]:
        """Return the first ``limit`` towns of the rows found, in order, each place once."""
        first: dict[tuple[str, ...], Town] = {}
        later: dict[tuple[str, ...], Town] = {}
        seen: set[tuple[str, ...]] = set()
        for rows in found:
            for row in self._within(rows, countries).tolist():
                town = self.towns[row]
                same = (town.country, town.name, town.region)
                store = first if together or same not in seen else later
                seen.add(same)
                if (town.country, town.label) not in first:
                    store.setdefault((town.country, town.label), town)
                if len(first) >= limit:
                    return list(first.values())
        return [*first.values(), *later.values()][:limit]

    def _within(self, rows: Rows, countries: Iterable[str] | None) -> Rows:
        if countries is None:
            return rows
        wanted = [c.upper() for c in ([countries] if isinstance(countries, str) else countries)]
        kept: Rows = rows[np.isin(self._countries[rows], wanted)]
        return kept

    def locate(
        self,
        address: str | None = None,
        postal_code: str | None = None,
        city: str | None = None,
        country: str | None = None,
    ) -> Town | None:
        """Return the town that is meant, or None.

        Postal code and city together decide; where they do not fit each other the city alone does
        (the weightiest of that name, misspelt by a letter or so if need be); where the city is
        unknown or missing, the postal code alone. ``address`` is read ("..., 3100 St. Pölten")
        where the others are empty.
        """
        if address and not (postal_code or city):
            postal_code, city, found = _read_address(address)
            country = country or found
        countries = [country] if country else None
        name = fold(city or "")
        coded = self._within(self._codes.equal(_code(postal_code or "")), countries)
        if coded.size and name:
            both = self._named(coded, name)
            if both is not None:
                return both
        alone = self._city(name, countries) if name else None
        if alone is not None:
            return alone
        return self.towns[int(coded[0])] if coded.size else None

    def _named(self, rows: Rows, name: str) -> Town | None:
        """Return the town among ``rows`` that is called ``name``, more or less."""
        towns = [self.towns[i] for i in rows.tolist()]
        likeness = [
            max(fuzz.ratio(name, fold(n)) for n in (t.name, t.part, _whole(t), *t.aliases) if n)
            for t in towns
        ]
        best = max(range(len(towns)), key=lambda i: (likeness[i], -i))
        return towns[best] if likeness[best] >= ALIKE else None

    def _city(self, name: str, countries: Iterable[str] | None) -> Town | None:
        """Return the weightiest town called ``name``, or the most alike name's.

        "Krems" also means Krems an der Donau, and where there is no such town, "Breitenbrunn am
        Neusiedler See" is looked up as Breitenbrunn.
        """
        exact = self._within(self._names.equal(name), countries)
        if exact.size:
            return self.towns[int(exact[0])]
        longer = [self._names.starting(f"{name} {word} ") for word in QUALIFIERS]
        qualified = self._within(np.unique(np.concatenate(longer)), countries)
        if qualified.size:
            return self.towns[int(qualified[0])]
        alike = process.extract(
            name, self._spellings, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=20
        )
        ranked = [
            (-score, int(rows[0]))
            for key, score, _ in alike
            if (rows := self._within(self._names.equal(key), countries)).size
        ]
        if ranked:
            return self.towns[min(ranked)[1]]
        bare = QUALIFIER.sub("", name)
        return self._city(bare, countries) if bare != name else None

    def nearest(self, latitude: float, longitude: float, minimum_population: int = 0) -> Town:
        """Return the town nearest to a point in degrees, for words such as "near Eisenstadt"."""
        here = np.array(ecef(latitude, longitude)).reshape(3, 1)
        squared = ((self._points - here) ** 2).sum(axis=0)
        squared[self._populations < minimum_population] = np.inf
        return self.towns[int(squared.argmin())]


def _whole(town: Town) -> str:
    return f"{town.name} {town.part}" if town.part else ""


def _code(text: str) -> str:
    """Return a postal code as it is compared: without spaces, country prefix and case."""
    return re.sub(r"^[A-Z]{1,2}-?(?=\d)", "", text.strip().upper()).replace(" ", "")


def _split(text: str) -> tuple[str, str]:
    """Return (beginning of a postal code, folded name) of what somebody is typing."""
    found = re.match(r"\s*(?:[A-Za-z]{1,2}[- ]*)?(\d[\d ]*)(.*)$", text)
    if not found:
        return "", fold(text)
    return found[1].replace(" ", ""), fold(found[2])


def _read_address(address: str) -> tuple[str | None, str | None, str | None]:
    """Return (postal code, city, country) from one line such as ``Ring 1, A-3100 St. Pölten``."""
    parts = [p.strip() for p in re.split(r"[,;\n]", address) if p.strip()]
    for part in reversed(parts):
        found = POSTAL_THEN_CITY.match(part)
        if found:
            return found["code"], found["city"] or None, PLATES.get(found["country"] or "")
    return None, parts[-1] if parts else None, None


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer that ships with the product, read on first use."""
    return Gazetteer(read_towns())
