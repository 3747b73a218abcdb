"""``flask worker``: the process that does what happens after a click."""

import signal
from threading import Event

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from marketplace.jobs import worker


@click.command("worker")
@click.option("--once", is_flag=True, help="Work until nothing is left, then stop.")
@with_appcontext
def command(once: bool) -> None:
    """Match listings, tell people, send mails, until SIGTERM or Ctrl-C."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if once:
        worker.on_schedule(app)
        worker.work_off(app)
        return
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker.run(app, stop)
