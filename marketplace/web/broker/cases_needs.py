"""What brokers write down of needs and ideas."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.cases import needs, queries
from marketplace.cases.models import Case, NeedsSheet
from marketplace.listings.models import Kind
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.broker.cases_forms import IdeaForm, NeedsForm, VerdictForm
from marketplace.web.broker.cases_pages import act, ask, words
from marketplace.web.session import actor, now
from marketplace.wording import label

KINDS = "residual,production_step,service,csr_product"


def _sheet(case: Case, kind: Kind) -> NeedsSheet | None:
    return next((sheet for sheet in case.needs if sheet.kind is kind), None)


@bp.route(f"/cases/<int:case_id>/needs/<any({KINDS}):kind>", methods=["GET", "POST"])
@BROKER
def cases_needs(case_id: int, kind: str) -> ResponseReturnValue:
    form, wanted = NeedsForm(), Kind(kind)
    form.offer_goals()

    def version(case: Case) -> int:
        sheet = _sheet(case, wanted)
        return sheet.version if sheet is not None else 0

    return ask(
        case_id,
        form,
        lambda session, case: needs.write(
            session,
            case,
            form.draft(wanted),
            seen=form.seen_number(),
            actor=actor(),
            now=now(),
        ),
        words(_("What is needed: %(kind)s", kind=label(wanted)), _("Save")),
        done=_("Saved."),
        anchor="needs",
        fill=lambda case: form.show(_sheet(case, wanted)),
        see=version,
    )


@bp.post(f"/cases/<int:case_id>/needs/<any({KINDS}):kind>/remove")
@BROKER
def cases_remove_needs(case_id: int, kind: str) -> ResponseReturnValue:
    return act(
        case_id,
        lambda session, case: needs.remove(session, case, Kind(kind), actor=actor(), now=now()),
        done=_("The needs sheet is gone."),
        anchor="needs",
    )


@bp.route("/cases/<int:case_id>/ideas", methods=["GET", "POST"])
@BROKER
def cases_idea(case_id: int) -> ResponseReturnValue:
    form = IdeaForm()
    return ask(
        case_id,
        form,
        lambda session, case: needs.add_idea(session, case, form.draft(), actor=actor(), now=now()),
        words(_("A new idea"), _("Keep the idea")),
        done=_("The idea is kept. A sketch says more: add one."),
        anchor="ideas",
    )


@bp.route("/cases/<int:case_id>/ideas/<int:idea_id>", methods=["GET", "POST"])
@BROKER
def cases_judge_idea(case_id: int, idea_id: int) -> ResponseReturnValue:
    form = VerdictForm()

    def fill(case: Case) -> None:
        idea = queries.part(case.ideas, idea_id)
        form.verdict.data, form.reason.data = idea.verdict, idea.verdict_reason

    return ask(
        case_id,
        form,
        lambda session, case: needs.judge_idea(
            session,
            case,
            queries.part(case.ideas, idea_id),
            form.verdict.data,
            form.reason.data or "",
            seen=form.seen_verdict(),
            actor=actor(),
            now=now(),
        ),
        lambda session, case: {
            "title": _("Verdict on “%(idea)s”", idea=queries.part(case.ideas, idea_id).title),
            "button": _("Save"),
        },
        done=_("Noted."),
        anchor="ideas",
        fill=fill,
        see=lambda case: queries.part(case.ideas, idea_id).verdict.value,
    )
