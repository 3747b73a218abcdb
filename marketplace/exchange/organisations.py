"""Rows of organisations."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from marketplace.accounts import actions
from marketplace.accounts.drafts import OrganisationDraft
from marketplace.accounts.models import Organisation, OrganisationKind, Verification
from marketplace.core.actor import SYSTEM
from marketplace.core.text import clean
from marketplace.exchange.cells import Cells
from marketplace.exchange.columns import Content
from marketplace.exchange.places import lies_at, place_record
from marketplace.exchange.reading import Row
from marketplace.exchange.rows import Outcome, Rows, organisations_by_ref
from marketplace.exchange.writing import Record

TIERS = (2, 3)


@dataclass(frozen=True)
class OrganisationPlan:
    """``verified`` is None where the file does not say."""

    draft: OrganisationDraft
    verified: bool | None


class OrganisationRows(Rows[Organisation, OrganisationPlan]):
    content = Content.ORGANISATIONS
    key = "org_ref"
    needed = ("org_ref", "name", "kind")
    numbers = ("lat", "lon")
    renamed: ClassVar[dict[str, str]] = {"organisation_name": "name"}

    def prepare(self, rows: Sequence[Row]) -> None:
        refs = {str(self.key_of(row)) for row in rows}
        self.known.update(organisations_by_ref(self.session, refs))

    def key_of(self, row: Row) -> Hashable:
        return clean(row.cells.get(self.key))

    def record(self, thing: Organisation) -> Record:
        return organisation_record(thing)

    def read(self, cells: Cells, row: Row, thing: Organisation | None) -> OrganisationPlan:
        kind = cells.one_of("kind", OrganisationKind)
        if kind is None and not cells.has("kind"):
            cells.blame("kind", "required")
        tier = cells.whole("market_tier")
        if tier is not None and tier not in TIERS:
            cells.blame("market_tier", "not_one_of", choices="2, 3")
        elif tier is not None and kind not in {None, OrganisationKind.SOCIAL_ENTERPRISE}:
            cells.blame("market_tier", "market_tier_not_for_them")
        verified = cells.flag("verified") if cells.has("verified") else None
        place = self.geocoder.place_of(cells, None)
        cells.needed("name", 160)
        if place is None or kind is None:
            cells.refuse()
        assert place is not None
        assert kind is not None
        languages = ["hu"] if place.country == "HU" else ["de"]
        draft = OrganisationDraft(
            name=cells.text("name"),
            kind=kind,
            place=place,
            market_tier=tier,
            vat_id=cells.text("vat_id"),
            email=cells.text("email"),
            phone=cells.text("phone"),
            website=cells.text("website"),
            contact_name=thing.contact_name if thing else "",
            languages=thing.languages if thing else languages,
            description=thing.description if thing else "",
            description_language=thing.description_language if thing else languages[0],
        )
        return OrganisationPlan(draft, verified)

    def store(self, plan: OrganisationPlan, key: Hashable) -> Outcome:
        around, draft = self.around, plan.draft
        thing = self.known.get(key)
        if thing is None:
            self.known[key] = actions.found(
                self.session,
                draft,
                actor=SYSTEM,
                now=around.now,
                ref=str(key),
                verified=bool(plan.verified),
            )
            return Outcome.CREATED
        outcome = Outcome.UNCHANGED
        if not self._same(thing, draft):
            was_verified = thing.verification is Verification.VERIFIED
            actions.edit_organisation(self.session, thing, draft, actor=SYSTEM, now=around.now)
            outcome = Outcome.CHANGED
            if was_verified and plan.verified is None:
                plan = OrganisationPlan(draft, True)
        if plan.verified is not None and self._decide(thing, plan.verified):
            outcome = Outcome.CHANGED
        return outcome

    @staticmethod
    def _same(thing: Organisation, draft: OrganisationDraft) -> bool:
        plain = all(getattr(thing, n) == getattr(draft, n) for n in actions.PLAIN)
        return plain and lies_at(thing, draft.place)

    def _decide(self, thing: Organisation, verified: bool) -> bool:
        """Bring the verification in line; a "no" leaves what waits or was refused as it is."""
        if verified == (thing.verification is Verification.VERIFIED):
            return False
        reason = "" if verified else "verified = no"
        actions.decide(
            self.session,
            thing,
            verified=verified,
            reason=reason,
            actor=SYSTEM,
            now=self.around.now,
        )
        return True


def organisation_record(thing: Organisation) -> Record:
    """Return an organisation as values by column."""
    return {
        "org_ref": thing.ref,
        "name": thing.name,
        "kind": thing.kind,
        "market_tier": thing.market_tier,
        **place_record(thing),
        "vat_id": thing.vat_id,
        "email": thing.email,
        "phone": thing.phone,
        "website": thing.website,
        "verified": thing.verification is Verification.VERIFIED,
    }
