"""Handing a mail to the mail server named by a URL such as ``smtp://user:pass@host:587?starttls=1``.

``smtps://`` speaks TLS from the first byte; ``starttls=1`` asks for it before anything is said.
"""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from marketplace.notifications.models import Mail

PATIENCE_SECONDS = 20.0


class NotTaken(Exception):
    """The mail server did not take the mail, but may do so later."""


class Away(NotTaken):
    """The mail server is not to be reached, so that no other mail would go either."""


class Refused(Exception):
    """The mail server will never take this mail."""


@dataclass(frozen=True)
class Server:
    """Where mails are handed over, and how."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False

    @classmethod
    def of(cls, url: str) -> "Server":
        """Read the URL; raise ``ValueError`` where it names no mail server."""
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("SMTP_URL must look like smtp://host:587?starttls=1")
        tls = parts.scheme == "smtps"
        starttls = parse_qs(parts.query).get("starttls", ["0"])[0] not in {"0", "", "no", "false"}
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if tls else 587 if starttls else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=tls,
            starttls=starttls and not tls,
        )


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """Return the mail as it goes over the wire, in plain text and HTML.

    Its Message-ID is the same at each try, so that a mail sent twice is shown once.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(mail.subject.split())
    message["From"] = _from(sender, mail.sender_name)
    message["To"] = mail.recipient
    message["Date"] = format_datetime(mail.created_at)
    fields = {
        "Message-ID": f"<{message_key(mail.id, mail.created_at)}@{domain_of(sender)}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": mail.language,
    }
    for name, value in (fields | mail.headers).items():
        message[name] = value
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message


def message_key(mail_id: int, at: datetime) -> str:
    """Return what tells one mail from every other."""
    return f"{mail_id}.{int(at.timestamp() * 1000)}"


def domain_of(sender: str) -> str:
    """Return the domain of an address, with or without a name before it."""
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _from(sender: str, name: str) -> str | Address:
    """Return our own address, under the name of whoever writes through us."""
    ours = parseaddr(sender)[1]
    return Address(f"{name} (SoPro)", addr_spec=ours) if name and ours else sender


def send(mail: Mail, *, url: str, sender: str) -> None:
    """Hand the mail over; raise ``NotTaken`` to try again later, ``Refused`` to give it up.

    ``Away`` is the ``NotTaken`` that holds for every mail.
    """
    try:
        message = message_of(mail, sender)
    except ValueError as error:
        raise Refused(str(error)) from error
    try:
        connection = _connected(Server.of(url))
    except (OSError, ValueError, smtplib.SMTPException) as error:
        raise Away(str(error)) from error
    try:
        with connection:
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise (Refused if all(code >= 500 for code in codes) else NotTaken)(str(error)) from error
    except smtplib.SMTPDataError as error:
        raise (Refused if error.smtp_code >= 500 else NotTaken)(str(error)) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(str(error)) from error
    except (OSError, ValueError, smtplib.SMTPException) as error:
        raise NotTaken(str(error)) from error


def _connected(server: Server) -> smtplib.SMTP:
    """Return a connection that may send at once."""
    connection = _opened(server)
    try:
        if server.starttls:
            connection.starttls(context=ssl.create_default_context())
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _opened(server: Server) -> smtplib.SMTP:
    if not server.tls:
        return smtplib.SMTP(server.host, server.port, timeout=PATIENCE_SECONDS)
    safe = ssl.create_default_context()
    return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE_SECONDS, context=safe)
