"""Questions about a sealed product: its service point mediates, and its makers hear them at once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.cases import opening, parties
from marketplace.cases.drafts import EnquiryDraft
from marketplace.cases.models import Case
from marketplace.core.actor import Actor
from marketplace.seals.catalogue import spelled
from marketplace.seals.models import SealApplication, SealMaker
from marketplace.seals.register import Certificate


def makers(session: Session, number: str) -> list[Organisation]:
    """Return who makes the product of a certificate and takes part here; nobody where there is none."""
    return list(
        session.scalars(
            select(Organisation)
            .join(SealMaker, SealMaker.organisation_id == Organisation.id)
            .join(SealApplication, SealApplication.id == SealMaker.application_id)
            .join(Certificate, Certificate.application_id == SealApplication.id)
            .where(Certificate.number == spelled(number), Organisation.active)
            .order_by(SealMaker.id)
        )
    )


def ask(session: Session, draft: EnquiryDraft, number: str, *, actor: Actor, now: datetime) -> Case:
    """Keep an enquiry; the makers of the product that it is about take part in its case.

    They read what is asked, and who asks only once the broker discloses it.
    """
    case = opening.enquire(session, draft, actor=actor, now=now)
    for maker in makers(session, number):
        parties.take_part(session, case, maker.id, actor=actor, now=now)
    return case
