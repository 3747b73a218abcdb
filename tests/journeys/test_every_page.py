"""Every page that each role can reach: accessible, as wide as the window, quiet in the console."""

import re
from collections import deque

import pytest

NOT_PAGES = re.compile(
    r"\.(pdf|ics|json|csv|xlsx|svg|png)\b|/media/|/static/|/healthz|/(profile|account)/data"
    r"|/suggestions/|/evidence/\d"
)
SAME_FOR_ALL = r"/(help|imprint|stories|results|service-points|enquiry|seal/)"
SAME_FOR_BROKERS = SAME_FOR_ALL + r"|/(desk|orders|materials|enterprises|messages|searches|profile)"
EACH = re.compile(r"/seals?/([A-Z]{2}-\d{4}-)?\d+$")

# who signs in, what another role's crawl sees already, and the kinds of pages that have to be found
ROLES = {
    "nobody": (
        None,
        "nothing",
        {"/cluster/", "/cluster/N", "/cluster/cooperation", "/calls/", "/calls/N"}
        | {"/service-points/", "/service-points/N", "/results/"}
        | {"/seal/register", "/seal/criteria", "/seal/N/product", "/seal/verify"},
    ),
    "company": (
        "firma@demo.sopro.example",
        SAME_FOR_ALL,
        {"/impact/", "/impact/report", "/impact/entries", "/orders/N"}
        | {"/cluster/apply", "/cluster/cooperation/ours", "/cluster/cooperation/new"},
    ),
    "enterprise": (
        "betrieb@demo.sopro.example",
        SAME_FOR_ALL,
        {"/impact/", "/orders/N", "/cases/N", "/calls/consortia/N", "/calls/N/consortia/new"}
        | {"/seals/", "/seals/new", "/seals/N/edit", "/seals/N/inputs/new", "/seals/N/steps/new"},
    ),
    "broker": (
        "vermittlung@demo.sopro.example",
        SAME_FOR_ALL,
        {"/impact/", "/impact/entries", "/desk/cases/N", "/desk/plan", "/orders/N"},
    ),
    "agency": (
        "agentur@demo.sopro.example",
        SAME_FOR_BROKERS,
        {"/agency/", "/agency/cluster", "/agency/calls", "/agency/calls/new", "/agency/factors"}
        | {"/agency/seals", "/agency/seals/N", "/agency/criteria", "/agency/complaints"}
        | {"/agency/seal-settings", "/agency/service-points/N/edit", "/calls/consortia/N"}
        | {"/agency/taxonomy/materials/N/change", "/agency/taxonomy/editions"},
    ),
    "assessor": (
        "pruefung@demo.sopro.example",
        SAME_FOR_BROKERS,
        {"/seals/", "/seals/N/sheet/N", "/seals/N/questions/new"},
    ),
}


def kind_of(path):
    """Return what the page is a page of, so that each kind is visited once; seals one by one."""
    bare = path.split("#")[0].split("?")[0]
    if EACH.match(bare):
        return bare
    bare = re.sub(r"(/taxonomy/[a-z]+)/[a-z0-9_.]+", r"\1/N", bare)
    bare = re.sub(r"\b(?:[A-Z]{2}-\d{4}-|[A-Z])?\d+", "N", bare)
    return bare + ("?kind" if path.startswith("/register?") else "")


def links(page, site):
    found = page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.href)")
    return [url.removeprefix(site.url) for url in found if url.startswith(site.url + "/")]


def crawl(someone, site, elsewhere="nothing", most=90):
    todo, seen = deque(["/"]), set()
    while todo and len(seen) < most:
        path = todo.popleft()
        kind = kind_of(path)
        if kind in seen or NOT_PAGES.search(path) or re.match(elsewhere, path):
            continue
        seen.add(kind)
        answer = someone.page.goto(path)
        assert answer.status == 200, (path, answer.status)
        yield path
        todo.extend(links(someone.page, site))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("width", "language"), [(1440, "de"), (390, "hu")])
def test_pages_of(visitor, site, role, width, language):
    email, elsewhere, wanted = ROLES[role]
    someone = visitor(width=width, language=language)
    if email:
        someone.sign_in(email)
    wrong, kinds = [], set()
    for path in crawl(someone, site, elsewhere):
        kinds.add(kind_of(path))
        if (
            width < 500
        ):  # the wide page is the same document, and asking takes longer than loading it
            wrong += [(path, fault) for fault in someone.axe()]
        if someone.overflows():
            wrong.append((path, "wider than the window"))
    assert wanted - kinds == set()
    assert wrong == []
