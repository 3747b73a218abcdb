"""The terms as text: canonical JSON that can be compared, hashed, and read back."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from marketplace.listings.models import Recurrence, Unit, WorkPlace
from marketplace.orders.drafts import LineDraft, MilestoneDraft, OrderDraft, PartyDraft, Pays
from marketplace.orders.models import LineRole, Order, OrderLine, OrderParty, Part

PARTY = ("organisation_id", "part", "sells")
KINDS: Mapping[str, Any] = {
    "part": Part,
    "role": LineRole,
    "unit": Unit,
    "pays": Pays,
    "price": Decimal,
    "vat_percent": Decimal,
    "work_place": WorkPlace,
    "recurrence": Recurrence,
    "starts_on": date.fromisoformat,
    "due_on": date.fromisoformat,
    "planned_on": date.fromisoformat,
}


@dataclass(frozen=True)
class Rows:
    """The rows of the terms, also of an order whose head does not stand yet."""

    parties: tuple[PartyDraft, ...]
    lines: tuple[LineDraft, ...]
    milestones: tuple[MilestoneDraft, ...]


def rows_of(order: Order) -> Rows:
    """Return the rows as they stand. Needs ``parties``, ``lines`` and ``milestones`` loaded."""
    by_id = {party.id: party for party in order.parties}
    return Rows(
        tuple(
            PartyDraft(organisation_id=p.organisation_id, part=p.part, sells=p.sells)
            for p in order.parties
        ),
        tuple(_line(line, by_id) for line in order.lines),
        tuple(
            MilestoneDraft(id=m.id, title=m.title, planned_on=m.planned_on)
            for m in order.milestones
        ),
    )


def _line(line: OrderLine, by_id: dict[int, OrderParty]) -> LineDraft:
    return LineDraft(
        id=line.id,
        role=line.role,
        description=line.description,
        quantity=line.quantity,
        unit=line.unit,
        mass_kg=line.mass_kg,
        pays=pays(line),
        price=line.price,
        lump_sum=line.lump_sum,
        vat_percent=line.vat_percent,
        giver_id=by_id[line.giver_id].organisation_id,
        taker_id=by_id[line.taker_id].organisation_id,
        listing_id=line.listing_id,
        waste_code=line.waste_code,
    )


def pays(line: OrderLine) -> Pays:
    """Return who pays for a line."""
    if line.payer_id is None:
        return Pays.NOBODY
    return Pays.GIVER if line.payer_id == line.giver_id else Pays.TAKER


def plain(order: Order) -> dict[str, Any]:
    """Return the terms as plain values, also where they are not complete yet."""
    by_id = {party.id: party for party in order.parties}
    head = ("title", "product", "work_place", "standing", "recurrence", "starts_on", "due_on")
    return {
        **{name: _plain(getattr(order, name)) for name in head},
        "number": order.number,
        "parties": [
            {**{name: _plain(getattr(p, name)) for name in PARTY}, "name": p.organisation.name}
            for p in order.parties
        ],
        "lines": [_fields(_line(line, by_id)) for line in order.lines],
        "milestones": [
            {"id": m.id, "title": m.title, "planned_on": _plain(m.planned_on)}
            for m in order.milestones
        ],
    }


def written(order: Order) -> str:
    """Return the terms as they stand, in canonical JSON."""
    return _canonical(plain(order))


def written_draft(order: Order, draft: OrderDraft) -> str:
    """Return the terms of a draft for the parties of this order, in canonical JSON."""
    names = {party.organisation_id: party.organisation.name for party in order.parties}
    value = _fields(draft) | {
        "number": order.number,
        "parties": [
            {name: _plain(getattr(p, name)) for name in PARTY} | {"name": names[p.organisation_id]}
            for p in draft.parties
        ],
        "lines": [_fields(line) for line in draft.lines],
        "milestones": [_fields(milestone) for milestone in draft.milestones],
    }
    return _canonical(value)


def read(text: str) -> OrderDraft:
    """Return the terms that a snapshot holds."""
    value = json.loads(text)
    return OrderDraft(
        **_typed(value, OrderDraft),
        parties=tuple(PartyDraft(**_typed(v, PartyDraft)) for v in value["parties"]),
        lines=tuple(LineDraft(**_typed(v, LineDraft)) for v in value["lines"]),
        milestones=tuple(MilestoneDraft(**_typed(v, MilestoneDraft)) for v in value["milestones"]),
    )


def digest(text: str) -> str:
    """Return the SHA-256 of the text as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Difference:
    """One thing that two versions say differently: which, of which line or milestone, and what."""

    field: str
    where: str
    before: Any
    after: Any


def differences(before: OrderDraft, after: OrderDraft) -> list[Difference]:
    """Return what two versions of the terms say differently, in the order in which they say it."""
    found = _compared("", before, after, skip=("parties", "lines", "milestones"))
    found += _rows("organisation_id", before.parties, after.parties, name="organisation_id")
    found += _rows("id", before.lines, after.lines, name="description")
    found += _rows("id", before.milestones, after.milestones, name="title")
    return found


def _rows(
    key: str, before: tuple[Any, ...], after: tuple[Any, ...], *, name: str
) -> list[Difference]:
    """Compare rows by key, new ones by name; one that is only on one side differs as a whole."""
    left = list(before)
    found: list[Difference] = []
    for row in after:
        twin = next((each for each in left if _same(each, row, key, name)), None)
        if twin is None:
            found.append(Difference(name, "", None, getattr(row, name)))
        else:
            left.remove(twin)
            found += _compared(str(getattr(twin, name)), twin, row, skip=(key,))
    return found + [Difference(name, "", getattr(row, name), None) for row in left]


def _same(one: Any, other: Any, key: str, name: str) -> bool:
    keys = getattr(one, key), getattr(other, key)
    if None in keys:
        keys = getattr(one, name), getattr(other, name)
    return bool(keys[0] == keys[1])


def _compared(where: str, before: Any, after: Any, *, skip: tuple[str, ...]) -> list[Difference]:
    pairs = [
        (f.name, getattr(before, f.name), getattr(after, f.name))
        for f in fields(before)
        if f.name not in skip
    ]
    return [Difference(name, where, old, new) for name, old, new in pairs if old != new]


def _canonical(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _fields(thing: Any) -> dict[str, Any]:
    return {f.name: _plain(getattr(thing, f.name)) for f in fields(thing)}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def _typed(value: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    """Return the fields of a draft from plain values; rows of other drafts are left out."""
    return {
        f.name: KINDS[f.name](value[f.name])
        if f.name in KINDS and value[f.name] is not None
        else value[f.name]
        for f in fields(kind)
        if f.name in value and f.name not in ("parties", "lines", "milestones")
    }
