"""How often a password may be tried, by connection and by e-mail address."""

from flask import abort, current_app, request
from flask_limiter import Limiter
from limits import parse_many


def count(what: str, email: str) -> None:
    """Count one attempt; stop with 429 where there were too many from here or for this address."""
    attempts: Limiter = current_app.extensions["attempts"]
    if not attempts.enabled:
        return
    keys = (f"from {request.remote_addr}", f"for {email.strip().lower()[:254]}")
    for limit in parse_many(current_app.config["SIGN_IN_LIMIT"]):
        left = [attempts.limiter.hit(limit, what, key) for key in keys]
        if not all(left):
            abort(429)
