"""How soon we write, the link that stops it, and saved searches, in the browser."""

import re

import pytest
from sqlalchemy import select

from marketplace.app import create_app
from marketplace.jobs import worker
from marketplace.notifications import preferences
from marketplace.notifications.actions import tell
from marketplace.notifications.models import Frequency, Group, Mail, Topic
from marketplace.notifications.searches.models import Find, SavedSearch, Subject
from tests.builders import NOW, a_company, a_listing, a_person, an_enterprise, sign_in


@pytest.fixture
def koller(session):
    return a_company(session)


@pytest.fixture
def anna(session, koller):
    user = a_person(session, koller, name="Anna Koller")
    session.commit()
    return user


@pytest.fixture
def browser(app, anna):
    return sign_in(app.test_client(), anna)


class TestPreferences:
    def test_they_are_shown_and_kept(self, session, anna, browser):
        assert '<option value="daily" selected>' in browser.get("/notifications/preferences").text
        browser.post("/notifications/preferences", data={"orders": "weekly", "cases": "never"})
        session.expire_all()
        chosen = preferences.of(session, anna.id)
        assert (chosen[Group.ORDERS], chosen[Group.CASES]) == (Frequency.WEEKLY, Frequency.NEVER)
        assert chosen[Group.MESSAGES] is Frequency.AT_ONCE

    def test_nonsense_changes_nothing(self, session, anna, browser):
        answer = browser.post("/notifications/preferences", data={"orders": "hourly", "x": "daily"})
        assert answer.status_code == 302
        session.expire_all()
        assert preferences.of(session, anna.id) == preferences.DEFAULTS


class TestUnsubscribing:
    @pytest.fixture
    def link(self, app, session, anna):
        params = {"number": "SP-1", "title": "Taschen", "organisation": "x"}
        tell(session, anna, Topic.ORDER_OFFERED, params, "/orders/1", "one", now=NOW)
        session.commit()
        worker.work_off(app, clock=lambda: NOW)
        mail = session.scalars(select(Mail)).one()
        return re.search(r"<http://localhost(\S+)>", mail.headers["List-Unsubscribe"])[1]

    def wants(self, session, anna):
        session.expire_all()
        return preferences.of(session, anna.id)[Group.ORDERS]

    def test_looking_at_the_link_changes_nothing(self, client, session, anna, link):
        page = client.get(link)
        assert page.status_code == 200
        assert f'action="{link}"' in page.text
        assert self.wants(session, anna) is Frequency.AT_ONCE

    def test_the_button_stops_the_mails(self, client, session, anna, link):
        assert client.post(link).status_code == 200
        assert self.wants(session, anna) is Frequency.NEVER
        assert client.post(link).status_code == 200

    def test_one_click_of_a_mail_program_has_no_cookie_and_no_token(
        self, settings, sessions, session, anna, link
    ):
        settings.WTF_CSRF_ENABLED = True
        strict = create_app(settings, sessions).test_client()
        answer = strict.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert self.wants(session, anna) is Frequency.NEVER

    @pytest.mark.parametrize("token", ["nothing", "WzEsIm9yZGVycyJd.forged", "x" * 2000])
    def test_a_forged_link_does_nothing(self, client, session, anna, token):
        assert client.get(f"/unsubscribe/{token}").status_code == 410
        assert client.post(f"/unsubscribe/{token}").status_code == 400
        assert self.wants(session, anna) is Frequency.AT_ONCE

    def test_the_link_of_somebody_erased_harms_nobody(self, client, app):
        token = preferences.stop_token(10**9, [Group.ORDERS], secret=app.config["SECRET_KEY"])
        assert client.post(f"/unsubscribe/{token}").status_code == 200


class TestSearches:
    def the_one(self, session):
        session.expire_all()
        return session.scalars(select(SavedSearch)).one()

    def test_a_search_for_materials_is_saved_as_it_stands(self, session, browser):
        query = "q=filz&kind=residual&material=textile&place=Wien&km=30&recurrence=weekly&mass=50"
        page = browser.get(f"/materials/?{query}").text
        assert "/searches/materials?" in page
        form = browser.get(f"/searches/materials?{query}")
        assert "filz" in form.text
        sent = browser.post(
            f"/searches/materials?{query}", data={"name": "Filz", "frequency": "weekly"}
        )
        assert sent.location == "/searches/"
        search = self.the_one(session)
        assert search.subject is Subject.MATERIALS
        assert search.wanted == {"words": "filz", "kinds": ["residual"], "material": "textile",
                                 "recurrences": ["weekly"], "mass_at_least": 50.0}  # fmt: skip
        assert (search.place, search.radius_km, search.frequency) == ("Wien", 30.0, "weekly")
        listed = browser.get("/searches/").text
        again = re.search(r'href="(/materials/\?[^"]*)"', listed)[1].replace("&amp;", "&")
        for part in ("q=filz", "material=textile", "kind=residual", "place=Wien", "km=30"):
            assert part in again

    def test_from_our_own_site(self, session, browser):
        browser.post(
            "/searches/materials?near=home&km=30", data={"name": "Daheim", "frequency": "daily"}
        )
        assert self.the_one(session).latitude is not None
        assert "near=home" in browser.get("/searches/").text

    @pytest.mark.parametrize("data", [{}, {"name": "", "frequency": "x"}, {"name": "y" * 121}])
    def test_what_is_missing_is_said_and_nothing_lost(self, browser, data):
        answer = browser.post("/searches/materials?q=filz", data=data)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text

    def test_workshops_ask_for_a_radius(self, session, browser):
        query = "q=N%C3%A4hen&technique=sewing&seeking=yes&place=Wien"
        assert 'name="km"' in browser.get(f"/searches/workshops?{query}").text
        data = {"name": "Nähen", "frequency": "at_once", "km": "100"}
        browser.post(f"/searches/workshops?{query}", data=data)
        search = self.the_one(session)
        assert (search.subject, search.radius_km) == (Subject.WORKSHOPS, 100.0)
        assert search.wanted == {"words": "Nähen", "technique": "sewing", "seeking_work": True}
        assert "seeking=yes" in browser.get("/searches/").text

    def test_near_a_listing_of_one_s_own(self, app, session, koller, browser):
        listing = a_listing(session, koller)
        session.commit()
        assert (
            f"/searches/workshops/near/{listing.id}" in browser.get(f"/materials/{listing.id}").text
        )
        browser.post(
            f"/searches/workshops/near/{listing.id}", data={"name": "Planen", "frequency": "daily"}
        )
        search = self.the_one(session)
        assert search.wanted == {"material": "tarpaulin"}
        assert search.latitude == pytest.approx(listing.latitude)
        other = sign_in(app.test_client(), a_person(session, an_enterprise(session)))
        session.commit()
        url = f"/searches/workshops/near/{listing.id}"
        assert other.post(url, data={"name": "x"}).status_code == 403

    def test_renaming_and_deleting(self, app, session, browser):
        browser.post("/searches/materials?q=filz", data={"name": "Filz", "frequency": "daily"})
        browser.post("/searches/materials?q=holz", data={"name": "Holz", "frequency": "daily"})
        filz = session.scalars(select(SavedSearch).where(SavedSearch.name == "Filz")).one().id
        taken = browser.post(
            f"/searches/{filz}/change", data={"name": "Holz", "frequency": "never"}
        )
        assert taken.status_code == 422
        assert 'value="Holz"' in taken.text
        browser.post(f"/searches/{filz}/change", data={"name": "Wollfilz", "frequency": "never"})
        session.expire_all()
        assert session.get(SavedSearch, filz).name == "Wollfilz"
        stranger = sign_in(app.test_client(), a_person(session))
        session.commit()
        for path in ("", "/change", "/delete"):
            method = "POST" if path else "GET"
            assert stranger.open(f"/searches/{filz}{path}", method=method).status_code == 404
        browser.post(f"/searches/{filz}/delete")
        session.expire_all()
        assert session.get(SavedSearch, filz) is None

    def test_its_page_shows_what_was_found(self, session, anna, browser):
        browser.post("/searches/materials?q=plane", data={"name": "Planen", "frequency": "daily"})
        search = self.the_one(session)
        assert 'class="empty"' in browser.get(f"/searches/{search.id}").text
        listing = a_listing(session, a_company(session, name="Andere"), title="Plane in Rot")
        session.add(Find(search_id=search.id, user_id=anna.id, listing_id=listing.id, at=NOW))
        session.commit()
        assert "Plane in Rot" in browser.get(f"/searches/{search.id}").text

    def test_strangers_are_asked_to_sign_in(self, client):
        assert "/sign-in" in client.get("/searches/materials?q=filz").location

    def test_nothing_is_saved_yet(self, browser):
        assert 'class="empty"' in browser.get("/searches/").text
