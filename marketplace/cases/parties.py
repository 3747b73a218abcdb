"""Who takes part in a case, and how much the others see of them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.cases.disclosure import STAGES
from marketplace.cases.events import PartyDisclosed, PartyJoined
from marketplace.cases.models import Case, CaseParty, Disclosure, Part
from marketplace.cases.opening import part_of
from marketplace.cases.steps import again, begin, heard, reason_of
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor
from marketplace.core.errors import Invalid, Outrun


def add(
    session: Session,
    case: Case,
    organisation_id: int | None,
    part: Part | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> CaseParty:
    """Let an organisation take part, unseen by the others at first."""
    begin(session, case, actor=actor)
    organisation = session.get(Organisation, organisation_id) if organisation_id else None
    if organisation is None or not organisation.active:
        raise Invalid.one("organisation", "organisation_unknown")
    if _party(session, case, organisation.id) is not None:
        raise Invalid.one("organisation", "party_already")
    return _join(session, case, organisation, part, actor=actor, now=now)


def take_part(
    session: Session, case: Case, organisation_id: int, *, actor: Actor, now: datetime
) -> None:
    """Let an organisation take part in a case that is locked, if it does not already."""
    if _party(session, case, organisation_id) is None:
        organisation = session.get_one(Organisation, organisation_id)
        _join(session, case, organisation, None, actor=actor, now=now)


def _party(session: Session, case: Case, organisation_id: int) -> CaseParty | None:
    return session.scalars(
        select(CaseParty).where(
            CaseParty.case_id == case.id, CaseParty.organisation_id == organisation_id
        )
    ).one_or_none()


def _join(
    session: Session,
    case: Case,
    organisation: Organisation,
    part: Part | None,
    *,
    actor: Actor,
    now: datetime,
) -> CaseParty:
    party = CaseParty(
        case_id=case.id,
        organisation_id=organisation.id,
        part=part or part_of(organisation),
        joined_at=now,
    )
    session.add(party)
    session.flush()
    heard(session, case, now=now)
    after: dict[str, object] = {"organisation": organisation.id}
    audit.note(session, "join", party, actor=actor, now=now, after=after)
    outbox.record(session, PartyJoined(party.id), now=now)
    return party


def remove(session: Session, case: Case, party: CaseParty, *, actor: Actor, now: datetime) -> None:
    """Let an organisation take part no longer: it no longer sees the case."""
    begin(session, case, actor=actor)
    again(session, party)
    before: dict[str, object] = {"organisation": party.organisation_id}
    audit.note(session, "leave", party, actor=actor, now=now, before=before)
    session.delete(party)
    session.flush()
    heard(session, case, now=now)


def disclose(
    session: Session,
    case: Case,
    party: CaseParty,
    stage: Disclosure,
    reason: str = "",
    *,
    seen: Disclosure,
    actor: Actor,
    now: datetime,
) -> None:
    """Let the others see more of a party, or less, which needs a reason.

    ``seen`` is the stage that the broker had before them: raises ``Outrun`` where somebody else has
    changed it since. Saying the same stage again changes nothing.
    """
    begin(session, case, actor=actor)
    again(session, party)
    if seen is not party.disclosure:
        raise Outrun("somebody else has disclosed the party")
    back = STAGES.index(stage) < STAGES.index(party.disclosure)
    why = reason_of(reason, needed=back)
    if stage is party.disclosure:
        return
    before, party.disclosure = party.disclosure, stage
    session.flush()
    heard(session, case, now=now)
    audit.note(
        session,
        "disclose",
        party,
        actor=actor,
        now=now,
        before={"disclosure": before.value},
        after={"disclosure": stage.value, "reason": why},
    )
    if not back:
        outbox.record(session, PartyDisclosed(party.id), now=now)
