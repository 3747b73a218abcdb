"""Every page that each role can reach: accessible, as wide as the window, quiet in the console."""

import re
from collections import deque

import pytest

ROLES = {
    "nobody": None,
    "company": "firma@demo.sopro.example",
    "enterprise": "betrieb@demo.sopro.example",
    "broker": "vermittlung@demo.sopro.example",
    "agency": "agentur@demo.sopro.example",
}
NOT_PAGES = re.compile(
    r"\.(pdf|ics|json|csv|xlsx|svg|png)\b|/media/|/static/|/healthz|/(profile|account)/data"
    r"|/suggestions/|/evidence/\d"
)


def kind_of(path):
    """Return what the page is a page of, so that each kind is visited once."""
    bare = re.sub(r"\b(?:[A-Z]{2}-)?\d+", "N", path.split("#")[0].split("?")[0])
    return bare + ("?kind" if path.startswith("/register?") else "")


def links(page, site):
    found = page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.href)")
    return [url.removeprefix(site.url) for url in found if url.startswith(site.url + "/")]


def crawl(someone, site, most=60):
    todo, seen = deque(["/"]), set()
    while todo and len(seen) < most:
        path = todo.popleft()
        kind = kind_of(path)
        if kind in seen or NOT_PAGES.search(path):
            continue
        seen.add(kind)
        answer = someone.page.goto(path)
        assert answer.status == 200, (path, answer.status)
        yield path
        todo.extend(links(someone.page, site))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("width", "language"), [(1440, "de"), (390, "hu")])
def test_pages_of(visitor, site, role, width, language):
    someone = visitor(width=width, language=language)
    if ROLES[role]:
        someone.sign_in(ROLES[role])
    wrong, count = [], 0
    for path in crawl(someone, site):
        count += 1
        wrong += [(path, fault) for fault in someone.axe()]
        if someone.overflows():
            wrong.append((path, "wider than the window"))
    assert count >= 8
    assert wrong == []
