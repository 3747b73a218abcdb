"""Adviser, assessor, panel and decider: always other people, none of them of those who apply."""

import pytest
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.models import Membership
from marketplace.core.errors import Invalid, NotAllowed, NotFound
from marketplace.seals import process, queries, separation
from marketplace.seals.assessment import Finding, SealOffice, SealRole
from marketplace.seals.models import SealMaker
from marketplace.seals.ruling import Obstacle
from tests.builders import NOW, a_broker, a_person, an_agency_person, an_enterprise
from tests.seals.seal_stories import a_story


@pytest.fixture
def story(session):
    return a_story(session)


def appoint(story, made, role, user):
    return separation.appoint(
        story.session, made, role, user.email.upper(), actor=story.agnes, now=NOW
    )


def refusal(story, made, role, user):
    with pytest.raises(Invalid) as refused:
        appoint(story, made, role, user)
    return refused.value.problems[0].code


@pytest.mark.parametrize("role", SealRole)
def test_nobody_of_the_applicant_or_a_maker(session, story, role):
    made = story.submitted()
    other = an_enterprise(session)
    session.add(SealMaker(application_id=made.id, organisation_id=other.id))
    session.flush()
    assert refusal(story, made, role, story.emre_user) == "seal_own_organisation"
    assert refusal(story, made, role, a_person(session, other)) == "seal_own_organisation"


@pytest.mark.parametrize("second", SealRole)
def test_nobody_has_two_parts(session, story, second):
    made = story.submitted()
    story.appoint(made, "ada")
    assert refusal(story, made, second, story.users["ada"]) == "seal_second_part"


def test_the_database_keeps_it_so(session, story):
    made = story.submitted()
    story.appoint(made, "ada")
    session.add(
        SealOffice(
            application_id=made.id,
            role=SealRole.DECIDER,
            user_id=story.users["ada"].id,
            independent=False,
            at=NOW,
        )
    )
    with pytest.raises(IntegrityError), session.begin_nested():
        session.flush()


def test_also_after_one_was_dismissed(session, story):
    made = story.submitted()
    story.appoint(made, "ada")
    (row,) = separation.appointed(session, made)
    separation.dismiss(session, made, row.id, actor=story.agnes, now=NOW)
    assert refusal(story, made, SealRole.DECIDER, story.users["ada"]) == "seal_second_part"
    with pytest.raises(NotFound):
        separation.dismiss(session, made, row.id, actor=story.agnes, now=NOW)


def test_whoever_was_dismissed_or_replaced_sees_nothing_any_more(session, story):
    made = story.submitted()
    story.appoint(made, "ada", "bela")
    ada, bela = story.actors["ada"], story.actors["bela"]
    assert queries.get(session, made.id, actor=ada).id == made.id
    (row, _) = separation.appointed(session, made)
    separation.dismiss(session, made, row.id, actor=story.agnes, now=NOW)
    appoint(story, made, SealRole.ASSESSOR, a_person(session))
    for former in (ada, bela):
        with pytest.raises(NotFound):
            queries.get(session, made.id, actor=former)
        assert queries.listed(session, actor=former) == ([], 0)
        assert separation.role_of(session, made, former) is None


def test_one_adviser_one_assessor_one_decider(session, story):
    made = story.submitted()
    story.appoint(made, "bela")
    appoint(story, made, SealRole.ASSESSOR, a_person(session))
    rows = separation.appointed(session, made)
    assert [row.ended for row in rows] == [True, False]


def test_whoever_joins_the_applicant_has_no_part_any_more(session, story):
    made = story.assessing()
    bela = story.users["bela"]
    session.add(Membership(user_id=bela.id, organisation_id=story.maker.id, role="member"))
    session.flush()
    with pytest.raises(NotAllowed):
        process.judge(
            session, made, "S2", Finding.HOLDS, 1.0, "x", actor=story.actors["bela"], now=NOW
        )


def test_the_vote_of_who_joins_a_maker_afterwards_does_not_count(session, story):
    """Cora, the independent member, voted yes and is then taken on by the workshop."""
    made = story.at_panel()
    story.vote(made)
    assert process.standing_obstacles(session, made) == []
    cora = story.users["cora"]
    session.add(Membership(user_id=cora.id, organisation_id=story.maker.id, role="member"))
    session.flush()
    assert process.standing_obstacles(session, made) == [Obstacle.INDEPENDENT_MISSING]
    with pytest.raises(Invalid):
        story.award(made)


def test_the_panel_needs_somebody_from_outside(session, story):
    made = story.reported()
    (cora,) = [r for r in separation.appointed(session, made) if r.user.name.startswith("Cora")]
    separation.dismiss(session, made, cora.id, actor=story.agnes, now=NOW)
    appoint(story, made, SealRole.PANEL, a_broker(session))
    appoint(story, made, SealRole.PANEL, an_agency_person(session))
    with pytest.raises(Invalid) as refused:
        process.convene(session, made, actor=story.agnes, now=NOW)
    assert refused.value.problems[0].code == "seal_panel_dependent"
    appoint(story, made, SealRole.PANEL, a_person(session))
    process.convene(session, made, actor=story.agnes, now=NOW)


def test_who_voted_stays(session, story):
    made = story.at_panel()
    story.vote(made)
    (dan,) = [r for r in separation.appointed(session, made) if r.user.name.startswith("Dan")]
    with pytest.raises(Invalid) as refused:
        separation.dismiss(session, made, dan.id, actor=story.agnes, now=NOW)
    assert refused.value.problems[0].code == "seal_voted"


def test_only_the_agency_appoints_and_only_people_with_an_account(session, story):
    made = story.submitted()
    with pytest.raises(NotAllowed):
        separation.appoint(session, made, SealRole.PANEL, "a@b.example", actor=story.emre, now=NOW)
    with pytest.raises(Invalid) as refused:
        separation.appoint(session, made, SealRole.PANEL, "a@b.example", actor=story.agnes, now=NOW)
    assert refused.value.problems[0].code == "person_unknown"
