"""What refusals have taught a service point, in words; and the switch."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import ServicePoint
from marketplace.core.actor import require
from marketplace.core.text import whole
from marketplace.proposals import queries
from marketplace.proposals.learning import BOUND, MOST, REASONS, Lesson, family_name, lessons
from marketplace.proposals.models import Proposal, RefusalReason
from marketplace.proposals.relearning import Note, evidence, notes, switch_learning
from marketplace.web.access import BROKER
from marketplace.web.broker.blueprint import bp
from marketplace.web.language import fixed, language, number
from marketplace.web.session import actor, now, reading, transaction

SHOWN = 10


@dataclass(frozen=True)
class Learned:
    """The correction of one proposal: points below zero, for what, and a sentence for each reason."""

    points: float
    reasons: str
    sentences: list[str]


def learned(session: Session, found: list[Proposal]) -> dict[int, Learned]:
    """Return, by key, what moves each of the proposals; those that nothing moves are left out."""
    told = notes(session, found, now=now())
    return {
        p.id: Learned(
            p.correction,
            ", ".join(reason_name(note.reason) for note in told.get(p.id, [])),
            [_sentence(note) for note in told.get(p.id, [])],
        )
        for p in found
        if p.correction
    }


def reason_name(reason: RefusalReason) -> str:
    """Return in one word what a refusal was about."""
    return {
        RefusalReason.DISTANCE: _("distance"),
        RefusalReason.QUALITY: _("quality"),
        RefusalReason.NO_CAPACITY: _("capacity"),
        RefusalReason.PRICE: _("price"),
    }[reason]


def _sentence(note: Note) -> str:
    counts = {
        "points": fixed(note.points),
        "against": number(note.against),
        "in_favour": number(note.in_favour),
    }
    match note.reason:
        case RefusalReason.DISTANCE:
            text = _(
                "%(points)s for distance: %(against)s refused for it at most this far,"
                " %(in_favour)s accepted at least this far",
                **counts,
            )
        case RefusalReason.QUALITY:
            text = _(
                "%(points)s for quality: %(against)s of this family refused for it although they fit"
                " at least as well, %(in_favour)s accepted that fit no better",
                **counts,
            )
        case RefusalReason.NO_CAPACITY:
            text = _(
                "%(points)s for capacity: %(against)s refused for it although at least as much could be"
                " taken, %(in_favour)s accepted where no more could be",
                **counts,
            )
        case _:
            text = _(
                "%(points)s for the price: %(against)s of this family refused for it,"
                " %(in_favour)s accepted",
                **counts,
            )
    return str(text)


@bp.get("/learning")
@BROKER
def plan_learning() -> ResponseReturnValue:
    with reading() as session:
        points, point = _points(session)
        known = evidence(session, [point.id], now=now())[point.id] if point else None
        taught = lessons(known) if known else []
        moved = (
            queries.most_corrected(session, point.id, actor=actor(), most=SHOWN) if point else []
        )
        return render_template(
            "broker/learning.html",
            points=points,
            point=point,
            decided=len(known) if known else 0,
            groups=[
                (
                    reason_name(reason),
                    [(one, _words(one)) for one in taught if one.reason is reason],
                )
                for reason in REASONS
            ],
            taught=bool(taught),
            moved=moved,
            learned=learned(session, moved),
            most=MOST,
            bound=BOUND,
        )


def _points(session: Session) -> tuple[list[ServicePoint], ServicePoint | None]:
    """Return the service points whose desk the visitor may see, and the one that is asked for."""
    who = actor()
    mine = [point for point in accounts.service_points(session) if who.brokers_for(point.id)]
    wanted = whole(request.args.get("point", "")) or who.service_point_id
    return mine, next((p for p in mine if p.id == wanted), mine[0] if mine else None)


def _words(lesson: Lesson) -> tuple[str, str]:
    """Return what the lesson rests on, and what it does."""
    refused = ngettext("one refusal", "%(num)s refusals", lesson.refused)
    accepted = ngettext("one acceptance", "%(num)s acceptances", lesson.accepted)
    effect = [_begin(lesson)]
    if lesson.last != lesson.first:
        effect.append(_end(lesson))
    return _("%(refused)s, %(accepted)s", refused=refused, accepted=accepted), "; ".join(effect)


def _begin(lesson: Lesson) -> str:
    points = fixed(lesson.first_points)
    family = family_name(lesson.family, language()) or _("without a family")
    match lesson.reason:
        case RefusalReason.DISTANCE:
            return _("%(points)s points from %(km)s km on", points=points, km=fixed(lesson.first))
        case RefusalReason.QUALITY:
            fit = fixed(lesson.first, 2)
            return _("%(family)s: %(points)s points from a fit of %(fit)s down",
                     family=family, points=points, fit=fit)  # fmt: skip
        case RefusalReason.NO_CAPACITY:
            percent = number(100 * lesson.first)
            return _("%(points)s points where at most %(percent)s %% of the monthly amount can be taken",
                     points=points, percent=percent)  # fmt: skip
        case _:
            return _("%(family)s: %(points)s points for each listing", family=family, points=points)


def _end(lesson: Lesson) -> str:
    points = fixed(lesson.last_points)
    match lesson.reason:
        case RefusalReason.DISTANCE:
            km = fixed(lesson.last)
            return _("%(points)s at %(km)s km, the farthest that was decided", points=points, km=km)
        case RefusalReason.NO_CAPACITY:
            percent = number(100 * lesson.last)
            return _("%(points)s at %(percent)s %%, the least that was decided",
                     points=points, percent=percent)  # fmt: skip
        case _:
            fit = fixed(lesson.last, 2)
            return _("%(points)s at %(fit)s, the lowest that was decided", points=points, fit=fit)


@bp.post("/learning")
@BROKER
def switch() -> ResponseReturnValue:
    """Let a service point learn from its refusals, or no longer; without a clear answer, neither."""
    wanted, answer = whole(request.form.get("point", "")), request.form.get("learns")
    if wanted is None or answer not in ("yes", "no"):
        flash(_("Please choose one of the options."), "no")
        return redirect(url_for(".plan_learning"))
    with transaction() as session:
        point = accounts.service_point(session, wanted)
        require(actor().brokers_for(point.id))
        switch_learning(session, point, answer == "yes", actor=actor(), now=now())
    if answer == "yes":
        flash(_("Refusals move the order at the desk again."), "yes")
    else:
        flash(_("Refusals no longer move anything at the desk."), "yes")
    return redirect(url_for(".plan_learning", point=wanted))
