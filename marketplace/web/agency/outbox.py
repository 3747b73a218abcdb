"""What waits to be done behind the scenes, above all mails; and trying it at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.core import outbox as rows
from marketplace.core.outbox import OutboxRow
from marketplace.notifications.events import MailQueued
from marketplace.notifications.models import Mail
from marketplace.web.access import AGENCY
from marketplace.web.agency.blueprint import bp
from marketplace.web.agency.errands import errand
from marketplace.web.pages import Pages
from marketplace.web.session import now, reading, transaction

SIZE = 50


@dataclass(frozen=True)
class Line:
    """A row of the outbox, and the mail that it is to send, if it is one."""

    row: OutboxRow
    mail: Mail | None


@bp.get("/outbox")
@AGENCY
def outbox() -> ResponseReturnValue:
    given_up, page = request.args.get("show") == "given_up", Pages.asked()
    with reading() as session:
        counts = rows.counts(session)
        total = counts.given_up if given_up else counts.waiting
        return render_template(
            "agency/outbox.html",
            counts=counts,
            given_up=given_up,
            lines=_lines(session, rows.listed(session, given_up=given_up, page=page, size=SIZE)),
            pages=Pages(page, total, SIZE),
            errand=errand,
            now=now(),
        )


def _lines(session: Session, found: Sequence[OutboxRow]) -> list[Line]:
    keys = [row.payload.get("mail_id") for row in found if row.kind == MailQueued.__name__]
    mails = {mail.id: mail for mail in session.scalars(select(Mail).where(Mail.id.in_(keys)))}
    return [Line(row, mails.get(int(str(row.payload.get("mail_id", 0))))) for row in found]


@bp.post("/outbox/try")
@AGENCY
def try_all() -> ResponseReturnValue:
    with transaction() as session:
        count = rows.try_now(session, now=now())
    flash(ngettext("One is tried now.", "%(num)s are tried now.", count), "yes")
    return redirect(url_for(".outbox"))


@bp.post("/outbox/<int:row_id>/try")
@AGENCY
def try_one(row_id: int) -> ResponseReturnValue:
    with transaction() as session:
        count = rows.try_now(session, row_id=row_id, now=now())
    said = _("It is tried now.") if count else _("It is done already, or being done just now.")
    flash(said, "yes" if count else "wait")
    return redirect(url_for(".outbox"))
