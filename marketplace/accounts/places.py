"""A place: where something is exactly, and what others see of it."""

from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Float, String
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.errors import Invalid
from marketplace.geo.bands import band_of
from marketplace.geo.blur import blur
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import ecef
from marketplace.geo.geocoding.offline import gazetteer
from marketplace.geo.regions import region_of


@dataclass(frozen=True, kw_only=True)
class Place:
    """An address with its exact point, its blurred point and the province that holds it."""

    address: str
    postal_code: str
    city: str
    country: str
    exact: Coordinate
    public: Coordinate
    region: str | None


def make_place(
    *,
    address: str = "",
    postal_code: str = "",
    city: str = "",
    country: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    secret: bytes,
) -> Place:
    """Return the place that was meant; where no point is given, the address is geocoded.

    ``secret`` keys the blur. Raises ``Invalid`` on the field ``city`` where the gazetteer does not
    know the town, and on ``latitude`` where the point is not on Earth.
    """
    if latitude is None or longitude is None:
        town = gazetteer().locate(
            address=address or None,
            postal_code=postal_code or None,
            city=city or None,
            country=country or None,
        )
        if town is None:
            raise Invalid.one("city", "place_unknown", text=f"{postal_code} {city}".strip())
        latitude, longitude = town.latitude, town.longitude
        postal_code, city = postal_code or town.postal_code, city or town.name
        country = country or town.country
    try:
        exact = Coordinate(latitude, longitude)
    except ValueError:
        raise Invalid.one("latitude", "not_on_earth") from None
    if not city or not country:
        near = gazetteer().nearest(latitude, longitude)
        city, country = city or near.name, country or near.country
    return Place(
        address=address,
        postal_code=postal_code,
        city=city,
        country=country,
        exact=exact,
        public=blur(exact, secret),
        region=region_of(latitude, longitude),
    )


class Placed:
    """Columns of a table whose rows lie somewhere.

    ``x``, ``y`` and ``z`` are the earth-centred kilometres of the exact point, ``public_*`` those of
    the blurred one: the chord orders rows by distance in plain SQL, on either database. ``band``
    and ``public_band`` number the bands of latitude (see ``geo.bands``), for the indexes.
    """

    address: Mapped[str] = mapped_column(String(200), default="")
    postal_code: Mapped[str] = mapped_column(String(12), default="")
    city: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(8), index=True)
    latitude: Mapped[float] = mapped_column(Float(53))
    longitude: Mapped[float] = mapped_column(Float(53))
    public_latitude: Mapped[float] = mapped_column(Float(53))
    public_longitude: Mapped[float] = mapped_column(Float(53))
    band: Mapped[int]
    x: Mapped[float] = mapped_column(Float(53))
    y: Mapped[float] = mapped_column(Float(53))
    z: Mapped[float] = mapped_column(Float(53))
    public_band: Mapped[int]
    public_x: Mapped[float] = mapped_column(Float(53))
    public_y: Mapped[float] = mapped_column(Float(53))
    public_z: Mapped[float] = mapped_column(Float(53))

    @property
    def place(self) -> Place:
        """The place as a value."""
        return Place(
            address=self.address,
            postal_code=self.postal_code,
            city=self.city,
            country=self.country,
            exact=Coordinate(self.latitude, self.longitude),
            public=Coordinate(self.public_latitude, self.public_longitude),
            region=self.region,
        )

    def move_to(self, place: Place) -> None:
        """Lie at ``place`` from now on."""
        self.address, self.postal_code = place.address, place.postal_code
        self.city, self.country, self.region = place.city, place.country, place.region
        self.latitude, self.longitude = place.exact.latitude, place.exact.longitude
        self.public_latitude = place.public.latitude
        self.public_longitude = place.public.longitude
        self.band = band_of(place.exact.latitude)
        self.x, self.y, self.z = map(float, ecef(place.exact.latitude, place.exact.longitude))
        self.public_band = band_of(place.public.latitude)
        x, y, z = ecef(place.public.latitude, place.public.longitude)
        self.public_x, self.public_y, self.public_z = float(x), float(y), float(z)


def on_earth() -> tuple[CheckConstraint, CheckConstraint]:
    """Return the CHECKs of a table of ``Placed`` rows."""
    return (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_on_earth"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_on_earth"),
    )
