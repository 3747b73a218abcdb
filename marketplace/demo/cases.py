"""The cases of the demo region: in every phase, with what people in them said, tried and agreed."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation, ServicePoint
from marketplace.cases import (
    appointments,
    attempts,
    diary,
    needs,
    opening,
    parties,
    phases,
    referrals,
    trials,
)
from marketplace.cases.drafts import (
    AppointmentDraft,
    CaseDraft,
    EnquiryDraft,
    IdeaDraft,
    NeedsDraft,
    Subject,
    TaskDraft,
    TrialDraft,
)
from marketplace.cases.lifecycle import CaseAction
from marketplace.cases.models import Case, CaseParty, Disclosure, Origin, Outcome, Verdict
from marketplace.core.actor import ANYBODY, Actor
from marketplace.demo.region import People
from marketplace.demo.stories import Made
from marketplace.demo.tables import days_ago
from marketplace.listings.models import Kind
from marketplace.proposals.lifecycle import LIVE
from marketplace.proposals.models import Proposal

Told = dict[str, Any]
SUBJECTS = {"csr_product": Subject.CSR_GOAL, None: Subject.IDEA}


def tell_cases(session: Session, people: People, made: Made, *, now: datetime) -> int:
    """Tell every case of ``data/cases.json``; return how many there are."""
    text = files("marketplace.demo").joinpath("data", "cases.json").read_text(encoding="utf-8")
    told: list[Told] = json.loads(text)
    for row in sorted(told, key=lambda row: -int(row["days"])):
        _Telling(session, people, made, row, now).tell()
    return len(told)


class _Telling:
    """One case on its way from the first talk until now."""

    def __init__(
        self, session: Session, people: People, made: Made, row: Told, now: datetime
    ) -> None:
        self.session, self.people, self.made, self.row, self.now = session, people, made, row, now
        client = row["client"]
        self.client: Organisation | None = people.organisations[client] if client else None
        point = self.client.service_point_id if self.client else next(iter(people.brokers))
        self.point_id = point
        self.broker: Actor = people.brokers[point]
        self.language = "hu" if self.client is not None and self.client.country == "HU" else "de"

    def tell(self) -> None:
        """Let it happen in the order in which such things happen."""
        case = self._enquired() if "enquiry" in self.row else self._begun()
        self._write_needs(case)
        self._let_take_part(case)
        self._follow(case)
        self._move(case)
        self._try(case)
        self._keep(case)
        self._meet(case)
        self._end(case)

    def _by(self, days: int, hour: int = 8) -> dict[str, Any]:
        return {"actor": self.broker, "now": days_ago(self.now, days, hour)}

    def _on(self, days: int) -> date:
        return self.now.date() + timedelta(days=days)

    def _enquired(self) -> Case:
        row, home = self.row, self.client
        name, organisation, city = row.get("person") or ("", "", "")
        who = self.people.actors[row["client"]] if home is not None else ANYBODY
        draft = EnquiryDraft(
            subject=SUBJECTS.get(row["kind"]) or Subject(row["kind"]),
            words=row["words"],
            name=name or (home.contact_name if home is not None else ""),
            email=home.email if home is not None else "hofladen@demo.sopro.example",
            organisation=organisation or (home.name if home is not None else ""),
            city=city or (home.city if home is not None else ""),
            language=self.language,
            service_point_id=self.point_id or 0,
            agreed=True,
        )
        asked = days_ago(self.now, row["days"], 7)
        case = opening.enquire(self.session, draft, actor=who, now=asked)
        if "taken" in row:
            by = self._by(row["taken"])
            phases.assign(self.session, case, self.broker.user_id, seen=None, **by)
        case.title = row["title"]
        return case

    def _begun(self) -> Case:
        row, by = self.row, self._by(self.row["days"], 7)
        draft = CaseDraft(
            title=row["title"],
            description=row.get("words", ""),
            kind=Kind(row["kind"]),
            language=self.language,
        )
        case = opening.by_hand(self.session, draft, **by)
        if self.client is not None:
            parties.add(self.session, case, self.client.id, **by)
        return case

    def _write_needs(self, case: Case) -> None:
        told = self.row.get("needs")
        if told is None or (case.origin is Origin.ENQUIRY and "taken" not in self.row):
            return
        kind = Kind(self.row["kind"])
        sheet = needs.sheet_of(self.session, case, kind)
        draft = NeedsDraft(
            kind=kind,
            what=told.get("what", self.row.get("words", "")),
            why=told.get("why", ""),
            quality=told.get("quality", ""),
            quantity=told.get("quantity", ""),
            deadline=self._on(told["deadline"]) if "deadline" in told else None,
            budget=Decimal(told["budget"]) if "budget" in told else None,
            sdgs=tuple(told.get("sdgs", ())),
        )
        seen = sheet.version if sheet is not None else 0
        needs.write(self.session, case, draft, seen=seen, **self._by(self._soon_after(1)))

    def _soon_after(self, days: int) -> int:
        """Return how many days ago it was, so many days after the case began."""
        return max(int(self.row["days"]) - days, 0)

    def _let_take_part(self, case: Case) -> None:
        by = self._by(self._soon_after(2))
        for ref in self.row.get("doers", ()):
            parties.add(self.session, case, self.people.organisations[ref].id, **by)
        for title, description, verdict, reason in self.row.get("ideas", ()):
            draft = IdeaDraft(title=title, description=description)
            idea = needs.add_idea(self.session, case, draft, **by)
            if verdict != "open":
                judged = Verdict(verdict)
                needs.judge_idea(self.session, case, idea, judged, reason, seen=Verdict.OPEN, **by)

    def _follow(self, case: Case) -> None:
        if "listing" not in self.row:
            return
        listing = self.made.listings[self.row["listing"]]
        best = None
        if self.row.get("proposal"):
            best = self.session.scalars(
                select(Proposal)
                .where(Proposal.listing_id == listing.id, Proposal.state.in_(LIVE))
                .order_by(Proposal.rank)
            ).first()
        by = self._by(self._soon_after(3))
        attempts.add(self.session, case, listing=listing, proposal=best, **by)

    def _move(self, case: Case) -> None:
        for action, days in self.row.get("moves", ()):
            phases.move(self.session, case, CaseAction(action), **self._by(days))

    def _try(self, case: Case) -> None:
        told = self.row.get("trial")
        if told is None:
            return
        self.session.refresh(case, ["attempts"])
        draft = TrialDraft(
            what=told["what"], tried_on=self._on(-told["days"]), pieces=told["pieces"]
        )
        by = self._by(told["days"])
        trial = trials.try_out(self.session, case, case.attempts[0], draft, **by)
        verdict, by = Verdict(told["verdict"]), self._by(max(told["days"] - 1, 0))
        trials.judge(self.session, case, trial, verdict, told["result"], told["reason"], **by)

    def _keep(self, case: Case) -> None:
        for days, text in self.row.get("notes", ()):
            diary.note(self.session, case, text, **self._by(days))
        for title, due, done in self.row.get("tasks", ()):
            by = self._by(self._soon_after(1))
            task = diary.add_task(
                self.session, case, TaskDraft(title=title, due_on=self._on(due)), **by
            )
            if done:
                diary.finish_task(self.session, case, task, **self._by(-due))

    def _meet(self, case: Case) -> None:
        for title, days, hour, place in self.row.get("meetings", ()):
            starts = (self.now + timedelta(days=days)).replace(hour=hour, minute=0, second=0)
            draft = AppointmentDraft(title=title, starts_at=starts, place=place)
            appointments.make(self.session, case, draft, **self._by(min(self._soon_after(1), 3)))
        for ref, stage in self.row.get("disclose", {}).items():
            party = self.session.scalars(
                select(CaseParty).where(
                    CaseParty.case_id == case.id,
                    CaseParty.organisation_id == self.people.organisations[ref].id,
                )
            ).one()
            wanted, seen = Disclosure(stage), party.disclosure
            by = self._by(self._soon_after(4))
            parties.disclose(self.session, case, party, wanted, seen=seen, **by)

    def _end(self, case: Case) -> None:
        if "refer" in self.row:
            country, reason, days = self.row["refer"]
            to_point = select(ServicePoint.id).where(ServicePoint.country == country)
            point_id = self.session.scalars(to_point).first()
            referrals.refer(self.session, case, point_id, reason, **self._by(days))
        if "close" in self.row:
            outcome, reason, days = self.row["close"]
            by = self._by(days)
            phases.close(self.session, case, Outcome(outcome), reason, settle=True, **by)
