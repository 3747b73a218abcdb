"""Files that the law asks for: attached beside the terms, handed out to parties and brokers only."""

from typing import Any

from flask import current_app, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.errors import Invalid
from marketplace.orders import evidence, queries
from marketplace.orders.models import Order
from marketplace.web.access import SIGNED_IN
from marketplace.web.downloads import download
from marketplace.web.orders.blueprint import bp
from marketplace.web.orders.carrying import back, small_page, submitted
from marketplace.web.orders.carrying_forms import EvidenceForm, key_of
from marketplace.web.session import actor, now, reading


@bp.route("/<int:order_id>/evidence/new", methods=["GET", "POST"])
@SIGNED_IN
def new_evidence(order_id: int) -> ResponseReturnValue:
    form, status = EvidenceForm(), 200
    if request.method == "POST":
        if submitted(form, lambda session, order: _attach(form, session, order), order_id):
            flash(_("Attached."), "yes")
            return back(order_id, "h-docs")
        status = 422
    elif request.args:
        form.line_id.data = request.args.get("line", "")

    def prepare(session: Any, order: Order) -> None:
        form.offer(line for line in order.lines if line.waste_code)

    page = small_page(
        form, order_id, _("Attach evidence"), _("Attach"), prepare=prepare, files=True
    )
    return page, status


def _attach(form: EvidenceForm, session: Any, order: Order) -> None:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid.one("file", "required")
    evidence.attach(
        session,
        current_app.extensions["storage"],
        order,
        key_of(form.line_id) or 0,
        form.kind.data,
        upload.filename,
        upload.read(),
        actor=actor(),
        now=now(),
    )


@bp.get("/<int:order_id>/evidence/<int:evidence_id>")
@SIGNED_IN
def show_evidence(order_id: int, evidence_id: int) -> ResponseReturnValue:
    with reading() as session:
        order = queries.get(session, order_id, actor=actor())
        row = evidence.get(session, order, evidence_id)
        return download(row.key, row.name)
