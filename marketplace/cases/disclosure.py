"""What the parties of a case see of each other: nothing, the region, or who it is. The broker says when.

Everything that shows one party to another (pages, mails, exports, names of files) asks here.
"""

from dataclasses import dataclass, replace

from marketplace.accounts.models import Organisation, OrganisationKind
from marketplace.cases.models import Case, CaseParty, Disclosure, Part
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
    organisation: Organisation = party.organisation
    stage = stage_for(case, party, actor=actor)
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
