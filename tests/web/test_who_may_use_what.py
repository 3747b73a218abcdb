"""Every route says who may use it, and refuses everybody else."""

import pytest
from werkzeug.routing import IntegerConverter

from marketplace.core.actor import Role
from marketplace.web.access import rule_of
from tests.builders import (
    a_broker,
    a_company,
    a_person,
    an_agency_person,
    an_enterprise,
    an_organisation,
    sign_in,
)

ARGUMENTS = {"int": "987654", "string": "nothing", "any": None, "path": "nothing", "default": "x"}


def routes(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            for method in sorted(rule.methods & {"GET", "POST"}):
                yield rule, method


def address(app, rule):
    values = {}
    for name, converter in rule._converters.items():
        if hasattr(converter, "items"):
            values[name] = sorted(converter.items)[0]
        else:
            values[name] = 987654 if isinstance(converter, IntegerConverter) else "nothing"
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=None)


@pytest.fixture
def people(session):
    found = {
        Role.COMPANY: a_person(session, a_company(session), role="member"),
        Role.ENTERPRISE: a_person(session, an_enterprise(session), role="member"),
        Role.PARTNER: a_person(session, an_organisation(session, kind="partner"), role="member"),
        Role.BROKER: a_broker(session),
        Role.AGENCY: an_agency_person(session),
    }
    session.commit()
    return found


def refused(response):
    if response.status_code in {302, 303}:
        return "/sign-in" in response.location
    return response.status_code == 403


def test_every_route_refuses_whom_it_does_not_name(app, people):
    wrong = []
    for rule, method in routes(app):
        wanted = rule_of(app, rule.endpoint)
        url = address(app, rule)
        for role in [None, *people]:
            client = app.test_client()
            if role is not None:
                sign_in(client, people[role])
            allowed = wanted.public or (
                role is not None and (not wanted.roles or role in wanted.roles)
            )
            if allowed:
                continue
            response = client.open(url, method=method)
            if not refused(response):
                wrong.append((rule.endpoint, method, role, response.status_code))
    assert wrong == []


def test_nothing_breaks_for_whom_it_names(app, people):
    wrong = []
    for rule, method in routes(app):
        wanted = rule_of(app, rule.endpoint)
        for role in [None, *people]:
            if not (wanted.public or (role and (not wanted.roles or role in wanted.roles))):
                continue
            client = app.test_client()
            if role is not None:
                sign_in(client, people[role])
            response = client.open(address(app, rule), method=method)
            if response.status_code >= 500:
                wrong.append((rule.endpoint, method, role, response.status_code))
    assert wrong == []


def test_posts_without_a_token_are_refused(settings, sessions, people):
    from marketplace.app import create_app  # noqa: PLC0415

    settings.WTF_CSRF_ENABLED = True
    app = create_app(settings, sessions)
    for rule, method in routes(app):
        if method != "POST":
            continue
        client = sign_in(app.test_client(), people[Role.COMPANY])
        assert client.post(address(app, rule)).status_code == 400, rule.endpoint


def test_headers_forbid_everything_from_elsewhere(client):
    headers = client.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_page_that_is_not_there_helps_on(client):
    answer = client.get("/nothing/here")
    assert answer.status_code == 404
    assert 'href="/materials/"' in answer.text
