"""Files that calendars read: iCalendar, RFC 5545."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LINE = 75
PRODUCT = "-//SoPro//Marketplace//EN"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What stands in a calendar; ``begins`` is a moment, or a day that it takes whole.

    ``organiser`` is a name and a mail address, perhaps empty. Moments are written in UTC, which every
    calendar turns into its own time.
    """

    uid: str
    begins: datetime | date
    title: str
    minutes: int = 0
    text: str = ""
    place: str = ""
    url: str = ""
    organiser: tuple[str, str] = ("", "")
    sequence: int = 0
    cancelled: bool = False


def calendar(entries: Iterable[Entry], *, now: datetime, name: str = "") -> str:
    """Return an iCalendar file that calendars take over or subscribe to (METHOD:PUBLISH)."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        *([f"X-WR-CALNAME:{_text(name)}"] if name else []),
        *(line for entry in entries for line in _event(entry, now)),
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + "\r\n" for line in lines)


def _event(entry: Entry, now: datetime) -> list[str]:
    name, email = entry.organiser
    return [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTAMP:{_utc(now)}",
        *_times(entry),
        f"SUMMARY:{_text(entry.title)}",
        *([f"DESCRIPTION:{_text(entry.text)}"] if entry.text else []),
        *([f"LOCATION:{_text(entry.place)}"] if entry.place else []),
        *([f"URL:{entry.url}"] if entry.url else []),
        *([f"ORGANIZER;CN={_parameter(name)}:mailto:{email}"] if email else []),
        f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}",
        "END:VEVENT",
    ]


def _times(entry: Entry) -> list[str]:
    begins = entry.begins
    if isinstance(begins, datetime):
        return [
            f"DTSTART:{_utc(begins)}",
            f"DTEND:{_utc(begins + timedelta(minutes=entry.minutes))}",
        ]
    return [f"DTSTART;VALUE=DATE:{begins:%Y%m%d}", "TRANSP:TRANSPARENT"]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(sign, written)
    return value


def _parameter(value: str) -> str:
    return '"' + value.replace('"', "'").replace("\n", " ") + '"'


def _folded(line: str) -> str:
    """Break a line after at most 75 octets, never inside a character."""
    parts, size = [""], 0
    for sign in line:
        width = len(sign.encode())
        if size + width > LINE:
            parts.append(" ")
            size = 1
        parts[-1] += sign
        size += width
    return "\r\n".join(parts)
