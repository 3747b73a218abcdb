"""What became of the demo region's material, order by order."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.core.actor import SYSTEM
from marketplace.impact import facts, fates
from marketplace.impact.fates import FateDraft
from marketplace.impact.models import Path
from marketplace.orders import queries
from marketplace.orders.models import Order

SHARES = (
    ((Path.MADE_INTO_PRODUCTS, 0.7), (Path.RECYCLED, 0.12), (Path.DISPOSED_OF, 0.05)),
    ((Path.RE_USED, 0.85), (Path.RECYCLED, 0.1)),
    ((Path.MADE_INTO_PRODUCTS, 0.55), (Path.RE_USED, 0.2), (Path.DISPOSED_OF, 0.08)),
)
"""The rest is in work still."""


def tell_fates(session: Session, *, now: datetime) -> int:
    """Let the first workshop of every order that goes on or is done say what became of the mass."""
    told = 0
    ready = select(Order.id).where(Order.state.in_(fates.OPEN)).order_by(Order.id)
    for key in session.scalars(ready).all():
        order = queries.get(session, key, actor=SYSTEM)
        came = fates.balance(session, order).came
        done = [d.done_on for d in facts.done_deliveries(session, [key]) if d.done_on is not None]
        for path, share in SHARES[key % len(SHARES)] if came > 0 else ():
            draft = FateDraft(
                party_id=order.enterprises[0].id,
                path=path,
                mass_kg=round(came * share, 1) or 0.1,
                happened_on=max(done),
            )
            fates.state(session, order, draft, actor=SYSTEM, now=now)
            told += 1
    return told
