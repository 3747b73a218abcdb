"""What rows of listings and capabilities share: an owner, and references unique within it."""

from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from marketplace.accounts.models import Organisation
from marketplace.capabilities.models import Capability
from marketplace.core.text import clean
from marketplace.exchange.cells import Cells
from marketplace.exchange.reading import Row
from marketplace.exchange.rows import Rows, organisations_by_ref, parts
from marketplace.listings.models import Listing

Owned = TypeVar("Owned", Listing, Capability)
Plan = TypeVar("Plan")


class OwnedRows(Rows[Owned, Plan]):
    """The key is the pair of the owner's reference and the thing's own."""

    model: type[Owned]
    picture: Any

    def prepare(self, rows: Sequence[Row]) -> None:
        refs = {clean(row.cells.get("org_ref")) for row in rows}
        self.owners = organisations_by_ref(self.session, refs)
        by_id = {owner.id: owner for owner in self.owners.values()}
        model: Any = self.model
        wanted = sorted({clean(row.cells.get(self.key)) for row in rows})
        for part in parts(wanted):
            found = self.session.scalars(
                select(model)
                .where(model.ref.in_(part))
                .options(selectinload(model.pictures).joinedload(self.picture.photo))
            )
            for thing in found:
                owner = by_id.get(thing.organisation_id)
                if owner is not None:
                    self.known[owner.ref, thing.ref] = thing

    def key_of(self, row: Row) -> Hashable:
        return clean(row.cells.get("org_ref")), clean(row.cells.get(self.key))

    def owner_ref(self, thing: Owned) -> str:
        """Return the reference of a known thing's owner, which was loaded with it."""
        return self.session.get_one(Organisation, thing.organisation_id).ref

    def owner_of(self, cells: Cells) -> Organisation | None:
        """Return the organisation that the row names."""
        ref = cells.needed("org_ref", 60)
        owner = self.owners.get(ref)
        if owner is None and ref:
            cells.blame("org_ref", "row_unknown_organisation", text=ref)
        return owner
