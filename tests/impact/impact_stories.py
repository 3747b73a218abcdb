"""Orders through which kilograms, hours and money go: Koller's tarpaulins, sewn by Nähwerk."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from marketplace.core.actor import SYSTEM
from marketplace.impact import booking, fates
from marketplace.impact.fates import FateDraft
from marketplace.impact.models import Entry, Measure, Path
from marketplace.listings.models import Unit
from marketplace.orders import actions, deliveries, queries, work_log
from marketplace.orders.carrying import TargetGroup
from marketplace.orders.deliveries import DeliveryDraft, HandOver
from marketplace.orders.drafts import LineDraft, Pays
from marketplace.orders.models import LineRole
from marketplace.orders.work_log import WorkDraft
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal
from tests.builders import NOW, a_capability, a_listing, a_person, actor_for, an_enterprise
from tests.orders.order_stories import TODAY, a_line, a_story

M = Measure
WOOD = {"material_code": "wood", "title": "Eichenbretter"}


@dataclass
class World:
    """An order that runs: 1,000 kg of material in, 400 bags out at EUR 38.50, EUR 500 for packing."""

    session: object
    story: object
    order_id: int

    @property
    def order(self):
        return queries.get(self.session, self.order_id, actor=SYSTEM)

    @property
    def material(self):
        return self.order.lines[0]

    @property
    def party(self):
        return self.order.enterprises[0]

    def bring(self, kg, *, line=None, lost=0.0, weighed=None, on=TODAY):
        """Hand over; in the line's unit."""
        line = line or self.material
        draft = DeliveryDraft(line_id=line.id, planned_on=on, expected=max(kg, 1.0))
        row = deliveries.plan(self.session, self.order, draft, actor=SYSTEM, now=NOW)
        self.correct(row, kg, lost=lost, weighed=weighed, on=on)
        return row

    def correct(self, row, kg, *, lost=0.0, weighed=None, on=TODAY):
        said = HandOver(done_on=on, arrived=kg, lost=lost, mass_kg=weighed)
        deliveries.hand_over(self.session, self.order, row.id, said, actor=SYSTEM, now=NOW)

    def say(self, path, kg, *, to=None, actor=None, on=TODAY):
        draft = FateDraft(
            party_id=self.party.id,
            path=path,
            mass_kg=kg,
            happened_on=on,
            to_order_id=None if to is None else to.order_id,
        )
        who = actor or SYSTEM
        return fates.state(self.session, self.order, draft, actor=who, now=NOW)

    def work(self, hours=100.0, people=5, qualified=0, weeks=0, group=TargetGroup.TRANSIT):
        first = TODAY - timedelta(weeks=4 + weeks)
        draft = WorkDraft(
            party_id=self.party.id,
            first_day=first,
            last_day=first + timedelta(days=6),
            target_group=group,
            hours_worked=hours,
            people=people,
            qualified=qualified,
            qualification="Staplerschein" if qualified else "",
        )
        return work_log.record(self.session, self.order, draft, actor=SYSTEM, now=NOW)

    def book(self):
        return booking.book(self.session, self.order.id, now=NOW)

    def complete(self):
        actions.deliver(self.session, self.order, actor=SYSTEM, now=NOW)
        actions.complete(self.session, self.order, actor=SYSTEM, now=NOW)


def material_line(story, **changes):
    return LineDraft(
        **{
            "role": LineRole.MATERIAL_IN,
            "description": "Planen",
            "quantity": 1000.0,
            "unit": Unit.KG,
            "pays": Pays.NOBODY,
            "giver_id": story.company.id,
            "taker_id": story.enterprise.id,
            "listing_id": story.listing.id,
        }
        | changes
    )


def a_world(session, *, listing=None, material=None, work_place=None, capability=None):
    story = a_story(session, listing=listing, capability=capability)
    ends = story.company.id, story.enterprise.id
    packing = a_line(
        *ends,
        role=LineRole.SERVICE,
        description="Verpacken",
        quantity=1.0,
        price=Decimal(500),
        lump_sum=True,
    )
    lines = (material_line(story, **(material or {})), a_line(*ends), packing)
    changes = {} if work_place is None else {"work_place": work_place}
    order = story.running(lines=lines, **changes)
    return World(session, story, order.id)


def the_next(session, world):
    """An order in which Nähwerk hands on to another workshop what it has left, as a client."""
    old = world.story
    point = old.maria_user.service_point_id
    other = an_enterprise(session, name="Filzwerk", service_point_id=point)
    person = a_person(session, other)
    rest = a_listing(session, old.enterprise, title="Rest")
    able = a_capability(session, other)
    story = replace(
        old, company=old.enterprise, enterprise=other, listing=rest, capability=able,
        proposal=proposed(session, rest, able),
        andrea=old.emre, andrea_user=old.emre_user, emre=actor_for(session, person),
    )  # fmt: skip
    return World(session, story, story.running(lines=(material_line(story),)).id)


def proposed(session, listing, able):

    match_listings(session, [listing.id], as_of=TODAY, now=NOW)
    pair = (Proposal.listing_id == listing.id, Proposal.capability_id == able.id)
    return session.scalars(select(Proposal).where(*pair)).one()


def entries(session, *worlds):
    keys = [world.order_id for world in worlds]
    return session.scalars(select(Entry).where(Entry.order_id.in_(keys)).order_by(Entry.id)).all()


def sum_of(session, measure, *worlds, path=None):
    return sum(
        e.result
        for e in entries(session, *worlds)
        if e.measure is measure and (path is None or e.path is path)
    )


ENDS = (Path.RE_USED, Path.MADE_INTO_PRODUCTS, Path.RECYCLED, Path.DISPOSED_OF)
