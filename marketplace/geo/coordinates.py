"""Where something is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coordinate:
    """A point in degrees of WGS84. Raises ValueError where it is not on Earth."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError(f"not on Earth: {self.latitude}, {self.longitude}")
