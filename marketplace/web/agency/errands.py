"""What the worker has to do for each fact, in words for people."""

from collections.abc import Callable

from flask_babel import gettext as _

ERRANDS: dict[str, Callable[[], str]] = {
    "ListingChanged": lambda: _("Match a listing anew"),
    "CapabilityChanged": lambda: _("Match a capability anew"),
    "OrganisationChanged": lambda: _("Match an organisation's listings and capabilities anew"),
    "WeightsChanged": lambda: _("Match everything with the new weights"),
    "ValuesChanged": lambda: _("Match everything with the new edition of the taxonomy"),
    "ProposalDecided": lambda: _("Learn from the decisions of a service point"),
    "DecisionsMoved": lambda: _("Learn from the decisions of a service point"),
    "EvidenceAged": lambda: _("Learn from the decisions of a service point"),
    "LearningSwitched": lambda: _("Learn from the decisions of a service point"),
    "MatchRunFinished": lambda: _("Let all service points learn after a matching run"),
    "ProposalsFound": lambda: _("Tell of new proposals"),
    "InterestShown": lambda: _("Tell that somebody is interested in a listing"),
    "ListingExpiring": lambda: _("Ask whether a listing goes on"),
    "ListingExpired": lambda: _("Tell that a listing has ended"),
    "WorkSought": lambda: _("Tell that a workshop looks for work"),
    "OrganisationToVerify": lambda: _("Tell the brokers of a new organisation"),
    "OrganisationDecided": lambda: _("Tell an organisation whether it is verified"),
    "OrderMoved": lambda: _("Tell of news in an order, and reckon its impact"),
    "OrderFilesAttached": lambda: _("Tell the brokers of files in an order"),
    "WorkLogged": lambda: _("Reckon the impact of the hours worked"),
    "CaseOpened": lambda: _("Tell of a new enquiry"),
    "CaseReferred": lambda: _("Tell of a case that is handed over"),
    "CaseFilesAttached": lambda: _("Tell the brokers of files in a case"),
    "PartyJoined": lambda: _("Tell that somebody takes part in a case"),
    "PartyDisclosed": lambda: _("Tell that somebody in a case is known now"),
    "AppointmentSet": lambda: _("Send word of an appointment"),
    "PartnerApplied": lambda: _("Tell of somebody who would join the value cluster"),
    "PartnerDecided": lambda: _("Tell a partner of the value cluster the decision"),
    "PlaceOffered": lambda: _("Tell of a place offered in a consortium"),
    "PlaceAnswered": lambda: _("Tell the answer to a place in a consortium"),
    "DeadlineNear": lambda: _("Remind of a deadline"),
    "SealMoved": lambda: _("Tell of news about a seal"),
    "SealEnding": lambda: _("Remind of a seal that ends"),
    "ComplaintReceived": lambda: _("Tell the agency of a complaint"),
    "ComplaintAnswered": lambda: _("Send the answer to a complaint"),
    "ConfirmationAsked": lambda: _("Write the letter that confirms an address"),
    "RegisteredAgain": lambda: _("Write to somebody who registered once more"),
    "ResetAsked": lambda: _("Write the letter for a new password"),
    "MemberInvited": lambda: _("Write an invitation"),
    "Told": lambda: _("Write a mail about news"),
    "MessageWritten": lambda: _("Pass a message on"),
    "PersonErased": lambda: _("Take an erased person's name out of what is kept"),
    "MailQueued": lambda: _("Send a mail"),
}


def errand(kind: str) -> str:
    """Return what a row of the outbox asks for; a kind of an older release by its own name."""
    words = ERRANDS.get(kind)
    return words() if words is not None else kind
