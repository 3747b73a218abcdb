"""Reading a mail that came in: whose thread it answers, who sent it, what it says, what it carries."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr
from html.parser import HTMLParser

from marketplace.notifications.messages.quoting import own_words

ADDRESSED = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
TOKEN = re.compile(r"^reply\+([0-9a-f]{32})@", re.IGNORECASE)
SECRET = re.compile(r"reply\+[0-9a-f]{32}@[\w.-]+|\S*/unsubscribe/\S+", re.IGNORECASE)
BULK = {"bulk", "junk", "list", "auto_reply"}
LOGO_BYTES = 20_000
MOST_ID = 250
DROPPED = {"head", "style", "script", "title", "blockquote"}
BREAKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3"}


@dataclass(frozen=True)
class Received:
    """A mail as we read it. ``tokens`` are those of our answer addresses that it went to.

    ``automatic``: no person wrote it (a bounce, an absence note, a list, or our own mail come back).
    """

    mail_id: str
    sender: str
    tokens: list[str]
    automatic: bool
    text: str
    files: list[tuple[str, bytes]] = field(default_factory=list)


def read(raw: bytes, *, domain: str, own_address: str) -> Received:
    """Read a mail; ``domain`` is that of our answer addresses, ``own_address`` the one we send from.

    Whatever is broken in it is left out; this will not raise for any bytes. Our own answer addresses and
    links that unsubscribe are taken out of the text: they are for nobody but the sender.
    """
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(mail, EmailMessage)
    sender = parseaddr(_field(mail, "From"))[1].lower()
    return Received(
        mail_id=_mail_id(mail, raw),
        sender=sender,
        tokens=_tokens(mail, domain),
        automatic=_automatic(mail) or sender == parseaddr(own_address)[1].lower(),
        text=SECRET.sub("", own_words(_text(mail))),
        files=list(_files(mail)),
    )


def _field(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name, ""))
    except Exception:  # the parser raises what it likes on broken fields
        return ""


def _fields(mail: EmailMessage, name: str) -> list[str]:
    try:
        return [str(value) for value in mail.get_all(name, [])]
    except Exception:  # as above
        return []


def _mail_id(mail: EmailMessage, raw: bytes) -> str:
    """Return the Message-ID, or where there is no usable one what stands for these bytes."""
    said = _field(mail, "Message-ID").strip()
    if 3 <= len(said) <= MOST_ID and said.isprintable() and " " not in said:
        return said
    return f"<{hashlib.sha256(raw).hexdigest()}@unnamed>"


def _tokens(mail: EmailMessage, domain: str) -> list[str]:
    values = [value for name in ADDRESSED for value in _fields(mail, name)]
    found = []
    for _name, address in getaddresses(values):
        match = TOKEN.match(address)
        if match and address.rpartition("@")[2].lower() == domain.lower():
            found.append(match[1].lower())
    return list(dict.fromkeys(found))


def _automatic(mail: EmailMessage) -> bool:
    submitted = _field(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    returned = [value.strip() for value in _fields(mail, "Return-Path")]
    return (
        submitted not in {"", "no"}
        or _field(mail, "Precedence").strip().lower() in BULK
        or "<>" in returned
        or mail.get_content_type() == "multipart/report"
        or any(mail.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
    )


def _text(mail: EmailMessage) -> str:
    plain = _body(mail, "plain")
    if plain is not None:
        return _decoded(plain)
    html = _body(mail, "html")
    return text_of(_decoded(html)) if html is not None else ""


def _body(mail: EmailMessage, kind: str) -> EmailMessage | None:
    try:
        found = mail.get_body(preferencelist=(kind,))
    except Exception:  # a broken structure has no body
        return None
    return found if isinstance(found, EmailMessage) else None


def _decoded(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _files(mail: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of what is attached; small pictures within the text are signatures."""
    for number, part in enumerate(mail.walk(), start=1):
        name = part.get_filename()
        if part.is_multipart() or (not name and part.get_content_disposition() != "attachment"):
            continue
        data = part.get_payload(decode=True)
        inline = part.get_content_disposition() == "inline" and part.get("Content-ID") is not None
        if isinstance(data, bytes) and data and not (inline and len(data) < LOGO_BYTES):
            yield name or f"{number}.{part.get_content_subtype()}", data


class _Words(HTMLParser):
    """Gathers the text of a page, without what is quoted in it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.dropped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED:
            self.dropped += 1
        elif tag in BREAKS and not self.dropped:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED:
            self.dropped = max(0, self.dropped - 1)
        elif tag == "p" and not self.dropped:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.dropped:
            self.said.append(re.sub(r"\s+", " ", data))


def text_of(html: str) -> str:
    """Return what a mail in HTML says, as plain text."""
    words = _Words()
    words.feed(html)
    words.close()
    return "\n".join(line.strip() for line in "".join(words.said).split("\n"))
