"""Rows of capabilities."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, ClassVar

from marketplace.accounts.models import Organisation
from marketplace.capabilities import actions
from marketplace.capabilities.drafts import CapabilityDraft
from marketplace.capabilities.lifecycle import CapabilityAction
from marketplace.capabilities.models import Capability, CapabilityPhoto, CapabilityState
from marketplace.core.actor import SYSTEM
from marketplace.exchange.cells import Cells
from marketplace.exchange.columns import Content
from marketplace.exchange.owned import OwnedRows
from marketplace.exchange.places import lies_at, place_record
from marketplace.exchange.reading import Row
from marketplace.exchange.rows import Outcome, alike, own_language
from marketplace.exchange.writing import Record
from marketplace.taxonomy.conditions import Condition
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques

_S, _A = CapabilityState, CapabilityAction

MOVES: dict[tuple[CapabilityState, CapabilityState], tuple[CapabilityAction, ...]] = {
    (_S.DRAFT, _S.ACTIVE): (_A.ACTIVATE,),
    (_S.DRAFT, _S.PAUSED): (_A.ACTIVATE, _A.PAUSE),
    (_S.PAUSED, _S.ACTIVE): (_A.ACTIVATE,),
    (_S.ACTIVE, _S.PAUSED): (_A.PAUSE,),
    (_S.ACTIVE, _S.DRAFT): (_A.PAUSE,),
}
"""What brings a capability to the state that a file asks for; nothing where not named."""

AMOUNTS = (
    "capacity_kg_per_month", "capacity_pieces_per_month", "capacity_hours_per_month",
    "min_batch_kg", "service_radius_km", "storage_m2",
)  # fmt: skip
FLAGS = ("accepts_hazardous", "on_site", "pickup", "cooling", "seeking_work")


@dataclass(frozen=True)
class CapabilityPlan:
    """``status`` is None where the file does not say."""

    owner: Organisation
    draft: CapabilityDraft
    status: CapabilityState | None


class CapabilityRows(OwnedRows[Capability, CapabilityPlan]):
    content = Content.CAPABILITIES
    key = "capability_ref"
    needed = ("capability_ref", "org_ref", "title")
    numbers = (*AMOUNTS, "lead_time_days")
    renamed: ClassVar[dict[str, str]] = {"latitude": "lat", "longitude": "lon"}
    model = Capability
    picture = CapabilityPhoto

    def record(self, thing: Capability) -> Record:
        return capability_record(thing, self.owner_ref(thing))

    def read(self, cells: Cells, row: Row, thing: Capability | None) -> CapabilityPlan:
        owner = self.owner_of(cells)
        place = self.geocoder.place_of(cells, owner.place if owner else None) if owner else None
        taken, able = (thing.materials, thing.techniques) if thing else ([], [])
        values: dict[str, Any] = {
            **{name: cells.number(name) for name in AMOUNTS},
            **{name: cells.flag(name) for name in FLAGS},
            **{name: cells.day(name) for name in ("available_from", "available_until")},
            "title": cells.text("title"),
            "description": cells.text("description"),
            "permits": cells.text("permits"),
            "materials": cells.codes("materials", materials(), "material", taken),
            "techniques": cells.codes("techniques", techniques(), "technique", able),
            "conditions": cells.many_of("conditions", Condition),
            "equipment": cells.many("equipment"),
            "lead_time_days": cells.whole("lead_time_days"),
            "service_area": cells.text("service_area") or None,
        }
        if thing and not cells.names("permits"):
            values["permits"] = thing.permits
        if thing and values["seeking_work"]:
            values["seeking_from"] = thing.seeking_from
        status = cells.one_of("status", CapabilityState)
        cells.refuse()
        assert owner is not None
        assert place is not None
        draft = CapabilityDraft(
            **values,
            place=place,
            language=thing.language if thing else own_language(owner),
            photo_ids=[picture.photo_id for picture in thing.pictures] if thing else [],
        )
        shown = {CapabilityState.ACTIVE, CapabilityState.PAUSED}
        if status in shown or (thing and thing.state in shown):
            draft.fit_to_show()
        return CapabilityPlan(owner, draft, status)

    def store(self, plan: CapabilityPlan, key: Hashable) -> Outcome:
        thing = self.known.get(key)
        outcome = Outcome.UNCHANGED
        if thing is None:
            thing = actions.create(
                self.session,
                plan.draft,
                actor=SYSTEM,
                now=self.around.now,
                organisation_id=plan.owner.id,
                ref=str(key[1]),  # type: ignore[index]
            )
            self.known[key] = thing
            outcome = Outcome.CREATED
        elif not self._same(thing, plan.draft):
            actions.update(self.session, thing, plan.draft, actor=SYSTEM, now=self.around.now)
            outcome = Outcome.CHANGED
        steps = MOVES.get((thing.state, plan.status), ()) if plan.status else ()
        for step in steps:
            actions.move(self.session, thing, step, actor=SYSTEM, now=self.around.now)
        if steps and outcome is Outcome.UNCHANGED:
            outcome = Outcome.CHANGED
        return outcome

    @staticmethod
    def _same(thing: Capability, draft: CapabilityDraft) -> bool:
        plain = all(alike(getattr(thing, name), getattr(draft, name)) for name in actions.PLAIN)
        return plain and lies_at(thing, draft.place)


def capability_record(thing: Capability, org_ref: str) -> Record:
    """Return a capability as values by column."""
    plain = (
        "title", "description", "materials", "techniques", "conditions", "capacity_kg_per_month",
        "capacity_pieces_per_month", "capacity_hours_per_month", "min_batch_kg", "lead_time_days",
        "service_radius_km", "service_area", "accepts_hazardous", "permits", "on_site", "pickup",
        "equipment", "storage_m2", "cooling", "seeking_work", "available_from", "available_until",
    )  # fmt: skip
    return {
        "capability_ref": thing.ref,
        "org_ref": org_ref,
        **{name: getattr(thing, name) for name in plain},
        **place_record(thing),
        "status": thing.state,
    }
