"""The demo region's first edition of the taxonomy: a material that its workshops asked for."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.core.actor import Actor, Role
from marketplace.demo.people import SIGN_INS
from marketplace.demo.tables import days_ago
from marketplace.taxonomy.tables import Branch
from marketplace.vocabulary import drafting, nodes
from marketplace.vocabulary.drafts import NodeDraft

BLANKET = NodeDraft(
    branch=Branch.MATERIALS,
    name_de="Rettungsdecken",
    name_hu="Mentőtakaró",
    name_en="Rescue blankets",
    synonyms_de=("Rettungsfolie", "Wärmefolie"),
    synonyms_hu=("mentőfólia", "izolációs takaró"),
    synonyms_en=("emergency blanket", "space blanket"),
    piece_mass_kg=0.06,
    reason="Zwei Rettungsdienste haben abgelaufene angeboten.",
)


def tell_edition(session: Session, *, now: datetime) -> None:
    """Have the agency add a material, and put the edition into force five weeks ago."""
    key = session.scalar(select(User.id).where(User.email == SIGN_INS["agency"]))
    agency, then = Actor(user_id=key, roles=frozenset({Role.AGENCY})), days_ago(now, 35, 9)
    nodes.add(session, "plastic.film", BLANKET, actor=agency, now=then)
    draft = drafting.begin(session, actor=agency, now=then)
    drafting.put_into_force(
        session, "Rettungsdecken ergänzt", seen=draft.revision, actor=agency, now=then
    )
