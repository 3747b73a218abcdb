"""Whatever is typed or sent: an answer with a sentence, never a broken page."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from marketplace.geo.areas import BadArea, parse_area
from marketplace.listings.models import Interest, Recurrence
from marketplace.orders import actions, deliveries
from marketplace.orders.carrying import Delivery
from marketplace.orders.deliveries import DeliveryDraft
from marketplace.orders.drafts import MilestoneDraft
from marketplace.proposals.matches import match_listings
from marketplace.proposals.models import Proposal
from marketplace.web.access import rule_of
from tests.builders import NOW, a_listing, an_agency_person, sign_in
from tests.orders.order_stories import TODAY, a_story
from tests.web.test_who_may_use_what import address, routes

NASTY = {
    "sqlite": ["9" * 5000, "1e308", "9999-12-31"],
    "postgresql": ["\x00😀\u202e" * 3000, "²", "9" * 5000],
}
"""What stands before a database is the same code: each gets its share."""


class Forms(HTMLParser):
    """Every form of a page: where it goes and what it would send."""

    def __init__(self, page):
        super().__init__()
        self.found, self.form, self.area, self.select = [], None, None, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self.form = (a.get("action"), (a.get("method") or "get").lower(), {})
            self.found.append(self.form)
        if self.form is None or not (a.get("name") or self.select):
            return
        fields = self.form[2]
        if tag in {"input", "button"}:
            on = a.get("type") not in {"checkbox", "radio"} or "checked" in a
            fields.setdefault(a["name"], a.get("value") or "" if on else "")
            if on and a.get("value"):
                fields[a["name"]] = a["value"]
        elif tag == "textarea":
            fields[a["name"]] = ""
        elif tag == "select":
            self.select = a["name"]
            fields.setdefault(self.select, "")
        elif tag == "option" and "selected" in a:
            fields[self.select] = a.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        if tag == "select":
            self.select = None


def beside(session, story):
    """Another order of the same two, which runs."""
    listing = a_listing(session, story.company)
    match_listings(session, [listing.id], as_of=TODAY, now=NOW)
    found = session.scalars(select(Proposal).where(Proposal.listing_id == listing.id)).one()
    other = dataclasses.replace(story, listing=listing, proposal=found)
    plan = (MilestoneDraft(title="Nullserie", planned_on=TODAY),)
    order = other.running(milestones=plan, standing=True, recurrence=Recurrence.MONTHLY)
    draft = DeliveryDraft(line_id=order.lines[0].id, planned_on=TODAY, expected=150.0)
    deliveries.plan(session, order, draft, actor=story.emre, now=NOW)
    return order


@pytest.fixture
def story(session):
    story = a_story(session)
    story.agnes = an_agency_person(session)
    story.second = a_listing(session, story.company)
    running = beside(session, story)
    story.running_order = running.id
    delivery = select(Delivery.id).where(Delivery.order_id == running.id)
    story.delivery = session.scalars(delivery).first()
    story.milestone = running.milestones[0].id
    completed = beside(session, story)
    actions.deliver(session, completed, actor=story.emre, now=NOW)
    actions.complete(session, completed, actor=story.andrea, now=NOW)
    story.completed_order = completed.id
    session.commit()
    return story


QUIET = ("/sign-out", "/language", "sign-out-everywhere", "/read")
PEOPLE = ["nobody", "andrea_user", "emre_user", "maria_user", "agnes"]
PAGES = {
    "nobody": ["/sign-in", "/register", "/password/forgot", "/materials/", "/enterprises/"],
    "andrea_user": [
        "/listings/new?kind=residual",
        "/listings/new?kind=service",
        "/listings/{listing}/edit",
        "/listings/",
        "/orders/{order}",
        "/orders/",
        "/orders/{running}",
        "/orders/{running}/call-offs/new",
        "/orders/{running}/deliveries/new",
        "/orders/{running}/deliveries/{delivery}",
        "/orders/{running}/milestones/{milestone}",
        "/orders/{running}/versions",
        "/orders/{completed}/feedback",
        "/orders/{completed}/story",
        "/organisation/",
        "/organisation/places/",
        "/organisation/members/",
        "/profile",
        "/profile/erase",
        "/cluster/apply",
        "/seals/new",
        "/seal/complaint",
    ],
    "emre_user": [
        "/capabilities/new",
        "/capabilities/{capability}/edit",
        "/capabilities/",
        "/materials/{listing}",
        "/orders/{order}",
        "/orders/{running}/work-log/new",
        "/orders/{running}/evidence/new",
    ],
    "maria_user": [
        "/desk/learning",
        "/orders/{order}/edit",
        "/orders/{order}",
        "/orders/{running}/edit",
        "/desk/",
        "/desk/organisations",
        "/desk/proposals/{proposal}",
    ],
    "agnes": [
        "/agency/",
        "/agency/service-points/new",
        "/agency/service-points/{point}/edit",
        "/agency/weights",
        "/agency/calls/new",
        "/agency/seal-settings",
    ],
}


def signed(app, story, who):
    client = app.test_client()
    return client if who == "nobody" else sign_in(client, getattr(story, who))


def filled(path, story, order):
    return path.format(
        listing=story.second.id,
        capability=story.capability.id,
        order=order,
        running=story.running_order,
        completed=story.completed_order,
        delivery=story.delivery,
        milestone=story.milestone,
        proposal=story.proposal.id,
        point=story.company.service_point_id,
    )


def breaks(client, method, path, **kwargs):
    """Return what went wrong with a request, or nothing."""
    try:
        answer = client.open(path, method=method, **kwargs)
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:160]}"
    return f"status {answer.status_code}" if answer.status_code >= 500 else ""


def forms_of(client, path):
    page = client.get(path)
    assert page.status_code == 200, (path, page.status_code)
    for action, method, fields in Forms(page.get_data(as_text=True)).found:
        yield action or path, method, fields


@pytest.mark.parametrize("who", PEOPLE)
def test_no_field_of_any_form_breaks_a_page(app, session, story, who):
    order = (story.order() if who == "maria_user" else story.offered()).id
    session.commit()
    broken, nasty = {}, NASTY[session.get_bind().dialect.name]
    for path in PAGES[who]:
        client = signed(app, story, who)
        for action, method, fields in list(forms_of(client, filled(path, story, order))):
            if action.endswith(QUIET):
                continue
            for name in set(fields) - {"csrf_token"}:
                for value in nasty:
                    with session.begin_nested() as undone:
                        sent = {
                            "data" if method == "post" else "query_string": fields | {name: value}
                        }
                        said = breaks(signed(app, story, who), method.upper(), action, **sent)
                        if said:
                            broken[re.sub(r"\d+", "N", action), name, said] = value[:20]
                        if undone.is_active:
                            undone.rollback()
                session.expire_all()
    assert not broken, "\n".join(map(str, broken.items()))


ODD = [
    "endpoint=x", "_scheme=javascript&_external=1", "_anchor=x", "_method=POST", "self=1",
    "page=%C2%B2", "page=" + "9" * 5000, "page=999999", "page=-1", "page=0", "km=%C2%B2",
    "km=" + "9" * 5000, "points=" + "9" * 5000, "days=%C2%B2", "q=%00", "q=%ff%fe", "place=%00",
    "mass=1e308", "mass=" + "9" * 400, "mass=nan", "material=%00", "kind=%00&kind=residual",
    "state=%00", "chosen=" + "9" * 5000, "region=%00", "q=" + "x" * 5000, "next=//evil.example",
    "latitude=nan&longitude=inf&material_text=tarpaulin", "available_from=0001-01-01&city=Wien",
    "quantity=1e308&material_text=Plane&city=Wien", "site=%00&written_in=%00&techniques=%00",
    "available_from=9999-12-31&material_text=Plane&city=Wien&quantity=1", "country=%00&city=%00",
]  # fmt: skip


def turned_away(client, path):
    """Tell whether this visitor is refused before the page is asked at all."""
    answer = client.get(path)
    return answer.status_code == 403 or "/sign-in" in (answer.location or "")


@pytest.mark.parametrize("who", PEOPLE)
def test_no_address_breaks_a_page(app, session, story, who):
    story.offered()
    session.commit()
    client, broken = signed(app, story, who), []
    turn = int(session.get_bind().dialect.name == "postgresql")
    for rule, method in routes(app):
        if method != "GET" or rule.endpoint in {
            "account.sign_out",
            "orders.pdf",
            "orders.note",
            "impact.pdf",
        }:
            continue
        paths = [address(app, rule)]
        known = paths[0].replace("987654", "1")
        if turned_away(client, known):
            continue
        for number in ["9" * 19, "9" * 5000, "-1", "\u00b2"]:
            paths.append(paths[0].replace("987654", number))
        for text in [
            "%00",
            "%ff",
            "a%00-t.webp",
            "%2e%2e-t.webp",
            "x" * 5000 + "-t.webp",
            "?-t.webp",
        ]:
            paths.append(paths[0].replace("nothing", text))
        if "<" not in rule.rule:
            paths += [f"{known}?{odd}" for odd in ODD]
        # Each database gets every second one: what stands before it is the same code. So is a page
        # that everybody sees: the five divide it among themselves.
        mine = list(dict.fromkeys(paths))[turn::2]
        if rule_of(app, rule.endpoint).public:
            mine = mine[PEOPLE.index(who) :: len(PEOPLE)]
        for path in mine:
            said = breaks(client, "GET", path)
            if said:
                broken.append((path[:80], said))
    assert not broken, "\n".join(map(str, broken))


def test_an_address_cannot_choose_where_a_page_s_links_lead(client, session, story):
    for number in range(25):
        a_listing(session, story.company, title=f"Plane {number}")
    session.commit()
    page = client.get("/materials/?_scheme=javascript&_external=1&endpoint=home.index&_anchor=evil")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert 'href="javascript:' not in text
    assert "#evil" not in text


def test_two_clicks_at_once_are_told_apart_by_the_database(app, session, story, monkeypatch):
    """Simulates the loser of a race: the row was not there yet when it looked."""
    url = f"/materials/{story.second.id}/interest"
    client = signed(app, story, "emre_user")
    monkeypatch.setattr("marketplace.listings.actions.select", lambda *_: select(Interest).limit(0))
    assert client.post(url, data={"note": "gern"}).status_code == 302
    assert client.post(url, data={"note": "gern"}).status_code == 409


def test_names_are_one_line(app, session, story):
    client = signed(app, story, "andrea_user")
    client.post("/profile", data={"name": "Andrea\r\nBcc: all@example.org", "language": "de"})
    session.refresh(story.andrea_user, ["name"])
    assert story.andrea_user.name == "Andrea Bcc: all@example.org"


def test_nobody_signs_in_with_a_nul(client):
    for path in ("/sign-in", "/password/forgot"):
        answer = client.post(path, data={"email": "a\x00b@example.org", "password": "x\x00y"})
        assert answer.status_code in {302, 422}


def test_an_area_off_the_scale_of_numbers_is_no_area():
    ring = [[0, 0], [10**400, 1], [1, 1], [0, 0]]
    with pytest.raises(BadArea):
        parse_area({"type": "Polygon", "coordinates": [ring]})
