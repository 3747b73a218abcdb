"""The test database: SQLite, or PostgreSQL where TEST_DATABASE_URL names one; each test is undone."""

import gc
import os
import shutil
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import sessionmaker

from marketplace.app import create_app
from marketplace.core.db import connect
from marketplace.tables import metadata
from marketplace.taxonomy.edition import in_force, install

SERVER = os.environ.get("TEST_DATABASE_URL")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RELEASE = in_force()


def pytest_collection_modifyitems(config, items):
    """Run on PostgreSQL what asks a database; the rest proves the same on SQLite."""
    if not SERVER:
        return
    asks = {item: bool({"engine", "real"} & set(item.fixturenames)) for item in items}
    config.hook.pytest_deselected(items=[item for item in items if not asks[item]])
    items[:] = [item for item in items if asks[item]]


def pytest_collection_finish():
    """What is loaded by now stays; looking through it for garbage took a tenth of the time."""
    gc.collect()
    gc.freeze()


def new_database(tmp_path_factory, name, pattern=None):
    """Return the URL of a new database: empty, or a copy of the one whose URL is ``pattern``."""
    like = make_url(pattern).database if pattern else "template1"
    if not SERVER:
        file = tmp_path_factory.mktemp("db") / f"{name}.db"
        if pattern:
            shutil.copy(like, file)
        return f"sqlite:///{file}"
    admin = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'))
    admin.dispose()
    return SERVER.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def pattern(tmp_path_factory, worker_id):
    """The URL of a database with every table and no row: a copy of it costs less than its tables."""
    url = new_database(tmp_path_factory, f"pattern_{worker_id}")
    engine = connect(url).kw["bind"]
    metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def engine(tmp_path_factory, worker_id, pattern):
    engine = connect(new_database(tmp_path_factory, f"test_{worker_id}", pattern)).kw["bind"]
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def _the_release():
    """The taxonomy as released, whichever edition the test before put into force."""
    install(RELEASE)


@pytest.fixture
def sessions(engine):
    """Sessions of one connection whose work is undone after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        yield sessionmaker(connection, join_transaction_mode="create_savepoint")
        outer.rollback()


@pytest.fixture
def real(tmp_path_factory, worker_id, pattern):
    """Sessions of an engine of their own: every thread its own connection."""
    sessions = connect(new_database(tmp_path_factory, f"real_{worker_id}", pattern))
    yield sessions
    sessions.kw["bind"].dispose()


@pytest.fixture
def session(sessions):
    with sessions() as session:
        yield session


@pytest.fixture(scope="session")
def media(tmp_path_factory):
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def usual_settings(media):
    class TestSettings:
        TESTING = True
        PRODUCTION = False
        SECRET_KEY = "test"
        PLACE_SECRET = "test-place"
        SEAL_SIGNING_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        STORAGE_URL = f"file://{media}"
        PUBLIC_URL = "http://localhost"
        SERVER_NAME = None
        TRUSTED_PROXIES = 0
        SMTP_URL = ""
        MAIL_FROM = "SoPro <no-reply@localhost>"
        MAIL_DOMAIN = ""
        INCOMING_URL = ""
        RATELIMIT_STORAGE_URI = "memory://"
        RATELIMIT_ENABLED = True
        SIGN_IN_LIMIT = "1000 per minute"
        MAP_TILES_URL = ""
        ROUTING_URL = ""
        LISTING_DAYS = 90
        OPERATOR = "SoPro-InnovationAgency"
        TIMEZONE = "Europe/Vienna"
        MAX_CONTENT_LENGTH = 120 * 1024 * 1024
        MAX_FORM_MEMORY_SIZE = 2 * 1024 * 1024
        WTF_CSRF_ENABLED = False
        WTF_CSRF_TIME_LIMIT = None

    return TestSettings


@pytest.fixture
def settings(usual_settings):
    """Settings of this test's own, to be changed before its ``app`` is asked for."""
    return type("TestSettings", (usual_settings,), {})


@pytest.fixture(scope="session")
def usual_app(usual_settings):
    """One application for all tests with the usual settings: building it costs a quarter of a second."""
    return create_app(usual_settings, sessionmaker())


@pytest.fixture
def app(request, settings, sessions):
    if any(name.isupper() for name in vars(settings)):
        yield create_app(settings, sessions)
        return
    app = request.getfixturevalue("usual_app")
    config = dict(app.config)
    app.extensions["sessions"] = sessions
    app.extensions["attempts"].reset()
    yield app
    app.config.clear()
    app.config.update(config)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def now():
    return NOW
