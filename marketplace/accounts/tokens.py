"""Links in mails: signed, dated, for one purpose, and worthless once what they rest on changed."""

import hashlib
from datetime import datetime, timedelta
from enum import Enum

from itsdangerous import BadData, URLSafeTimedSerializer

from marketplace.accounts.models import Invitation, User


class Purpose(Enum):
    """What a link is for; the value is how long it lasts."""

    CONFIRM = timedelta(days=7)
    RESET = timedelta(hours=2)
    INVITATION = timedelta(days=30)


def fingerprint(thing: User | Invitation) -> str:
    """Return a digest that is another one once the link must no longer work."""
    if isinstance(thing, User):
        basis = f"{thing.password_hash}:{thing.epoch}"
    else:
        basis = f"{thing.email}:{thing.invited_at.isoformat()}"
    return hashlib.sha256(basis.encode()).hexdigest()[:24]


def _serializer(purpose: Purpose, secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=f"sopro-{purpose.name.lower()}")


def issue(purpose: Purpose, thing: User | Invitation, *, secret: str) -> str:
    """Return the token for a link."""
    token = _serializer(purpose, secret).dumps([thing.id, fingerprint(thing)])
    return token if isinstance(token, str) else token.decode()


def opened(purpose: Purpose, token: str, *, secret: str, now: datetime) -> tuple[int, str] | None:
    """Return key and fingerprint of what the token was made for; None if forged or too old."""
    try:
        payload, signed_at = _serializer(purpose, secret).loads(token, return_timestamp=True)
        key, digest = payload
    except (BadData, ValueError, TypeError):
        return None
    if not isinstance(key, int) or not isinstance(digest, str):
        return None
    return (key, digest) if now - signed_at <= purpose.value else None
