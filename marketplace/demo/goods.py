"""What the demo's organisations offer and can do, with its photos."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from marketplace.capabilities import actions as capabilities
from marketplace.capabilities.drafts import CapabilityDraft
from marketplace.capabilities.lifecycle import CapabilityAction
from marketplace.capabilities.models import Capability
from marketplace.core.actor import SYSTEM
from marketplace.core.storage import Storage
from marketplace.demo.region import People
from marketplace.demo.tables import Row, area, days_ago, extra, number, several
from marketplace.listings import actions as listings
from marketplace.listings.drafts import ListingDraft
from marketplace.listings.lifecycle import ListingAction
from marketplace.listings.models import (
    Kind,
    Listing,
    PriceDirection,
    Recurrence,
    Unit,
    WorkPlace,
)
from marketplace.photos import actions as photos
from marketplace.taxonomy.conditions import Condition

SHOWN_DAYS = 90
EXPIRES_AFTER = timedelta(days=SHOWN_DAYS + 1)
PAUSED = timedelta(days=2)


PERMITS = {
    "AT": "Erlaubnis nach § 24a AWG 2002, Sammeln und Behandeln",
    "HU": "Hulladékgazdálkodási engedély, gyűjtés és kezelés",
}


@dataclass
class Album:
    """The demo's photos, each file rendered once."""

    folder: Path
    storage: Storage
    _rendered: dict[str, tuple[bytes, photos.Rendered]] = field(default_factory=dict)

    def of(self, session: Session, row: Row, organisation_id: int, now: datetime) -> list[int]:
        """Return the keys of the photos that a row names."""
        if not row["photo"]:
            return []
        return [self.hang(session, row["photo"], row["alt"], organisation_id, now)]

    def hang(
        self, session: Session, name: str, alt: str, organisation_id: int, now: datetime
    ) -> int:
        """Store a photo for an organisation and return its key."""
        if name not in self._rendered:
            data = (self.folder / f"{name}.jpg").read_bytes()
            self._rendered[name] = (data, photos.render(data))
        data, rendered = self._rendered[name]
        return photos.store(
            session,
            self.storage,
            data,
            alt=alt,
            actor=SYSTEM,
            organisation_id=organisation_id,
            rendered=rendered,
            now=now,
        ).id


def post(
    session: Session, row: Row, people: People, album: Album, *, now: datetime, age: int
) -> Listing:
    """Post a listing as it was posted ``age`` days ago; its later states come from `age_listing`."""
    owner, actor = people.organisations[row["org"]], people.actors[row["org"]]
    then, more = days_ago(now, age, 6), extra(row["extra"])
    draft = ListingDraft(
        kind=Kind(row["kind"]),
        title=row["title"],
        description=row["description"],
        language="hu" if owner.country == "HU" else "de",
        material_code=row["material"] or None,
        techniques=several(row["techniques"]),
        quantity=number(row["quantity"]),
        unit=Unit(row["unit"] or "piece"),
        work_hours=number(more.get("hours", "")),
        recurrence=Recurrence(row["recurrence"]),
        available_from=then.date(),
        available_until=_day(now, row["until"]),
        condition=Condition(row["condition"]) if row["condition"] else None,
        hazardous="haz" in more,
        waste_code=more.get("waste"),
        price_direction=PriceDirection(more.get("price", "open")),
        work_place=WorkPlace.CLIENT_SITE if "site" in more else WorkPlace.WORKSHOP,
        place=owner.place,
        photo_ids=album.of(session, row, owner.id, then),
    )
    listing = listings.create(session, draft, actor=actor, now=then, ref=row["ref"])
    if row["state"] != "draft":
        listings.move(
            session, listing, ListingAction.PUBLISH, actor=actor, now=then, days=SHOWN_DAYS
        )
    return listing


def _day(now: datetime, offset: str) -> date | None:
    return now.date() + timedelta(days=int(offset)) if offset else None


def age_listing(
    session: Session, listing: Listing, row: Row, people: People, *, now: datetime
) -> None:
    """Bring a listing into the state that its row names."""
    actor = people.actors[row["org"]]
    if row["state"] == "paused":
        then = now - PAUSED
        listings.move(session, listing, ListingAction.PAUSE, actor=actor, now=then)
    if row["state"] == "expired":
        then = listing.created_at + EXPIRES_AFTER
        listings.move(session, listing, ListingAction.EXPIRE, actor=SYSTEM, now=then)


def show(
    session: Session, row: Row, people: People, album: Album, *, now: datetime, age: int
) -> Capability:
    """Show a capability as it was shown ``age`` days ago."""
    owner, actor = people.organisations[row["org"]], people.actors[row["org"]]
    then, more = days_ago(now, age, 6), extra(row["extra"])
    draft = CapabilityDraft(
        title=row["title"],
        description=row["description"],
        language="hu" if owner.country == "HU" else "de",
        materials=several(row["materials"]),
        techniques=several(row["techniques"]),
        conditions=several(row["conditions"]),
        equipment=[word.strip() for word in more.get("equip", "").split("/") if word.strip()],
        capacity_kg_per_month=number(row["kg"]),
        capacity_pieces_per_month=number(row["pieces"]),
        capacity_hours_per_month=number(row["hours"]),
        min_batch_kg=number(row["min_batch"]),
        lead_time_days=int(more["lead"]) if "lead" in more else None,
        service_radius_km=number(row["radius"]),
        service_area=area(more["area"]) if "area" in more else None,
        accepts_hazardous="haz" in more,
        permits=PERMITS[owner.country],
        on_site="site" in more,
        pickup="pickup" in more,
        storage_m2=number(more.get("storage", "")),
        cooling="cool" in more,
        seeking_work="seek" in more,
        seeking_from=_day(now, more.get("seek", "")),
        place=owner.place,
        photo_ids=album.of(session, row, owner.id, then),
    )
    capability = capabilities.create(session, draft, actor=actor, now=then, ref=row["ref"])
    steps = {
        "active": [CapabilityAction.ACTIVATE],
        "paused": [CapabilityAction.ACTIVATE, CapabilityAction.PAUSE],
    }
    for step in steps.get(row["state"], []):
        capabilities.move(session, capability, step, actor=actor, now=then)
    return capability
