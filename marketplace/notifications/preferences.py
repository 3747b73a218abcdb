"""How soon people want to hear of what, and the links by which they stop mails without signing in."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.notifications.models import Frequency, Group, Preference

DIGEST_HOUR = 7
DEFAULTS: dict[Group, Frequency] = {
    Group.MESSAGES: Frequency.AT_ONCE,
    Group.PROPOSALS: Frequency.DAILY,
    Group.LISTINGS: Frequency.AT_ONCE,
    Group.ORDERS: Frequency.AT_ONCE,
    Group.CASES: Frequency.AT_ONCE,
    Group.SEARCHES: Frequency.DAILY,
    Group.SEALS: Frequency.AT_ONCE,
    Group.CLUSTER: Frequency.AT_ONCE,
    Group.ACCOUNT: Frequency.AT_ONCE,
}


def of(session: Session, user_id: int) -> dict[Group, Frequency]:
    """Return how soon a person wants to hear of each group."""
    mine = select(Preference).where(Preference.user_id == user_id)
    return DEFAULTS | {row.group: row.frequency for row in session.scalars(mine)}


def choose(session: Session, user_id: int, chosen: Mapping[Group, Frequency]) -> None:
    """Store how soon a person wants to hear of these groups from now on."""
    known = select(Preference).where(Preference.user_id == user_id)
    rows = {row.group: row for row in session.scalars(known)}
    for group, frequency in chosen.items():
        if group in rows:
            rows[group].frequency = frequency
        else:
            session.add(Preference(user_id=user_id, group=group, frequency=frequency))
    session.flush()


def stop(session: Session, user_id: int, groups: Sequence[Group]) -> None:
    """Send no more mails of these groups."""
    if session.get(User, user_id) is not None:
        choose(session, user_id, dict.fromkeys(groups, Frequency.NEVER))


def next_digest(frequency: Frequency, *, now: datetime, zone: str) -> datetime:
    """Return when the next gathered mail goes: at seven there, weekly ones on Mondays."""
    here = ZoneInfo(zone)
    day = now.astimezone(here).date()
    while True:
        moment = datetime.combine(day, time(DIGEST_HOUR), here)
        if moment > now and (frequency is not Frequency.WEEKLY or day.weekday() == 0):
            return moment
        day += timedelta(days=1)


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="sopro-unsubscribe")


def stop_token(user_id: int, groups: Sequence[Group], *, secret: str) -> str:
    """Return what a link carries that stops the mails of some groups; it does not grow old."""
    token = _serializer(secret).dumps([user_id, *(group.value for group in groups)])
    return token if isinstance(token, str) else token.decode()


def opened(token: str, *, secret: str) -> tuple[int, list[Group]] | None:
    """Return whose mails of which groups a link stops; None where it is none of ours."""
    try:
        user_id, *groups = _serializer(secret).loads(token)
        return int(user_id), [Group(group) for group in groups]
    except (BadData, ValueError, TypeError):
        return None
