"""Messages: all threads of a person, one thread, writing in it, its files."""

from dataclasses import dataclass, field

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core.actor import require
from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import whole
from marketplace.notifications.messages import aside, attachments, posting, threads
from marketplace.notifications.messages.models import Attachment
from marketplace.notifications.messages.subjects import Kind, find
from marketplace.notifications.messages.threads import Conversation
from marketplace.refusals import sentence
from marketplace.web.access import SIGNED_IN
from marketplace.web.addresses import local_path
from marketplace.web.downloads import download
from marketplace.web.language import LANGUAGES
from marketplace.web.messages.conversation import conversation, conversation_of
from marketplace.web.pages import Pages
from marketplace.web.session import actor, now, reading, transaction

bp = Blueprint("messages", __name__, url_prefix="/messages")
SIZE = 20


@dataclass
class Draft:
    """What somebody is writing: shown again, with what was wrong, where it could not be sent."""

    text: str = ""
    language: str = ""
    files: list[Attachment] = field(default_factory=list)
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def blame(self, where: str, text: str) -> None:
        self.wrong.setdefault(where, []).append(text)


@bp.get("/")
@SIGNED_IN
def index() -> ResponseReturnValue:
    page = Pages.asked()
    with transaction() as session:
        threads.forget_stale(session, actor=actor())
    with reading() as session:
        rows, total = threads.mine(session, actor=actor(), page=page, size=SIZE)
        return render_template("messages/index.html", rows=rows, pages=Pages(page, total, SIZE))


@bp.get("/<int:thread_id>")
@SIGNED_IN
def show(thread_id: int) -> ResponseReturnValue:
    found = conversation_of(thread_id, before=whole(request.args.get("before", "")) or 0)
    return _page(found)


def _page(thread: Conversation, **more: Draft) -> str:
    if thread.kind is Kind.ORDER:
        about = url_for("orders.show", order_id=thread.about_id)
    else:
        there = "desk.cases_show" if thread.mediates else "cases.show"
        about = url_for(there, case_id=thread.about_id)
    return render_template("messages/thread.html", thread=thread, about_url=about, **more)


@bp.post("/cases/<int:case_id>")
@SIGNED_IN
def write_in_case(case_id: int) -> ResponseReturnValue:
    return _write(case_id=case_id)


@bp.post("/orders/<int:order_id>")
@SIGNED_IN
def write_in_order(order_id: int) -> ResponseReturnValue:
    return _write(order_id=order_id)


def _write(**about: int) -> ResponseReturnValue:
    """Send the message and go back to the page; where it cannot be sent, show all of it again."""
    chosen = request.form.get("language", "")
    draft = Draft(request.form.get("text", ""), chosen if chosen in LANGUAGES else "")
    with reading() as session:
        require(find(session, **about, actor=actor()).can_write(actor()))
    ids = _files(draft)
    try:
        if not draft.wrong:
            with transaction() as session:
                written = posting.post(
                    session,
                    find(session, **about, actor=actor()),
                    text=draft.text,
                    language=draft.language,
                    attachment_ids=ids,
                    actor=actor(),
                    now=now(),
                )
                thread_id = written.thread_id
            flash(_("Sent. The others are told."), "yes")
            back = local_path(request.form.get("next"))
            return redirect(back or url_for(".show", thread_id=thread_id) + "#messages")
    except Invalid as refusal:
        for problem in refusal.problems:
            draft.blame(problem.field, sentence(problem))
    with reading() as session:
        draft.files = attachments.waiting(session, ids, actor=actor())
    return _page(conversation(**about), draft=draft), 422


def _files(draft: Draft) -> list[int]:
    """Keep what was uploaded just now beside what was before; return the keys of all."""
    gone = set(request.form.getlist("remove-attachment"))
    kept = [i for i in request.form.getlist("attachment") if i not in gone]
    ids = [number for number in map(whole, kept) if number is not None]
    uploads = [upload for upload in request.files.getlist("files") if upload.filename]
    if len(ids) + len(uploads) > posting.MOST_FILES:
        problem = Problem("files", "too_many_files", {"most": posting.MOST_FILES})
        draft.blame("files", sentence(problem))
    room = max(0, posting.MOST_FILES - len(ids))
    for upload in uploads[:room]:
        name = upload.filename or ""
        try:
            with transaction() as session:
                storage = current_app.extensions["storage"]
                data = upload.read()
                file = attachments.keep(session, storage, name, data, actor=actor(), now=now())
                ids.append(file.id)
        except Invalid as refusal:
            draft.blame("files", f"{name[:80]}: {sentence(refusal.problems[0])}")
    return ids


@bp.get("/files/<int:attachment_id>")
@SIGNED_IN
def file(attachment_id: int) -> ResponseReturnValue:
    with reading() as session:
        found, name = attachments.get(session, attachment_id, actor=actor())
        return download(found.key, name, found.media_type)


@bp.post("/aside/<int:mail_id>/settle")
@SIGNED_IN
def settle(mail_id: int) -> ResponseReturnValue:
    """Let go of a mail that was set aside."""
    with transaction() as session:
        thread_id = aside.settle(session, mail_id, actor=actor())
    flash(_("The mail is removed."), "yes")
    return redirect(url_for(".show", thread_id=thread_id))
