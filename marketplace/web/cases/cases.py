"""The pages of those who take part in a case; what they see of each other, disclosure decides."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from marketplace.cases import queries
from marketplace.cases.disclosure import file_name, place_of, shown, veil
from marketplace.cases.models import Appointment, Attempt, Case, CaseFile, Trial
from marketplace.core.errors import NotFound
from marketplace.web import cases_words as words
from marketplace.web.access import MEMBER
from marketplace.web.cases.calendars import calendar_file
from marketplace.web.cases.downloads import download
from marketplace.web.messages.conversation import conversation
from marketplace.web.pages import Pages
from marketplace.web.session import actor, now, reading

bp = Blueprint("cases", __name__, url_prefix="/cases")
SIZE = 20


@bp.get("/")
@MEMBER
def index() -> ResponseReturnValue:
    page = Pages.asked()
    with reading() as session:
        rows, total = queries.of_party(session, actor=actor(), page=page, size=SIZE)
        return render_template(
            "cases/cases.html",
            rows=[
                (case, veil(case, actor=actor()), queries.next_meeting(case, now()))
                for case in rows
            ],
            total=total,
            pages=Pages(page, total, SIZE),
            when=words.when,
        )


@dataclass(frozen=True)
class Followed:
    """An attempt as one of its sides sees it; ``own``: the listing is the reader's."""

    attempt: Attempt
    own: bool
    trials: list[Trial]


@bp.get("/<int:case_id>")
@MEMBER
def show(case_id: int) -> ResponseReturnValue:
    thread = conversation(case_id=case_id)
    with reading() as session:
        case = queries.get_as_party(session, case_id, actor=actor())
        who = actor()
        return render_template(
            "cases/case.html",
            case=case,
            thread=thread,
            hide=veil(case, actor=who),
            others=[
                shown(case, party, actor=who)
                for party in case.parties
                if not who.belongs_to(party.organisation_id)
            ],
            attempts=_followed(case),
            meetings=[a for a in case.appointments if a.for_parties],
            place_of=lambda appointment: place_of(case, appointment, actor=who),
            files=[(kept, file_name(case, kept, actor=who)) for kept in _files(case)],
            now=now(),
            region_name=words.region_name,
            goal=words.goal,
            when=words.when,
        )


def _concerns(attempt: Attempt) -> bool:
    """Tell whether the reader's organisation is one of the attempt's sides."""
    who, listing, proposal = actor(), attempt.listing, attempt.proposal
    owner = listing.organisation_id if listing is not None else None
    doer = proposal.capability.organisation_id if proposal is not None else None
    return who.belongs_to(owner) or who.belongs_to(doer)


def _followed(case: Case) -> list[Followed]:
    """Return the attempts and trials that concern the reader's organisation."""
    found = []
    for attempt in case.attempts:
        tried = [t for t in case.trials if t.attempt_id == attempt.id]
        mine = [t for t in tried if actor().belongs_to(t.organisation_id)]
        if _concerns(attempt) or mine:
            listing = attempt.listing
            own = listing is not None and actor().belongs_to(listing.organisation_id)
            found.append(Followed(attempt, own, tried if _concerns(attempt) else mine))
    return found


def _files(case: Case) -> list[CaseFile]:
    """Return the files for parties; those of a trial only where the trial concerns the reader."""
    seen = {trial.id for followed in _followed(case) for trial in followed.trials}
    return [f for f in case.files if f.for_parties and (f.trial_id is None or f.trial_id in seen)]


def _meeting(case: Case, appointment_id: int) -> Appointment:
    found = queries.part(case.appointments, appointment_id)
    if not found.for_parties:
        raise NotFound
    return found


@bp.get("/<int:case_id>/appointments/<int:appointment_id>.ics")
@MEMBER
def calendar(case_id: int, appointment_id: int) -> ResponseReturnValue:
    with reading() as session:
        case = queries.get_as_party(session, case_id, actor=actor())
        return calendar_file(case, _meeting(case, appointment_id))


@bp.get("/<int:case_id>/files/<int:file_id>")
@MEMBER
def file(case_id: int, file_id: int) -> ResponseReturnValue:
    with reading() as session:
        case = queries.get_as_party(session, case_id, actor=actor())
        kept = queries.part(_files(case), file_id)
        return download(kept, file_name(case, kept, actor=actor()))
