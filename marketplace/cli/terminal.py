"""How commands speak: in which language, with which progress."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn

import click
from flask_babel import force_locale
from flask_babel import gettext as _

from marketplace.core.errors import Invalid, MarketplaceError
from marketplace.refusals import PROBLEMS, sentence

LANGUAGES = ("de", "hu", "en")
STEPS = 10


def language_of_environment() -> str:
    """Return the language that the terminal is set to, English where it is none of ours."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            found = os.environ[name][:2].lower()
            return found if found in LANGUAGES else "en"
    return "en"


def speaking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--lang``; its messages and refusals are in that language."""

    @click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the messages.")
    @wraps(command)
    def run(*args: Any, lang: str | None, **kwargs: Any) -> Any:
        with force_locale(lang or language_of_environment()):
            try:
                return command(*args, **kwargs)
            except MarketplaceError as refusal:
                fail(refusal)

    return run


def fail(refusal: MarketplaceError) -> NoReturn:
    """End with exit code 1 and what was refused, in words."""
    if isinstance(refusal, Invalid):
        known = PROBLEMS()
        for problem in refusal.problems:
            words = sentence(problem) if problem.code in known else problem.code
            click.echo(f"{problem.field}: {words}", err=True)
    else:
        click.echo(str(refusal) or _("This is not possible."), err=True)
    raise SystemExit(1)


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far a run is: a bar on a terminal, a line at every tenth elsewhere."""
    if sys.stderr.isatty():
        with _bar(title) as show:
            yield show
    else:
        yield _lines(title)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None]]:
    with click.progressbar(length=1, label=title, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield show


def _lines(title: str) -> Callable[[int, int], None]:
    last = 0

    def show(done: int, total: int) -> None:
        nonlocal last
        step = STEPS * done // max(total, 1)
        if step > last:
            last = step
            click.echo(f"{title}: {100 * done // max(total, 1)} %", err=True)

    return show
