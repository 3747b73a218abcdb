"""Cases at the desk: the board by phase, the list with filters, the page of one case."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from marketplace.cases import board, policy, queries
from marketplace.cases.board import Order
from marketplace.cases.cards import Show
from marketplace.cases.lifecycle import ATTEMPT, CASE, LEADS_TO, AttemptAction, Phase
from marketplace.cases.models import Outcome
from marketplace.core.text import clean, whole
from marketplace.listings.models import Kind
from marketplace.orders import queries as orders
from marketplace.web import cases_words as words
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.messages.conversation import conversation
from marketplace.web.pages import Pages
from marketplace.web.session import actor, reading, today

SIZE = 25
REMEMBERED = "cases"


def _shown(default: Show) -> Show:
    """Return the choice of the address, else the one of last time."""
    last = cookie.get(REMEMBERED)
    known = last.get("show", "") if isinstance(last, dict) else ""
    asked = request.args.get("show", known)
    return Show(asked) if asked in set(Show) else default


def _remember(view: str, show: Show) -> None:
    cookie[REMEMBERED] = {"view": view, "show": show.value}


@bp.get("/cases/")
@BROKER
def cases() -> ResponseReturnValue:
    last = cookie.get(REMEMBERED)
    if not request.args and isinstance(last, dict) and last.get("view") == "list":
        return redirect(url_for(".cases_list"))
    show = _shown(Show.MINE)
    _remember("board", show)
    with reading() as session:
        clock = words.clock(session)
        return render_template(
            "broker/cases.html",
            lanes=board.lanes(session, show, clock, actor=actor()),
            counts=board.counts(session, clock, actor=actor()),
            show=show,
            shows=list(Show),
            silent_days=clock.silent_days,
            badge=lambda card: words.badge(card, clock),
            moves=_moves,
        )


def _moves(phase: Phase) -> list[tuple[str, Phase]]:
    """Return what the menu of a card offers: the actions and where they lead."""
    return [(action.value, after) for action, after in LEADS_TO.items() if after is not phase]


@bp.get("/cases/list")
@BROKER
def cases_list() -> ResponseReturnValue:
    wanted, page = _searched(), Pages.asked()
    _remember("list", wanted.show)
    with reading() as session:
        clock = words.clock(session)
        rows, total = board.find(session, wanted, clock, actor=actor(), page=page, size=SIZE)
        return render_template(
            "broker/cases_list.html",
            rows=[(row, words.badge(row, clock)) for row in rows],
            wanted=wanted,
            shows=list(Show),
            phases=list(Phase),
            kinds=list(Kind),
            outcomes=list(Outcome),
            orders=list(Order),
            brokers=board.brokers_of(session, actor=actor()),
            silent_days=clock.silent_days,
            total=total,
            pages=Pages(page, total, SIZE),
        )


def _searched() -> board.Filter:
    """Read the filter from the address; what is not understood is left out."""
    asked = {name: request.args.get(name, "") for name in ("kind", "outcome", "broker", "order")}
    phases = [p for p in dict.fromkeys(request.args.getlist("phase")) if p in set(Phase)]
    return board.Filter(
        show=_shown(Show.ALL),
        phases=tuple(Phase(p) for p in phases),
        kind=Kind(asked["kind"]) if asked["kind"] in set(Kind) else None,
        outcome=Outcome(asked["outcome"]) if asked["outcome"] in set(Outcome) else None,
        broker_id=whole(asked["broker"]),
        unassigned=asked["broker"] == "nobody",
        words=clean(request.args.get("q", ""))[:100],
        order=Order(asked["order"]) if asked["order"] in set(Order) else Order.LAST_WORD,
    )


@bp.get("/cases/<int:case_id>")
@BROKER
def cases_show(case_id: int) -> ResponseReturnValue:
    thread = conversation(case_id=case_id)
    with reading() as session:
        case = queries.get(session, case_id, actor=actor())
        can_work = policy.can_work(actor(), case)
        found: dict[str, Any] = {}
        words_asked = clean(request.args.get("party", ""))[:100]
        if can_work and words_asked:
            found["candidates"] = queries.candidates(session, case, words_asked, actor=actor())
        proposals = [a.proposal_id for a in case.attempts if a.proposal_id is not None]
        ordered = orders.of_proposals(session, proposals, actor=actor())
        return render_template(
            "broker/case.html",
            case=case,
            thread=thread,
            can_work=can_work,
            works_on=policy.works_on(actor(), case),
            history=words.history(case),
            moves=_moves(case.phase),
            case_actions=CASE.open_to(case.phase),
            attempt_actions=lambda attempt: ATTEMPT.open_to(attempt.state),
            next_best=queries.next_best(session, case, actor=actor()) if can_work else {},
            ordered=ordered,
            orderable=[
                a
                for a in case.attempts
                if a.proposal_id not in {None, *ordered}
                and AttemptAction.ORDER in ATTEMPT.open_to(a.state)
            ],
            colleagues=queries.colleagues(session, case) if can_work else [],
            waiting=next((r for r in case.referrals if r.answered_at is None), None),
            can_answer=lambda referral: policy.can_answer(actor(), referral),
            party_words=words_asked,
            free_kinds=[k for k in Kind if k not in {sheet.kind for sheet in case.needs}],
            goal=words.goal,
            when=words.when,
            short_day=words.short_day,
            today=today(),
            **found,
        )
