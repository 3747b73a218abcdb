"""Reading orders."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.orders.lifecycle import OrderState
from marketplace.orders.models import Order

AGREED = (
    OrderState.AGREED,
    OrderState.IN_PRODUCTION,
    OrderState.DELIVERED,
    OrderState.COMPLETED,
)


@dataclass(frozen=True)
class Figures:
    """Orders that both sides accepted: how many, their mean way in km, their mass in kg."""

    agreed: int
    mean_km: float | None
    mass_kg: float


def figures(session: Session) -> Figures:
    """Return the figures of all orders that were agreed, whatever became of them since."""
    row = session.execute(
        select(func.count(), func.avg(Order.distance_km), func.sum(Order.mass_kg)).where(
            Order.state.in_(AGREED)
        )
    ).one()
    return Figures(row[0], row[1], row[2] or 0.0)
