"""The pages of those who take part in a case; what they see of each other, disclosure decides."""

from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField

from marketplace.cases import files, queries
from marketplace.cases.disclosure import file_name, place_of, sees_file, shown, veil
from marketplace.cases.models import Appointment, Attempt, Case, CaseFile, Trial
from marketplace.core.errors import Invalid, NotFound, WrongState
from marketplace.photos.attachments import check
from marketplace.web import cases_words as words
from marketplace.web.access import MEMBER
from marketplace.web.cases.calendars import calendar_file
from marketplace.web.downloads import download
from marketplace.web.fields import blame
from marketplace.web.messages.conversation import conversation
from marketplace.web.pages import Pages
from marketplace.web.session import actor, now, reading, transaction

bp = Blueprint("cases", __name__, url_prefix="/cases")
SIZE = 20


class AttachForm(FlaskForm):
    file = FileField(
        _l("Picture or PDF"),
        description=_l("Pictures lose place and device. A PDF may have at most 10 MB."),
        render_kw={"accept": "image/*,application/pdf"},
    )


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
            ours=lambda kept: who.belongs_to(kept.organisation_id),
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
    return [
        f
        for f in case.files
        if sees_file(case, f, actor=actor()) and (f.trial_id is None or f.trial_id in seen)
    ]


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


@bp.route("/<int:case_id>/files", methods=["GET", "POST"])
@MEMBER
def attach(case_id: int) -> ResponseReturnValue:
    """Take in a file of one of the parties."""
    form = AttachForm()
    if request.method == "POST":
        try:
            _attach(case_id)
        except Invalid as refusal:
            blame(form, refusal.problems)
        except WrongState:
            form.form_errors.append(_("The case is closed. Write to your broker."))
        else:
            flash(
                _("Your broker has the file. The others see it once they know who you are."), "yes"
            )
            return redirect(url_for(".show", case_id=case_id, _anchor="h-files"))
    with reading() as session:
        case = queries.get_as_party(session, case_id, actor=actor())
        title = veil(case, actor=actor())(case.title)
        html = render_template("cases/attach.html", form=form, case=case, title=title)
    return html, 422 if request.method == "POST" else 200


def _attach(case_id: int) -> None:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid.one("file", "file_required")
    checked = check(upload.filename, upload.read())
    with transaction() as session:
        case = queries.get_as_party(session, case_id, actor=actor())
        storage = current_app.extensions["storage"]
        files.attach(session, storage, case, checked, actor=actor(), now=now())


@bp.get("/<int:case_id>/files/<int:file_id>")
@MEMBER
def file(case_id: int, file_id: int) -> ResponseReturnValue:
    with reading() as session:
        case = queries.get_as_party(session, case_id, actor=actor())
        kept = queries.part(_files(case), file_id)
        name = file_name(case, kept, actor=actor())
        return download(kept.key, name, kept.media_type, inline=True)
