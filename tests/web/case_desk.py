"""Somebody at the desk with a case before them."""

from tests.builders import sign_in


def desk(app, user):
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["lang"] = "en"
    return sign_in(client, user)


def text(response, status=200):
    assert response.status_code == status, response.status_code
    return response.get_data(as_text=True)


def url(story, tail=""):
    return f"/desk/cases/{story.case_id}{tail}"


def after(client, response):
    """The page that a form leads to."""
    assert response.status_code == 302, response.get_data(as_text=True)[-800:]
    return text(client.get(response.location.partition("#")[0]))
