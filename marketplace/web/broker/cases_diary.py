"""What brokers keep in a case for themselves, and when they meet the parties."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from marketplace.cases import appointments, diary, queries
from marketplace.cases.models import Case
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.broker.cases_forms import AppointmentForm, NoteForm, TaskForm
from marketplace.web.broker.cases_pages import act, ask, words
from marketplace.web.cases.calendars import calendar_file
from marketplace.web.fields import options
from marketplace.web.session import actor, now, reading


@bp.route("/cases/<int:case_id>/notes", methods=["GET", "POST"])
@BROKER
def cases_note(case_id: int) -> ResponseReturnValue:
    form = NoteForm()
    return ask(
        case_id,
        form,
        lambda session, case: diary.note(
            session, case, form.text.data or "", actor=actor(), now=now()
        ),
        words(_("A note for brokers"), _("Keep the note")),
        done=_("The note is kept."),
        anchor="notes",
    )


@bp.route("/cases/<int:case_id>/tasks", methods=["GET", "POST"])
@BROKER
def cases_task(case_id: int) -> ResponseReturnValue:
    form = TaskForm()

    def page(session: Session, case: Case) -> dict[str, object]:
        named = [(str(user.id), user.name) for user in queries.colleagues(session, case)]
        form.assignee.choices = options([("", _("whoever mediates the case")), *named])
        return {"title": _("A new task"), "button": _("Note the task")}

    return ask(
        case_id,
        form,
        lambda session, case: diary.add_task(session, case, form.draft(), actor=actor(), now=now()),
        page,
        done=_("The task is noted."),
        anchor="tasks",
    )


@bp.post("/cases/<int:case_id>/tasks/<int:task_id>/<any(done,undo):verb>")
@BROKER
def cases_task_done(case_id: int, task_id: int, verb: str) -> ResponseReturnValue:
    action = diary.finish_task if verb == "done" else diary.undo_task
    return act(
        case_id,
        lambda session, case: action(
            session, case, queries.part(case.tasks, task_id), actor=actor(), now=now()
        ),
        done=_("Done.") if verb == "done" else _("The task is open again."),
        anchor="tasks",
    )


@bp.route("/cases/<int:case_id>/appointments", methods=["GET", "POST"])
@BROKER
def cases_appointment(case_id: int) -> ResponseReturnValue:
    form = AppointmentForm()
    return ask(
        case_id,
        form,
        lambda session, case: appointments.make(
            session, case, form.draft(), actor=actor(), now=now()
        ),
        words(_("A new appointment"), _("Make the appointment")),
        done=_("The appointment is made. Whom it concerns is told."),
        anchor="appointments",
    )


@bp.route("/cases/<int:case_id>/appointments/<int:appointment_id>", methods=["GET", "POST"])
@BROKER
def cases_move_appointment(case_id: int, appointment_id: int) -> ResponseReturnValue:
    form = AppointmentForm()
    return ask(
        case_id,
        form,
        lambda session, case: appointments.change(
            session,
            case,
            queries.part(case.appointments, appointment_id),
            form.draft(),
            seen=form.seen_number(),
            actor=actor(),
            now=now(),
        ),
        words(_("Change the appointment"), _("Save")),
        done=_("The appointment is changed. Whom it concerns is told."),
        anchor="appointments",
        fill=lambda case: form.show(queries.part(case.appointments, appointment_id)),
        see=lambda case: queries.part(case.appointments, appointment_id).sequence,
    )


@bp.post("/cases/<int:case_id>/appointments/<int:appointment_id>/cancel")
@BROKER
def cases_cancel_appointment(case_id: int, appointment_id: int) -> ResponseReturnValue:
    return act(
        case_id,
        lambda session, case: appointments.cancel(
            session,
            case,
            queries.part(case.appointments, appointment_id),
            actor=actor(),
            now=now(),
        ),
        done=_("The appointment is called off. Whom it concerns is told."),
        anchor="appointments",
    )


@bp.get("/cases/<int:case_id>/appointments/<int:appointment_id>.ics")
@BROKER
def cases_calendar(case_id: int, appointment_id: int) -> ResponseReturnValue:
    with reading() as session:
        case = queries.get(session, case_id, actor=actor())
        return calendar_file(case, queries.part(case.appointments, appointment_id))
