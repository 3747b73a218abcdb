"""Who may know of an application for the seal, and who may do what to it."""

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from marketplace.accounts.models import User
from marketplace.core.actor import Actor, Role
from marketplace.seals.assessment import SealOffice, SealRole
from marketplace.seals.lifecycle import SEAL, UNDECIDED, SealAction, SealState
from marketplace.seals.models import SealApplication, SealMaker

BY_APPLICANT = frozenset({SealAction.SUBMIT, SealAction.WITHDRAW, SealAction.APPEAL})
BY_AGENCY = frozenset({SealAction.BEGIN, SealAction.CONVENE, SealAction.REHEAR})
BY_ROLE = {
    SealAction.REPORT: SealRole.ASSESSOR,
    SealAction.AWARD: SealRole.DECIDER,
    SealAction.REFUSE: SealRole.DECIDER,
}
ASKING = frozenset({SealRole.ADVISER, SealRole.ASSESSOR, SealRole.PANEL})


def is_agency(actor: Actor) -> bool:
    return actor.has(Role.AGENCY, Role.SYSTEM)


def is_applicant(actor: Actor, application: SealApplication) -> bool:
    return actor.belongs_to(application.organisation_id)


def can_edit(actor: Actor, application: SealApplication) -> bool:
    """Applicants write while it is a draft; afterwards there are questions and answers."""
    return is_applicant(actor, application) and application.state is SealState.DRAFT


def can_attach(actor: Actor, application: SealApplication, role: SealRole | None) -> bool:
    """Evidence comes from the applicant and the assessor until the report is written."""
    early = application.state in {
        SealState.DRAFT, SealState.SUBMITTED, SealState.IN_ASSESSMENT
    }  # fmt: skip
    return early and (is_applicant(actor, application) or role is SealRole.ASSESSOR)


def can_ask(application: SealApplication, role: SealRole | None) -> bool:
    return role in ASKING and application.state in UNDECIDED


def can_judge(application: SealApplication, role: SealRole | None) -> bool:
    return role is SealRole.ASSESSOR and application.state is SealState.IN_ASSESSMENT


def can_vote(application: SealApplication, role: SealRole | None) -> bool:
    return role is SealRole.PANEL and application.state is SealState.AT_PANEL


def can_appoint(actor: Actor, application: SealApplication) -> bool:
    return is_agency(actor) and application.state in UNDECIDED


def sees_inside(actor: Actor, role: SealRole | None) -> bool:
    """Sheet, votes and the names of the appointed are for those who decide and for the agency."""
    return is_agency(actor) or role is not None


def can(
    actor: Actor, application: SealApplication, action: SealAction, role: SealRole | None
) -> bool:
    """Tell whether the actor may do this; whether it is possible now is the lifecycle's to say."""
    if action in BY_APPLICANT:
        return is_applicant(actor, application)
    if action in BY_AGENCY:
        return is_agency(actor)
    return role is BY_ROLE[action]


def actions_for(
    actor: Actor, application: SealApplication, role: SealRole | None
) -> list[SealAction]:
    """Return the buttons to show."""
    possible = SEAL.open_to(application.state)
    return [a for a in SealAction if a in possible and can(actor, application, a, role)]


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the filter that hides applications which this actor must not know of.

    Drafts are the applicant's own; later on makers, the appointed and the agency know of them.
    """
    sent = SealApplication.state != SealState.DRAFT
    if actor.has(Role.SYSTEM):
        return true()
    own: ColumnElement[bool] = false()
    maker: ColumnElement[bool] = false()
    appointed: ColumnElement[bool] = false()
    if actor.organisation_id is not None:
        own = SealApplication.organisation_id == actor.organisation_id
        maker = SealApplication.makers.any(SealMaker.organisation_id == actor.organisation_id)
    if actor.user_id is not None:
        mine = select(SealOffice.application_id).where(
            SealOffice.user_id == actor.user_id, SealOffice.ended.is_(False)
        )
        appointed = SealApplication.id.in_(mine)
    agency = true() if actor.has(Role.AGENCY) else false()
    return or_(own, and_(sent, or_(maker, appointed, agency)))


def is_independent(user: User) -> bool:
    """Tell whether somebody is neither of the agency nor a broker."""
    return not user.agency and user.service_point_id is None
