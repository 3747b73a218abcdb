"""Handing a mail to the mail server named by a URL such as ``smtp://user:pass@host:587?starttls=1``.

``smtps://`` speaks TLS from the first byte; ``starttls=1`` asks for it before anything is said.
"""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from marketplace.notifications.models import Mail

PATIENCE_SECONDS = 20.0


class NotTaken(Exception):
    """The mail server is away or asks to try again later."""


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
    message = EmailMessage()
    message["Subject"] = " ".join(mail.subject.split())
    message["From"] = sender
    message["To"] = mail.recipient
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{message_key(mail.id, mail.created_at)}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = mail.language
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message


def message_key(mail_id: int, at: datetime) -> str:
    """Return what tells one mail from every other."""
    return f"{mail_id}.{int(at.timestamp() * 1000)}"


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def send(mail: Mail, *, url: str, sender: str) -> None:
    """Hand the mail over; raise ``NotTaken`` to try again later, ``Refused`` to give it up."""
    try:
        server = Server.of(url)
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message_of(mail, sender))
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise (Refused if all(code >= 500 for code in codes) else NotTaken)(str(error)) from error
    except smtplib.SMTPDataError as error:
        raise (Refused if error.smtp_code >= 500 else NotTaken)(str(error)) from error
    except (OSError, ValueError, smtplib.SMTPException) as error:
        raise NotTaken(str(error)) from error


def _connected(server: Server) -> smtplib.SMTP:
    safe = ssl.create_default_context()
    if server.tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE_SECONDS, context=safe)
    connection = smtplib.SMTP(server.host, server.port, timeout=PATIENCE_SECONDS)
    if server.starttls:
        try:
            connection.starttls(context=safe)
        except BaseException:
            connection.close()
            raise
    return connection
