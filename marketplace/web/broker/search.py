"""The board's filter as it stands in the address, and the chips that change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from marketplace.core.text import clean, whole
from marketplace.geo.regions import regions
from marketplace.listings.models import Kind
from marketplace.proposals.lifecycle import LIVE, ProposalState
from marketplace.proposals.queries import Filter
from marketplace.taxonomy.materials import materials
from marketplace.web.addresses import kept
from marketplace.web.language import language
from marketplace.web.session import now
from marketplace.wording import label

NEAR_KM = 30
POINTS = (40, 50, 60, 70, 80)
DAYS = (1, 7, 30)
DECIDED = (ProposalState.ACCEPTED, ProposalState.REFUSED)
STATES = (*LIVE, *DECIDED)


@dataclass(frozen=True)
class Chip:
    """A choice as a link: what it says, where it leads, whether it is on."""

    text: str
    url: str
    on: bool


def _members(kind: Any, name: str) -> list[Any]:
    known = {m.value for m in kind}
    return [kind(v) for v in dict.fromkeys(request.args.getlist(name)) if v in known]


def _one_of(name: str, allowed: Sequence[int]) -> int:
    asked = whole(request.args.get(name, ""))
    return asked if asked and asked in allowed else 0


def states() -> list[ProposalState]:
    """Return the states that are asked for; what waits for a decision where none is named."""
    asked = [s for s in _members(ProposalState, "state") if s in STATES]
    return asked or list(LIVE)


def age() -> int:
    """Return how many days old proposals may be; 0 where that does not matter."""
    return _one_of("days", DAYS)


def searched() -> Filter:
    """Read the filter from the address; what is not understood is left out."""
    material, region = request.args.get("material", ""), request.args.get("region", "")
    days = age()
    return Filter(
        states=tuple(states()),
        kinds=tuple(_members(Kind, "kind")),
        material=material if material in materials() else "",
        region=region if region in regions() else "",
        points_at_least=_one_of("points", POINTS),
        km_at_most=_one_of("km", (NEAR_KM,)),
        since=now() - timedelta(days=days) if days else None,
        words=clean(request.args.get("q", ""))[:100],
        across_border=request.args.get("border") == "yes",
    )


def query(**changes: Any) -> dict[str, Any]:
    """Return the address's query with some parts changed; pages and choices begin anew."""
    dropped = {*changes, "page", "chosen"}
    return kept(request.args.lists(), without=dropped) | {k: v for k, v in changes.items() if v}


def _toggled(name: str, values: Sequence[StrEnum], value: StrEnum) -> str:
    left = [v.value for v in values if v is not value]
    if value not in values:
        left.append(value.value)
    if name == "state" and set(left) == {s.value for s in LIVE}:
        left = []
    return url_for(".proposals", **query(**{name: left}))


def chips(wanted: Filter) -> list[Chip]:
    """Return the choices above the board."""
    found = [Chip(label(s), _toggled("state", wanted.states, s), s in wanted.states) for s in LIVE]
    found += [Chip(label(k), _toggled("kind", wanted.kinds, k), k in wanted.kinds) for k in Kind]
    near, across = bool(wanted.km_at_most), wanted.across_border
    km = "" if near else str(NEAR_KM)
    border = "" if across else "yes"
    return [
        *found,
        Chip(_("under %(km)s km", km=NEAR_KM), url_for(".proposals", **query(km=km)), near),
        Chip(_("across the border"), url_for(".proposals", **query(border=border)), across),
    ]


def region_names() -> list[tuple[str, str]]:
    """Return code and name of every region, by name."""
    lang = language()
    named = [(code, region.names[lang]) for code, region in regions().items()]
    return sorted(named, key=lambda pair: pair[1])
