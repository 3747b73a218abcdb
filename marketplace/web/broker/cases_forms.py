"""What brokers fill in about a case. Hints and sizes stand at the fields; one page shows any of them."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    TextAreaField,
)

from marketplace.cases.drafts import (
    AppointmentDraft,
    CaseDraft,
    IdeaDraft,
    NeedsDraft,
    TaskDraft,
    TrialDraft,
)
from marketplace.cases.goals import GOALS, goal_name
from marketplace.cases.models import Appointment, Case, NeedsSheet, Outcome, Verdict
from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean, whole
from marketplace.listings.models import Kind
from marketplace.web.fields import (
    DayField,
    EnumField,
    EnumRadioField,
    ManyField,
    NumberField,
    TextField,
    WholeNumberField,
    options,
)
from marketplace.web.language import LANGUAGES, language
from marketplace.web.money import euro

LONG = {"rows": 4, "maxlength": 5000}
REASON = {"rows": 3, "maxlength": 2000}
TITLE = {"maxlength": 160}
READ_BY_PARTIES = _l("The parties read this: please name nobody who is not disclosed yet.")
FOR_BROKERS = _l("Only brokers see this.")


class SeenForm(FlaskForm):
    """``seen`` says what the broker had before them, so that nobody's change is lost."""

    seen = HiddenField()

    def seen_number(self) -> int:
        """Return the version that was seen; none that can be for anything else."""
        number = whole(self.seen.data or "")
        return -1 if number is None else number


class CaseForm(SeenForm):
    """What a case is about, and who came with it."""

    title = TextField(_l("Title"), description=READ_BY_PARTIES, render_kw=TITLE)
    kind = EnumField(_l("Kind"), Kind, empty=_l("not known yet"))
    description = TextAreaField(
        _l("In their words"), description=FOR_BROKERS, render_kw={"rows": 5, "maxlength": 5000}
    )
    language = SelectField(_l("Language of this text"), choices=options(LANGUAGES.items()))
    contact_name = TextField(_l("Who asked"), render_kw={"maxlength": 120})
    contact_organisation = TextField(_l("For which organisation"), render_kw=TITLE)
    contact_email = EmailField(_l("E-mail"), render_kw={"maxlength": 254})
    contact_phone = TextField(_l("Telephone"), render_kw={"maxlength": 40})
    contact_city = TextField(_l("Town"), render_kw={"maxlength": 120})

    CONTACT = ("name", "organisation", "email", "phone", "city")

    def show(self, case: Case) -> None:
        """Fill the form with what is stored."""
        for name in ("title", "kind", "description", "language"):
            self[name].data = getattr(case, name)
        for name in self.CONTACT:
            self[f"contact_{name}"].data = getattr(case, f"contact_{name}")

    def draft(self) -> CaseDraft:
        """Return the answers; raise ``Invalid`` with every problem."""
        return CaseDraft(
            title=self.title.data or "",
            description=clean(self.description.data),
            kind=self.kind.data,
            language=self.language.data or language(),
            **{f"contact_{n}": clean(self[f"contact_{n}"].data) for n in self.CONTACT},
        )


class NewCaseForm(CaseForm):
    """The agency says for which service point; brokers begin cases of their own."""

    service_point = SelectField(_l("Service point"), choices=[], validate_choice=False)


class NeedsForm(SeenForm):
    """The needs sheet of one mediation kind."""

    what = TextAreaField(_l("What is needed?"), description=READ_BY_PARTIES, render_kw=LONG)
    why = TextAreaField(_l("What for?"), render_kw=LONG)
    quality = TextAreaField(_l("Which quality?"), render_kw=LONG)
    quantity = TextField(_l("How much?"), render_kw={"maxlength": 120})
    deadline = DayField(_l("By when?"))
    budget = NumberField(_l("Budget in euro, without VAT"), digits=2)
    csr_goal = TextAreaField(_l("Which goal does it serve?"), render_kw=LONG)
    sdgs = ManyField(_l("Goals of the United Nations"), choices=[])

    TEXTS = ("what", "why", "quality", "csr_goal")

    def offer_goals(self) -> None:
        """Name the goals in the reader's language."""
        self.sdgs.choices = options((str(n), goal_name(n, language())) for n in GOALS)

    def show(self, sheet: NeedsSheet | None) -> None:
        """Fill the form with what is stored."""
        if sheet is None:
            return
        for name in (*self.TEXTS, "quantity", "deadline", "budget"):
            self[name].data = getattr(sheet, name)
        self.sdgs.data = [str(goal) for goal in sheet.sdgs]

    def draft(self, kind: Kind) -> NeedsDraft:
        """Return the answers; raise ``Invalid`` with every problem."""
        return NeedsDraft(
            kind=kind,
            **{name: clean(self[name].data) for name in self.TEXTS},
            quantity=self.quantity.data or "",
            deadline=self.deadline.data,
            budget=euro(self.budget.data),
            sdgs=tuple(int(goal) for goal in self.sdgs.data or []),
        )


class IdeaForm(FlaskForm):
    title = TextField(_l("What could be made?"), description=READ_BY_PARTIES, render_kw=TITLE)
    description = TextAreaField(_l("How?"), render_kw=LONG)

    def draft(self) -> IdeaDraft:
        """Return the answers; raise ``Invalid`` with every problem."""
        return IdeaDraft(title=self.title.data or "", description=clean(self.description.data))


class VerdictForm(SeenForm):
    verdict = EnumRadioField(_l("Verdict"), Verdict)
    reason = TextAreaField(_l("Why?"), description=READ_BY_PARTIES, render_kw=REASON)

    def seen_verdict(self) -> Verdict | None:
        """Return the verdict that the broker had before them."""
        return Verdict(self.seen.data) if self.seen.data in set(Verdict) else None


class AttemptForm(FlaskForm):
    """``listing`` names one of the parties' listings, or nothing where only an idea is followed."""

    listing = SelectField(_l("Listing"), choices=[], validate_choice=False)
    title = TextField(
        _l("What is followed?"),
        description=_l("May stay empty where a listing is chosen. The parties read this."),
        render_kw=TITLE,
    )


class ReasonForm(FlaskForm):
    reason = TextAreaField(_l("Reason"), render_kw=REASON)


class TrialForm(FlaskForm):
    ALIASES = {"organisation_id": "organisation"}

    what = TextAreaField(_l("What is tried?"), description=READ_BY_PARTIES, render_kw=LONG)
    tried_on = DayField(_l("On which day?"))
    organisation = SelectField(_l("With whom?"), choices=[], validate_choice=False)
    pieces = WholeNumberField(_l("How many pieces?"))

    def draft(self) -> TrialDraft:
        """Return the answers; raise ``Invalid`` with every problem."""
        if self.tried_on.data is None:
            raise Invalid.one("tried_on", "required")
        return TrialDraft(
            what=clean(self.what.data),
            tried_on=self.tried_on.data,
            organisation_id=whole(self.organisation.data or ""),
            pieces=None if self.pieces.data is None else int(self.pieces.data),
        )


class TrialVerdictForm(FlaskForm):
    verdict = EnumRadioField(
        _l("How did it come out?"), Verdict, only=[Verdict.PASSED, Verdict.FAILED]
    )
    result = TextAreaField(_l("What came out?"), render_kw=REASON)
    reason = TextAreaField(
        _l("If it failed: why?"),
        description=_l("The case goes back to matching with this reason."),
        render_kw=REASON,
    )


class NoteForm(FlaskForm):
    text = TextAreaField(_l("Note"), description=FOR_BROKERS, render_kw=LONG)


class TaskForm(FlaskForm):
    ALIASES = {"assignee_id": "assignee"}

    title = TextField(_l("What is to be done?"), render_kw={"maxlength": 200})
    due_on = DayField(_l("Until"))
    assignee = SelectField(_l("By whom?"), choices=[], validate_choice=False)

    def draft(self) -> TaskDraft:
        """Return the answers; raise ``Invalid`` with every problem."""
        if self.due_on.data is None:
            problems = [Problem("due_on", "required")]
            raise Invalid(
                problems if self.title.data else [Problem("title", "required"), *problems]
            )
        return TaskDraft(
            title=self.title.data or "",
            due_on=self.due_on.data,
            assignee_id=whole(self.assignee.data or ""),
        )


class AppointmentForm(SeenForm):
    """Day and time as clocks show them where the service points are."""

    title = TextField(_l("What is it about?"), description=READ_BY_PARTIES, render_kw=TITLE)
    day = DayField(_l("Day"))
    time = TextField(_l("Time"), render_kw={"type": "time"})
    minutes = WholeNumberField(_l("How many minutes?"), default=60)
    place = TextField(
        _l("Place"),
        description=_l("Parties see the place once everybody is disclosed to them."),
        render_kw={"maxlength": 200},
    )
    for_parties = BooleanField(_l("The parties see it and hear of it"), default=True)

    def show(self, appointment: Appointment) -> None:
        """Fill the form with what is stored."""
        here = appointment.starts_at.astimezone(_zone())
        self.day.data, self.time.data = here.date(), f"{here:%H:%M}"
        for name in ("title", "minutes", "place", "for_parties"):
            self[name].data = getattr(appointment, name)

    def draft(self) -> AppointmentDraft:
        """Return the answers; raise ``Invalid`` with every problem."""
        if self.day.data is None:
            raise Invalid.one("day", "required")
        if not 2000 <= self.day.data.year <= 2100:
            raise Invalid.one("day", "not_a_date")
        try:
            clock = time.fromisoformat(self.time.data or "")
        except ValueError:
            raise Invalid.one("time", "not_a_time") from None
        starts = datetime.combine(self.day.data, clock.replace(tzinfo=None), _zone())
        return AppointmentDraft(
            title=self.title.data or "",
            starts_at=starts,
            minutes=int(self.minutes.data or 0),
            place=self.place.data or "",
            for_parties=bool(self.for_parties.data),
        )


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["TIMEZONE"])


class CloseForm(FlaskForm):
    outcome = EnumRadioField(_l("What came of it?"), Outcome)
    reason = TextAreaField(_l("Why does it end?"), render_kw=REASON)
    settle = BooleanField(_l("Settle everything that is still open"))


class ReferForm(FlaskForm):
    to_point = SelectField(_l("To which service point?"), choices=[], validate_choice=False)
    reason = TextAreaField(_l("Why?"), description=FOR_BROKERS, render_kw=REASON)


class AnswerForm(FlaskForm):
    accepted = RadioField(
        _l("Do you take the case?"),
        choices=options(
            [("yes", _l("Yes, we take it over")), ("no", _l("No, it stays where it is"))]
        ),
        validate_choice=False,
    )
    answer = TextAreaField(_l("A sentence to your colleagues"), render_kw=REASON)


class DisclosureForm(SeenForm):
    reason = TextAreaField(
        _l("Reason"),
        description=_l("Needed only where the others are to see less than before."),
        render_kw=REASON,
    )


class UploadForm(FlaskForm):
    file = FileField(
        _l("Picture or PDF"),
        description=_l("Pictures lose place and device. A PDF may have at most 10 MB."),
        render_kw={"accept": "image/*,application/pdf"},
    )
    for_parties = BooleanField(_l("The parties may see it"))
