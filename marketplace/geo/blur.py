"""The public place: near enough to be useful, too far off to find the door.

A fresh random shift for each post could be averaged out by whoever posts or reads often enough.
So the shift hangs on the place alone: everything in one cell of about a kilometre shares one
public point, which only the holder of the secret could predict.
"""

import hashlib
import hmac
import math

from marketplace.geo.coordinates import Coordinate

CELL_KM = 1.0
KM_PER_DEGREE = 111.2
LATITUDE_STEP = CELL_KM / KM_PER_DEGREE
DECIMALS = 4
SMALLEST_COSINE = 0.01


def longitude_step(row: int) -> float:
    """Return how many degrees of longitude a cell of that row spans."""
    middle = math.radians((row + 0.5) * LATITUDE_STEP)
    return LATITUDE_STEP / max(math.cos(middle), SMALLEST_COSINE)


def cell_of(place: Coordinate) -> tuple[int, int]:
    """Return the row and column of the cell that holds ``place``."""
    row = math.floor(place.latitude / LATITUDE_STEP)
    return row, math.floor(place.longitude / longitude_step(row))


def blur(place: Coordinate, secret: bytes) -> Coordinate:
    """Return the public point of the cell that holds ``place``, at most 1.5 km from it.

    The same cell and ``secret`` give the same point, always. Raises ValueError for an empty secret.
    """
    if not secret:
        raise ValueError("a public place needs a secret")
    row, column = cell_of(place)
    digest = hmac.new(secret, f"{row}:{column}".encode(), hashlib.sha256).digest()
    up, along = (int.from_bytes(digest[i : i + 8], "big") / 2**64 for i in (0, 8))
    latitude = (row + up) * LATITUDE_STEP
    longitude = (column + along) * longitude_step(row)
    return Coordinate(
        min(max(round(latitude, DECIMALS), -90.0), 90.0),
        min(max(round(longitude, DECIMALS), -180.0), 180.0),
    )
