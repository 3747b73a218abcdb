"""What the parties of a case see of each other: nothing, the region, or who it is. The broker says when.

Everything that shows one party to another (pages, mails, exports, names of files) asks here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from marketplace.accounts.models import Organisation, OrganisationKind
from marketplace.cases.models import (
    Appointment,
    Case,
    CaseFile,
    CaseParty,
    Disclosure,
    Part,
)
from marketplace.cases.policy import Sight, sight
from marketplace.core.actor import Actor

STAGES = tuple(Disclosure)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What is shown of a party. All but ``kind`` and ``part`` may be empty.

    ``region`` is an ISO 3166-2 code; ``organisation_id`` is there only where all is disclosed.
    """

    part: Part
    kind: OrganisationKind
    country: str = ""
    region: str = ""
    name: str = ""
    contact: str = ""
    email: str = ""
    phone: str = ""
    organisation_id: int | None = None


def stage_for(case: Case, party: CaseParty, *, actor: Actor) -> Disclosure:
    """Return how much of a party the actor sees: brokers and itself all, others what was disclosed."""
    sees_all = sight(actor, case) in (Sight.BROKER, Sight.READER)
    if sees_all or actor.belongs_to(party.organisation_id):
        return Disclosure.IDENTITY
    return party.disclosure


def shown(case: Case, party: CaseParty, *, actor: Actor) -> Shown:
    """Return what the actor sees of a party. Needs the party's ``organisation`` loaded."""
    return at_stage(party, stage_for(case, party, actor=actor))


def at_stage(party: CaseParty, stage: Disclosure) -> Shown:
    """Return what is seen of a party at a stage."""
    organisation: Organisation = party.organisation
    known = Shown(part=party.part, kind=organisation.kind)
    if stage is Disclosure.ANONYMOUS:
        return known
    known = replace(known, country=organisation.country, region=organisation.region or "")
    if stage is Disclosure.REGION:
        return known
    return replace(
        known,
        name=organisation.name,
        contact=organisation.contact_name,
        email=organisation.email,
        phone=organisation.phone,
        organisation_id=organisation.id,
    )


def party_of(case: Case, organisation_id: int | None) -> CaseParty | None:
    """Return the party that an organisation is in the case."""
    found = (party for party in case.parties if party.organisation_id == organisation_id)
    return next(found, None)


def knows_all(case: Case, *, actor: Actor) -> bool:
    """Tell whether everybody in the case is disclosed to the actor."""
    stages = (stage_for(case, party, actor=actor) for party in case.parties)
    return all(stage is Disclosure.IDENTITY for stage in stages)


LEAST_HIDDEN = 3
IN_ITS_PLACE = "•••"


def veil(case: Case, *, actor: Actor) -> Callable[[str], str]:
    """Return what hides, in anything that somebody typed, whatever is not disclosed to the actor.

    Names, contacts, towns, streets, addresses and numbers of parties that keep them to themselves
    become dots. Needs the parties' organisations loaded.
    """
    hidden = {
        words
        for party in case.parties
        if stage_for(case, party, actor=actor) is not Disclosure.IDENTITY
        for words in _words_of(case, party)
        if len(words) >= LEAST_HIDDEN
    }
    if not hidden:
        return lambda text: text
    longest_first = sorted(hidden, key=lambda words: (-len(words), words))
    known = "|".join(re.escape(words).replace(r"\ ", r"\s+") for words in longest_first)
    pattern = re.compile(rf"(?<!\w)(?:{known})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(IN_ITS_PLACE, text)


def _words_of(case: Case, party: CaseParty) -> set[str]:
    """Return what would tell who a party is; whoever asked stands for the first of the clients."""
    about = party.organisation
    street = about.address.rstrip("0123456789/- ")
    surname = about.contact_name.rpartition(" ")[2]
    words = {about.name, about.contact_name, surname, about.email, about.phone, about.website}
    words |= {about.address, street, about.postal_code, about.city, about.vat_id}
    if party.part is Part.CLIENT:
        words |= {case.contact_name, case.contact_organisation, case.contact_email}
        words |= {case.contact_phone, case.contact_city}
    return words


def place_of(case: Case, appointment: Appointment, *, actor: Actor) -> str:
    """Return where an appointment is: a place tells who is met, so all have to be known first."""
    return appointment.place if knows_all(case, actor=actor) else ""


def file_name(case: Case, kept: CaseFile, *, actor: Actor) -> str:
    """Return the name of a file: people name files after each other, so it may have to be a number."""
    if actor.belongs_to(kept.organisation_id) or knows_all(case, actor=actor):
        return kept.name
    return f"{case.number}-{kept.id}.{kept.name.rpartition('.')[2]}"


def sees_file(case: Case, kept: CaseFile, *, actor: Actor) -> bool:
    """Tell whether a party sees a file: what it tells may say who attached it, so that one has to be
    known first."""
    if actor.belongs_to(kept.organisation_id):
        return True
    if not kept.for_parties or kept.organisation_id is None:
        return kept.for_parties
    whose = party_of(case, kept.organisation_id)
    return whose is not None and stage_for(case, whose, actor=actor) is Disclosure.IDENTITY
