"""The six components of a score. Each is one function of pairs and gives (n,) in [0, 1]."""

import numpy as np

from marketplace.geo.distance import Floats
from marketplace.matching.columns import Ints
from marketplace.matching.eligibility import asked_material, technique_levels
from marketplace.matching.kinds import Recurrence
from marketplace.matching.market import DISTANT_FUTURE, Pairs
from marketplace.matching.weights import Weights

HORIZON_DAYS = 180
DAYS_PER_MONTH = 30.4375
WEEKS_PER_MONTH = 52 / 12
LEVEL_FIT = 0.8
UNKNOWN_VALUE = 0.5


def proximity(pairs: Pairs, weights: Weights) -> Floats:
    """Halves every ``half_distance_km``."""
    near: Floats = np.exp2(-pairs.distance_km / weights.half_distance_km)
    return near


def material_levels(pairs: Pairs) -> Ints:
    """Return the steps from the listing's material up to the deepest accepted one, (n,)."""
    levels = pairs.market.materials.levels(asked_material(pairs), pairs.capability)
    return levels.astype(np.int64)


def fit(pairs: Pairs) -> Floats:
    """0.8 for each step up to what is accepted and offered. For eligible pairs only."""
    levels = material_levels(pairs) + technique_levels(pairs)
    fits: Floats = LEVEL_FIT ** levels.astype(np.float64)
    return fits


def monthly_amounts(pairs: Pairs) -> Floats:
    """Return what each listing brings per month in kg, pieces and hours, (n, 3), NaN if unknown.

    What comes once is spread over the months of its window, at least one.
    """
    listings, i = pairs.market.listings, pairs.listing
    amounts = np.stack([listings.mass_kg[i], listings.pieces[i], listings.hours[i]], axis=1)
    first, last = (side[i] for side in pairs.market.listing_windows)
    days = last - np.maximum(first, pairs.market.as_of) + 1
    months = np.where(last >= DISTANT_FUTURE, 1.0, np.maximum(1.0, days / DAYS_PER_MONTH))
    recurrence = listings.recurrence[i]
    share = np.select(
        [
            recurrence == Recurrence.WEEKLY,
            recurrence == Recurrence.MONTHLY,
            recurrence == Recurrence.QUARTERLY,
            recurrence == Recurrence.YEARLY,
        ],
        [np.full(len(i), WEEKS_PER_MONTH), np.ones(len(i)), np.full(len(i), 1 / 3), 1 / 12],
        1 / months,
    )
    monthly: Floats = amounts * share[:, np.newaxis]
    return monthly


def free_amounts(pairs: Pairs) -> Floats:
    """Return what each capability has left per month in kg, pieces and hours, (n, 3), NaN if
    unknown."""
    table, j = pairs.market.capabilities, pairs.capability
    whole = np.stack(
        [c[j] for c in (table.capacity_kg, table.capacity_pieces, table.capacity_hours)]
    )
    taken = np.stack(
        [c[j] for c in (table.committed_kg, table.committed_pieces, table.committed_hours)]
    )
    free: Floats = np.maximum(whole - np.nan_to_num(taken), 0.0).T
    return free


def capacity_shares(pairs: Pairs) -> Floats:
    """Return min(1, free / monthly) per unit, (n, 3), NaN where either is unknown."""
    free, monthly = free_amounts(pairs), monthly_amounts(pairs)
    known = ~(np.isnan(free) | np.isnan(monthly))
    needed = known & (monthly > 0)
    shares = np.where(known, 1.0, np.nan)
    shares[needed] = np.minimum(1.0, free[needed] / monthly[needed])
    return shares


def capacity(pairs: Pairs) -> Floats:
    """How much of what comes can be taken, by the scarcest unit; 1 where none is known."""
    shares = capacity_shares(pairs)
    scarcest: Floats = np.where(np.isnan(shares), 1.0, shares).min(axis=1)
    return scarcest


def day_counts(pairs: Pairs) -> tuple[Ints, Ints]:
    """Return (shared days, the listing's days) inside the horizon, (n,) each.

    The horizon is 180 days from the day of matching; where a listing begins after it, the first
    180 days from its own first.
    """
    (first, last), (opens, closes) = (
        pairs.market.listing_windows,
        pairs.market.capability_windows,
    )
    i, j, today = pairs.listing, pairs.capability, pairs.market.as_of
    start = np.where(first[i] >= today + HORIZON_DAYS, first[i], today)
    end = np.minimum(start + HORIZON_DAYS - 1, last[i])
    begin = np.maximum(start, first[i])
    own = np.maximum(end - begin + 1, 0)
    shared = np.minimum(end, closes[j]) - np.maximum(begin, opens[j]) + 1
    return np.maximum(shared, 0), own


def timing(pairs: Pairs) -> Floats:
    """The share of the listing's days on which the capability is there too."""
    shared, own = day_counts(pairs)
    share: Floats = shared / np.maximum(own, 1)
    return share


def value(pairs: Pairs) -> Floats:
    """The best technique named, or else offered; 0.5 where there is none."""
    retention = pairs.market.ontology.value_retention
    named, offered = pairs.market.listings.techniques, pairs.market.capabilities.techniques
    best = np.full(len(pairs), -1.0)
    for sets, rows in ((named, pairs.listing), (offered, pairs.capability)):
        open_rows = best < 0
        for position in range(int(sets.sizes[rows[open_rows]].max(initial=0))):
            number = sets.nth(position, rows)
            has = open_rows & (number >= 0)
            best[has] = np.maximum(best[has], retention[number[has]])
    return np.where(best < 0, UNKNOWN_VALUE, best)


def fairness(pairs: Pairs) -> Floats:
    """Work goes first to those who have few orders open."""
    share: Floats = 1 / (1 + pairs.market.capabilities.open_orders[pairs.capability])
    return share


def components(pairs: Pairs, weights: Weights) -> Floats:
    """Return all six of eligible pairs, (n, 6), in the order of ``Component``."""
    return np.stack(
        [
            proximity(pairs, weights),
            fit(pairs),
            capacity(pairs),
            timing(pairs),
            value(pairs),
            fairness(pairs),
        ],
        axis=1,
    )
