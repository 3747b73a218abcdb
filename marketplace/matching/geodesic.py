"""The length of the WGS84 geodesic from earth-centred coordinates, in a few multiplications.

A chord with the curvature that the ellipsoid has below its middle, along its direction. Against
Karney's algorithm (pyproj): off by 4 nm up to 50 km, 0.3 um at 100 km, 8 um at 200 km, 63 um at
300 km, 0.8 mm at 500 km, 26 mm at 1,000 km; it grows with the fifth power of the length.
"""

import math

from marketplace.geo.distance import ECCENTRICITY_2, SEMI_MAJOR_KM
from marketplace.matching.jit import inlined

FAR_KM = 300.0
BARELY_APART_KM2 = 1e-24  # a nanometre: the chord is the way, and its curvature would drown
A2 = SEMI_MAJOR_KM**2
B2 = A2 * (1 - ECCENTRICITY_2)


@inlined
def length_km(ax: float, ay: float, az: float, bx: float, by: float, bz: float) -> float:
    """Return the km between two points of the surface given in earth-centred km."""
    dx, dy, dz = ax - bx, ay - by, az - bz
    flat = dx * dx + dy * dy
    squared = flat + dz * dz
    if squared < BARELY_APART_KM2:
        return math.sqrt(squared)
    mx, my, mz = ax + bx, ay + by, az + bz
    across = mx * mx + my * my
    scale = across / A2 + mz * mz / B2
    steep = across / (A2 * A2) + mz * mz / (B2 * B2)
    if scale == 0.0 or steep == 0.0:
        return math.pi * SEMI_MAJOR_KM
    curvature = (flat / A2 + dz * dz / B2) / squared * math.sqrt(scale / steep)
    half = min(0.5 * math.sqrt(squared) * curvature, 1.0)
    return 2.0 / curvature * math.asin(half)


@inlined
def uncertainty_km(km: float) -> float:
    """Return by how much ``length_km`` may be off, generously: four times what was ever seen."""
    if km > 5000.0:
        return 0.2 * km
    return 1e-10 + 1e-19 * km**5
