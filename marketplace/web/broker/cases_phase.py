"""How brokers move a case, say who mediates it, close it and open it again."""

from urllib.parse import parse_qsl

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from marketplace.cases import phases, queries
from marketplace.cases.lifecycle import LEADS_TO, CaseAction, Phase
from marketplace.cases.models import Case
from marketplace.core.errors import NotFound, WrongState
from marketplace.core.text import whole
from marketplace.web import cases_words
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.broker.cases_forms import CloseForm, ReasonForm
from marketplace.web.broker.cases_pages import act, ask, back, words
from marketplace.web.session import actor, now, transaction
from marketplace.wording import label


@bp.post("/cases/<int:case_id>/move")
@BROKER
def cases_move(case_id: int) -> ResponseReturnValue:
    """Move a case to another phase, from its page or from the board."""
    asked, seen = request.form.get("action", ""), request.form.get("from", "")
    if asked not in set(LEADS_TO):
        raise NotFound
    action = CaseAction(asked)
    try:
        with transaction() as session:
            case = queries.get(session, case_id, actor=actor())
            phases.move(
                session,
                case,
                action,
                seen=Phase(seen) if seen in set(Phase) else None,
                actor=actor(),
                now=now(),
            )
            said = _("“%(title)s” is in %(phase)s now.", title=case.title, phase=label(case.phase))
    except (WrongState, StaleDataError):
        flash(_("Somebody else was faster. This is how the case stands now."), "wait")
    else:
        flash(said, "yes")
    if request.form.get("board") is None:
        return back(case_id)
    show = dict(parse_qsl(request.form["board"])[:9]).get("show", "")
    return redirect(url_for(".cases", show=show or None, moved=case_id))


@bp.post("/cases/<int:case_id>/assign")
@BROKER
def cases_assign(case_id: int) -> ResponseReturnValue:
    wanted, seen = (whole(request.form.get(name, "")) for name in ("broker", "seen"))
    return act(
        case_id,
        lambda session, case: phases.assign(
            session, case, wanted, seen=seen, actor=actor(), now=now()
        ),
        done=_("Noted who mediates."),
    )


@bp.route("/cases/<int:case_id>/close", methods=["GET", "POST"])
@BROKER
def cases_close(case_id: int) -> ResponseReturnValue:
    form = CloseForm()

    def page(session: Session, case: Case) -> dict[str, object]:
        loose = phases.loose_ends(session, case, now=now())
        if not loose:
            del form.settle
        return {
            "title": _("Close the case"),
            "button": _("Close the case"),
            "refuse": True,
            "aside_title": _("Still open"),
            "aside": cases_words.loose_ends(loose),
        }

    return ask(
        case_id,
        form,
        lambda session, case: phases.close(
            session,
            case,
            form.outcome.data,
            form.reason.data or "",
            settle=bool(form.settle.data),
            actor=actor(),
            now=now(),
        ),
        page,
        done=_("The case is closed."),
    )


@bp.route("/cases/<int:case_id>/reopen", methods=["GET", "POST"])
@BROKER
def cases_reopen(case_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    return ask(
        case_id,
        form,
        lambda session, case: phases.reopen(
            session, case, form.reason.data or "", actor=actor(), now=now()
        ),
        words(_("Take the case up again"), _("Reopen")),
        done=_("The case is open again."),
    )
