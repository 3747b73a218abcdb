"""How brokers let organisations take part, and say what the others see of them."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from marketplace.cases import parties, queries
from marketplace.cases.disclosure import STAGES, at_stage
from marketplace.cases.models import Case, CaseParty, Disclosure, Part
from marketplace.core.errors import NotFound
from marketplace.core.text import clean, whole
from marketplace.web import cases_words
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.broker.cases_forms import DisclosureForm
from marketplace.web.broker.cases_pages import act, ask
from marketplace.web.session import actor, now
from marketplace.wording import label


@bp.get("/cases/<int:case_id>/parties")
@BROKER
def cases_find_party(case_id: int) -> ResponseReturnValue:
    """Search organisations; what is found stands on the case's page."""
    asked = clean(request.args.get("q", ""))[:100]
    return redirect(url_for(".cases_show", case_id=case_id, party=asked, _anchor="parties"))


@bp.post("/cases/<int:case_id>/parties")
@BROKER
def cases_add_party(case_id: int) -> ResponseReturnValue:
    wanted, asked = whole(request.form.get("organisation", "")), request.form.get("part", "")
    part = Part(asked) if asked in set(Part) else None
    return act(
        case_id,
        lambda session, case: parties.add(session, case, wanted, part, actor=actor(), now=now()),
        done=_("Takes part now, and is told. The others see only what kind it is."),
        anchor="parties",
    )


@bp.post("/cases/<int:case_id>/parties/<int:party_id>/remove")
@BROKER
def cases_remove_party(case_id: int, party_id: int) -> ResponseReturnValue:
    return act(
        case_id,
        lambda session, case: parties.remove(
            session, case, queries.part(case.parties, party_id), actor=actor(), now=now()
        ),
        done=_("Takes part no longer, and no longer sees the case."),
        anchor="parties",
    )


@bp.route(
    "/cases/<int:case_id>/parties/<int:party_id>/<any(anonymous,region,identity):stage>",
    methods=["GET", "POST"],
)
@BROKER
def cases_disclose(case_id: int, party_id: int, stage: str) -> ResponseReturnValue:
    """Ask once more, with exactly what the others will see."""
    form, wanted = DisclosureForm(), Disclosure(stage)

    def page(session: Session, case: Case) -> dict[str, object]:
        party = queries.part(case.parties, party_id)
        if STAGES.index(wanted) > STAGES.index(party.disclosure):
            del form.reason
        return {
            "title": _("What the others see of %(name)s", name=party.organisation.name),
            "button": _("Show it like this"),
            "aside_title": _("From now on the others see"),
            "aside": seen_by_others(party, wanted),
            "lead": _(
                "So far: %(before)s. From now on: %(after)s.",
                before=label(party.disclosure),
                after=label(wanted),
            ),
        }

    def work(session: Session, case: Case) -> None:
        party, seen = queries.part(case.parties, party_id), form.seen.data
        if seen not in set(Disclosure):
            raise NotFound
        parties.disclose(
            session,
            case,
            party,
            wanted,
            form.reason.data or "",
            seen=Disclosure(seen),
            actor=actor(),
            now=now(),
        )

    return ask(
        case_id,
        form,
        work,
        page,
        done=_("Noted. The others see it like this now."),
        anchor="parties",
        see=lambda case: queries.part(case.parties, party_id).disclosure.value,
    )


def seen_by_others(party: CaseParty, stage: Disclosure) -> list[str]:
    """Return, line by line, what the others see of a party at a stage."""
    known = at_stage(party, stage)
    place = ", ".join(filter(None, (cases_words.region_name(known.region), known.country)))
    lines = (f"{label(known.kind)} ({label(known.part)})", place, known.name)
    return [line for line in (*lines, known.contact, known.email, known.phone) if line]
