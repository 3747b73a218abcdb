"""Who may know of a case, and in which part."""

from enum import StrEnum, auto

from sqlalchemy import ColumnElement, exists, false, or_, true

from marketplace.cases.lifecycle import Phase
from marketplace.cases.models import Case, CaseParty, Referral
from marketplace.core.actor import Actor, Role


class Sight(StrEnum):
    """As what somebody looks at a case: who works on it, who only reads it, who takes part."""

    BROKER = auto()
    READER = auto()
    PARTY = auto()


def works_on(actor: Actor, case: Case) -> bool:
    """Tell whether the actor mediates for the service point that has the case now."""
    return actor.brokers_for(case.service_point_id)


def visible_to_brokers(actor: Actor) -> ColumnElement[bool]:
    """Return the filter for cases of the actor's service point, and for those handed over by it or
    offered to it."""
    if actor.has(Role.AGENCY, Role.SYSTEM):
        return true()
    if not actor.has(Role.BROKER) or actor.service_point_id is None:
        return false()
    here = actor.service_point_id
    handed = exists().where(
        Referral.case_id == Case.id,
        or_(
            (Referral.from_point_id == here) & Referral.accepted.is_(True),
            (Referral.to_point_id == here) & Referral.answered_at.is_(None),
        ),
    )
    return or_(Case.service_point_id == here, handed)


def visible_to_parties(actor: Actor) -> ColumnElement[bool]:
    """Return the filter for cases in which the actor's organisation takes part."""
    if actor.organisation_id is None:
        return false()
    return exists().where(
        CaseParty.case_id == Case.id, CaseParty.organisation_id == actor.organisation_id
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the filter that hides cases which this actor must not know of."""
    return or_(visible_to_brokers(actor), visible_to_parties(actor))


def sight(actor: Actor, case: Case) -> Sight | None:
    """Return as what the actor meets a case. Needs ``parties`` and ``referrals`` loaded."""
    if works_on(actor, case):
        return Sight.BROKER
    if actor.has(Role.BROKER) and any(_reads(actor, one) for one in case.referrals):
        return Sight.READER
    mine = any(actor.belongs_to(party.organisation_id) for party in case.parties)
    return Sight.PARTY if mine else None


def _reads(actor: Actor, referral: Referral) -> bool:
    if referral.answered_at is None:
        return actor.service_point_id == referral.to_point_id
    return bool(referral.accepted) and actor.service_point_id == referral.from_point_id


def can_work(actor: Actor, case: Case) -> bool:
    """Tell whether the actor may change the case: its brokers, while it is open."""
    return works_on(actor, case) and case.phase is not Phase.CLOSED


def can_answer(actor: Actor, referral: Referral) -> bool:
    """Tell whether the actor may take over what is offered: brokers of the service point asked."""
    return referral.answered_at is None and actor.brokers_for(referral.to_point_id)
