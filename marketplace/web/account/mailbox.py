"""Every mail, readable in the browser while there is no mail server; not in production."""

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from marketplace.core.errors import NotFound
from marketplace.notifications import queries
from marketplace.notifications.models import Mail
from marketplace.web.access import ANYBODY
from marketplace.web.session import reading

bp = Blueprint("mailbox", __name__, url_prefix="/dev/mail")


@bp.before_request
def only_in_development() -> None:
    """Hide the mailbox where real people's mails are."""
    if current_app.config["PRODUCTION"]:
        abort(404)


@bp.get("")
@ANYBODY
def index() -> ResponseReturnValue:
    with reading() as session:
        return render_template("account/mailbox.html", mails=queries.mails(session))


@bp.get("/<int:mail_id>")
@ANYBODY
def show(mail_id: int) -> ResponseReturnValue:
    with reading() as session:
        mail = session.get(Mail, mail_id)
        if mail is None:
            raise NotFound
        return render_template("account/mail.html", mail=mail)


@bp.get("/<int:mail_id>/html")
@ANYBODY
def html(mail_id: int) -> ResponseReturnValue:
    """Show the mail as a mail program would."""
    with reading() as session:
        mail = session.get(Mail, mail_id)
        if mail is None:
            raise NotFound
        return mail.html
