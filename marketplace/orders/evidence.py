"""Files that show what the law asks for: PDFs and pictures, for the parties and brokers only."""

import secrets
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.core import audit, outbox
from marketplace.core.actor import Actor, require
from marketplace.core.errors import Invalid, NotFound, WrongState
from marketplace.core.storage import Storage
from marketplace.orders import policy
from marketplace.orders.carrying import Evidence, EvidenceKind
from marketplace.orders.events import OrderFilesAttached
from marketplace.orders.lifecycle import OPEN
from marketplace.orders.models import Order
from marketplace.orders.steps import lock
from marketplace.photos.attachments import check

MOST_FILES = 50


def attach(
    session: Session,
    storage: Storage,
    order: Order,
    line_id: int,
    kind: EvidenceKind,
    name: str,
    data: bytes,
    *,
    actor: Actor,
    now: datetime,
) -> Evidence:
    """Keep a file for a line. Pictures are drawn anew; raises ``Invalid`` on ``file`` for others."""
    lock(session, order)
    require(bool(policy.sides(actor, order)))
    if order.state not in OPEN:
        raise WrongState("the order has ended")
    if line_id not in {line.id for line in order.lines}:
        raise Invalid.one("line", "line_unknown")
    count = select(func.count()).select_from(Evidence).where(Evidence.order_id == order.id)
    if (session.scalar(count) or 0) >= MOST_FILES:
        raise Invalid.one("file", "too_many_files", most=MOST_FILES)
    kept = check(name, data)
    row = Evidence(
        order_id=order.id,
        line_id=line_id,
        kind=kind,
        key=f"evidence-{secrets.token_urlsafe(24)}",
        name=kept.name,
        size=len(kept.data),
        uploaded_by=actor.user_id,
        at=now,
    )
    storage.put(row.key, kept.data)
    session.add(row)
    session.flush()
    after: dict[str, object] = {"name": row.name, "line": line_id}
    audit.note(session, "attach", row, actor=actor, now=now, after=after)
    _tell_brokers(session, order, actor=actor, now=now)
    return row


def _tell_brokers(session: Session, order: Order, *, actor: Actor, now: datetime) -> None:
    """Let the brokers hear of what a party attached, with all that comes soon after."""
    party = policy.party_of(actor, order)
    if party is not None and actor.user_id is not None:
        until = outbox.gathered_until(now)
        said = OrderFilesAttached(order.id, party.organisation_id, actor.user_id, until.isoformat())
        outbox.record(session, said, now=now, due_at=until)


def of_order(session: Session, order: Order) -> list[Evidence]:
    """Return the files of an order, the oldest first."""
    found = select(Evidence).where(Evidence.order_id == order.id).order_by(Evidence.id)
    return list(session.scalars(found))


def get(session: Session, order: Order, evidence_id: int) -> Evidence:
    """Return one file of an order that the caller may see."""
    found = session.get(Evidence, evidence_id)
    if found is None or found.order_id != order.id:
        raise NotFound
    return found
