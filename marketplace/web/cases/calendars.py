"""Appointments as files that calendars read, with what the reader may know."""

from flask import Response

from marketplace.cases.appointments import calendar
from marketplace.cases.disclosure import place_of, veil
from marketplace.cases.models import Appointment, Case
from marketplace.web.session import actor, now


def calendar_file(case: Case, appointment: Appointment) -> Response:
    """Return the file to download. Needs the parties' organisations and the service point loaded."""
    point = case.service_point
    written = calendar(
        appointment,
        title=veil(case, actor=actor())(f"{appointment.title} ({case.number})"),
        place=place_of(case, appointment, actor=actor()),
        organiser=(point.name, point.email),
        now=now(),
    )
    name = f"{case.number}-{appointment.id}.ics"
    return Response(
        written,
        mimetype="text/calendar",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
