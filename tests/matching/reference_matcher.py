"""The matcher once more, from the specification alone: plain Python, one pair at a time.

It shares nothing with the product but the specification, so that a mistake must be made twice to
go unseen. Listings and capabilities are dictionaries here; unknown is None.
"""

from datetime import timedelta

from pyproj import Geod
from shapely.geometry import Point

EARTH = Geod(ellps="WGS84")
WEIGHTS = (0.35, 0.25, 0.15, 0.10, 0.10, 0.05)


def chain(parents, node):
    """The node, its parent, and so on up to the top."""
    nodes = []
    while node != -1:
        nodes.append(node)
        node = parents[node]
    return nodes


def steps_up(parents, node, accepted):
    """Steps from the node to the deepest accepted one above it, None where there is none."""
    for steps, above in enumerate(chain(parents, node)):
        if above in accepted:
            return steps
    return None


def distance(listing, capability):
    metres = EARTH.inv(capability["lon"], capability["lat"], listing["lon"], listing["lat"])[2]
    return metres / 1000


def live(listing, capability):
    running = all(side["live"] and side["owner_ok"] for side in (listing, capability))
    return running and listing["owner"] != capability["owner"]


def material_fits(world, listing, capability):
    if listing["kind"] == "service":
        return True
    if listing["material"] is None:
        return listing["kind"] != "residual"
    return steps_up(world["materials"], listing["material"], capability["materials"]) is not None


def techniques_fit(world, listing, capability):
    if not listing["techniques"]:
        return listing["kind"] == "residual"
    tree, offered = world["techniques"], capability["techniques"]
    return all(steps_up(tree, t, offered) is not None for t in listing["techniques"])


def within_reach(listing, capability):
    if capability["area"] is not None:
        return capability["area"].covers(Point(listing["lon"], listing["lat"]))
    if capability["radius"] is None:
        return False
    return distance(listing, capability) <= capability["radius"]


def large_enough(listing, capability):
    if listing["kg"] is None or capability["least_kg"] is None:
        return True
    return listing["kg"] >= capability["least_kg"]


def share_a_day(listing, capability, today):
    starts = [d for d in (listing["from"], capability["from"], today) if d is not None]
    ends = [d for d in (listing["until"], capability["until"]) if d is not None]
    return not ends or max(starts) <= min(ends)


def why_not(world, listing, capability, today):
    """All rules that the pair breaks, in order."""
    conditions = capability["conditions"]
    holds = {
        "status": live(listing, capability),
        "material": material_fits(world, listing, capability),
        "technique": techniques_fit(world, listing, capability),
        "place": within_reach(listing, capability),
        "hazard": capability["takes_hazardous"] or not listing["hazardous"],
        "condition": not conditions or listing["condition"] in conditions,
        "batch": large_enough(listing, capability),
        "time": share_a_day(listing, capability, today),
        "refused": (listing["ref"], capability["ref"]) not in world["refused"],
        "work_place": capability["on_site"] or not listing["client_site"],
    }
    return [name for name, fine in holds.items() if not fine]


def per_month(listing, amount, today):
    match listing["recurrence"]:
        case "weekly":
            return amount * 52 / 12
        case "monthly":
            return amount
        case "quarterly":
            return amount / 3
        case "yearly":
            return amount / 12
    if listing["until"] is None:
        return amount
    begin = today if listing["from"] is None else max(listing["from"], today)
    days = (listing["until"] - begin).days + 1
    return amount / max(1, days / 30.4375)


def capacity(listing, capability, today):
    shares = [1.0]
    for unit in ("kg", "pieces", "hours"):
        limit, amount = capability["per_month"][unit], listing[unit]
        if limit is None or amount is None:
            continue
        monthly = per_month(listing, amount, today)
        if monthly > 0:
            free = max(0, limit - capability["committed"][unit])
            shares.append(min(1.0, free / monthly))
    return min(shares)


def timing(listing, capability, today):
    begin = today
    if listing["from"] is not None and listing["from"] > today + timedelta(days=179):
        begin = listing["from"]
    own = shared = 0
    for offset in range(180):
        day = begin + timedelta(days=offset)
        here, there = (
            (side["from"] is None or side["from"] <= day)
            and (side["until"] is None or day <= side["until"])
            for side in (listing, capability)
        )
        own += here
        shared += here and there
    return shared / own


def six(world, listing, capability, today):
    """The six components of an eligible pair."""
    levels = 0
    if listing["kind"] != "service" and listing["material"] is not None:
        levels = steps_up(world["materials"], listing["material"], capability["materials"])
    most = 0
    for technique in listing["techniques"]:
        most = max(most, steps_up(world["techniques"], technique, capability["techniques"]))
    kept = [world["retention"][t] for t in (listing["techniques"] or capability["techniques"])] or [
        0.5
    ]
    return (
        2 ** (-distance(listing, capability) / 30),
        0.8**levels * 0.8**most,
        capacity(listing, capability, today),
        timing(listing, capability, today),
        max(kept),
        1 / (1 + capability["open_orders"]),
    )


def score(parts):
    return sum(w * c for w, c in zip(WEIGHTS, parts, strict=True)) / sum(WEIGHTS)


def all_pairs(world, today):
    """Every eligible pair: (listing, capability) -> components."""
    return {
        (i, j): six(world, listing, capability, today)
        for i, listing in enumerate(world["listings"])
        for j, capability in enumerate(world["capabilities"])
        if not why_not(world, listing, capability, today)
    }


def ranked(world, pairs, today):
    """Per listing its capabilities in order, and per capability its listings."""
    listings, capabilities = world["listings"], world["capabilities"]
    by_listing, by_capability = {}, {}
    for (i, j), parts in pairs.items():
        order = (-round(score(parts), 9), round(distance(listings[i], capabilities[j]), 3))
        by_listing.setdefault(i, []).append((*order, capabilities[j]["ref"], j))
        by_capability.setdefault(j, []).append((*order, listings[i]["ref"], i))
    return (
        {i: [row[-1] for row in sorted(rows)] for i, rows in by_listing.items()},
        {j: [row[-1] for row in sorted(rows)] for j, rows in by_capability.items()},
    )
