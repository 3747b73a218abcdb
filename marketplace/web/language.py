"""Which language a page is in, and how its numbers, dates and distances read."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from flask import Flask, request
from flask import session as cookie
from flask_babel import Babel, format_date, format_datetime, format_decimal, get_locale

from marketplace.web.session import visitor

TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
LANGUAGES = {"de": "Deutsch", "hu": "Magyar", "en": "English"}


def select() -> str:
    """Return the language of this request: chosen here, the person's, or the browser's."""
    chosen = cookie.get("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    if visitor().language in LANGUAGES:
        return visitor().language
    return request.accept_languages.best_match(list(LANGUAGES), "de")


def language() -> str:
    """Return the two letters of the language in force."""
    locale = get_locale()
    return str(locale.language) if locale is not None else "de"


def number(value: float | Decimal | None, digits: int = 0) -> str:
    """Return ``value`` with at most ``digits`` decimals, as people here write it."""
    if value is None:
        return ""
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return format_decimal(value, format=pattern)


def fixed(value: float | Decimal | None, digits: int = 1) -> str:
    """Return ``value`` with exactly ``digits`` decimals."""
    if value is None:
        return ""
    return format_decimal(value, format="#,##0." + "0" * digits if digits else "#,##0")


def day(value: date | datetime | None, style: str = "medium") -> str:
    """Return the day; moments are shown in the service points' time zone."""
    return "" if value is None else format_date(value, style)


def moment(value: datetime | None, style: str = "short") -> str:
    """Return day and time in the service points' time zone."""
    return "" if value is None else format_datetime(value, style)


def install(app: Flask) -> None:
    """Connect Babel and the filters ``number``, ``fixed``, ``day`` and ``moment``."""
    app.config["BABEL_DEFAULT_TIMEZONE"] = app.config["TIMEZONE"]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=select)
    for function in (number, fixed, day, moment):
        app.add_template_filter(function, function.__name__)
