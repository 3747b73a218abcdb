"""How often the matcher puts the enterprise first that really did the work.

    python benchmarks/real_cases.py FOLDER        (or the environment variable REAL_CASES)

FOLDER holds organisations.csv, listings.csv and capabilities.csv in the exchange format, and truth.csv
with the columns listing_ref, org_ref (the enterprise or enterprises, `;` between) and leak: "yes" where
the capability is known only from the very case.
"""

import csv
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from marketplace.capabilities.models import Capability  # noqa: E402
from marketplace.core.db import connect, transaction  # noqa: E402
from marketplace.exchange import importing  # noqa: E402
from marketplace.exchange.columns import Content  # noqa: E402
from marketplace.exchange.reading import read_table  # noqa: E402
from marketplace.exchange.rows import Circumstances  # noqa: E402
from marketplace.listings.models import Listing  # noqa: E402
from marketplace.matching.eligibility import RULES  # noqa: E402
from marketplace.matching.market import Pairs  # noqa: E402
from marketplace.matching.ranking import make_market, rank_all  # noqa: E402
from marketplace.proposals.candidates import (  # noqa: E402
    day64,
    ontology,
    read_capabilities,
    read_listings,
    weights,
)
from marketplace.tables import metadata  # noqa: E402

FIRST = (1, 3, 10)


def say(text=""):
    sys.stdout.write(text + "\n")


def fill(session, folder, now):
    """Import the three files; return how many rows were stored."""
    around = Circumstances(now=now, today=now.date(), secret=b"benchmark", language="en")
    for content in (Content.ORGANISATIONS, Content.LISTINGS, Content.CAPABILITIES):
        table = read_table(folder / f"{content.value}.csv")
        report = importing.run(session, content, table, around=around)
        say(f"{content.value}: {report.created} stored, {len(report.failed)} rejected")
        for failed in report.failed:
            for problem in failed.problems:
                say(f"  line {failed.row.line}, {problem.field}: {problem.code} {problem.params}")
        if report.failed:
            raise SystemExit(1)


def judged(session, folder, day):
    """Return per case with a known partner: its title, leak, best rank or None, why not."""
    offered, able = read_listings(session), read_capabilities(session)
    market = make_market(offered.columns, able.columns, ontology(), day64(day))
    found = rank_all(
        offered.columns, able.columns, ontology(), weights(session), day64(day), top=None
    )
    row_of = {str(ref): row for row, ref in enumerate(offered.columns.ref)}
    owners = {c.id: c.organisation_id for c in session.query(Capability)}
    owner = np.array([owners[int(key)] for key in able.ids])
    refs = organisations(session)
    titles = {listing.ref: listing.title for listing in session.query(Listing)}
    with (folder / "truth.csv").open(encoding="utf-8-sig", newline="") as file:
        truth = [case for case in csv.DictReader(file) if case["org_ref"].strip()]
    cases = []
    for case in truth:
        row = row_of[case["listing_ref"]]
        partners = [refs[ref.strip()] for ref in case["org_ref"].split(";")]
        theirs = np.flatnonzero(np.isin(owner, partners))
        mine = found.listing == row
        ranks = found.rank[mine & np.isin(found.capability, theirs)]
        best = int(ranks.min()) if len(ranks) else None
        why = obstacles(market, row, theirs) if best is None else ""
        leak = case["leak"].strip() == "yes"
        rivals = int(mine.sum())
        cases.append((case["listing_ref"], titles[case["listing_ref"]], leak, best, rivals, why))
    return cases


def organisations(session):
    """Return the keys of all organisations by reference."""
    from marketplace.accounts.models import Organisation  # noqa: PLC0415

    return {organisation.ref: organisation.id for organisation in session.query(Organisation)}


def obstacles(market, row, capabilities):
    """Return which rules shut the partner's capabilities out, fewest first."""
    if not len(capabilities):
        return "no capability is documented"
    shut = []
    for capability in capabilities:
        pair = Pairs(market, np.array([row]), np.array([capability]))
        broken = [rule.value for rule, passes in RULES.items() if not passes(pair)[0]]
        km = float(pair.distance_of(np.array([0]))[0])
        shut.append((len(broken), f"{', '.join(broken)} ({km:.0f} km)"))
    return min(shut)[1]


def report(cases):
    """Print the shares, then each case."""
    groups = (("known from elsewhere", False), ("known only from the case", True))
    say(f"{'':<28}{'cases':>6}" + "".join(f"{f'first {k}':>10}" for k in FIRST))
    for name, leak in groups:
        ranks = [case[3] for case in cases if case[2] is leak]
        hits = [sum(1 for r in ranks if r is not None and r <= k) for k in FIRST]
        say(f"{name:<28}{len(ranks):>6}" + "".join(f"{hit:>10}" for hit in hits))
    say()
    for ref, title, leak, best, rivals, why in cases:
        where = f"rank {best} of {rivals}" if best else f"shut out by {why}"
        say(f"{ref}{' (leak)' if leak else ''}  {title[:52]}: {where}")


def main(folder):
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as scratch:
        sessions = connect(f"sqlite:///{scratch}/real.db")
        metadata.create_all(sessions.kw["bind"])
        with transaction(sessions) as session:
            fill(session, folder, now)
            begins = [listing.available_from for listing in session.query(Listing)]
            day = max(begins)
            say(f"matched as of {day.isoformat()}")
            say()
            report(judged(session, folder, day))
        sessions.kw["bind"].dispose()


if __name__ == "__main__":
    where = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("REAL_CASES", "")
    if where:
        main(Path(where))
    else:
        say("How often is the documented partner proposed? Name the folder with the cases:")
        say("  python benchmarks/real_cases.py FOLDER     (or REAL_CASES=FOLDER make bench-cases)")
        say("It holds organisations.csv, listings.csv, capabilities.csv and truth.csv.")
