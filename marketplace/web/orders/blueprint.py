"""The blueprint of orders; its pages are modules beside this one."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash

from marketplace.core.errors import Invalid
from marketplace.orders import queries
from marketplace.refusals import sentence
from marketplace.web.session import actor, now, transaction

bp = Blueprint("orders", __name__, url_prefix="/orders")


def act(order_id: int, action: Callable[..., Any], *things: Any, **answers: Any) -> bool:
    """Do one thing to an order; say what is missing where something is."""
    try:
        with transaction() as session:
            order = queries.get(session, order_id, actor=actor())
            action(session, order, *things, **answers, actor=actor(), now=now())
    except Invalid as refusal:
        for text in dict.fromkeys(sentence(problem) for problem in refusal.problems):
            flash(text, "no")
        return False
    return True
