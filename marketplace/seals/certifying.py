"""Awarding the seal, and what becomes of a certificate: suspended, lifted, withdrawn."""

from calendar import isleap
from contextlib import suppress
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace.core import audit
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, WrongState
from marketplace.orders.numbers import add_numbered
from marketplace.seals import policy, settings
from marketplace.seals.lifecycle import (
    CERTIFICATE,
    CertificateAction,
    CertificateState,
    SealAction,
)
from marketplace.seals.models import SealApplication
from marketplace.seals.process import decide, standing_obstacles
from marketplace.seals.record import lock, reason, tell
from marketplace.seals.register import Certificate, SigningKey
from marketplace.seals.separation import role_of
from marketplace.seals.signing import CERTIFICATE as KIND
from marketplace.seals.signing import Signer, key_id


def award(
    session: Session,
    application: SealApplication,
    text: str,
    *,
    signer: Signer,
    today: date,
    actor: Actor,
    now: datetime,
) -> Certificate:
    """Award the seal and sign its certificate.

    Raises ``Invalid`` on ``reason`` for everything that stands against it, one problem for each.
    """
    lock(session, application)
    role = role_of(session, application, actor)
    require(policy.can(actor, application, SealAction.AWARD, role))
    if not application.organisation.takes_part:
        raise WrongState("the applicant is not open to everybody")
    against = standing_obstacles(session, application)
    if against:
        raise Invalid([p for o in against for p in Invalid.one("reason", o.value).problems])
    comment = reason(text)
    decide(session, application, SealAction.AWARD, comment, role=role, actor=actor, now=now)
    certificate = _certificate(session, application, today=today)
    country = certificate.country
    add_numbered(session, certificate, Certificate.number, f"{country}-{today.year}-")
    certificate.document = signer.sign(KIND, payload(certificate, application))
    keep_key(session, signer, now=now)
    session.flush()
    after: dict[str, object] = {"number": certificate.number}
    audit.note(session, "award", certificate, actor=actor, now=now, after=after)
    return certificate


def _certificate(session: Session, application: SealApplication, *, today: date) -> Certificate:
    begins = today
    if application.renews is not None:
        begins = max(today, _renewed(session, application.renews) + timedelta(days=1))
    makers = [maker.organisation for maker in application.makers]
    return Certificate(
        decision=f"E-{application.number.removeprefix('G-')}",
        application=application,
        organisation_id=application.organisation_id,
        product=application.name,
        group=application.group,
        country=makers[0].country if makers else application.organisation.country,
        makers=[maker.name for maker in makers],
        figures=application.figures,
        issued_on=today,
        valid_from=begins,
        valid_until=last_day(begins, settings.load(session).years),
        renews=application.renews,
        state=CERTIFICATE.start,
        public_text="",
        document={},
    )


def _renewed(session: Session, number: str) -> date:
    """Return the last day of a certificate that is renewed, and it is once; or since when it is
    withdrawn."""
    found = select(Certificate).where(Certificate.number == number)
    earlier = session.scalars(found.with_for_update(key_share=True)).one()
    if session.scalar(select(Certificate.id).where(Certificate.renews == number)) is not None:
        raise WrongState("it has been renewed already")
    if earlier.state is CertificateState.WITHDRAWN and earlier.since is not None:
        return earlier.since
    return earlier.valid_until


def last_day(begins: date, years: int) -> date:
    """Return the day before the same day ``years`` later."""
    year = begins.year + years
    leap = begins.month == 2 and begins.day == 29 and not isleap(year)
    same = date(year, 3, 1) if leap else begins.replace(year=year)
    return same - timedelta(days=1)


def payload(certificate: Certificate, application: SealApplication) -> dict[str, object]:
    """Return what a certificate says and its signature covers."""
    return {
        "number": certificate.number,
        "product": certificate.product,
        "makers": certificate.makers,
        "criteria_version": application.criteria_set.version,
        "decision": certificate.decision,
        "issued": certificate.issued_on.isoformat(),
        "valid_from": certificate.valid_from.isoformat(),
        "valid_until": certificate.valid_until.isoformat(),
    }


def keep_key(session: Session, signer: Signer, *, now: datetime) -> None:
    """Remember the public key for ever, once it has signed something; also where two awards at the
    same moment are its first."""
    name = key_id(signer.public)
    if session.scalar(select(SigningKey.id).where(SigningKey.key_id == name)) is not None:
        return
    with suppress(IntegrityError), session.begin_nested():
        session.add(SigningKey(key_id=name, public=signer.public_text, since=now))


def move(
    session: Session,
    certificate: Certificate,
    action: CertificateAction,
    text: str,
    public_text: str,
    *,
    today: date,
    actor: Actor,
    now: datetime,
) -> None:
    """Suspend, lift or withdraw, with a reason on record and a text that everybody reads."""
    session.refresh(certificate, ["state", "version"], with_for_update={"key_share": True})
    require(policy.is_agency(actor))
    after = CERTIFICATE.after(certificate.state, action)
    comment = reason(text)
    lifted = action is CertificateAction.LIFT
    told = "" if lifted else reason(public_text, field="public_text")
    before: dict[str, object] = {"state": certificate.state.value}
    certificate.state, certificate.public_text = after, told
    certificate.since = None if lifted else today
    session.flush()
    noted: dict[str, object] = {"state": after.value, "reason": comment, "public": told}
    audit.note(session, action.value, certificate, actor=actor, now=now, before=before, after=noted)
    tell(session, certificate.application_id, actor=actor, now=now)
