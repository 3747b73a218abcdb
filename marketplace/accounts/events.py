"""What happens to people and organisations."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class ConfirmationAsked(Event):
    """Somebody registered; the mail lets them confirm their address."""

    user_id: int


@dataclass(frozen=True)
class RegisteredAgain(Event):
    """Somebody registered with an address that has an account; only its owner is told."""

    user_id: int


@dataclass(frozen=True)
class ResetAsked(Event):
    user_id: int


@dataclass(frozen=True)
class MemberInvited(Event):
    invitation_id: int


@dataclass(frozen=True)
class OrganisationToVerify(Event):
    organisation_id: int


@dataclass(frozen=True)
class OrganisationDecided(Event):
    """A broker verified an organisation, or said why not."""

    organisation_id: int


@dataclass(frozen=True)
class OrganisationChanged(Event):
    """Something that matching reads is another one now: verified, active."""

    organisation_id: int


@dataclass(frozen=True)
class PersonErased(Event):
    """Somebody was forgotten; their name leaves what has to be kept."""

    user_id: int
