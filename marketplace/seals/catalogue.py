"""The public side: the register of certificates, published keys, and the list of the revoked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from marketplace.accounts.models import Organisation
from marketplace.core.errors import NotFound
from marketplace.core.text import clean
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.distance import ecef
from marketplace.orders.carrying import Story
from marketplace.orders.models import Order
from marketplace.seals.assessment import Judgement
from marketplace.seals.lifecycle import CertificateState
from marketplace.seals.models import ProductGroup, SealApplication, SealInput, SealMaker, SealPhoto
from marketplace.seals.queries import with_everything
from marketplace.seals.register import Certificate, SigningKey, Standing
from marketplace.seals.signing import REVOCATIONS, Document, Signer, key_id


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What somebody looks for in the register; every part may be empty."""

    words: str = ""
    group: ProductGroup | None = None
    country: str = ""
    standing: Standing | None = None
    near: Coordinate | None = None


def of_list() -> Sequence[ORMOption]:
    """Return the loads that a row of the register needs."""
    application = joinedload(Certificate.application)
    return (
        joinedload(Certificate.organisation),
        application.selectinload(SealApplication.pictures).joinedload(SealPhoto.photo),
        application.selectinload(SealApplication.inputs).joinedload(SealInput.organisation),
    )


def register(
    session: Session, wanted: Filter, *, today: date, page: int = 1, size: int = 20
) -> tuple[list[Certificate], int]:
    """Return one page of the certificates, and how many: the newest first, or the nearest."""
    conditions = _conditions(wanted, today)
    count = select(func.count()).select_from(Certificate).where(*conditions)
    found = select(Certificate).join(Certificate.organisation).where(*conditions)
    if wanted.near is not None:
        found = found.order_by(_chord(wanted.near), Certificate.id.desc())
    else:
        found = found.order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    rows = session.scalars(found.options(*of_list()).limit(size).offset((page - 1) * size))
    return list(rows), session.scalar(count) or 0


def _chord(near: Coordinate) -> ColumnElement[float]:
    x, y, z = (float(each) for each in ecef(near.latitude, near.longitude))
    along = (Organisation.public_x - x, Organisation.public_y - y, Organisation.public_z - z)
    return along[0] * along[0] + along[1] * along[1] + along[2] * along[2]


def _conditions(wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.group is not None:
        found.append(Certificate.group == wanted.group)
    if wanted.country:
        found.append(Certificate.country == wanted.country)
    if wanted.standing is not None:
        found.append(_standing(wanted.standing, today))
    for word in wanted.words.split()[:6]:
        named = Organisation.name.icontains(word, autoescape=True)
        makers = SealApplication.makers.any(SealMaker.organisation.has(named))
        found.append(
            or_(
                Certificate.number.icontains(word, autoescape=True),
                Certificate.product.icontains(word, autoescape=True),
                Certificate.application.has(makers),
            )
        )
    return found


def _standing(wanted: Standing, today: date) -> ColumnElement[bool]:
    valid = Certificate.state == CertificateState.VALID
    if wanted is Standing.VALID:
        return and_(valid, Certificate.valid_from <= today, Certificate.valid_until >= today)
    if wanted is Standing.EXPIRED:
        return and_(valid, Certificate.valid_until < today)
    if wanted is Standing.UPCOMING:
        return and_(valid, Certificate.valid_from > today)
    return Certificate.state == CertificateState(wanted.value)


def spelled(number: str) -> str:
    """Return a number as it stands on certificates, however somebody typed it."""
    return "".join(clean(number).split()).upper()[:20]


def by_number(session: Session, number: str) -> Certificate:
    """Return a certificate with all that its page shows."""
    found = session.scalars(
        select(Certificate)
        .where(Certificate.number == spelled(number))
        .options(
            joinedload(Certificate.organisation),
            *(joinedload(Certificate.application).options(load) for load in with_everything()),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def of_application(session: Session, application: SealApplication) -> Certificate | None:
    """Return the certificate that came of an application."""
    found = select(Certificate).where(Certificate.application_id == application.id)
    return session.scalars(found).one_or_none()


def told_orders(session: Session, certificates: Sequence[Certificate]) -> set[str]:
    """Return the numbers of the orders behind certificates of which all parties published a story.

    Only there everybody may read who gave the material.
    """
    keys = [certificate.application_id for certificate in certificates]
    return set(
        session.scalars(
            select(Order.number)
            .join(Story, Story.order_id == Order.id)
            .join(SealInput, SealInput.order_number == Order.number)
            .where(SealInput.application_id.in_(keys), Story.published_at.is_not(None))
        )
    )


def renewed_by(session: Session, certificate: Certificate) -> str | None:
    """Return the number of the certificate that goes on where this one ends."""
    return session.scalar(
        select(Certificate.number).where(Certificate.renews == certificate.number).limit(1)
    )


def renewal_asked(session: Session, certificate: Certificate) -> bool:
    """Tell whether an application to renew it has been handed in."""
    found = select(SealApplication.id).where(
        SealApplication.renews == certificate.number, SealApplication.submitted_at.is_not(None)
    )
    return session.scalar(found.limit(1)) is not None


def judged(session: Session, certificate: Certificate) -> list[Judgement]:
    """Return the assessment sheet, which is public once the seal is awarded."""
    return list(
        session.scalars(
            select(Judgement)
            .where(Judgement.application_id == certificate.application_id)
            .order_by(Judgement.id)
        )
    )


def keys(session: Session, signer: Signer) -> dict[str, str]:
    """Return every public key by id, base64 of its 32 bytes: those of old stay."""
    known = session.execute(select(SigningKey.key_id, SigningKey.public).order_by(SigningKey.id))
    return {row[0]: row[1] for row in known} | {key_id(signer.public): signer.public_text}


def revocations(session: Session, signer: Signer, *, now: datetime) -> Document:
    """Return the signed list of what is suspended or withdrawn, as of now."""
    rows = session.execute(
        select(Certificate.number, Certificate.state, Certificate.since)
        .where(Certificate.state != CertificateState.VALID)
        .order_by(Certificate.number)
    )
    revoked = [{"number": n, "state": s.value, "since": str(d)} for n, s, d in rows]
    return signer.sign(REVOCATIONS, {"as_of": now.isoformat(), "revoked": revoked})
