"""Nähwerk applies for its courier bag: Ada advises, Bela assesses, Cora and Dan sit, Eva decides."""

from dataclasses import dataclass, field
from datetime import timedelta

from marketplace.core.actor import Actor
from marketplace.geo.coordinates import Coordinate
from marketplace.seals import applying, certifying, process, separation
from marketplace.seals.assessment import Finding, SealRole
from marketplace.seals.criteria import ProductKind
from marketplace.seals.drafts import ApplicationDraft, InputDraft, MakerDraft, StepDraft
from marketplace.seals.models import ProductGroup, Route, SealApplication
from marketplace.seals.signing import Signer
from tests.builders import (
    NOW,
    a_broker,
    a_person,
    actor_for,
    an_agency_person,
    an_enterprise,
    an_organisation,
)

TODAY = NOW.date()
SIGNER = Signer(bytes(range(32)))
VIENNA = Coordinate(48.2082, 16.3738)


def head(**changes):
    return ApplicationDraft(
        **{
            "kind": ProductKind.PRODUCT,
            "name": "Kuriertasche Leitha",
            "description": "Eine Tasche aus alten Planen.",
            "language": "de",
            "group": ProductGroup.TEXTILE,
        }
        | changes
    )


def an_input(**changes):
    values = {
        "name": "Lkw-Plane", "material_code": "tarpaulin", "mass_kg": 0.9, "origin": "Wien",
        "point": VIENNA, "route": Route.LEFTOVER,
    }  # fmt: skip
    return InputDraft(**values | changes)


@dataclass
class Story:
    session: object
    maker: object
    emre_user: object
    emre: Actor
    agnes_user: object
    agnes: Actor
    users: dict = field(default_factory=dict)
    actors: dict = field(default_factory=dict)

    def draft(self, *, employees=20, disadvantaged=9, **changes) -> SealApplication:
        """An application with everything that is asked for, unless changed."""
        made = applying.begin(self.session, head(**changes), today=TODAY, actor=self.emre, now=NOW)
        people = MakerDraft(employees=employees, disadvantaged=disadvantaged)
        applying.count_people(
            self.session, made, made.makers[0].id, people, actor=self.emre, now=NOW
        )
        applying.put_input(self.session, made, None, an_input(), actor=self.emre, now=NOW)
        for name, helped in (("Zuschnitt", True), ("Nähen", True)):
            step = StepDraft(
                name=name, organisation_id=self.maker.id, hours=1.2, disadvantaged=helped
            )
            applying.put_step(self.session, made, None, step, actor=self.emre, now=NOW)
        return made

    def submitted(self, **changes):
        made = self.draft(**changes)
        process.submit(self.session, made, today=TODAY, actor=self.emre, now=NOW)
        return made

    def appoint(self, made, *names):
        for name in names or self.users:
            role = {"ada": SealRole.ADVISER, "bela": SealRole.ASSESSOR, "eva": SealRole.DECIDER}
            separation.appoint(
                self.session, made, role.get(name, SealRole.PANEL), self.users[name].email,
                actor=self.agnes, now=NOW,
            )  # fmt: skip

    def assessing(self, **changes):
        made = self.submitted(**changes)
        self.appoint(made)
        process.begin(self.session, made, actor=self.agnes, now=NOW)
        return made

    def judge(self, made, *, fails=(), points=5.0):
        for criterion in made.criteria_set.criteria:
            if criterion.computed or criterion.code == "R3":
                continue
            finding = Finding.DOES_NOT if criterion.code in fails else Finding.HOLDS
            process.judge(
                self.session, made, criterion.code, finding, points, "Gesehen.",
                actor=self.actors["bela"], now=NOW,
            )  # fmt: skip

    def reported(self, *, fails=(), **changes):
        made = self.assessing(**changes)
        self.judge(made, fails=fails)
        process.report(self.session, made, actor=self.actors["bela"], now=NOW)
        return made

    def at_panel(self, **changes):
        made = self.reported(**changes)
        process.convene(self.session, made, actor=self.agnes, now=NOW)
        return made

    def vote(self, made, cora=True, dan=True):
        for name, yes in (("cora", cora), ("dan", dan)):
            if yes is not None:
                process.vote(
                    self.session, made, yes, "Überzeugt.", actor=self.actors[name], now=NOW
                )

    def award(self, made, *, today=TODAY, now=NOW):
        return certifying.award(
            self.session, made, "Alle Kriterien erfüllt.", signer=SIGNER, today=today,
            actor=self.actors["eva"], now=now,
        )  # fmt: skip

    def awarded(self, **changes):
        made = self.at_panel(**changes)
        self.vote(made)
        return self.award(made)


def a_story(session):
    maker = an_enterprise(session)
    emre = a_person(session, maker, name="Emre Yıldız")
    agnes = an_agency_person(session)
    story = Story(session, maker, emre, actor_for(session, emre), agnes, actor_for(session, agnes))
    story.users = {
        "ada": a_broker(session, name="Ada Adviser"),
        "bela": a_person(session, an_organisation(session, kind="consultancy"), name="Bela Bíró"),
        "cora": a_person(session, name="Cora Unabhängig"),
        "dan": an_agency_person(session, name="Dan Agentur"),
        "eva": an_agency_person(session, name="Eva Entscheid"),
    }
    story.actors = {name: actor_for(session, user) for name, user in story.users.items()}
    return story


def later(days):
    return NOW + timedelta(days=days)
