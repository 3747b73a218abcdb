"""Which fact leads to what. A handler may run again after a failure, and then changes nothing more."""

from collections.abc import Callable

from marketplace.jobs import learning, letters, matching, telling

HANDLERS: dict[str, Callable[..., None]] = {
    "ListingChanged": matching.listing_changed,
    "CapabilityChanged": matching.capability_changed,
    "OrganisationChanged": matching.organisation_changed,
    "WeightsChanged": matching.weights_changed,
    "ProposalDecided": learning.evidence_changed,
    "DecisionsMoved": learning.evidence_changed,
    "EvidenceAged": learning.evidence_changed,
    "LearningSwitched": learning.evidence_changed,
    "MatchRunFinished": learning.run_finished,
    "ProposalsFound": telling.proposals_found,
    "InterestShown": telling.interest_shown,
    "ListingExpiring": telling.listing_expiring,
    "ListingExpired": telling.listing_expired,
    "WorkSought": telling.work_sought,
    "OrganisationToVerify": telling.organisation_to_verify,
    "OrganisationDecided": telling.organisation_decided,
    "OrderMoved": telling.order_moved,
    "ConfirmationAsked": letters.confirmation_asked,
    "RegisteredAgain": letters.registered_again,
    "ResetAsked": letters.reset_asked,
    "MemberInvited": letters.member_invited,
    "Told": letters.told,
    "PersonErased": letters.person_erased,
}
