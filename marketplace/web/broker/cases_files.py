"""Files of a case at the desk."""

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from marketplace.cases import files, queries
from marketplace.cases.models import Case
from marketplace.core.errors import Invalid
from marketplace.core.text import whole
from marketplace.photos.attachments import check
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.broker.cases_forms import UploadForm
from marketplace.web.broker.cases_pages import act, ask, words
from marketplace.web.downloads import download
from marketplace.web.session import actor, now, reading


@bp.route("/cases/<int:case_id>/files", methods=["GET", "POST"])
@BROKER
def cases_file(case_id: int) -> ResponseReturnValue:
    """Take a picture or a PDF in; the address may name the idea or the trial that it belongs to."""
    form = UploadForm()
    idea_id, trial_id = (whole(request.args.get(name, "")) for name in ("idea", "trial"))

    def work(session: Session, case: Case) -> None:
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            raise Invalid.one("file", "file_required")
        files.store(
            session,
            current_app.extensions["storage"],
            case,
            check(upload.filename, upload.read()),
            idea=queries.part(case.ideas, idea_id) if idea_id is not None else None,
            trial=queries.part(case.trials, trial_id) if trial_id is not None else None,
            for_parties=bool(form.for_parties.data),
            actor=actor(),
            now=now(),
        )

    return ask(
        case_id,
        form,
        work,
        words(_("Add a file"), _("Add the file")),
        done=_("The file is kept."),
        anchor="ideas" if idea_id else "attempts" if trial_id else "files",
    )


@bp.get("/cases/<int:case_id>/files/<int:file_id>")
@BROKER
def cases_download(case_id: int, file_id: int) -> ResponseReturnValue:
    with reading() as session:
        case = queries.get(session, case_id, actor=actor())
        kept = queries.part(case.files, file_id)
        return download(kept.key, kept.name, kept.media_type, inline=True)


@bp.post("/cases/<int:case_id>/files/<int:file_id>/<any(show,hide):verb>")
@BROKER
def cases_show_file(case_id: int, file_id: int, verb: str) -> ResponseReturnValue:
    shown = verb == "show"
    return act(
        case_id,
        lambda session, case: files.show_to_parties(
            session, case, queries.part(case.files, file_id), shown, actor=actor(), now=now()
        ),
        done=_("The parties see the file now.") if shown else _("Only brokers see the file now."),
        anchor="files",
    )


@bp.post("/cases/<int:case_id>/files/<int:file_id>/remove")
@BROKER
def cases_remove_file(case_id: int, file_id: int) -> ResponseReturnValue:
    gone: list[str] = []

    def work(session: Session, case: Case) -> None:
        kept = queries.part(case.files, file_id)
        gone.append(files.remove(session, case, kept, actor=actor(), now=now()))

    answer = act(case_id, work, done=_("The file is gone."), anchor="files")
    for key in gone:
        current_app.extensions["storage"].delete(key)
    return answer
