"""Worlds to match in: plain dictionaries, random or by hand, and their columns."""

import random
from datetime import date, timedelta

import numpy as np
from shapely.geometry import MultiPolygon, Point, Polygon, box

from marketplace.matching.columns import Capabilities, Listings, Sets
from marketplace.matching.kinds import Condition, Kind, Recurrence
from marketplace.matching.ontology import Ontology, Tree

TODAY = date(2026, 3, 2)
AS_OF = np.datetime64(TODAY)

# textile(0) > felt(2) > wool felt(4); wood(1) > offcuts(3)
MATERIALS = [-1, -1, 0, 1, 2, 0, 3, -1]
TECHNIQUES = [-1, -1, 0, 0, 1, 4]
RETENTION = [0.7, 0.4, 0.95, 0.8, 0.55, 0.3]
UNITS = ("kg", "pieces", "hours")

SOPRON = (47.685, 16.5905)


def listing(**changes):
    """A leftover of felt in Sopron, from today on for good."""
    return {
        "ref": "L-1",
        "owner": 1,
        "owner_ok": True,
        "live": True,
        "kind": "residual",
        "material": 2,
        "techniques": [],
        "lat": SOPRON[0],
        "lon": SOPRON[1],
        "hazardous": False,
        "condition": "new",
        "kg": 100.0,
        "pieces": None,
        "hours": None,
        "recurrence": "monthly",
        "from": None,
        "until": None,
        "client_site": False,
    } | changes


def capability(**changes):
    """A workshop in Sopron that takes all textiles."""
    return {
        "ref": "C-1",
        "owner": 2,
        "owner_ok": True,
        "live": True,
        "materials": [0],
        "techniques": [0],
        "lat": SOPRON[0],
        "lon": SOPRON[1],
        "radius": 50.0,
        "area": None,
        "takes_hazardous": False,
        "conditions": [],
        "least_kg": None,
        "per_month": dict.fromkeys(UNITS),
        "committed": dict.fromkeys(UNITS, 0.0),
        "open_orders": 0,
        "from": None,
        "until": None,
        "on_site": True,
    } | changes


def world(listings, capabilities, refused=()):
    """A world of these, with references numbered where several share one."""
    return {
        "listings": listings,
        "capabilities": capabilities,
        "refused": set(refused),
        "materials": MATERIALS,
        "techniques": TECHNIQUES,
        "retention": RETENTION,
    }


def floats(rows, name):
    return np.array([np.nan if r[name] is None else r[name] for r in rows], dtype=np.float64)


def days(rows, name):
    return np.array(["NaT" if r[name] is None else r[name] for r in rows], dtype="datetime64[D]")


def amounts(rows, name, unit):
    return np.array([np.nan if r[name][unit] is None else r[name][unit] for r in rows], float)


def flags(rows, name):
    return np.array([r[name] for r in rows], dtype=np.bool_)


def listing_columns(rows):
    return Listings(
        ref=np.array([r["ref"] for r in rows]),
        organisation=np.array([r["owner"] for r in rows]),
        organisation_active=flags(rows, "owner_ok"),
        published=flags(rows, "live"),
        kind=np.array([Kind[r["kind"].upper()] for r in rows]),
        material=np.array([-1 if r["material"] is None else r["material"] for r in rows]),
        techniques=Sets.of([r["techniques"] for r in rows]),
        latitude=floats(rows, "lat"),
        longitude=floats(rows, "lon"),
        hazardous=flags(rows, "hazardous"),
        condition=np.array([int(Condition[r["condition"].upper()]) for r in rows]),
        mass_kg=floats(rows, "kg"),
        pieces=floats(rows, "pieces"),
        hours=floats(rows, "hours"),
        recurrence=np.array([Recurrence[r["recurrence"].upper()] for r in rows]),
        available_from=days(rows, "from"),
        available_until=days(rows, "until"),
        client_site=flags(rows, "client_site"),
    )


def capability_columns(rows):
    areas = np.full(len(rows), None, dtype=object)
    for row, one in enumerate(rows):
        areas[row] = one["area"]
    limits = {f"capacity_{unit}": amounts(rows, "per_month", unit) for unit in UNITS}
    taken = {f"committed_{unit}": amounts(rows, "committed", unit) for unit in UNITS}
    return Capabilities(
        ref=np.array([r["ref"] for r in rows]),
        organisation=np.array([r["owner"] for r in rows]),
        organisation_active=flags(rows, "owner_ok"),
        active=flags(rows, "live"),
        materials=Sets.of([r["materials"] for r in rows]),
        techniques=Sets.of([r["techniques"] for r in rows]),
        latitude=floats(rows, "lat"),
        longitude=floats(rows, "lon"),
        radius_km=floats(rows, "radius"),
        area=areas,
        accepts_hazardous=flags(rows, "takes_hazardous"),
        conditions=np.array(
            [sum(int(Condition[c.upper()]) for c in r["conditions"]) for r in rows]
        ),
        min_batch_kg=floats(rows, "least_kg"),
        open_orders=np.array([r["open_orders"] for r in rows]),
        available_from=days(rows, "from"),
        available_until=days(rows, "until"),
        on_site=flags(rows, "on_site"),
        **limits,
        **taken,
    )


def ontology(techniques=TECHNIQUES, retention=RETENTION):
    return Ontology(
        Tree(np.array(MATERIALS)), Tree(np.array(techniques)), np.array(retention, dtype=float)
    )


def columns(place):
    """The three tables of a world, as every function of the matcher takes them."""
    both = listing_columns(place["listings"]), capability_columns(place["capabilities"])
    return *both, ontology(place["techniques"], place["retention"])


def refused_rows(place):
    """The refused pairs as rows, (n, 2)."""
    rows = [
        (i, j)
        for i, one in enumerate(place["listings"])
        for j, other in enumerate(place["capabilities"])
        if (one["ref"], other["ref"]) in place["refused"]
    ]
    return np.array(rows, dtype=np.intp).reshape(-1, 2)


def random_world(seed, listing_count, capability_count):
    """A crowded world around Sopron in which every rule and every tie has work to do."""
    dice = random.Random(seed)
    listings = [_random_listing(dice, n) for n in range(listing_count)]
    capabilities = [_random_capability(dice, n) for n in range(capability_count)]
    refused = {
        (dice.choice(listings)["ref"], dice.choice(capabilities)["ref"])
        for _ in range(listing_count * capability_count // 20)
    }
    return world(listings, capabilities, refused)


def _maybe(dice, chance, made):
    return made() if dice.random() < chance else None


def _place(dice):
    if dice.random() < 0.2:
        return SOPRON
    return 47.685 + dice.gauss(0, 0.4), 16.59 + dice.gauss(0, 0.6)


def _window(dice):
    first = _maybe(
        dice, 0.7, lambda: TODAY + timedelta(days=dice.choice([-200, -3, 0, 5, 179, 180, 400]))
    )
    last = _maybe(
        dice, 0.6, lambda: TODAY + timedelta(days=dice.choice([-1, 0, 5, 30, 179, 200, 420]))
    )
    if first and last and last < first:
        last = first
    return {"from": first, "until": last}


def _random_listing(dice, number):
    lat, lon = _place(dice)
    kind = dice.choice(["residual", "production_step", "service", "csr_product"])
    plain = kind == "residual"
    return listing(
        ref=f"L-{dice.randrange(10**6)}-{number}",
        owner=dice.randrange(40),
        owner_ok=dice.random() < 0.95,
        live=dice.random() < 0.95,
        kind=kind,
        material=_maybe(dice, 0.97 if plain else 0.5, lambda: dice.randrange(len(MATERIALS))),
        techniques=dice.sample(
            range(len(TECHNIQUES)), dice.choice([0, 0, 1] if plain else [0, 1, 1, 2])
        ),
        lat=lat,
        lon=lon,
        hazardous=dice.random() < 0.1,
        condition=dice.choice(["new", "offcut", "used_clean", "used_soiled"]),
        kg=_maybe(dice, 0.7, lambda: dice.choice([0.0, 10.0, 50.0, 333.3])),
        pieces=_maybe(dice, 0.5, lambda: dice.choice([0.0, 7.0, 120.0])),
        hours=_maybe(dice, 0.4, lambda: dice.choice([2.5, 40.0])),
        recurrence=dice.choice(["once", "weekly", "monthly", "quarterly", "yearly"]),
        client_site=dice.random() < 0.15,
        **_window(dice),
    )


def _area(dice, lat, lon):
    shapes = [
        lambda: box(lon - 0.4, lat - 0.3, lon + 0.4, lat + 0.3),
        lambda: Point(lon, lat).buffer(0.5),
        lambda: Polygon(
            [(16, 47), (17.5, 47.2), (17, 48.4), (15.8, 48)],
            [[(16.4, 47.6), (16.8, 47.6), (16.6, 47.9)]],
        ),
        lambda: MultiPolygon([box(15.5, 47, 16.3, 47.6), box(16.5905, 47.5, 17.2, 48)]),
    ]
    return dice.choice(shapes)()


def _random_capability(dice, number):
    lat, lon = _place(dice)
    on_area = dice.random() < 0.25
    limit = lambda: dice.choice([0.0, 20.0, 100.0, 4000.0])  # noqa: E731
    return capability(
        ref=f"C-{dice.randrange(10**6)}-{number}",
        owner=dice.randrange(35, 90),
        owner_ok=dice.random() < 0.95,
        live=dice.random() < 0.95,
        materials=dice.sample(range(len(MATERIALS)), dice.randrange(4)),
        techniques=dice.sample(range(len(TECHNIQUES)), dice.randrange(5)),
        lat=lat,
        lon=lon,
        radius=None if on_area else dice.choice([0.0, 15.0, 60.0, 150.0, 2000.0, None]),
        area=_area(dice, lat, lon) if on_area else None,
        takes_hazardous=dice.random() < 0.4,
        conditions=dice.sample(
            ["new", "offcut", "used_clean", "used_soiled"], dice.choice([0, 0, 2, 3])
        ),
        least_kg=_maybe(dice, 0.4, lambda: dice.choice([0.0, 10.0, 50.0, 200.0])),
        per_month={unit: _maybe(dice, 0.6, limit) for unit in UNITS},
        committed={unit: dice.choice([0.0, 0.0, 15.0, 150.0]) for unit in UNITS},
        open_orders=dice.choice([0, 0, 1, 2, 7]),
        on_site=dice.random() < 0.6,
        **_window(dice),
    )
