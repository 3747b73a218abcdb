"""Reading applications: what somebody may know of, and what their rows compute to."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from marketplace.accounts.models import Organisation
from marketplace.core.actor import Actor
from marketplace.core.errors import NotFound
from marketplace.geo.coordinates import Coordinate
from marketplace.orders import policy as order_policy
from marketplace.orders.models import Order, OrderParty
from marketplace.orders.queries import AGREED
from marketplace.seals import policy
from marketplace.seals.assessment import (
    Finding,
    Judgement,
    Question,
    SealEvidence,
    Vote,
)
from marketplace.seals.computing import (
    Figures,
    InputRow,
    MakerRow,
    StepRow,
    Value,
    compute,
)
from marketplace.seals.criteria import CriteriaSet, Criterion, ProductKind
from marketplace.seals.lifecycle import UNDECIDED, SealState
from marketplace.seals.models import (
    ProductionStep,
    SealApplication,
    SealInput,
    SealMaker,
    SealOrder,
    SealPhoto,
)


def with_everything() -> Sequence[_AbstractLoad]:
    """Return the loads that the page of an application needs."""
    return (
        joinedload(SealApplication.organisation),
        joinedload(SealApplication.criteria_set).selectinload(CriteriaSet.criteria),
        selectinload(SealApplication.makers).joinedload(SealMaker.organisation),
        selectinload(SealApplication.orders)
        .joinedload(SealOrder.order)
        .selectinload(Order.parties)
        .joinedload(OrderParty.organisation),
        selectinload(SealApplication.inputs).joinedload(SealInput.organisation),
        selectinload(SealApplication.steps).joinedload(ProductionStep.organisation),
        selectinload(SealApplication.pictures).joinedload(SealPhoto.photo),
        selectinload(SealApplication.course),
    )


def get(session: Session, application_id: int, *, actor: Actor) -> SealApplication:
    """Return the application if this actor may know of it, with all that its page shows."""
    found = session.scalars(
        select(SealApplication)
        .where(SealApplication.id == application_id, policy.visible_to(actor))
        .options(*with_everything())
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def figures(application: SealApplication) -> Figures:
    """Return what the rows compute to. The application needs everything loaded."""
    makers = [maker.organisation for maker in application.makers]
    clients = [p.organisation for bound in application.orders for p in bound.order.clients]
    criteria = application.criteria_set.criteria
    return compute(
        [
            InputRow(row.mass_kg, Coordinate(row.latitude, row.longitude), row.route)
            for row in application.inputs
        ],
        [
            StepRow(
                row.hours,
                row.disadvantaged,
                row.organisation is not None and row.organisation.is_enterprise,
            )
            for row in application.steps
        ],
        [MakerRow(maker.employees, maker.disadvantaged) for maker in application.makers],
        [Coordinate(o.latitude, o.longitude) for o in (*makers, *clients)],
        made_at=[Coordinate(o.latitude, o.longitude) for o in makers],
        service=application.kind is ProductKind.SERVICE,
        thresholds={c.code: c.threshold for c in criteria if c.threshold is not None},
    )


def frozen(found: Figures) -> dict[str, object]:
    """Return figures as they are kept with the test report."""
    values = {
        code: [value.finding.value if value.finding else None, value.figure]
        for code, value in found.values.items()
    }
    return {
        "values": values,
        "social_work": found.social_work,
        "reused": found.reused,
        "most_km": max(found.ways, default=None),
    }


def values_of(application: SealApplication) -> dict[str, Value]:
    """Return the computed criteria: as reported, or as the rows stand before there is a report."""
    if application.reported_at is None:
        return dict(figures(application).values)
    kept = application.figures["values"]
    assert isinstance(kept, dict)
    return {
        code: Value(Finding(finding) if finding else None, figure)
        for code, (finding, figure) in kept.items()
    }


def applicable(application: SealApplication) -> list[Criterion]:
    """Return the criteria that are asked of this kind of product."""
    kind = application.kind.value
    return [c for c in application.criteria_set.criteria if kind in c.kinds]


def judgements(session: Session, application: SealApplication) -> list[Judgement]:
    """Return the lines of the assessment sheet."""
    found = select(Judgement).where(Judgement.application_id == application.id)
    return list(session.scalars(found.order_by(Judgement.id)))


def evidence(session: Session, application: SealApplication) -> list[SealEvidence]:
    """Return the files of an application, the oldest first."""
    found = select(SealEvidence).where(SealEvidence.application_id == application.id)
    return list(session.scalars(found.order_by(SealEvidence.id)))


def questions(session: Session, application: SealApplication) -> list[Question]:
    """Return questions and answers, the oldest first."""
    found = select(Question).where(Question.application_id == application.id)
    return list(session.scalars(found.order_by(Question.id)))


def votes(session: Session, application: SealApplication) -> list[Vote]:
    """Return the votes of the round that is on, or was last."""
    found = select(Vote).where(
        Vote.application_id == application.id, Vote.round == application.round
    )
    return list(session.scalars(found.order_by(Vote.id)))


def listed(
    session: Session,
    *,
    actor: Actor,
    state: SealState | None = None,
    words: str = "",
    page: int = 1,
    size: int = 20,
) -> tuple[list[SealApplication], int]:
    """Return one page of the applications that the actor may know of, and how many.

    What the agency's clock runs for comes first, the earliest deadline first.
    """
    conditions = [policy.visible_to(actor)]
    if state is not None:
        conditions.append(SealApplication.state == state)
    for word in words.split()[:6]:
        named = Organisation.name.icontains(word, autoescape=True)
        conditions.append(
            or_(
                SealApplication.name.icontains(word, autoescape=True),
                SealApplication.number.icontains(word, autoescape=True),
                SealApplication.organisation.has(named),
            )
        )
    total = session.scalar(select(func.count()).select_from(SealApplication).where(*conditions))
    rows = session.scalars(
        select(SealApplication)
        .where(*conditions)
        .options(joinedload(SealApplication.organisation))
        .order_by(
            SealApplication.state.in_(UNDECIDED).desc(),
            func.coalesce(SealApplication.due_on, date.max),
            SealApplication.id.desc(),
        )
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total or 0


def counts_by_state(session: Session, *, actor: Actor) -> dict[SealState, int]:
    """Return how many applications the actor may know of, by state."""
    rows = session.execute(
        select(SealApplication.state, func.count())
        .where(policy.visible_to(actor))
        .group_by(SealApplication.state)
    )
    return {row[0]: row[1] for row in rows}


def possible_orders(session: Session, *, actor: Actor, size: int = 50) -> list[Order]:
    """Return the orders of the actor's organisation that were agreed, the newest first."""
    mine = Order.parties.any(OrderParty.organisation_id == actor.organisation_id)
    return list(
        session.scalars(
            select(Order)
            .where(order_policy.visible_to(actor), mine, Order.state.in_(AGREED))
            .order_by(Order.id.desc())
            .limit(size)
        )
    )
