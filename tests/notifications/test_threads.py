"""Who may write to whom about what, what is unread, and what of each other the sides see."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.models import Membership
from marketplace.cases.lifecycle import Phase
from marketplace.cases.models import Case, CaseParty, Referral
from marketplace.core.actor import ANYBODY
from marketplace.core.errors import Invalid, NotAllowed, NotFound
from marketplace.notifications.messages import attachments, posting, seats, threads
from marketplace.notifications.messages.models import Message, Seat, Thread
from marketplace.notifications.messages.subjects import find, sender
from tests.builders import (
    NOW,
    a_broker,
    a_company,
    a_person,
    actor_for,
    an_agency_person,
    an_enterprise,
)
from tests.cases import case_stories
from tests.orders import order_stories

PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj"


@pytest.fixture
def deal(session):
    story = order_stories.a_story(session)
    story.order_ = story.offered()
    return story


@pytest.fixture
def mediation(session):
    return case_stories.a_story(session)


@pytest.fixture
def storage(app):
    return app.extensions["storage"]


def write(session, actor, text="Guten Tag", *, now=NOW, case_id=None, order_id=None, **changes):
    subject = find(session, case_id=case_id, order_id=order_id, actor=actor)
    return posting.post(session, subject, text=text, actor=actor, now=now, **changes)


def read_as(session, actor, **about):
    session.flush()
    session.expire_all()
    return threads.view(session, **about, actor=actor)


def said(view):
    return [one.text for one in view.said]


def test_both_sides_and_their_broker_write_and_read(session, deal):
    about = {"order_id": deal.order_.id}
    for actor, text in (
        (deal.emre, "Die Nadeln halten."),
        (deal.maria, "Großartig."),
        (deal.andrea, "Passt."),
    ):
        write(session, actor, text, **about)
    for actor in (deal.emre, deal.maria, deal.andrea):
        assert said(read_as(session, actor, **about)) == [
            "Die Nadeln halten.",
            "Großartig.",
            "Passt.",
        ]
    view = read_as(session, deal.andrea, **about)
    assert [(s.sender.name, s.sender.organisation, s.own) for s in view.said] == [
        ("Emre Yıldız", "Nähwerk", False),
        ("Maria Reisinger", "", False),
        ("Andrea Koller", "Spedition Koller", True),
    ]
    assert session.query(Thread).count() == 1


def test_nobody_else_knows_of_it(session, mediation, deal):
    strangers = [
        ANYBODY,
        actor_for(session, a_person(session, a_company(session))),
        actor_for(session, a_person(session, an_enterprise(session))),
        actor_for(session, a_broker(session)),
    ]
    for actor in strangers:
        for about in ({"order_id": deal.order_.id}, {"case_id": mediation.case_id}):
            with pytest.raises(NotFound):
                threads.view(session, **about, actor=actor)
            with pytest.raises(NotFound):
                write(session, actor, **about)
    with pytest.raises(NotFound):
        threads.view(session, order_id=10**9, actor=deal.maria)
    with pytest.raises(NotFound):
        threads.view_thread(session, 10**9, actor=deal.maria)


def test_the_sides_take_no_part_before_the_first_offer(session):
    story = order_stories.a_story(session)
    draft = story.order()
    write(session, story.maria, "Noch unter uns", order_id=draft.id)
    assert set(seats_of(session)) == {story.maria_user.id}
    with pytest.raises(NotFound):
        threads.view(session, order_id=draft.id, actor=story.andrea)


def seats_of(session):
    return session.scalars(select(Seat.user_id)).all()


def test_everybody_who_takes_part_has_a_seat_and_a_token_of_their_own(session, deal):
    write(session, deal.emre, order_id=deal.order_.id)
    assert set(seats_of(session)) == {deal.maria_user.id, deal.andrea_user.id, deal.emre_user.id}
    tokens = session.scalars(select(Seat.token)).all()
    assert len(set(tokens)) == 3
    assert all(len(token) == 32 for token in tokens)


def test_who_leaves_loses_the_seat_who_comes_gets_one(session, deal):
    about = {"order_id": deal.order_.id}
    write(session, deal.emre, **about)
    new = a_person(session, deal.company, name="Neu Dabei")
    session.query(Membership).filter_by(user_id=deal.andrea_user.id).delete()
    write(session, deal.emre, "Noch etwas", **about)
    assert set(seats_of(session)) == {deal.maria_user.id, new.id, deal.emre_user.id}


def test_opening_is_reading(session, deal):
    about = {"order_id": deal.order_.id}
    write(session, deal.emre, "eins", **about)
    write(session, deal.emre, "zwei", **about)
    assert unread(session, deal.andrea) == 2
    assert unread(session, deal.emre) == 0
    view = read_as(session, deal.andrea, **about)
    assert [one.new for one in view.said] == [True, True]
    seats.read(session, view.id, user_id=deal.andrea_user.id, now=NOW)
    assert unread(session, deal.andrea) == 0
    assert unread(session, deal.maria) == 2
    assert [one.new for one in read_as(session, deal.andrea, **about).said] == [False, False]


def unread(session, actor):
    return session.scalar(threads.unread_of(actor.user_id))


def test_the_list_has_the_unread_first(session, mediation, deal):
    for number, story in enumerate((deal, mediation)):
        about = {"order_id": deal.order_.id} if number == 0 else {"case_id": mediation.case_id}
        write(
            session, story.emre, f"Nachricht {number}", now=NOW + timedelta(hours=number), **about
        )
    mine, total = threads.mine(session, actor=deal.andrea)
    assert (total, mine[0].unread, mine[0].excerpt) == (1, 1, "Nachricht 0")
    # One person on both: what is unread comes before what moved last.
    both = deal.maria_user
    both.service_point_id = mediation.point.id
    case = session.get(Case, mediation.case_id)
    case.broker_id = both.id
    session.flush()
    deal.order_.parties[0].service_point_id = mediation.point.id
    session.flush()
    maria = actor_for(session, both)
    write(session, mediation.emre, "und noch eine", now=NOW + timedelta(hours=2), case_id=case.id)
    later = write(session, mediation.emre, "gelesen", now=NOW + timedelta(hours=3), case_id=case.id)
    seats.read(session, later.thread_id, user_id=both.id, now=NOW)
    rows, total = threads.mine(session, actor=maria)
    assert total == 2
    assert [(row.unread, row.excerpt) for row in rows] == [(1, "Nachricht 0"), (0, "gelesen")]
    assert len(threads.mine(session, actor=maria, page=2, size=1)[0]) == 1


def test_seats_where_one_may_no_longer_look_are_given_up(session, deal):
    write(session, deal.emre, order_id=deal.order_.id)
    session.query(Membership).filter_by(user_id=deal.andrea_user.id).delete()
    session.flush()
    outsider = actor_for(session, a_person(session, a_company(session)))
    threads.forget_stale(session, actor=deal.emre)
    assert deal.andrea_user.id in seats_of(session)
    gone = type(outsider)(user_id=deal.andrea_user.id, organisation_id=outsider.organisation_id)
    assert threads.mine(session, actor=gone) == ([], 0)
    threads.forget_stale(session, actor=gone)
    assert deal.andrea_user.id not in seats_of(session)


def test_a_long_thread_comes_in_parts(session, deal):
    about = {"order_id": deal.order_.id}
    for number in range(threads.SHOWN + 5):
        write(session, deal.emre, f"Nummer {number}", **about)
    view = read_as(session, deal.andrea, **about)
    assert said(view)[0] == "Nummer 5"
    earlier = read_as(session, deal.andrea, before=view.earlier, **about)
    assert said(earlier) == [f"Nummer {n}" for n in range(5)]
    assert earlier.earlier == 0


@pytest.mark.parametrize(
    ("text", "code"), [("", "required"), (" \n ", "required"), ("x" * 10_001, "too_long")]
)
def test_a_message_says_something_and_is_not_endless(session, deal, text, code):
    with pytest.raises(Invalid) as refused:
        write(session, deal.emre, text, order_id=deal.order_.id)
    assert [(p.field, p.code) for p in refused.value.problems] == [("text", code)]
    assert session.query(Thread).count() == 0


def test_a_message_says_its_language(session, deal):
    about = {"order_id": deal.order_.id}
    assert write(session, deal.emre, "Jó napot", language="hu", **about).language == "hu"
    deal.emre_user.language = "en"
    assert write(session, deal.emre, "Hello", **about).language == "en"
    assert write(session, deal.emre, "Hello", language="tlh", **about).language == "en"
    assert write(session, deal.emre, "x" * 10_000, **about)


def test_a_thread_is_about_one_thing(session, mediation, deal):
    wrong = [{}, {"case_id": mediation.case_id, "order_id": deal.order_.id}]
    for about in wrong:
        with pytest.raises(IntegrityError):
            begin(session, **about)
    begin(session, order_id=deal.order_.id)
    with pytest.raises(IntegrityError):
        begin(session, order_id=deal.order_.id)
    write(session, deal.emre, order_id=deal.order_.id)
    assert session.query(Thread).count() == 1


def begin(session, **about):
    with session.begin_nested():
        session.add(Thread(**about, begun_at=NOW, last_at=NOW))
        session.flush()


class TestCases:
    def test_a_word_breaks_the_silence(self, session, mediation):
        later = NOW + timedelta(days=3)
        before = session.get(Case, mediation.case_id).version
        write(session, mediation.emre, case_id=mediation.case_id, now=later)
        session.expire_all()
        case = session.get(Case, mediation.case_id)
        assert (case.last_word_at, case.version) == (later, before)

    def test_nobody_is_named_before_the_broker_says_so(self, session, mediation):
        about = {"case_id": mediation.case_id}
        text = "Grüße von Emre Yıldız, Nähwerk, Nadelgasse 3, +43 699 1234567"
        write(session, mediation.emre, text, **about)
        view = read_as(session, mediation.andrea, **about)
        (one,) = view.said
        assert (one.sender.name, one.sender.organisation, one.sender.region) == ("", "", "")
        assert one.sender.part == "enterprise"
        assert view.hides
        for secret in ("Emre", "Yıldız", "Nähwerk", "Nadelgasse", "1234567"):
            assert secret not in one.text + view.title
        own = read_as(session, mediation.emre, **about)
        assert own.said[0].sender.organisation == "Nähwerk"
        broker = read_as(session, mediation.maria, **about)
        assert broker.said[0].text == text
        assert broker.said[0].sender.name == "Emre Yıldız"

    def test_each_stage_shows_more(self, session, mediation):
        about = {"case_id": mediation.case_id}
        message = write(session, mediation.emre, **about)
        mediation.show(mediation.enterprise, "region")
        assert read_as(session, mediation.andrea, **about).said[0].sender.region == "AT-3"
        mediation.show(mediation.enterprise, "identity", seen="region")
        view = read_as(session, mediation.andrea, **about)
        assert view.said[0].sender.name == "Emre Yıldız"
        assert not view.hides
        assert message.organisation_id == mediation.enterprise.id

    def test_who_left_the_case_is_no_more_named_than_before(self, session, mediation):
        about = {"case_id": mediation.case_id}
        message = write(session, mediation.emre, **about)
        session.query(CaseParty).filter_by(organisation_id=mediation.enterprise.id).delete()
        session.flush()
        session.expire_all()
        subject = find(session, **about, actor=mediation.maria)
        assert sender(message, subject, actor=mediation.andrea).organisation == ""
        assert sender(message, subject, actor=mediation.maria).organisation == "Nähwerk"

    def test_who_handed_it_over_only_reads(self, session, mediation):
        about = {"case_id": mediation.case_id}
        write(session, mediation.emre, **about)
        handed = {"from_point_id": mediation.point.id, "to_point_id": mediation.elsewhere.id}
        session.add(
            Referral(case_id=mediation.case_id, **handed, reason="Ungarn", asked_at=NOW,
                     accepted=True, answered_at=NOW)
        )  # fmt: skip
        case = session.get(Case, mediation.case_id)
        case.service_point_id, case.broker_id = mediation.elsewhere.id, None
        session.flush()
        view = read_as(session, mediation.maria, **about)
        assert (view.may_write, view.mediates, len(view.said)) == (False, True, 1)
        with pytest.raises(NotAllowed):
            write(session, mediation.maria, **about)
        assert read_as(session, mediation.katalin, **about).may_write
        write(session, mediation.katalin, "Jó napot", **about)
        assert mediation.maria_user.id not in seats_of(session)
        assert mediation.katalin_user.id in seats_of(session)

    def test_closed_cases_may_still_be_talked_about(self, session, mediation):
        case = session.get(Case, mediation.case_id)
        case.phase, case.outcome, case.closed_at = Phase.CLOSED, "advice", NOW
        session.flush()
        assert write(session, mediation.andrea, "Danke!", case_id=case.id)

    def test_a_file_has_no_telling_name_for_who_must_not_know(self, session, mediation, storage):
        kept = attachments.keep(session, storage, "Nähwerk Angebot.pdf", PDF,
                                actor=mediation.emre, now=NOW)  # fmt: skip
        about = {"case_id": mediation.case_id}
        write(session, mediation.emre, "Anbei", attachment_ids=[kept.id], **about)
        session.expire_all()
        assert attachments.get(session, kept.id, actor=mediation.andrea)[1] == f"{kept.id}.pdf"
        assert read_as(session, mediation.andrea, **about).said[0].files[0].name == f"{kept.id}.pdf"
        name = attachments.get(session, kept.id, actor=mediation.maria)[1]
        assert name == "Nähwerk Angebot.pdf"


class TestFiles:
    def test_a_file_is_seen_by_the_thread_and_nobody_else(self, session, deal, storage):
        kept = attachments.keep(session, storage, "Muster.pdf", PDF, actor=deal.emre, now=NOW)
        with pytest.raises(NotFound):
            attachments.get(session, kept.id, actor=deal.andrea)
        assert attachments.get(session, kept.id, actor=deal.emre)[1] == "Muster.pdf"
        write(session, deal.emre, "", attachment_ids=[kept.id], order_id=deal.order_.id)
        session.expire_all()
        assert attachments.get(session, kept.id, actor=deal.andrea)[1] == "Muster.pdf"
        with pytest.raises(NotFound):
            attachments.get(session, kept.id, actor=actor_for(session, a_broker(session)))

    def test_nobody_sends_what_somebody_else_uploaded(self, session, deal, storage):
        kept = attachments.keep(session, storage, "Muster.pdf", PDF, actor=deal.emre, now=NOW)
        write(session, deal.andrea, "Anbei", attachment_ids=[kept.id], order_id=deal.order_.id)
        assert kept.message_id is None

    def test_at_most_ten(self, session, deal):
        with pytest.raises(Invalid, match="too_many_files"):
            write(session, deal.emre, "x", attachment_ids=range(1, 12), order_id=deal.order_.id)

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"MZ program", "file_not_taken"),
            (b"%PDF-1.4 /JavaScript (app.alert(1))", "pdf_active"),
            (b"%PDF-1.4 /Launch", "pdf_active"),
            (b"%PDF-1.4 /EmbeddedFile", "pdf_active"),
            (b"%PDF" + b"x" * (10 * 1024 * 1024), "file_too_heavy"),
        ],
    )
    def test_only_harmless_files_are_kept(self, session, deal, storage, data, code):
        with pytest.raises(Invalid, match=code):
            attachments.keep(session, storage, "x.pdf", data, actor=deal.emre, now=NOW)

    def test_what_was_never_sent_goes_after_a_week(self, session, deal, storage):
        old = attachments.keep(session, storage, "alt.pdf", PDF, actor=deal.emre,
                               now=NOW - timedelta(days=8))  # fmt: skip
        sent = attachments.keep(session, storage, "da.pdf", PDF, actor=deal.emre,
                                now=NOW - timedelta(days=8))  # fmt: skip
        fresh = attachments.keep(session, storage, "neu.pdf", PDF, actor=deal.emre, now=NOW)
        write(session, deal.emre, "", attachment_ids=[sent.id], order_id=deal.order_.id)
        gone = old.key
        assert attachments.remove_loose(session, storage, now=NOW) == 1
        with pytest.raises(FileNotFoundError):
            storage.get(gone)
        assert storage.get(sent.key) == storage.get(fresh.key) == PDF


def test_the_agency_answers_where_no_service_point_is(session):
    agnes = an_agency_person(session)
    story = order_stories.a_story(session)
    order = story.offered()
    for party in order.parties:
        party.service_point_id = None
    session.flush()
    write(session, story.emre, order_id=order.id)
    assert agnes.id in seats_of(session)


def test_a_name_that_was_erased_is_no_name(session, deal):
    message = write(session, deal.emre, order_id=deal.order_.id)
    session.get(Message, message.id).name = ""
    view = read_as(session, deal.andrea, order_id=deal.order_.id)
    assert view.said[0].sender.name == ""
