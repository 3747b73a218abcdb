"""What happens to cases."""

from dataclasses import dataclass

from marketplace.core.outbox import Event


@dataclass(frozen=True)
class CaseOpened(Event):
    """Somebody asked, or a broker began a case: the service point's brokers hear of it."""

    case_id: int
    user_id: int | None


@dataclass(frozen=True)
class CaseReferred(Event):
    """A case was offered to another service point, or the offer was answered."""

    referral_id: int
    user_id: int | None


@dataclass(frozen=True)
class PartyJoined(Event):
    """An organisation takes part in a case from now on."""

    party_id: int


@dataclass(frozen=True)
class PartyDisclosed(Event):
    """The others may see more of a party from now on."""

    party_id: int


@dataclass(frozen=True)
class CaseFilesAttached(Event):
    """A party's person attached a file, perhaps more; ``until`` ends the time of gathering, in ISO."""

    case_id: int
    organisation_id: int
    user_id: int
    until: str


@dataclass(frozen=True)
class AppointmentSet(Event):
    """An appointment was made, moved or called off."""

    appointment_id: int
    user_id: int | None
