"""What people fill in about themselves and their organisations."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, SelectField, TextAreaField

from marketplace.accounts.drafts import OrganisationDraft, PersonDraft
from marketplace.accounts.models import MemberRole, Organisation, OrganisationKind
from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean
from marketplace.web.fields import EnumField, EnumRadioField, ManyField, TextField, gather, options
from marketplace.web.language import LANGUAGES, language
from marketplace.web.places import PlaceFields

TONGUES = options(LANGUAGES.items())


class SignInForm(FlaskForm):
    email = EmailField(_l("E-mail"))
    password = PasswordField(_l("Password"))
    remember = BooleanField(_l("Keep me signed in on this device"))
    next = HiddenField()


class ForgotForm(FlaskForm):
    email = EmailField(_l("E-mail"))


class NewPasswordForm(FlaskForm):
    password = PasswordField(_l("New password"))


class PersonFields(FlaskForm):
    """A person who has no account yet."""

    name = TextField(_l("Your name"))
    email = EmailField(_l("E-mail"))
    password = PasswordField(_l("Password"))
    language = SelectField(_l("Language"), choices=TONGUES)

    def person(self, email: str = "") -> PersonDraft:
        """Return the answers; raise ``Invalid`` beside the right fields."""
        return PersonDraft(
            name=self.name.data,
            email=email or clean(self.email.data),
            password=self.password.data or "",
            language=self.language.data or language(),
        )


class RegisterForm(PersonFields, PlaceFields):
    """A person and the organisation they manage, on one page."""

    kind = EnumRadioField(_l("Who are you?"), OrganisationKind, default=OrganisationKind.COMPANY)
    organisation_name = TextField(_l("Name of the organisation"))

    def drafts(self) -> tuple[PersonDraft, OrganisationDraft]:
        """Return both drafts; raise ``Invalid`` with every problem of both."""
        problems: list[Problem] = []
        person = gather(problems, self.person)
        place = gather(problems, self.place)
        if not self.organisation_name.data:
            problems.append(Problem("organisation_name", "required"))
        if problems or person is None or place is None:
            raise Invalid(problems)
        return person, OrganisationDraft(
            name=self.organisation_name.data,
            kind=self.kind.data,
            place=place,
            languages=[person.language],
            description_language=person.language,
        )


class ProfileForm(FlaskForm):
    name = TextField(_l("Your name"))
    language = SelectField(_l("Language"), choices=TONGUES)


class PasswordForm(FlaskForm):
    ALIASES = {"password": "new_password"}

    current = PasswordField(_l("Your password until now"))
    new_password = PasswordField(_l("New password"))


class EraseForm(FlaskForm):
    password = PasswordField(_l("Your password"))


class OrganisationForm(PlaceFields):
    """An organisation's profile; the market tier is asked of social enterprises only."""

    organisation_name = TextField(_l("Name of the organisation"))
    vat_id = TextField(_l("VAT number"))
    email = EmailField(_l("E-mail of the organisation"))
    phone = TextField(_l("Telephone"))
    website = TextField(_l("Website"))
    contact_name = TextField(_l("Contact person"))
    languages = ManyField(_l("Languages that you speak"), choices=TONGUES)
    description = TextAreaField(_l("About you"))
    written_in = SelectField(_l("Language of this text"), choices=TONGUES)
    market_tier = SelectField(
        _l("Labour market"),
        choices=options(
            [
                ("", _l("neither, or not in Austria")),
                ("2", _l("second labour market")),
                ("3", _l("third labour market")),
            ]
        ),
        default="",
    )
    remove_logo = BooleanField(_l("Remove the logo"))

    SAME = ("vat_id", "email", "phone", "website", "contact_name", "description", "languages")

    def show(self, organisation: Organisation) -> None:
        """Fill the form from what is stored."""
        for name in self.SAME:
            self[name].data = getattr(organisation, name)
        self.organisation_name.data = organisation.name
        self.written_in.data = organisation.description_language
        self.market_tier.data = str(organisation.market_tier or "")
        self.show_place(organisation)

    def draft(self, kind: OrganisationKind) -> OrganisationDraft:
        """Return the answers; raise ``Invalid`` beside the right fields."""
        problems: list[Problem] = []
        place = gather(problems, self.place)
        if place is None:
            raise Invalid(problems)
        tier = self.market_tier.data
        return OrganisationDraft(
            name=self.organisation_name.data,
            kind=kind,
            place=place,
            market_tier=int(tier) if tier in {"2", "3"} else None,
            vat_id=self.vat_id.data,
            email=clean(self.email.data),
            phone=self.phone.data,
            website=self.website.data,
            contact_name=self.contact_name.data,
            languages=self.languages.data or [],
            description=clean(self.description.data),
            description_language=self.written_in.data or language(),
        )


class SiteForm(PlaceFields):
    name = TextField(_l("What do you call this place?"))


class InviteForm(FlaskForm):
    email = EmailField(_l("E-mail"))
    role = EnumField(_l("Role"), MemberRole, only=[MemberRole.MEMBER, MemberRole.MANAGER])


class JoinForm(PersonFields):
    """A stranger who was invited; their address is known."""
