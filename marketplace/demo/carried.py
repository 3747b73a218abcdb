"""How the demo region's orders are carried out: deliveries, hours, call-offs, and what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from marketplace.core.actor import Actor
from marketplace.demo.tables import Row
from marketplace.orders import call_offs, deliveries, feedback, milestones, stories, work_log
from marketplace.orders.call_offs import CallOffDraft
from marketplace.orders.carrying import CallOffAction, TargetGroup
from marketplace.orders.deliveries import DeliveryDraft, HandOver
from marketplace.orders.drafts import MilestoneDraft
from marketplace.orders.feedback import FeedbackDraft
from marketplace.orders.models import LineRole, Order, OrderLine, OrderParty
from marketplace.orders.stories import StoryDraft, stamp
from marketplace.orders.work_log import WorkDraft

WEEK = timedelta(days=7)
MOST_WEEKS = 6
MILESTONES = {
    "de": ((0.1, "Musterstück freigegeben"), (0.35, "Nullserie geprüft"), (0.7, "Zwischenabnahme")),
    "hu": (
        (0.1, "Mintadarab jóváhagyva"),
        (0.35, "Próbasorozat ellenőrizve"),
        (0.7, "Köztes átvétel"),
    ),
}
REACHED = {"de": "In Ordnung.", "hu": "Rendben."}
ROLES = {"de": "Fertigung", "hu": "gyártás"}
GROUPS = (TargetGroup.TRANSIT, TargetGroup.LONG_TERM_UNEMPLOYED, TargetGroup.DISABILITY)
HUNGARIAN = (TargetGroup.CHANGED_WORK_ABILITY, TargetGroup.DISADVANTAGED)
MARKS = ((5, 4, 5), (4, 5, 5), (5, 5, 4))


@dataclass(frozen=True)
class Cast:
    """Who acts in an order: the broker, and for each party its person."""

    broker: Actor
    people: dict[int, Actor]

    def of(self, party: OrderParty) -> Actor:
        return self.people[party.organisation_id]


def language_of(order: Order) -> str:
    """Return the language in which the parties of an order write."""
    return "hu" if order.parties[0].organisation.country == "HU" else "de"


def planned(language: str, first: date, last: date) -> tuple[MilestoneDraft, ...]:
    """Return the milestones of an order's time."""
    days = (last - first).days
    return tuple(
        MilestoneDraft(title=title, planned_on=first + timedelta(days=round(part * days)))
        for part, title in MILESTONES[language]
    )


def carry_out(
    session: Session, order: Order, cast: Cast, *, begun: datetime, until: datetime, whole: bool
) -> None:
    """Tell of deliveries, hours and milestones from ``begun`` until the day before ``until``.

    ``whole``: by then everything has been handed over.
    """
    weeks = list(_weeks(begun, until))
    for number, then in enumerate(weeks):
        ends = whole and number == len(weeks) - 1
        _deliver(session, order, cast, number, rest=ends, now=then)
        _work(session, order, cast, number, now=then)
    if order.standing and weeks:
        _call_off(session, order, cast, now=weeks[-1])
    last = weeks[-1] if weeks else begun
    for each in list(order.milestones):
        if each.planned_on <= last.date():
            note = REACHED[language_of(order)]
            milestones.reach(
                session, order, each.id, each.planned_on, note, actor=cast.broker, now=last
            )
    _announce(session, order, cast, now=last)


def _weeks(begun: datetime, until: datetime) -> Iterator[datetime]:
    then = begun + WEEK
    for _number in range(MOST_WEEKS):
        if then >= until:
            return
        yield then
        then += WEEK


def _deliver(
    session: Session, order: Order, cast: Cast, number: int, *, rest: bool, now: datetime
) -> None:
    """Hand a part of every line over, or its ``rest``; the third one comes short."""
    for line in order.lines:
        if line.role is LineRole.PRODUCT_OUT and number < 1 and not rest:
            continue
        share = _rest(session, order, line) if rest else _share(line)
        if share <= 0:
            continue
        planned_ = DeliveryDraft(
            line_id=line.id, planned_on=now.date(), expected=share, fetched=number % 2 == 1
        )
        row = deliveries.plan(session, order, planned_, actor=cast.broker, now=now)
        short = number == 2 and share >= 10
        said = HandOver(
            done_on=now.date(),
            arrived=share - 2 if short else share,
            lost=2.0 if short else 0.0,
            mass_kg=None
            if line.mass_kg is None
            else round(line.mass_kg * share / line.quantity, 1),
        )
        for party in (line.giver, line.taker):
            deliveries.hand_over(session, order, row.id, said, actor=cast.of(party), now=now)


def _rest(session: Session, order: Order, line: OrderLine) -> float:
    """Return what of a line has not been handed over yet."""
    so_far = deliveries.progress(line, deliveries.of_order(session, order))
    return line.quantity - so_far.arrived - so_far.lost


def _share(line: OrderLine) -> float:
    """Return a part of a line: at least one of what is counted in whole pieces."""
    return float(max(1, round(line.quantity / (MOST_WEEKS + 2))))


def _work(session: Session, order: Order, cast: Cast, number: int, *, now: datetime) -> None:
    """Put last week's hours down for every workshop."""
    monday = now.date() - timedelta(days=now.weekday()) - WEEK
    language = language_of(order)
    groups = HUNGARIAN if language == "hu" else GROUPS
    for party in order.enterprises:
        people = 4 + (party.organisation_id + number) % 4
        draft = WorkDraft(
            party_id=party.id,
            first_day=monday,
            last_day=monday + timedelta(days=6),
            role=ROLES[language],
            target_group=groups[party.organisation_id % len(groups)],
            hours_planned=people * 12.0,
            hours_worked=people * 10.0 + 4 * number,
            people=people,
            in_training=people // 3,
        )
        work_log.record(session, order, draft, actor=cast.of(party), now=now)


def _call_off(session: Session, order: Order, cast: Cast, *, now: datetime) -> None:
    """Two call-offs of the product or the service: one confirmed, one just asked for."""
    line = next((x for x in order.lines if x.role is not LineRole.MATERIAL_IN), order.lines[0])
    client = cast.of(order.clients[0])
    for weeks, confirmed in ((2, True), (6, False)):
        due = min((now + weeks * WEEK).date(), order.due_on)
        if due < now.date():
            return
        draft = CallOffDraft(line_id=line.id, quantity=line.quantity / 6, due_on=due)
        asked = call_offs.ask(session, order, draft, actor=client, now=now)
        if confirmed:
            maker = cast.of(order.enterprises[-1])
            call_offs.move(session, order, asked.id, CallOffAction.CONFIRM, actor=maker, now=now)


def _announce(session: Session, order: Order, cast: Cast, *, now: datetime) -> None:
    line = order.lines[-1]
    draft = DeliveryDraft(
        line_id=line.id, planned_on=(now + 2 * WEEK).date(), expected=_share(line)
    )
    deliveries.plan(session, order, draft, actor=cast.broker, now=now)


def close(session: Session, order: Order, cast: Cast, row: Row, *, now: datetime) -> None:
    """Let every party say how it was, and those tell a story whose row has one."""
    for number, party in enumerate(order.parties):
        fair, good, again = MARKS[(order.id + number) % len(MARKS)]
        said = FeedbackDraft(fair_price=fair, quality=good, again=again)
        feedback.give(session, order, said, actor=cast.of(party), now=now)
    if not row["story"]:
        return
    photos = [photo.id for photo in stories.possible_photos(session, order, size=2)]
    words = StoryDraft(
        title=row["title"], text=row["story"], language=language_of(order), photo_ids=photos
    )
    told = stories.write(session, order, words, actor=cast.broker, now=now)
    for party in order.parties:
        stories.consent(session, order, seen=stamp(told), actor=cast.of(party), now=now)
