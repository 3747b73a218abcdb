"""Put the parts together; decide nothing."""

from pathlib import Path

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.middleware.proxy_fix import ProxyFix

from marketplace.cli import commands
from marketplace.core.storage import ObjectStorage
from marketplace.web import (
    access,
    again,
    context,
    errors,
    language,
    people,
    routes,
    security,
    templating,
    vocabulary,
)

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: object, sessions: sessionmaker[Session]) -> Flask:
    """Build the application for ``settings`` on the database behind ``sessions``."""
    app = Flask(
        "marketplace",
        root_path=str(ROOT),
        template_folder="templates",
        static_folder="static",
    )
    app.config.from_object(settings)
    app.extensions["sessions"] = sessions
    app.extensions["storage"] = ObjectStorage(app.config["STORAGE_URL"])
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    CSRFProtect(app)
    app.extensions["attempts"] = Limiter(get_remote_address, app=app)
    people.install(app)
    language.install(app)
    context.install(app)
    templating.install(app)
    errors.install(app)
    again.install(app)
    security.install(app)
    routes.install(app)
    vocabulary.install(app)
    access.install(app)
    commands.install(app)
    return app
