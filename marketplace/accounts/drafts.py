"""What people say about themselves and their organisations, already typed; it checks itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.at import uid as austrian
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError
from stdnum.hu import anum as hungarian

from marketplace.accounts.models import OrganisationKind
from marketplace.accounts.places import Place
from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean
from marketplace.geo.regions import regions

LEAST_PASSWORD = 10
MOST_ABOUT = 2000
COMMON = frozenset(
    [
        "password",
        "passwort",
        "jelszo",
        "jelszó",
        "qwertzuiop",
        "qwertyuiop",
        "1234567890",
        "0123456789",
        "12345678910",
        "passwort123",
        "password123",
        "sopro12345",
        "soproduktion",
        "iloveyou11",
        "willkommen1",
    ]
)


def good_email(text: str, *, name: str = "email") -> str:
    """Return the address in one spelling; raise ``Invalid`` where it is none."""
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise Invalid.one(name, "email_not_valid") from None


def good_password(text: str) -> str:
    """Return the password; raise ``Invalid`` where it is short or among those tried first."""
    if len(text) < LEAST_PASSWORD:
        raise Invalid.one("password", "password_too_short", least=LEAST_PASSWORD)
    if len(text) > 500:
        raise Invalid.one("password", "too_long", most=500)
    if text.casefold() in COMMON or len(set(text)) < 4:
        raise Invalid.one("password", "password_too_common")
    return text


def good_vat_id(text: str, country: str) -> str:
    """Return the VAT number in one spelling: Austrian, Hungarian (adószám) or of the EU."""
    if not text:
        return ""
    try:
        if country == "AT":
            return "AT" + str(austrian.validate(text))
        if country == "HU":
            bare = "".join(c for c in text if c.isdigit())
            digits = bare[:8] if len(bare) == 11 else text
            return "HU" + str(hungarian.validate(digits))
        return str(european.validate(text))
    except ValidationError:
        raise Invalid.one("vat_id", "vat_id_not_valid") from None


def good_phone(text: str, country: str) -> str:
    """Return the number in international spelling."""
    if not text:
        return ""
    try:
        parsed = phonenumbers.parse(text, country or "AT")
    except phonenumbers.NumberParseException:
        raise Invalid.one("phone", "phone_not_valid") from None
    if not phonenumbers.is_possible_number(parsed):
        raise Invalid.one("phone", "phone_not_valid")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def good_website(text: str) -> str:
    """Return the address with its scheme; only http and https are let through."""
    if not text:
        return ""
    full = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(full)
        named = parts.hostname is not None and "." in parts.hostname
    except ValueError:
        named = False
    if not named or parts.scheme not in {"http", "https"} or " " in full or len(full) > 200:
        raise Invalid.one("website", "website_not_valid")
    return full


@dataclass(frozen=True, kw_only=True)
class PersonDraft:
    """Somebody who registers: name, address, password in plain text (hashed when stored)."""

    name: str
    email: str
    password: str
    language: str = "de"

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        if not self.name:
            problems.append(Problem("name", "required"))
        if len(self.name) > 120:
            problems.append(Problem("name", "too_long", {"most": 120}))
        checks: tuple[Callable[[], str], ...] = (
            lambda: good_email(self.email),
            lambda: good_password(self.password),
        )
        for check in checks:
            try:
                check()
            except Invalid as refusal:
                problems.extend(refusal.problems)
        if problems:
            raise Invalid(problems)


@dataclass(frozen=True, kw_only=True)
class OrganisationDraft:
    """An organisation's profile; ``market_tier`` is 2 or 3, for social enterprises only."""

    name: str
    kind: OrganisationKind
    place: Place
    market_tier: int | None = None
    vat_id: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    contact_name: str = ""
    languages: list[str] = field(default_factory=list)
    description: str = ""
    description_language: str = "de"

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        if not self.name:
            problems.append(Problem("organisation_name", "required"))
        lengths = (("name", 160), ("contact_name", 120), ("description", 5000))
        for name, most in lengths:
            if len(getattr(self, name)) > most:
                where = "organisation_name" if name == "name" else name
                problems.append(Problem(where, "too_long", {"most": most}))
        for name, value in self.checked().items():
            if isinstance(value, Problem):
                problems.append(value)
            else:
                object.__setattr__(self, name, value)
        if self.kind is not OrganisationKind.SOCIAL_ENTERPRISE:
            object.__setattr__(self, "market_tier", None)
        if problems:
            raise Invalid(problems)

    def checked(self) -> dict[str, str | Problem]:
        """Return each contact field in one spelling, or what is wrong with it."""
        country = self.place.country
        checks: dict[str, Callable[[], str]] = {
            "vat_id": lambda: good_vat_id(self.vat_id, country),
            "email": lambda: good_email(self.email) if self.email else "",
            "phone": lambda: good_phone(self.phone, country),
            "website": lambda: good_website(self.website),
        }
        found: dict[str, str | Problem] = {}
        for name, check in checks.items():
            try:
                found[name] = check()
            except Invalid as refusal:
                found[name] = refusal.problems[0]
        return found


@dataclass(frozen=True, kw_only=True)
class ServicePointDraft:
    """A service point; ``regions`` are ISO 3166-2 codes, kept in order and without doubles.

    ``about``: what its public page says, by language; languages without a text are left out.
    """

    name: str
    country: str
    regions: list[str] = field(default_factory=list)
    email: str = ""
    phone: str = ""
    about: dict[str, str] = field(default_factory=dict)
    contact_abroad: bool = False

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        written = {lang: clean(text) for lang, text in self.about.items()}
        object.__setattr__(self, "about", {lang: text for lang, text in written.items() if text})
        for lang, text in self.about.items():
            if len(text) > MOST_ABOUT:
                problems.append(Problem(f"about_{lang}", "too_long", {"most": MOST_ABOUT}))
        object.__setattr__(self, "name", clean(self.name))
        object.__setattr__(self, "regions", sorted(set(self.regions)))
        if not self.name:
            problems.append(Problem("name", "required"))
        if len(self.name) > 120:
            problems.append(Problem("name", "too_long", {"most": 120}))
        if len(self.country) != 2:
            problems.append(Problem("country", "not_a_choice"))
        if any(code not in regions() for code in self.regions):
            problems.append(Problem("regions", "not_a_choice"))
        try:
            object.__setattr__(self, "email", good_email(self.email) if self.email else "")
            object.__setattr__(self, "phone", good_phone(self.phone, self.country))
        except Invalid as refusal:
            problems.extend(refusal.problems)
        if problems:
            raise Invalid(problems)
