"""How service points hand a case to each other."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from marketplace.accounts import queries as accounts
from marketplace.cases import queries, referrals
from marketplace.cases.models import Case
from marketplace.core.errors import Invalid
from marketplace.core.text import whole
from marketplace.web import cases_words
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.broker.cases_forms import AnswerForm, ReferForm
from marketplace.web.broker.cases_pages import act, ask
from marketplace.web.fields import options
from marketplace.web.session import actor, now


@bp.route("/cases/<int:case_id>/refer", methods=["GET", "POST"])
@BROKER
def cases_refer(case_id: int) -> ResponseReturnValue:
    form = ReferForm()

    def page(session: Session, case: Case) -> dict[str, object]:
        others = [p for p in accounts.service_points(session) if p.id != case.service_point_id]
        named = [(str(p.id), f"{p.name} ({p.country})") for p in others]
        form.to_point.choices = options([("", _("please choose")), *named])
        return {
            "title": _("Hand the case over"),
            "button": _("Offer the case"),
            "lead": _("The case stays with you until the other side has accepted."),
            "aside_title": _("What is handed over"),
            "aside": cases_words.goes_along(referrals.goes_along(session, case)),
        }

    return ask(
        case_id,
        form,
        lambda session, case: referrals.refer(
            session,
            case,
            whole(form.to_point.data or ""),
            form.reason.data or "",
            actor=actor(),
            now=now(),
        ),
        page,
        done=_("Offered. The other service point is told."),
        anchor="referral",
    )


@bp.route("/cases/<int:case_id>/referrals/<int:referral_id>", methods=["GET", "POST"])
@BROKER
def cases_answer(case_id: int, referral_id: int) -> ResponseReturnValue:
    form = AnswerForm()

    def page(session: Session, case: Case) -> dict[str, object]:
        asked = queries.part(case.referrals, referral_id)
        return {
            "title": _("%(point)s offers you this case", point=asked.from_point.name),
            "button": _("Answer"),
            "lead": asked.reason,
            "aside_title": _("What is handed over"),
            "aside": cases_words.goes_along(asked.handed_over),
        }

    def work(session: Session, case: Case) -> None:
        if form.accepted.data not in ("yes", "no"):
            raise Invalid.one("accepted", "not_a_choice")
        asked = queries.part(case.referrals, referral_id)
        taken, words = form.accepted.data == "yes", form.answer.data or ""
        referrals.answer(session, case, asked, taken, words, actor=actor(), now=now())

    done = _("The case is yours now.") if request.form.get("accepted") == "yes" else _("Answered.")
    return ask(case_id, form, work, page, done=done)


@bp.post("/cases/<int:case_id>/referrals/<int:referral_id>/withdraw")
@BROKER
def cases_withdraw(case_id: int, referral_id: int) -> ResponseReturnValue:
    return act(
        case_id,
        lambda session, case: referrals.withdraw(
            session, case, queries.part(case.referrals, referral_id), actor=actor(), now=now()
        ),
        done=_("The case stays with you."),
        anchor="referral",
    )
