"""Rows of listings."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from marketplace.accounts.models import Organisation
from marketplace.core.actor import SYSTEM
from marketplace.exchange import photos
from marketplace.exchange.cells import Cells
from marketplace.exchange.columns import Content
from marketplace.exchange.owned import OwnedRows
from marketplace.exchange.places import lies_at, place_record
from marketplace.exchange.reading import Row
from marketplace.exchange.rows import Outcome, alike, own_language
from marketplace.exchange.writing import Record
from marketplace.listings import actions
from marketplace.listings.drafts import ListingDraft
from marketplace.listings.lifecycle import ListingAction, ListingState
from marketplace.listings.models import (
    Kind,
    Listing,
    ListingPhoto,
    PriceDirection,
    Recurrence,
    Unit,
    WorkPlace,
)
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.waste import waste_codes

_S, _A = ListingState, ListingAction

MOVES: dict[tuple[ListingState, ListingState], tuple[ListingAction, ...]] = {
    (_S.DRAFT, _S.PUBLISHED): (_A.PUBLISH,),
    (_S.DRAFT, _S.PAUSED): (_A.PUBLISH, _A.PAUSE),
    (_S.PAUSED, _S.PUBLISHED): (_A.RESUME,),
    (_S.PUBLISHED, _S.PAUSED): (_A.PAUSE,),
    (_S.PUBLISHED, _S.DRAFT): (_A.PAUSE,),
}
"""What brings a listing from its state to the one that a file asks for; nothing where not named: what
is reserved, given or expired went its way here, and a file does not take it back."""


@dataclass(frozen=True)
class ListingPlan:
    """``status`` is None where the file does not say."""

    owner: Organisation
    draft: ListingDraft
    status: ListingState | None
    files: list[Path]


class ListingRows(OwnedRows[Listing, ListingPlan]):
    content = Content.LISTINGS
    key = "listing_ref"
    needed = ("listing_ref", "org_ref", "kind", "title")
    numbers = ("quantity", "mass_kg", "work_hours")
    renamed: ClassVar[dict[str, str]] = {"latitude": "lat", "longitude": "lon"}
    model = Listing
    picture = ListingPhoto

    def record(self, thing: Listing) -> Record:
        """Return the stored listing; a computed mass follows what the file says instead."""
        record = listing_record(thing, self.owner_ref(thing))
        computed = thing.mass_estimated or thing.unit in {Unit.KG, Unit.T}
        return record | {"mass_kg": None} if computed and thing.quantity is not None else record

    def read(self, cells: Cells, row: Row, thing: Listing | None) -> ListingPlan:
        owner = self.owner_of(cells)
        place = self.geocoder.place_of(cells, owner.place if owner else None) if owner else None
        kind = cells.one_of("kind", Kind)
        if kind is None and not cells.has("kind"):
            cells.blame("kind", "required")
        known = thing.photos if thing else []
        files = photos.named(cells, row.line, self.folder, known, self.remarks)
        material = self._material(cells, thing)
        named = thing.techniques if thing else []
        values: dict[str, Any] = {
            "title": cells.text("title"),
            "description": cells.text("description"),
            "techniques": cells.codes("techniques", techniques(), "technique", named),
            "quantity": cells.number("quantity"),
            "unit": cells.one_of("unit", Unit, Unit.PIECE),
            "mass_kg": cells.number("mass_kg"),
            "work_hours": cells.number("work_hours"),
            "recurrence": cells.one_of("recurrence", Recurrence, Recurrence.ONCE),
            "available_from": cells.day("available_from")
            or (thing.available_from if thing else self.around.today),
            "available_until": cells.day("available_until"),
            "condition": cells.one_of("condition", Condition),
            "hazardous": cells.flag("hazardous"),
            "waste_code": cells.waste_code("waste_code"),
            "price_direction": cells.one_of("price_direction", PriceDirection, PriceDirection.OPEN),
            "work_place": cells.one_of("work_place", WorkPlace, WorkPlace.WORKSHOP),
        }
        status = cells.one_of("status", ListingState)
        cells.refuse()
        assert owner is not None
        assert place is not None
        assert kind is not None
        draft = ListingDraft(
            **values,
            kind=kind,
            material_code=material,
            place=place,
            language=thing.language if thing else own_language(owner),
            photo_ids=[picture.photo_id for picture in thing.pictures] if thing else [],
        ).completed()
        if self._shown(thing, status):
            draft.fit_to_match()
        return ListingPlan(owner, draft, status, files)

    @staticmethod
    def _material(cells: Cells, thing: Listing | None) -> str | None:
        kept = [thing.material_code] if thing else []
        found = cells.codes("material", materials(), "material", kept)
        if len(found) > 1:
            cells.blame("material", "one_material")
        return found[0] if found else None

    @staticmethod
    def _shown(thing: Listing | None, status: ListingState | None) -> bool:
        if thing is None:
            return status in {ListingState.PUBLISHED, ListingState.PAUSED}
        return thing.state is not ListingState.DRAFT or status is ListingState.PUBLISHED

    def store(self, plan: ListingPlan, key: Hashable) -> Outcome:
        thing = self.known.get(key)
        draft = plan.draft
        if plan.files:
            taken = photos.taken_in(
                self.session, plan.files, draft.title, plan.owner.id, self.around
            )
            draft = replace(draft, photo_ids=taken)
        outcome = Outcome.UNCHANGED
        if thing is None:
            thing = actions.create(
                self.session,
                draft,
                actor=SYSTEM,
                now=self.around.now,
                organisation_id=plan.owner.id,
                ref=str(key[1]),  # type: ignore[index]
            )
            self.known[key] = thing
            outcome = Outcome.CREATED
        elif not self._same(thing, draft):
            actions.update(self.session, thing, draft, actor=SYSTEM, now=self.around.now)
            outcome = Outcome.CHANGED
        if self._move(thing, plan.status) and outcome is Outcome.UNCHANGED:
            outcome = Outcome.CHANGED
        return outcome

    @staticmethod
    def _same(thing: Listing, draft: ListingDraft) -> bool:
        return (
            all(alike(getattr(thing, name), getattr(draft, name)) for name in actions.PLAIN)
            and alike(thing.mass_kg, draft.mass()[0])
            and lies_at(thing, draft.place)
            and [picture.photo_id for picture in thing.pictures] == draft.photo_ids
        )

    def _move(self, thing: Listing, status: ListingState | None) -> bool:
        steps = MOVES.get((thing.state, status), ()) if status else ()
        for step in steps:
            actions.move(
                self.session,
                thing,
                step,
                actor=SYSTEM,
                now=self.around.now,
                days=self.around.listing_days,
            )
        return bool(steps)


def listing_record(thing: Listing, org_ref: str, public_url: str = "") -> Record:
    """Return a listing, with its ``pictures`` and their photos loaded, as values by column."""
    code = waste_codes().get(thing.waste_code).pretty if thing.waste_code else None
    return {
        "listing_ref": thing.ref,
        "org_ref": org_ref,
        "kind": thing.kind,
        "title": thing.title,
        "description": thing.description,
        "material": thing.material_code,
        "techniques": thing.techniques,
        "quantity": thing.quantity,
        "unit": thing.unit,
        "mass_kg": thing.mass_kg,
        "recurrence": thing.recurrence,
        "available_from": thing.available_from,
        "available_until": thing.available_until,
        "condition": thing.condition,
        "hazardous": thing.hazardous,
        "waste_code": code,
        **place_record(thing),
        "photos": [f"{public_url}/media/{photo.file('l')}" for photo in thing.photos],
        "work_place": thing.work_place,
        "work_hours": thing.work_hours,
        "price_direction": thing.price_direction,
        "status": thing.state,
    }
