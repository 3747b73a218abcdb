"""Pages of plain text: help, legal notice and privacy."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from marketplace.web.access import ANYBODY

bp = Blueprint("pages", __name__)


@bp.get("/help")
@ANYBODY
def help() -> ResponseReturnValue:
    return render_template("public/help.html")


@bp.get("/imprint")
@ANYBODY
def imprint() -> ResponseReturnValue:
    return render_template("public/imprint.html")
