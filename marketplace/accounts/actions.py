"""What people do with their accounts and organisations."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts import policy
from marketplace.accounts.drafts import OrganisationDraft, PersonDraft, good_email, good_password
from marketplace.accounts.events import (
    ConfirmationAsked,
    OrganisationChanged,
    OrganisationDecided,
    OrganisationToVerify,
    RegisteredAgain,
    ResetAsked,
)
from marketplace.accounts.models import (
    MemberRole,
    Membership,
    Organisation,
    Site,
    User,
    Verification,
)
from marketplace.accounts.passwords import hashed, matches, outdated
from marketplace.accounts.places import Place
from marketplace.accounts.queries import service_point_for
from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, WrongState
from marketplace.core.text import clean, new_ref

PLAIN = (
    "name", "kind", "market_tier", "vat_id", "email", "phone", "website", "contact_name",
    "languages", "description", "description_language",
)  # fmt: skip


def find_user(session: Session, email: str) -> User | None:
    """Return the active person with this address."""
    return session.scalars(
        select(User).where(User.email == clean(email).lower(), User.active)
    ).one_or_none()


def register(
    session: Session,
    person: PersonDraft,
    organisation: OrganisationDraft | None,
    *,
    actor: Actor,
    now: datetime,
) -> User | None:
    """Make a person, and the organisation they manage; None where the address has an account.

    Both ways look the same from outside: a mail goes to the address, and only there it is said
    which.
    """
    known = find_user(session, good_email(person.email))
    secret = hashed(person.password)  # also where it is not needed: an answer must not be faster
    if known is not None:
        outbox.record(session, RegisteredAgain(known.id), now=now)
        return None
    user = User(
        email=good_email(person.email),
        name=person.name,
        password_hash=secret,
        language=person.language,
        created_at=now,
    )
    session.add(user)
    session.flush()
    if organisation is not None:
        made = found(session, organisation, actor=Actor(user_id=user.id), now=now)
        session.add(Membership(user_id=user.id, organisation_id=made.id, role=MemberRole.MANAGER))
        user.last_organisation_id = made.id
    outbox.record(session, ConfirmationAsked(user.id), now=now)
    return user


def found(
    session: Session,
    draft: OrganisationDraft,
    *,
    actor: Actor,
    now: datetime,
    ref: str = "",
    verified: bool = False,
) -> Organisation:
    """Store a new organisation with the service point whose region holds it."""
    organisation = Organisation(
        ref=ref or new_ref("O"),
        created_at=now,
        verification=Verification.VERIFIED if verified else Verification.PENDING,
        verified_at=now if verified else None,
    )
    _write(session, organisation, draft)
    session.add(organisation)
    session.flush()
    session.add(_site(organisation.id, organisation.city, draft.place))
    audit.note(
        session, "found", organisation, actor=actor, now=now, after={"name": organisation.name}
    )
    if not verified:
        outbox.record(session, OrganisationToVerify(organisation.id), now=now)
    return organisation


def _write(session: Session, organisation: Organisation, draft: OrganisationDraft) -> None:
    for name in PLAIN:
        setattr(organisation, name, getattr(draft, name))
    organisation.move_to(draft.place)
    point = service_point_for(session, draft.place.region)
    organisation.service_point_id = point.id if point else None


def edit_organisation(
    session: Session,
    organisation: Organisation,
    draft: OrganisationDraft,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Change the profile; a new legal name or VAT number has to be verified again."""
    require(policy.can_edit(actor, organisation))
    before = {name: getattr(organisation, name) for name in PLAIN}
    looked_after_by = organisation.service_point_id
    _write(session, organisation, draft)
    weighty = ("name", "kind", "vat_id")
    if organisation.verification is Verification.VERIFIED and any(
        before[name] != getattr(organisation, name) for name in weighty
    ):
        organisation.verification = Verification.PENDING
        organisation.verified_at = None
        outbox.record(session, OrganisationToVerify(organisation.id), now=now)
        outbox.record(session, OrganisationChanged(organisation.id), now=now)
    elif looked_after_by != organisation.service_point_id:
        outbox.record(session, OrganisationChanged(organisation.id), now=now)
    session.flush()
    changed = [n for n in PLAIN if before[n] != getattr(organisation, n)]
    audit.note(
        session,
        "edit",
        organisation,
        actor=actor,
        now=now,
        before={n: str(before[n]) for n in changed},
        after={n: str(getattr(organisation, n)) for n in changed},
    )


def decide(
    session: Session,
    organisation: Organisation,
    *,
    verified: bool,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Verify an organisation, or say why not."""
    require(policy.can_verify(actor, organisation))
    reason = clean(reason)
    if not verified and not reason:
        raise Invalid.one("reason", "reason_required")
    wanted = Verification.VERIFIED if verified else Verification.REFUSED
    if organisation.verification is wanted:
        raise WrongState(f"already {wanted.value}")
    before = organisation.verification
    organisation.verification = wanted
    organisation.verification_reason = "" if verified else reason[:2000]
    organisation.verified_at = now if verified else None
    outbox.record(session, OrganisationDecided(organisation.id), now=now)
    outbox.record(session, OrganisationChanged(organisation.id), now=now)
    audit.note(
        session,
        "verify" if verified else "refuse",
        organisation,
        actor=actor,
        now=now,
        before={"verification": before.value},
        after={"verification": wanted.value, "reason": reason},
    )


def sign_in(session: Session, email: str, password: str) -> User | None:
    """Return the confirmed person with this address and password, at the same speed for nobody."""
    user = find_user(session, email)
    if not matches(user.password_hash if user else None, password) or user is None:
        return None
    if outdated(user.password_hash):
        user.password_hash = hashed(password)
    return user


def ask_reset(session: Session, email: str, *, now: datetime) -> None:
    """Send a link to set a new password, where there is such an account."""
    user = find_user(session, email)
    if user is not None:
        outbox.record(session, ResetAsked(user.id), now=now)


def ask_confirmation(session: Session, user: User, *, now: datetime) -> None:
    """Send the confirmation mail once more."""
    if user.confirmed_at is None:
        outbox.record(session, ConfirmationAsked(user.id), now=now)


def confirm(session: Session, user: User, *, now: datetime) -> None:
    """Note that the address is theirs; twice is once."""
    user.confirmed_at = user.confirmed_at or now


def set_password(session: Session, user: User, password: str, *, now: datetime) -> None:
    """Store a new password and sign the person out everywhere; who could reset owns the address."""
    user.password_hash = hashed(good_password(password))
    user.epoch += 1
    user.confirmed_at = user.confirmed_at or now


def sign_out_everywhere(session: Session, user: User) -> None:
    """Make every cookie of this person worthless."""
    user.epoch += 1


def _site(organisation_id: int, name: str, place: Place) -> Site:
    site = Site(organisation_id=organisation_id, name=name[:80])
    site.move_to(place)
    return site


def add_site(
    session: Session, organisation: Organisation, name: str, place: Place, *, actor: Actor
) -> Site:
    """Give the organisation one more place."""
    require(policy.can_edit(actor, organisation))
    name = clean(name)
    if not name:
        raise Invalid.one("name", "required")
    if len(name) > 80:
        raise Invalid.one("name", "too_long", most=80)
    taken: Any = select(Site.id).where(Site.organisation_id == organisation.id, Site.name == name)
    if session.scalar(taken) is not None:
        raise Invalid.one("name", "name_taken")
    site = _site(organisation.id, name, place)
    session.add(site)
    session.flush()
    return site


def remove_site(
    session: Session, organisation: Organisation, site_id: int, *, actor: Actor
) -> None:
    """Forget a place; what was posted from there stays where it is."""
    require(policy.can_edit(actor, organisation))
    site = session.get(Site, site_id)
    if site is not None and site.organisation_id == organisation.id:
        session.delete(site)
