"""``flask seal``: checking signed certificates, also where there is no network and no database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _

from marketplace.cli.terminal import speaking
from marketplace.core.db import reading
from marketplace.seals import catalogue, signing
from marketplace.seals.signing import Check, Signer, Unreadable

EXIT = {
    Check.GENUINE: 0,
    Check.ALTERED: 3,
    Check.UNKNOWN_KEY: 4,
    Check.REVOKED: 5,
    Check.EXPIRED: 6,
    Check.UNREADABLE: 7,
    Check.UPCOMING: 8,
}
"""1 and 2 are the shell's and Click's own."""
PATH = click.Path(exists=True, dir_okay=False, path_type=Path)

seal = AppGroup("seal", help="Signed certificates of the seal.")


@seal.command("verify")
@click.argument("file", type=PATH)
@click.option("--key", type=PATH, help="The published keys.json; without it, this site's own.")
@click.option("--revocations", type=PATH, help="The published revocations.json.")
@speaking
def verify(file: Path, key: Path | None, revocations: Path | None) -> None:
    """Tell whether FILE is a genuine certificate.

    Exit codes: 0 genuine and valid, 3 altered, 4 unknown key, 5 suspended or withdrawn, 6 expired,
    7 unreadable, 8 genuine but valid only from a later day.
    """
    try:
        document = signing.read(file.read_bytes())
        keys = signing.keys_of(key.read_bytes()) if key else _own_keys()
        revoked, as_of = _revoked(revocations, keys, offline=key is not None)
    except Unreadable:
        _end(Check.UNREADABLE, _("This cannot be read as what it should be."))
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    today = datetime.now(zone).date().isoformat()
    found = signing.check(document, keys, today=today, revoked=revoked)
    content = document["content"]
    said = {
        Check.GENUINE: _("Genuine: %(number)s, %(product)s, valid until %(day)s."),
        Check.ALTERED: _("Altered or forged: the signature does not fit what it says."),
        Check.UNKNOWN_KEY: _("Unknown key: nobody we know signed this."),
        Check.REVOKED: _("Genuine, but suspended or withdrawn: %(number)s, %(product)s."),
        Check.UPCOMING: _("Genuine, but not valid yet: %(number)s, valid from %(first_day)s."),
        Check.EXPIRED: _("Genuine, but expired: %(number)s was valid until %(day)s."),
        Check.UNREADABLE: _("This is not a certificate."),
    }[found]
    if found in signing.AUTHENTIC:
        click.echo(
            as_of or _("Not checked: whether it was withdrawn. Give --revocations for that."),
            err=True,
        )
        said %= {
            "number": content["number"],
            "product": content["product"],
            "first_day": content["valid_from"],
            "day": content["valid_until"],
        }
    _end(found, said)


def _own_keys() -> dict[str, str]:
    signer = Signer.of(current_app.config["SEAL_SIGNING_KEY"])
    with reading(current_app.extensions["sessions"]) as session:
        return catalogue.keys(session, signer)


def _revoked(
    file: Path | None, keys: dict[str, str], *, offline: bool
) -> tuple[dict[str, dict[str, str]], str]:
    """Return the revoked by number, and as of when that was so; nothing where nobody can tell."""
    if file is not None:
        listed = signing.read(file.read_bytes())
    elif offline:
        return {}, ""
    else:
        signer = Signer.of(current_app.config["SEAL_SIGNING_KEY"])
        with reading(current_app.extensions["sessions"]) as session:
            listed = catalogue.revocations(session, signer, now=datetime.now(UTC))
    revoked = signing.revoked_of(listed, keys)
    return revoked, _("Withdrawals as of %(moment)s.", moment=listed["content"]["as_of"])


def _end(found: Check, said: str) -> NoReturn:
    click.echo(said, err=found is not Check.GENUINE)
    raise SystemExit(EXIT[found])


@seal.command("keys")
@speaking
def keys() -> None:
    """Print the public keys, one a line: name and base64."""
    for name, public in _own_keys().items():
        click.echo(f"{name} {public}")


commands = [seal]
