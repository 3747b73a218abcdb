"""How brokers follow openings: attempts, trials, and the order that comes of one."""

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from marketplace.cases import attempts, queries, trials
from marketplace.cases.models import Case
from marketplace.core.errors import Invalid, NotFound, WrongState
from marketplace.core.text import whole
from marketplace.listings import queries as listings
from marketplace.orders import queries as orders
from marketplace.orders.drawing_up import accompany, draft_from
from marketplace.orders.models import Order
from marketplace.proposals import queries as proposals
from marketplace.proposals.models import Proposal
from marketplace.refusals import sentence
from marketplace.web.access import BROKER
from marketplace.web.broker import ordering
from marketplace.web.broker.blueprint import bp
from marketplace.web.broker.cases_forms import AttemptForm, ReasonForm, TrialForm, TrialVerdictForm
from marketplace.web.broker.cases_pages import act, ask, back, words
from marketplace.web.fields import options
from marketplace.web.session import actor, now, today, transaction

ANCHOR = "attempts"


@bp.route("/cases/<int:case_id>/attempts", methods=["GET", "POST"])
@BROKER
def cases_attempt(case_id: int) -> ResponseReturnValue:
    form = AttemptForm()

    def page(session: Session, case: Case) -> dict[str, object]:
        posted = queries.listings_of_parties(session, case)
        named = [(str(listing.id), listing.title) for listing in posted]
        form.listing.choices = options([("", _("none, only what I write")), *named])
        return {"title": _("A new attempt"), "button": _("Follow it")}

    def work(session: Session, case: Case) -> None:
        key = whole(form.listing.data or "")
        listing = listings.get(session, key, actor=actor()) if key is not None else None
        title = form.title.data or ""
        attempts.add(session, case, title, listing=listing, actor=actor(), now=now())

    return ask(case_id, form, work, page, done=_("The attempt is on the list."), anchor=ANCHOR)


@bp.post("/cases/<int:case_id>/attempts/proposal/<int:proposal_id>")
@BROKER
def cases_try_proposal(case_id: int, proposal_id: int) -> ResponseReturnValue:
    """Follow the matcher's next best."""

    def work(session: Session, case: Case) -> None:
        proposal = proposals.get(session, proposal_id, actor=actor())
        attempts.add(session, case, proposal=proposal, actor=actor(), now=now())

    return act(case_id, work, done=_("This one is followed now."), anchor=ANCHOR)


@bp.route("/cases/<int:case_id>/attempts/<int:attempt_id>/drop", methods=["GET", "POST"])
@BROKER
def cases_drop(case_id: int, attempt_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    return ask(
        case_id,
        form,
        lambda session, case: attempts.drop(
            session,
            case,
            queries.part(case.attempts, attempt_id),
            form.reason.data or "",
            actor=actor(),
            now=now(),
        ),
        words(_("Drop the attempt"), _("Drop it"), refuse=True),
        done=_("Dropped."),
        anchor=ANCHOR,
    )


@bp.post("/cases/<int:case_id>/attempts/<int:attempt_id>/resume")
@BROKER
def cases_resume(case_id: int, attempt_id: int) -> ResponseReturnValue:
    return act(
        case_id,
        lambda session, case: attempts.resume(
            session, case, queries.part(case.attempts, attempt_id), actor=actor(), now=now()
        ),
        done=_("Followed again."),
        anchor=ANCHOR,
    )


@bp.post("/cases/<int:case_id>/order")
@BROKER
def cases_order(case_id: int) -> ResponseReturnValue:
    """Draw up one order of the chosen attempts' proposals, or note the one that exists."""
    chosen = ordering.ticked("attempt")
    if not chosen:
        flash(_("Choose at least one attempt."), "wait")
        return back(case_id, ANCHOR)
    try:
        with transaction() as session:
            case = queries.get(session, case_id, actor=actor())
            order = _known_order(session, case, chosen)
            new = order is None
            if order is None:
                wanted = _proposals(session, case, chosen)
                order = draft_from(session, *wanted, case=case, actor=actor(), now=now())
            order_id, number = order.id, order.number
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
        return back(case_id, ANCHOR)
    except (WrongState, StaleDataError):
        flash(_("Somebody else was faster. This is how the case stands now."), "wait")
        return back(case_id, ANCHOR)
    if not new:
        return back(case_id, ANCHOR)
    return ordering.drawn_up(order_id, number)


def _known_order(session: Session, case: Case, chosen: list[int]) -> Order | None:
    """Return the order that a single attempt's proposal has already, noted in the case from now on."""
    attempt = queries.part(case.attempts, chosen[0])
    if len(chosen) > 1 or attempt.proposal is None:
        return None
    order = orders.of_proposal(session, attempt.proposal.id, actor=actor())
    if order is not None:
        accompany(session, order, [attempt.proposal], case=case, actor=actor(), now=now())
    return order


def _proposals(session: Session, case: Case, chosen: list[int]) -> list[Proposal]:
    """Return the proposals of the chosen attempts."""
    found = []
    for key in chosen:
        attempt = queries.part(case.attempts, key)
        if attempt.proposal_id is None:
            raise NotFound
        found.append(proposals.get(session, attempt.proposal_id, actor=actor()))
    return found


@bp.route("/cases/<int:case_id>/attempts/<int:attempt_id>/trial", methods=["GET", "POST"])
@BROKER
def cases_trial(case_id: int, attempt_id: int) -> ResponseReturnValue:
    form = TrialForm()

    def page(session: Session, case: Case) -> dict[str, object]:
        named = [(str(p.organisation_id), p.organisation.name) for p in case.parties]
        form.organisation.choices = options([("", _("not said")), *named])
        attempt = queries.part(case.attempts, attempt_id)
        if request.method == "GET":
            form.tried_on.data = today()
            if attempt.proposal is not None:
                form.organisation.data = str(attempt.proposal.capability.organisation_id)
        return {"title": _("Try out: %(what)s", what=attempt.title), "button": _("Begin the trial")}

    return ask(
        case_id,
        form,
        lambda session, case: trials.try_out(
            session,
            case,
            queries.part(case.attempts, attempt_id),
            form.draft(),
            actor=actor(),
            now=now(),
        ),
        page,
        done=_("The trial is under way."),
        anchor=ANCHOR,
    )


@bp.route("/cases/<int:case_id>/trials/<int:trial_id>", methods=["GET", "POST"])
@BROKER
def cases_judge_trial(case_id: int, trial_id: int) -> ResponseReturnValue:
    form = TrialVerdictForm()
    return ask(
        case_id,
        form,
        lambda session, case: trials.judge(
            session,
            case,
            queries.part(case.trials, trial_id),
            form.verdict.data,
            form.result.data or "",
            form.reason.data or "",
            actor=actor(),
            now=now(),
        ),
        lambda session, case: {
            "title": _("How did the trial come out?"),
            "lead": queries.part(case.trials, trial_id).what,
            "button": _("Save the result"),
        },
        done=_("The result is on record."),
        anchor=ANCHOR,
    )
