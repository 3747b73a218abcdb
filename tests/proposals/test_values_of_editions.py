"""Another edition of the taxonomy: matched as from nothing, looked at before, followed in the middle."""

from sqlalchemy import delete, select

from marketplace.jobs import worker
from marketplace.jobs.runs import Hand
from marketplace.listings.browse import Filter, browse
from marketplace.matching.weights import Weights
from marketplace.proposals import runs
from marketplace.proposals.candidates import ontology, ontology_with, read_capabilities
from marketplace.proposals.learning import family_name, family_number
from marketplace.proposals.matches import match_all
from marketplace.proposals.models import MatchRun, Proposal
from marketplace.proposals.weighing import compare
from marketplace.taxonomy.edition import in_force, install
from marketplace.taxonomy.tables import Branch
from marketplace.taxonomy.techniques import techniques
from marketplace.vocabulary import drafting, editions
from tests.builders import NOW, a_capability, a_company, a_listing, an_enterprise
from tests.proposals.test_runs import a_region, clock, stored
from tests.vocabulary.edition_stories import AGENCY, FELT, add, change, force, retire

TODAY = NOW.date()
VALUE = Weights(proximity=0, fit=0, capacity=0, timing=0, value=1, fairness=0)
SEWING, PACKING = "sewing", "packing"


def two_workshops(session):
    listing = a_listing(session, a_company(session))
    for name, technique in (("Näherei", SEWING), ("Packerei", PACKING)):
        a_capability(session, an_enterprise(session, name=name), techniques=[technique])
    return listing


def test_a_new_value_matches_everything_anew_as_from_nothing(app, session):
    a_region(session)
    two_workshops(session)
    match_all(session, as_of=TODAY, now=NOW)
    before = stored(session)
    change(session, Branch.TECHNIQUES, SEWING, value_retention=0.1)
    seen = drafting.open_draft(session).revision
    from_outside = drafting.put_into_force(session, "Weniger.", seen=seen, actor=AGENCY, now=NOW)
    assert (from_outside.number, in_force().number) == (1, 0)
    session.commit()
    worker.work_off(app, clock=clock)
    session.expire_all()
    assert session.scalars(select(MatchRun)).one().finished_at == NOW
    after = stored(session)
    assert after != before
    session.execute(delete(Proposal))
    match_all(session, as_of=TODAY, now=NOW)
    assert stored(session) == after


def test_words_and_figures_match_nothing_anew(app, session):
    a_region(session)
    add(session)
    change(session, Branch.MATERIALS, "tarpaulin", bulk_density_kg_m3=1.0, name_de="Plane X")
    force(session)
    session.commit()
    worker.work_off(app, clock=clock)
    assert session.scalars(select(MatchRun)).all() == []


def test_what_a_draft_would_move(session):
    two_workshops(session)
    change(session, Branch.TECHNIQUES, SEWING, value_retention=0.1)
    draft = editions.built(session, drafting.open_draft(session).number)
    moves = compare(session, VALUE, VALUE, trees=ontology_with(draft), as_of=TODAY)
    (mover,) = moves.movers
    names = mover.before.organisation.name, mover.after.organisation.name
    assert names == ("Näherei", "Packerei")
    assert (moves.other_first, moves.reranked) == (1, 2)
    assert ontology().value_retention.max() <= 1.0
    assert compare(session, VALUE, VALUE, as_of=TODAY).movers == []
    assert session.scalars(select(Proposal)).all() == []


def test_numbers_of_a_run_follow_the_edition(session, sessions):
    """A worker that keeps the capabilities of a run reads them anew where nodes have other numbers."""
    a_region(session)
    session.commit()
    match_all(session, as_of=TODAY, now=NOW)
    whole = stored(session)
    session.execute(delete(Proposal))
    run_id = runs.start(session, as_of=TODAY, now=NOW, size=1).id
    session.commit()
    hand = Hand(sessions, clock)
    assert hand.work_one(run_id)
    old = in_force()
    add(session, None, name_de="Aaa", name_hu="Aaa", name_en="Aaa")
    add(session, "tarpaulin")
    force(session)
    session.commit()
    install(old)
    while hand.work_one(run_id):
        pass
    assert in_force().number == 1
    session.expire_all()
    assert stored(session) == whole


def test_what_is_kept_by_number_or_word_follows_the_edition(session):
    """The numbers of families, the columns of capabilities and the searches."""
    enterprise = an_enterprise(session)
    a_capability(session, enterprise, materials=["wood"], techniques=["sewing"])
    felt = a_listing(session, a_company(session), material_code=f"{FELT}.wool", title="Reste")

    def seen():
        columns = read_capabilities(session).columns
        return (
            columns.techniques[0].tolist(),
            [f.listing.id for f in browse(session, Filter(words="Brimbel")).rows],
            family_name(family_number(None, ["sewing"]), "de"),
            len(ontology().materials),
        )

    before = seen()
    assert before[0] == [techniques().number("sewing")]
    add(session, None, name_de="Aaa", name_hu="Aaa", name_en="Aaa")
    change(session, Branch.MATERIALS, FELT, synonyms_de=("Brimbel",))
    force(session)
    after = seen()
    assert after[0] == [techniques().number("sewing")]
    assert (before[1], after[1]) == ([], [felt.id])
    assert before[2] == after[2] == techniques().name("sewing", "de")
    assert after[3] == before[3] + 1


def test_a_retired_node_is_matched_as_ever(session):
    listing = a_listing(session, a_company(session), material_code=f"{FELT}.wool")
    a_capability(session, an_enterprise(session), materials=[f"{FELT}.wool"], techniques=[SEWING])
    match_all(session, as_of=TODAY, now=NOW)
    before = stored(session)
    assert before
    retire(session, f"{FELT}.wool", "Filz")
    retire(session, "sewing.bag", branch=Branch.TECHNIQUES)
    force(session)
    session.execute(delete(Proposal))
    match_all(session, as_of=TODAY, now=NOW)
    assert stored(session) == before
    assert [f.listing.id for f in browse(session, Filter(words="Wollfilz")).rows] == [listing.id]
