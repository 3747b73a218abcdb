"""The demo region's value cluster: partners, what they offer, calls and who answers them."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from marketplace.cluster import calls, consortia, cooperations, partners
from marketplace.cluster.drafts import (
    CallDraft,
    ConsortiumDraft,
    CooperationDraft,
    InterestDraft,
    PartnerDraft,
)
from marketplace.cluster.lifecycle import PartnerAction, PlaceAction
from marketplace.cluster.models import Call, ConsortiumRole, Direction, Theme
from marketplace.core.actor import SYSTEM
from marketplace.demo.region import People
from marketplace.demo.tables import days_ago

Item = dict[str, Any]


def tell_cluster(session: Session, people: People, *, now: datetime) -> int:
    """Let the partners join, offer and answer calls; return how many partners there are."""
    told: dict[str, list[Item]] = json.loads(
        files("marketplace.demo").joinpath("data", "cluster.json").read_text(encoding="utf-8")
    )
    for item in told["partners"]:
        _join(session, people, item, now=now)
    for item in told["cooperations"]:
        then = days_ago(now, item["days"], 10)
        draft = CooperationDraft(
            direction=Direction(item["direction"]),
            title=item["title"],
            text=item["text"],
            language=item["language"],
            themes=_themes(item),
            ends_on=now.date() + timedelta(days=item["for"]),
            today=then.date(),
        )
        cooperations.post(session, draft, actor=people.actors[item["organisation"]], now=then)
    written = {item["reference"]: _call(session, item, now=now) for item in told["calls"]}
    for item in told["interests"]:
        interest = InterestDraft(**_plain(item, "brings", "seeks", "language"))
        who, then = people.actors[item["organisation"]], days_ago(now, item["days"], 11)
        calls.declare(session, written[item["call"]], interest, actor=who, now=then)
    for item in told["consortia"]:
        _found(session, people, written[item["call"]], item, now=now)
    return len(told["partners"])


def _plain(item: Item, *names: str) -> Item:
    return {name: item[name] for name in names}


def _themes(item: Item) -> list[Theme]:
    return [Theme(code) for code in item["themes"]]


def _join(session: Session, people: People, item: Item, *, now: datetime) -> None:
    then = days_ago(now, item["days"], 9)
    draft = PartnerDraft(**_plain(item, "text", "language"), themes=_themes(item))
    made = partners.apply(session, draft, actor=people.actors[item["organisation"]], now=then)
    if not item.get("waiting"):
        later = min(then + timedelta(days=4), now)
        partners.decide(session, made.id, PartnerAction.ADMIT, actor=SYSTEM, now=later)


def _call(session: Session, item: Item, *, now: datetime) -> Call:
    today = now.date()
    draft = CallDraft(
        **_plain(item, "title", "programme", "reference", "text", "language", "countries"),
        opens_on=today + timedelta(days=item["opens"]),
        deadline_on=today + timedelta(days=item["deadline"]),
        budget=Decimal(item["budget"]),
        funding_percent=item["funding"],
        themes=_themes(item),
    )
    return calls.write(session, draft, actor=SYSTEM, now=days_ago(now, item["days"], 8))


def _found(session: Session, people: People, call: Call, item: Item, *, now: datetime) -> None:
    lead, then = people.actors[item["lead"]], days_ago(now, item["days"], 13)
    draft = ConsortiumDraft(**_plain(item, "name", "text", "task", "language"))
    made = consortia.found(session, call, draft, actor=lead, now=then)
    for place in item["places"]:
        who = people.actors[place["organisation"]]
        key = people.organisations[place["organisation"]].id
        role = ConsortiumRole(place["role"])
        consortia.invite(session, made, key, role, place["task"], actor=lead, now=then)
        if place["answer"]:
            consortia.answer(session, made, PlaceAction(place["answer"]), actor=who, now=then)
