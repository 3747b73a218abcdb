"""For load balancers: alive, and able to reach the database."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from marketplace.web.access import ANYBODY
from marketplace.web.session import reading

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@ANYBODY
def healthz() -> ResponseReturnValue:
    with reading() as session:
        session.execute(text("SELECT 1"))
    return jsonify(status="ok")
