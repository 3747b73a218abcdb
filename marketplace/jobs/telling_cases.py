"""Facts about cases: who hears of what, and nobody of more than is disclosed to them."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from marketplace.accounts.models import ServicePoint, User
from marketplace.accounts.queries import brokers, members
from marketplace.cases.disclosure import veil
from marketplace.cases.models import Appointment, Case, CaseParty, Origin, Referral
from marketplace.cases.queries import with_sight
from marketplace.core.actor import Actor
from marketplace.jobs import mails
from marketplace.jobs.job import Job
from marketplace.jobs.mails import path_to
from marketplace.notifications.actions import queue, tell, tell_all
from marketplace.notifications.models import Topic


def _case(session: Session, case_id: int) -> Case | None:
    return session.scalars(
        select(Case).where(Case.id == case_id).options(*with_sight(), joinedload(Case.broker))
    ).one_or_none()


def _at_desk(case: Case) -> str:
    return path_to("desk.cases_show", case_id=case.id)


def case_opened(session: Session, job: Job, *, case_id: int, user_id: int | None) -> None:
    """Tell the service point's brokers of an enquiry, and whoever asked that it has arrived."""
    case = _case(session, case_id)
    if case is None:
        return
    hearers = [u for u in brokers(session, case.service_point_id) if u.id != user_id]
    about = {"number": case.number, "title": case.title}
    occasion = f"case:{case_id}:opened"
    tell_all(session, hearers, Topic.CASE_OPENED, about, _at_desk(case), occasion, now=job.now)
    if case.origin is Origin.ENQUIRY and case.contact_email:
        point, number = session.get_one(ServicePoint, case.service_point_id), case.number
        mail = mails.write(
            lambda: mails.enquiry_received(number, point),
            recipient=case.contact_email,
            name=case.contact_name,
            language=case.language,
            now=job.now,
        )
        queue(session, mail, now=job.now)


def case_referred(session: Session, job: Job, *, referral_id: int, user_id: int | None) -> None:
    """Tell the other service point's brokers of the offer, or those who made it of the answer."""
    referral = session.scalars(
        select(Referral)
        .where(Referral.id == referral_id)
        .options(joinedload(Referral.from_point), joinedload(Referral.to_point))
    ).one_or_none()
    case = _case(session, referral.case_id) if referral is not None else None
    if referral is None or case is None:
        return
    if referral.answered_at is None:
        topic, point, other = Topic.CASE_REFERRED, referral.to_point_id, referral.from_point
    else:
        topic = Topic.CASE_TAKEN_OVER if referral.accepted else Topic.CASE_NOT_TAKEN_OVER
        point, other = referral.from_point_id, referral.to_point
    hearers = [u for u in brokers(session, point) if u.id != user_id]
    about = {"number": case.number, "title": case.title, "point": other.name}
    occasion = f"referral:{referral_id}:{topic}"
    tell_all(session, hearers, topic, about, _at_desk(case), occasion, now=job.now)


def party_joined(session: Session, job: Job, *, party_id: int) -> None:
    """Tell an organisation's people that a broker mediates for them."""
    party = session.get(CaseParty, party_id)
    case = _case(session, party.case_id) if party is not None else None
    if party is not None and case is not None:
        occasion = f"case:{case.id}:joined:{party_id}"
        _tell_parties(session, job, case, [party], Topic.CASE_JOINED, {}, occasion)


def party_disclosed(session: Session, job: Job, *, party_id: int) -> None:
    """Tell the other parties that they may see more of one."""
    party = session.get(CaseParty, party_id)
    case = _case(session, party.case_id) if party is not None else None
    if party is None or case is None:
        return
    others = [one for one in case.parties if one.id != party_id]
    occasion = f"case:{case.id}:disclosed:{party_id}:{job.key}"
    _tell_parties(session, job, case, others, Topic.CASE_DISCLOSED, {}, occasion)


def appointment_set(
    session: Session, job: Job, *, appointment_id: int, user_id: int | None
) -> None:
    """Tell the broker, and the parties if it is for them, of an appointment or that it is off."""
    appointment = session.get(Appointment, appointment_id)
    case = _case(session, appointment.case_id) if appointment is not None else None
    if appointment is None or case is None:
        return
    called_off = appointment.cancelled_at is not None
    topic = Topic.APPOINTMENT_CANCELLED if called_off else Topic.APPOINTMENT_SET
    here = appointment.starts_at.astimezone(ZoneInfo(current_app.config["TIMEZONE"]))
    about = {"day": here.date().isoformat(), "title": appointment.title}
    occasion = f"appointment:{appointment_id}:{appointment.sequence}"
    if case.broker is not None and case.broker.active and case.broker_id != user_id:
        known = {"number": case.number, **about}
        tell(session, case.broker, topic, known, _at_desk(case), occasion, now=job.now)
    if appointment.for_parties:
        _tell_parties(session, job, case, case.parties, topic, about, occasion, but=user_id)


def _tell_parties(
    session: Session,
    job: Job,
    case: Case,
    parties: Iterable[CaseParty],
    topic: Topic,
    about: Mapping[str, str],
    occasion: str,
    *,
    but: int | None = None,
) -> None:
    """Tell the parties' people, each of them what is disclosed to them and no more."""
    path = path_to("cases.show", case_id=case.id)
    for party in parties:
        hide = veil(case, actor=Actor(organisation_id=party.organisation_id))
        said = {"number": case.number, "title": case.title, **about}
        known = {**said, "title": hide(said["title"])}
        people: list[User] = members(session, party.organisation_id)
        hearers = [user for user in people if user.id != but]
        tell_all(session, hearers, topic, known, path, occasion, now=job.now)
