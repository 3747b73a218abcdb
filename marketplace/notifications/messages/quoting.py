"""What somebody really wrote in an answer by mail, without what they answered to or a signature."""

import re

MARK = re.compile(r"##-.*-##")
ATTRIBUTIONS = (
    re.compile(r"^On\b.{4,300}\bwrote:\s*$"),
    re.compile(r"^(Am|Den|Vom)\b.{4,300}\bschrieb\b.{0,200}:\s*$"),
    re.compile(r"^.{0,300}\bschrieb am\b.{4,200}:\s*$"),
    re.compile(r"^.{4,300}\b(ezt )?írta\b(\s*\(.{4,200}\))?:\s*$"),
)
HEADS = re.compile(
    r"^\s*-{2,}\s*(Original Message|Ursprüngliche Nachricht|Originalnachricht|Eredeti üzenet)\s*-{2,}"
    r"|^_{20,}\s*$",
    re.IGNORECASE,
)
FROM_LINE = re.compile(r"^\W{0,3}(From|Von|Feladó)\W{0,3}:", re.IGNORECASE)
SENT_LINE = re.compile(
    r"^\W{0,3}(Sent|Date|Gesendet|Datum|Elküldve|Dátum|Küldve)\W{0,3}:", re.IGNORECASE
)
SIGNATURE = re.compile(r"^--\s?$")
DEVICE = re.compile(
    r"^(Sent from my |Get Outlook for |Von meinem .{2,40} gesendet|Gesendet mit |Gesendet von "
    r"|Elküldve .{2,40}-?(ról|ről|ból|ből)\b|Az én .{2,40} küldve)",
    re.IGNORECASE,
)
MOST_LINES_OF_ATTRIBUTION = 3


def own_words(text: str) -> str:
    """Return the part of a mail that its sender has just written; empty where there is none.

    Answers above, below and between what is quoted are understood in German, Hungarian and English.
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    above = _without_signature(lines[: _end_of_answer(lines)])
    if any(line.strip() for line in above):
        return _trimmed(_without_last_quote(above))
    below = [line for line in lines[_end_of_answer(lines) :] if not line.startswith(">")]
    if any(line.startswith(">") for line in lines):
        return _trimmed(_without_signature(_after_attribution(below)))
    return ""


def _end_of_answer(lines: list[str]) -> int:
    """Return the number of the first line that repeats an earlier mail."""
    for number, line in enumerate(lines):
        if _begins_attribution(lines, number) or HEADS.match(line) or MARK.search(line):
            return number
        following = lines[number + 1 : number + 4]
        if FROM_LINE.match(line) and any(SENT_LINE.match(other) for other in following):
            return number
    return len(lines)


def _begins_attribution(lines: list[str], number: int) -> int:
    """Return over how many lines "somebody wrote:" goes from here, 0 where it does not begin here."""
    if not lines[number].strip() or lines[number].startswith(">"):
        return 0
    joined = ""
    for count, line in enumerate(lines[number : number + MOST_LINES_OF_ATTRIBUTION], start=1):
        if not line.strip():
            return 0
        joined = f"{joined} {line.strip()}".strip()
        if any(pattern.match(joined) for pattern in ATTRIBUTIONS):
            return count
    return 0


def _after_attribution(lines: list[str]) -> list[str]:
    if not lines:
        return []
    rest = lines[_begins_attribution(lines, 0) :]
    return [line for line in rest if not MARK.search(line)]


def _without_signature(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if SIGNATURE.match(line) or DEVICE.match(line.strip()):
            return lines[:number]
    return lines


def _without_last_quote(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith(">")):
        end -= 1
    return lines[:end]


def _trimmed(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
