"""Refusals become pages, once."""

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from marketplace.core.db import busy
from marketplace.core.errors import Invalid, MarketplaceError, NotAllowed, NotFound, WrongState

STATUS: dict[type[MarketplaceError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    WrongState: 409,
    Invalid: 422,
}


def page(status: int, reason: str = "") -> ResponseReturnValue:
    """Render the page of an error, or its JSON twin where a script asked."""
    wanted = request.accept_mimetypes
    if wanted.quality("application/json") > wanted.quality("text/html"):
        return jsonify(status=status, error=reason), status
    return render_template("error.html", code=status, reason=reason), status


def install(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(MarketplaceError)
    def refuse(error: MarketplaceError) -> ResponseReturnValue:
        status = next(s for kind, s in STATUS.items() if isinstance(error, kind))
        return page(status)

    @app.errorhandler(StaleDataError)
    def outrun(error: StaleDataError) -> ResponseReturnValue:
        return page(409)

    @app.errorhandler(IntegrityError)
    def at_once(error: IntegrityError) -> ResponseReturnValue:
        """Two did the same at the same moment, such as clicking twice; the database kept one."""
        app.logger.warning("refused by the database at %s", request.path, exc_info=error)
        return page(409)

    @app.errorhandler(OperationalError)
    def crossed(error: OperationalError) -> ResponseReturnValue:
        """Others were changing the same thing all the while; what was typed can be sent again."""
        if not busy(error):
            return broken(error)
        app.logger.warning("others were in the way at %s", request.path, exc_info=error)
        return page(503, "busy")

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> ResponseReturnValue:
        return page(400, "csrf")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error.get_response()
        return page(error.code)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        app.logger.exception("unexpected error at %s", request.path)
        if app.testing:
            raise error
        try:
            return page(500)
        except Exception:
            app.logger.exception("the page for errors failed too")
            return "500", 500
