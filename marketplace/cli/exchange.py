"""``flask import``, ``flask export`` and ``flask match``."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from marketplace.cli.terminal import progress, speaking
from marketplace.core.db import reading, transaction
from marketplace.core.errors import Problem
from marketplace.exchange import export, importing
from marketplace.exchange.columns import Content, Format
from marketplace.exchange.importing import OnError, Report
from marketplace.exchange.reading import read_table
from marketplace.exchange.rows import Circumstances
from marketplace.exchange.writing import write
from marketplace.jobs.runs import see_through
from marketplace.listings.map_tiles import recount
from marketplace.proposals import runs
from marketplace.proposals.matches import TOP
from marketplace.refusals import sentence
from marketplace.vocabulary import editions

MOST_SHOWN = 50
Path_ = click.Path(exists=True, dir_okay=False, path_type=Path)

incoming = AppGroup("import", help="Read organisations, listings or capabilities from CSV or XLSX.")


class _Stopped(Exception):
    """Nothing of the file is to be stored."""


def _command(content: Content) -> None:
    @incoming.command(content.value, help=f"Read {content.value} from FILE, keyed by their refs.")
    @click.argument("file", type=Path_)
    @click.option(
        "--on-error",
        type=click.Choice([e.value for e in OnError]),
        default=OnError.STOP.value,
        show_default=True,
        help="stop: store nothing where a row fails. skip: store the good rows.",
    )
    @click.option("--no-match", is_flag=True, help="Do not ask the worker to match what came in.")
    @speaking
    def command(file: Path, on_error: str, no_match: bool) -> None:
        _import(content, file, OnError(on_error), match=not no_match)


for _content in importing.READERS:
    _command(_content)


def _import(content: Content, file: Path, on_error: OnError, *, match: bool) -> None:
    table = read_table(file)
    try:
        with (
            progress(file.name) as show,
            transaction(current_app.extensions["sessions"]) as session,
        ):
            editions.refresh(session)
            report = importing.run(
                session,
                content,
                table,
                on_error=on_error,
                around=_around(),
                match=match,
                progress=show,
            )
            if not report.stored:
                raise _Stopped
    except _Stopped:
        pass
    _tell(report, file)
    if report.failed:
        _give_back(report, file, on_error)
    if not report.stored:
        raise SystemExit(1)


def _around() -> Circumstances:
    config, now = current_app.config, datetime.now(UTC)
    locale = get_locale()
    return Circumstances(
        now=now,
        today=_today(),
        secret=config["PLACE_SECRET"].encode(),
        language=str(locale.language) if locale is not None else "en",
        storage=current_app.extensions["storage"],
        listing_days=config["LISTING_DAYS"],
    )


def _today() -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(current_app.config["TIMEZONE"])).date()


def _tell(report: Report, file: Path) -> None:
    if report.unknown_columns:
        columns = ", ".join(report.unknown_columns)
        click.echo(_("Columns that mean nothing here: %(columns)s", columns=columns), err=True)
    for line, problem in report.remarks:
        _line(line, problem)
    shown = sorted(report.failed, key=lambda failed: failed.row.line)
    for failed in shown[:MOST_SHOWN]:
        for problem in failed.problems:
            _line(failed.row.line, problem)
    if len(shown) > MOST_SHOWN:
        rest = len(shown) - MOST_SHOWN
        click.echo(_("… and %(count)s more rows.", count=rest), err=True)
    click.echo(
        _(
            "%(file)s: %(created)s new, %(changed)s changed, %(unchanged)s unchanged, "
            "%(failed)s rejected.",
            file=file.name,
            created=report.created,
            changed=report.changed,
            unchanged=report.unchanged,
            failed=len(report.failed),
        )
    )


def _line(line: int, problem: Problem) -> None:
    text = sentence(problem)
    click.echo(
        _("Line %(line)s, %(column)s: %(text)s", line=line, column=problem.field, text=text),
        err=True,
    )


def _give_back(report: Report, file: Path, on_error: OnError) -> None:
    """Say that nothing was stored, or write the rejected rows beside the file."""
    if on_error is OnError.STOP:
        click.echo(_("Nothing was stored. With --on-error skip the good rows are."), err=True)
        return
    path = file.with_name(f"{file.name}.rejected.csv")
    path.write_bytes(importing.rejected(report, sentence))
    click.echo(_("The rejected rows are in %(path)s.", path=path))


@click.command("export")
@click.argument("content", type=click.Choice([c.value for c in Content]))
@click.option("--format", "form", type=click.Choice([f.value for f in Format]))
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
@speaking
def outgoing(content: str, form: str | None, output: Path | None) -> None:
    """Write what the marketplace knows as CSV, JSON, XLSX or GeoJSON."""
    chosen = Format(form) if form else _format_of(output)
    if chosen is Format.XLSX and output is None and sys.stdout.isatty():
        raise click.UsageError(_("Please name a file with --output."))
    with reading(current_app.extensions["sessions"]) as session:
        editions.refresh(session)
        url = current_app.config["PUBLIC_URL"].rstrip("/")
        data = write(export.sheet(session, Content(content), public_url=url), chosen)
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(data)
        click.echo(_("Written: %(path)s", path=output), err=True)


def _format_of(output: Path | None) -> Format:
    """Return the format that the file's name asks for; CSV where it asks for none."""
    ending = output.suffix.lower().lstrip(".") if output else ""
    return Format(ending) if ending in set(Format) else Format.CSV


@click.command("match")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day of matching.")
@click.option("--top", type=click.IntRange(1, 1000), default=TOP, show_default=True)
@with_appcontext
@speaking
def match(as_of: datetime | None, top: int) -> None:
    """Match every listing now and store what changed; running workers take parts of it."""
    day, sessions = as_of.date() if as_of else _today(), current_app.extensions["sessions"]
    with transaction(sessions) as session:
        if as_of is None and top == TOP:
            importing.matcher_has_heard(session, now=datetime.now(UTC))
        recount(session)
        run_id = runs.start(session, as_of=day, now=datetime.now(UTC), top=top).id
    with progress(_("Matching")) as show:
        changes = see_through(sessions, run_id, clock=lambda: datetime.now(UTC), tell=show)
    click.echo(
        ngettext(
            "%(num)s listing matched as of %(day)s: ",
            "%(num)s listings matched as of %(day)s: ",
            changes.listings,
            day=day.isoformat(),
        )
        + _(
            "%(made)s proposals new, %(refreshed)s refreshed, %(expired)s expired.",
            made=changes.made,
            refreshed=changes.refreshed,
            expired=changes.expired,
        )
    )


commands: list[Any] = [incoming, outgoing, match]
