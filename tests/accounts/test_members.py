"""Inviting, joining, changing roles, leaving; the last manager stays."""

import re

import pytest
from sqlalchemy import select

from marketplace.accounts import members, queries
from marketplace.accounts.models import Invitation, MemberRole, Membership, User
from marketplace.core.errors import Invalid, NotAllowed
from marketplace.jobs.worker import work_off
from marketplace.notifications.models import Mail
from tests.builders import (
    NOW,
    PASSWORD,
    a_company,
    a_person,
    a_service_point,
    actor_for,
    sign_in,
)


@pytest.fixture
def koller(session):
    point = a_service_point(session, name="Servicestelle Burgenland", email="bgld@example.org")
    return a_company(session, service_point_id=point.id)


@pytest.fixture
def anna(session, koller):
    return a_person(session, koller, email="anna@example.org", name="Anna Koller")


def invitation_link(app, session, address):
    work_off(app)
    session.expire_all()
    mail = session.scalars(
        select(Mail).where(Mail.recipient == address).order_by(Mail.id.desc())
    ).first()
    assert "Spedition Koller" in mail.subject
    assert "Servicestelle Burgenland" in mail.text
    return re.search(r"http://localhost(/\S+)", mail.text).group(1)


def roles(session, organisation):
    session.expire_all()
    found = queries.memberships(session, organisation.id)
    return {m.user.email: m.role for m in found}


def test_a_stranger_registers_through_the_invitation_and_is_in(app, client, session, koller, anna):
    sign_in(client, anna)
    invited = client.post(
        "/organisation/members/invite", data={"email": "Bela@example.org", "role": "member"}
    )
    assert invited.status_code == 302
    assert "bela@example.org" in client.get("/organisation/members/").text
    link = invitation_link(app, session, "bela@example.org")

    bela = app.test_client()
    assert "bela@example.org" in bela.get(link).text
    short = bela.post(link, data={"name": "Béla", "password": "kurz", "language": "hu"})
    assert short.status_code == 422
    entered = bela.post(link, data={"name": "Béla", "password": PASSWORD, "language": "hu"})
    assert entered.location == "/"
    assert "Spedition Koller" in bela.get("/organisation/").text
    assert roles(session, koller)["bela@example.org"] is MemberRole.MEMBER
    assert app.test_client().get(link).status_code == 410, "it works once"


def test_somebody_with_an_account_signs_in_and_joins(app, client, session, koller, anna):
    carla = a_person(session, email="carla@example.org")
    sign_in(client, anna)
    client.post("/organisation/members/invite", data={"email": carla.email, "role": "manager"})
    link = invitation_link(app, session, carla.email)
    hers = app.test_client()
    page = hers.get(link).text
    assert "/sign-in?next=" in page
    refused = hers.post(link, data={"name": "X", "password": PASSWORD, "language": "de"})
    assert refused.location.endswith(link), "nobody takes over an account by an invitation"
    sign_in(hers, carla)
    assert hers.post(link).location == "/"
    assert roles(session, koller)[carla.email] is MemberRole.MANAGER


def test_inviting_again_voids_the_first_link(app, session, client, koller, anna):
    actor = actor_for(session, anna, koller)
    first = members.invite(
        session, koller, "d@example.org", MemberRole.MEMBER, actor=actor, now=NOW
    )
    session.commit()
    old = invitation_link(app, session, "d@example.org")
    sign_in(client, anna)
    client.post("/organisation/members/invite", data={"email": "d@example.org", "role": "member"})
    new = invitation_link(app, session, "d@example.org")
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200
    assert len(session.scalars(select(Invitation)).all()) == 1
    client.post(f"/organisation/members/invitations/{first.id}/withdraw")
    assert client.get(new).status_code == 410


def test_who_belongs_already_is_not_invited(client, session, koller, anna):
    sign_in(client, anna)
    answer = client.post(
        "/organisation/members/invite", data={"email": anna.email, "role": "member"}
    )
    assert answer.status_code == 422


def test_only_managers_invite_and_change(client, session, koller, anna):
    bela = a_person(session, koller, role=MemberRole.MEMBER)
    actor = actor_for(session, bela, koller)
    with pytest.raises(NotAllowed):
        members.invite(session, koller, "x@example.org", MemberRole.MEMBER, actor=actor, now=NOW)
    with pytest.raises(NotAllowed):
        members.remove_member(session, koller, anna.id, actor=actor, now=NOW)
    sign_in(client, bela)
    page = client.get("/organisation/members/").text
    assert anna.name in page
    assert "/organisation/members/invite" not in page


def test_the_last_manager_stays(session, client, koller, anna):
    bela = a_person(session, koller, role=MemberRole.MEMBER)
    actor = actor_for(session, anna, koller)
    for change in (
        lambda: members.remove_member(session, koller, anna.id, actor=actor, now=NOW),
        lambda: members.change_role(
            session, koller, anna.id, MemberRole.MEMBER, actor=actor, now=NOW
        ),
    ):
        with pytest.raises(Invalid) as refusal:
            change()
        assert refusal.value.problems[0].code == "last_manager"
    members.change_role(session, koller, bela.id, MemberRole.MANAGER, actor=actor, now=NOW)
    members.remove_member(session, koller, anna.id, actor=actor, now=NOW)
    session.flush()
    left = session.scalars(select(Membership).where(Membership.organisation_id == koller.id))
    assert [m.user_id for m in left] == [bela.id]
    assert session.get(User, anna.id).last_organisation_id is None


def test_leaving_and_removing_on_the_page(client, session, koller, anna):
    bela = a_person(session, koller, role=MemberRole.MEMBER)
    sign_in(client, anna)
    kept = client.post(f"/organisation/members/{anna.id}/remove", follow_redirects=True)
    assert "flash--no" in kept.text
    assert client.post(f"/organisation/members/{bela.id}/role", data={"role": "manager"})
    assert roles(session, koller)[bela.email] is MemberRole.MANAGER
    assert client.post(f"/organisation/members/{anna.id}/remove").location == "/"
    assert anna.email not in roles(session, koller)


def test_people_of_other_organisations_are_out_of_reach(client, session, koller, anna):
    stranger = a_person(session, a_company(session, name="Fremde GmbH"))
    sign_in(client, anna)
    assert client.post(f"/organisation/members/{stranger.id}/remove").status_code == 404
