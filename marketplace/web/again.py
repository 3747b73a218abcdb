"""A request whose transaction the database ended for another's sake is run again."""

from copy import deepcopy

from flask import Flask, g, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from marketplace.core.db import sacrificed

TIMES = 3


def install(app: Flask) -> None:
    """Run a view up to ``TIMES`` times, but none that has already committed something.

    What it said to the person (flash messages, the cookie) before its transaction was lost is taken
    back: it did not happen.
    """
    once = app.dispatch_request

    def dispatch() -> ResponseReturnValue:
        said = deepcopy(dict(cookie)) if request.method == "POST" else None
        run = 1
        while True:
            try:
                return once()
            except OperationalError as error:
                if "committed" in g:
                    raise
                if said is not None:
                    cookie.clear()
                    cookie.update(deepcopy(said))
                if run == TIMES or not sacrificed(error):
                    raise
                app.logger.warning("run again: %s", request.path, exc_info=error)
            run += 1
            for _, upload in request.files.items(multi=True):
                upload.stream.seek(0)

    app.dispatch_request = dispatch  # type: ignore[method-assign]
