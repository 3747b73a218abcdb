"""Where mails come in: a maildir (``maildir:///var/mail/sopro``) or an IMAP folder.

``imaps://user:password@host/INBOX`` speaks TLS from the first byte, ``imap://`` does not.
"""

import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

MOST_BYTES = 15 * 1024 * 1024
MOST_AT_ONCE = 200
PATIENCE_SECONDS = 20.0
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class Unreachable(Exception):
    """The mailbox cannot be read now."""


@dataclass(frozen=True)
class Waiting:
    """A mail that came in: its name in the box, its bytes; None where it is above ``MOST_BYTES``."""

    name: str
    raw: bytes | None


class Box(Protocol):
    """Mails that nobody has taken yet."""

    def waiting(self) -> Iterator[Waiting]: ...
    def taken(self, name: str) -> None: ...


class Maildir:
    """A maildir: what came in lies in ``new``, what was taken in ``cur``, marked as seen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)

    def waiting(self) -> Iterator[Waiting]:
        """Yield what came in, oldest name first."""
        for path in sorted((self._folder / "new").iterdir())[:MOST_AT_ONCE]:
            with suppress(FileNotFoundError):
                small = path.stat().st_size <= MOST_BYTES
                yield Waiting(path.name, path.read_bytes() if small else None)

    def taken(self, name: str) -> None:
        """Put a mail to those that were taken."""
        with suppress(FileNotFoundError):
            (self._folder / "new" / name).rename(self._folder / "cur" / f"{name}:2,S")


class Imap:
    """A folder of an IMAP server: what came in is unseen, what was taken is seen."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def waiting(self) -> Iterator[Waiting]:
        """Yield what is unseen, oldest first."""
        _ok, found = self._connection.uid("SEARCH", "UNSEEN")
        for name in (found[0] or b"").decode().split()[:MOST_AT_ONCE]:
            _ok, described = self._connection.uid("FETCH", name, "(RFC822.SIZE)")
            size = SIZE.search(b" ".join(part for part in described if isinstance(part, bytes)))
            if size is not None and int(size[1]) > MOST_BYTES:
                yield Waiting(name, None)
                continue
            _ok, parts = self._connection.uid("FETCH", name, "(BODY.PEEK[])")
            bodies = [part[1] for part in parts if isinstance(part, tuple)]
            if bodies:
                yield Waiting(name, bodies[0])

    def taken(self, name: str) -> None:
        """Mark a mail as seen."""
        self._connection.uid("STORE", name, "+FLAGS", "(\\Seen)")


@contextmanager
def opened(url: str) -> Iterator[Box]:
    """Open the box that the URL names; raise ``Unreachable`` where that, or reading it, fails."""
    parts = urlsplit(url)
    try:
        if parts.scheme == "maildir":
            yield Maildir(Path(unquote(parts.path)))
        elif parts.scheme in {"imap", "imaps"} and parts.hostname:
            kind = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
            port = parts.port or (993 if parts.scheme == "imaps" else 143)
            with kind(parts.hostname, port, timeout=PATIENCE_SECONDS) as connection:
                connection.login(unquote(parts.username or ""), unquote(parts.password or ""))
                connection.select(f'"{unquote(parts.path).strip("/") or "INBOX"}"')
                yield Imap(connection)
        else:
            raise ValueError("INCOMING_URL must look like imaps://user:password@host/INBOX")
    except (OSError, ValueError, imaplib.IMAP4.error) as error:
        raise Unreachable(str(error)) from error
