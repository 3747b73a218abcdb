"""The links at the end of mails: no more mails of one kind, without signing in.

Their token is what permits it, so that mail programs may post here with one click (RFC 8058).
"""

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from marketplace.notifications import preferences
from marketplace.notifications.models import Group
from marketplace.web.access import ANYBODY
from marketplace.web.session import transaction

bp = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")


def _opened(token: str) -> tuple[int, list[Group]] | None:
    return preferences.opened(token, secret=current_app.config["SECRET_KEY"])


@bp.get("/<token>")
@ANYBODY
def show(token: str) -> ResponseReturnValue:
    """Ask first: programs that look at links in mails must not unsubscribe anybody."""
    found = _opened(token)
    if found is None:
        return render_template("account/link_expired.html", purpose="unsubscribe"), 410
    return render_template("account/unsubscribe.html", token=token, groups=found[1], done=False)


@bp.post("/<token>")
@ANYBODY
def stop(token: str) -> ResponseReturnValue:
    found = _opened(token)
    if found is None:
        abort(400)
    user_id, groups = found
    with transaction() as session:
        preferences.stop(session, user_id, groups)
    return render_template("account/unsubscribe.html", token=token, groups=groups, done=True)
