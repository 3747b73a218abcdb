"""An enquiry: the way in for everybody who has a wish, a goal or a mere idea, and no listing yet."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField, TextAreaField

from marketplace.accounts import queries as accounts
from marketplace.accounts.places import Place
from marketplace.cases.drafts import EnquiryDraft, Subject
from marketplace.cases.goals import GOALS, goal_name
from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean, whole
from marketplace.seals import asking
from marketplace.web.access import ANYBODY
from marketplace.web.account import attempts
from marketplace.web.fields import (
    DayField,
    EnumRadioField,
    ManyField,
    NumberField,
    TextField,
    blame,
    gather,
    options,
)
from marketplace.web.language import language
from marketplace.web.money import euro
from marketplace.web.places import PlaceFields
from marketplace.web.session import actor, now, reading, transaction, visitor

bp = Blueprint("enquiry", __name__, url_prefix="/enquiry")
RECEIVED = "enquiry"


class EnquiryForm(PlaceFields):
    """``website`` is for machines: people do not see it. ``seal`` is of the product asked about."""

    ALIASES = {"service_point_id": "service_point"}

    seal = HiddenField()
    subject = EnumRadioField(_l("What is it about?"), Subject, default=Subject.IDEA)
    words = TextAreaField(_l("Tell us in your own words"))
    sdgs = ManyField(_l("Which goals of the United Nations does it serve?"), choices=[])
    deadline = DayField(_l("By when?"))
    budget = NumberField(_l("Budget in euro, without VAT"), digits=2)
    name = TextField(_l("Your name"))
    email = EmailField(_l("E-mail"))
    organisation = TextField(_l("Organisation"))
    phone = TextField(_l("Telephone"))
    service_point = SelectField(
        _l("Or choose your service point"), choices=[], validate_choice=False
    )
    agreed = BooleanField(_l("You may write to me about this enquiry, and keep it for that."))
    website = StringField(_l("Please leave this empty"))

    def prepare(self, session: Session) -> None:
        """Offer the service points and the goals in the reader's language."""
        points = [(str(p.id), f"{p.name} ({p.country})") for p in accounts.service_points(session)]
        self.service_point.choices = options([("", str(_l("by my town"))), *points])
        self.sdgs.choices = options((str(n), goal_name(n, language())) for n in GOALS)

    def greet(self, session: Session) -> None:
        """Fill in what is known of somebody who is signed in."""
        self.name.data, self.email.data = visitor().name, visitor().email
        home = accounts.home(session, actor=actor())
        if home is not None:
            self.organisation.data, self.phone.data = home.name, home.phone
            self.show_place(home)
            self.service_point.data = str(home.service_point_id or "")

    def draft(self, session: Session) -> EnquiryDraft:
        """Return the answers; raise ``Invalid`` with every problem."""
        problems: list[Problem] = []
        point = gather(problems, lambda: self._point_for(session))
        drafted = gather(problems, lambda: self._drafted(point or 0))
        if problems or drafted is None:
            raise Invalid(problems)
        return drafted

    def _drafted(self, point_id: int) -> EnquiryDraft:
        subject = self.subject.data or Subject.IDEA
        goals = self.sdgs.data or [] if subject is Subject.CSR_GOAL else []
        return EnquiryDraft(
            subject=subject,
            words=clean(self.words.data),
            name=self.name.data or "",
            email=clean(self.email.data),
            language=language(),
            service_point_id=point_id,
            organisation=self.organisation.data or "",
            phone=self.phone.data or "",
            city=(self.city.data or "")[:120],
            deadline=self.deadline.data,
            budget=euro(self.budget.data),
            sdgs=tuple(int(goal) for goal in goals),
            agreed=bool(self.agreed.data),
        )

    def _point_for(self, session: Session) -> int:
        """Return the service point that was chosen, else the one whose region holds the town."""
        chosen = whole(self.service_point.data or "")
        if chosen is not None:
            return chosen
        place: Place = self.place()
        found = accounts.service_point_for(session, place.region)
        if found is None and place.country not in accounts.countries(session):
            found = accounts.contact_abroad(session)
        if found is None:
            raise Invalid.one("service_point", "service_point_required")
        return found.id


@bp.route("", methods=["GET", "POST"])
@ANYBODY
def ask() -> ResponseReturnValue:
    form = EnquiryForm()
    with reading() as session:
        form.prepare(session)
        if request.method == "GET":
            asked = request.args.get("subject", "")
            form.subject.data = Subject(asked) if asked in set(Subject) else Subject.IDEA
            form.words.data = clean(request.args.get("words", ""))[:500]
            form.seal.data = request.args.get("seal", "")[:20]
            if visitor().signed_in:
                form.greet(session)
            return _page(session, form)
    attempts.count("enquiry", form.email.data or "")
    if form.website.data:
        return redirect(url_for(".received"))
    form.validate()
    if not form.errors:
        try:
            return _receive(form)
        except Invalid as refusal:
            blame(form, refusal.problems)
    with reading() as session:
        return _page(session, form), 422


def _page(session: Session, form: EnquiryForm) -> str:
    makers = [maker.name for maker in asking.makers(session, form.seal.data or "")]
    return render_template("public/enquiry.html", form=form, makers=makers)


def _receive(form: EnquiryForm) -> ResponseReturnValue:
    with transaction() as session:
        case = asking.ask(
            session, form.draft(session), form.seal.data or "", actor=actor(), now=now()
        )
        cookie[RECEIVED] = case.number
    return redirect(url_for(".received"))


@bp.get("/received")
@ANYBODY
def received() -> ResponseReturnValue:
    return render_template("public/enquiry_received.html", number=cookie.get(RECEIVED, ""))
