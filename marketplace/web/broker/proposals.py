"""The broker's board: what was found for whom, why, and the decision."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from marketplace.accounts.models import ServicePoint
from marketplace.cases import queries as cases
from marketplace.core.errors import Invalid, WrongState
from marketplace.core.text import whole
from marketplace.orders import queries as orders
from marketplace.orders.drawing_up import draft_from
from marketplace.proposals import actions, policy, preview, queries
from marketplace.proposals.candidates import weights
from marketplace.proposals.lifecycle import PROPOSAL, ProposalAction
from marketplace.proposals.models import COMPONENTS, Proposal, RefusalReason
from marketplace.refusals import sentence
from marketplace.taxonomy.materials import materials
from marketplace.web.access import BROKER
from marketplace.web.broker import ordering, search
from marketplace.web.broker.blueprint import bp
from marketplace.web.broker.learning import Learned, learned
from marketplace.web.listing_cards import amount, subject
from marketplace.web.pages import Pages
from marketplace.web.pictures import Picture
from marketplace.web.reasons import Part, parts
from marketplace.web.session import actor, now, reading, transaction

SIZE = 25


@dataclass(frozen=True)
class Row:
    """A proposal as board and panel show it."""

    proposal: Proposal
    photo: Picture | None
    material: str
    amount: str
    parts: list[Part]
    actions: frozenset[ProposalAction]
    learned: Learned | None

    @property
    def points(self) -> float:
        return 100 * self.proposal.score


def rows_of(session: Session, found: list[Proposal]) -> list[Row]:
    """Return the proposals with their six shares, and what refusals have taught, in words."""
    force, reasons = weights(session), preview.why(session, found)
    moved = learned(session, found)
    return [
        Row(
            proposal=p,
            photo=Picture(p.listing.photos[0]) if p.listing.photos else None,
            material=subject(p.listing),
            amount=amount(p.listing),
            parts=parts([getattr(p, name) for name in COMPONENTS], force, reasons[p.id]),
            actions=PROPOSAL.open_to(p.state) if policy.can_decide(actor(), p) else frozenset(),
            learned=moved.get(p.id),
        )
        for p in found
    ]


@bp.get("/")
@BROKER
def proposals() -> ResponseReturnValue:
    wanted, page = search.searched(), Pages.asked()
    with reading() as session:
        who = actor()
        found, total = queries.board(session, wanted, actor=who, page=page, size=SIZE)
        rows = rows_of(session, found)
        point = session.get(ServicePoint, who.service_point_id) if who.service_point_id else None
        return render_template(
            "broker/proposals.html",
            rows=rows,
            chosen=_chosen(rows),
            orderable=[row for row in rows if ProposalAction.ACCEPT in row.actions],
            total=total,
            pages=Pages(page, total, SIZE),
            wanted=wanted,
            chips=search.chips(wanted),
            filtered=bool(search.query()),
            regions=search.region_names(),
            families=materials().offered(),
            points=search.POINTS,
            ages=search.DAYS,
            age=search.age(),
            decided=search.DECIDED,
            point=point,
            force=weights(session),
            reasons=list(RefusalReason),
            query=request.query_string.decode("ascii", "ignore"),
        )


def _chosen(rows: list[Row]) -> int:
    """Return the key of the row whose panel is open."""
    asked = request.args.get("chosen", "")
    shown = {str(row.proposal.id) for row in rows}
    return int(asked) if asked in shown else rows[0].proposal.id if rows else 0


@bp.get("/proposals/<int:proposal_id>")
@BROKER
def proposal(proposal_id: int) -> ResponseReturnValue:
    with reading() as session:
        found = queries.get(session, proposal_id, actor=actor())
        return render_template(
            "broker/proposal.html",
            row=rows_of(session, [found])[0],
            order=orders.of_proposal(session, proposal_id, actor=actor()),
            cases=cases.concerning(session, proposal_id=proposal_id, actor=actor()),
            reasons=list(RefusalReason),
        )


@bp.post("/proposals/<int:proposal_id>/shortlist")
@BROKER
def shortlist(proposal_id: int) -> ResponseReturnValue:
    done = _decide(proposal_id, ProposalAction.SHORTLIST)
    if done is not None:
        flash(
            _(
                "Shortlisted: %(material)s for %(enterprise)s. The same key takes it off again.",
                **done,
            ),
            "yes",
        )
    return _back(proposal_id)


@bp.post("/proposals/<int:proposal_id>/unlist")
@BROKER
def unlist(proposal_id: int) -> ResponseReturnValue:
    done = _decide(proposal_id, ProposalAction.UNLIST)
    if done is not None:
        flash(_("Taken off the shortlist: %(material)s for %(enterprise)s.", **done), "yes")
    return _back(proposal_id)


@bp.post("/proposals/<int:proposal_id>/refuse")
@BROKER
def refuse(proposal_id: int) -> ResponseReturnValue:
    try:
        done = _decide(proposal_id, ProposalAction.REFUSE)
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
        return _back(proposal_id)
    if done is not None:
        flash(
            _(
                "Refused: %(material)s for %(enterprise)s. The pair comes back when one side changes.",
                **done,
            ),
            "yes",
        )
    return _back(whole(request.form.get("next", "")) or proposal_id)


def _decide(proposal_id: int, action: ProposalAction) -> dict[str, str] | None:
    """Take one decision and return whom it was about; None where somebody else was faster."""
    try:
        with transaction() as session:
            found = queries.get(session, proposal_id, actor=actor())
            names = _names(found)
            if action is ProposalAction.REFUSE:
                asked = request.form.get("reason", "")
                reason = RefusalReason(asked) if asked in set(RefusalReason) else None
                note = request.form.get("note", "")
                actions.refuse(session, found, reason, note, actor=actor(), now=now())
            else:
                actions.move(session, found, action, actor=actor(), now=now())
    except (WrongState, StaleDataError):
        _tell_outrun()
        return None
    return names


def _names(found: Proposal) -> dict[str, str]:
    enterprise = found.capability.organisation.name
    return {"material": found.listing.title, "enterprise": enterprise}


def _tell_outrun() -> None:
    flash(_("Somebody else was faster. This is how the proposal stands now."), "wait")


@bp.post("/proposals/<int:proposal_id>/accept")
@BROKER
def accept(proposal_id: int) -> ResponseReturnValue:
    try:
        with transaction() as session:
            found = queries.get(session, proposal_id, actor=actor())
            order = draft_from(session, found, actor=actor(), now=now())
            order_id, number = order.id, order.number
    except (WrongState, StaleDataError):
        _tell_outrun()
        return redirect(url_for(".proposal", proposal_id=proposal_id))
    except Invalid as refusal:
        flash(sentence(refusal.problems[0]), "no")
        return redirect(url_for(".proposal", proposal_id=proposal_id))
    return ordering.drawn_up(order_id, number)


def _back(proposal_id: int) -> ResponseReturnValue:
    """Return to the board as it was, or to the proposal's own page where that was in use."""
    if "query" not in request.form:
        return redirect(url_for(".proposal", proposal_id=proposal_id))
    return ordering.board(chosen=proposal_id)
