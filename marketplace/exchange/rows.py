"""What reading a file of organisations, listings or capabilities has in common."""

import math
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.core.errors import Invalid, Problem
from marketplace.core.storage import Storage
from marketplace.exchange.cells import Cells
from marketplace.exchange.columns import COLUMNS, PLACE, Content
from marketplace.exchange.numbers import Spelling
from marketplace.exchange.places import Geocoder
from marketplace.exchange.reading import Row, Table
from marketplace.exchange.writing import Record, text
from marketplace.taxonomy.tables import Branch
from marketplace.vocabulary import words

Thing = TypeVar("Thing")
Plan = TypeVar("Plan")
MOST_REF = 60
CHUNK = 500


class Outcome(Enum):
    CREATED = auto()
    CHANGED = auto()
    UNCHANGED = auto()


@dataclass(frozen=True)
class Circumstances:
    """What a run knows besides the file. ``language`` is the reader's, for suggestions."""

    now: datetime
    today: date
    secret: bytes
    language: str = "de"
    storage: Storage | None = None
    listing_days: int = 90


@dataclass
class Remarks:
    """What a row's reader should know though the row is stored: line and problem."""

    found: list[tuple[int, Problem]] = field(default_factory=list)

    def add(self, line: int, column: str, code: str, **params: object) -> None:
        self.found.append((line, Problem(column, code, params)))


class Rows(ABC, Generic[Thing, Plan]):
    """Turns rows into drafts, tells new from known, stores what differs.

    A column that the file does not have keeps its value; an empty cell of one that it has is empty.
    """

    content: ClassVar[Content]
    key: ClassVar[str]
    needed: ClassVar[tuple[str, ...]]
    numbers: ClassVar[tuple[str, ...]]
    renamed: ClassVar[dict[str, str]] = {}

    def __init__(
        self, session: Session, table: Table, spelling: Spelling, around: Circumstances
    ) -> None:
        self.session = session
        self.columns = set(table.columns)
        self.folder: Path = table.folder
        self.spelling = spelling
        self.around = around
        self.geocoder = Geocoder(around.secret)
        self.remarks = Remarks()
        self.known: dict[Hashable, Thing] = {}
        self.own = {
            "material": words.own(session, Branch.MATERIALS),
            "technique": words.own(session, Branch.TECHNIQUES),
        }

    @abstractmethod
    def prepare(self, rows: Sequence[Row]) -> None:
        """Load what the database knows of these rows, in few statements."""

    @abstractmethod
    def key_of(self, row: Row) -> Hashable:
        """Return what makes a row the same thing as one stored or read before."""

    @abstractmethod
    def record(self, thing: Thing) -> Record:
        """Return a stored thing as values by column."""

    @abstractmethod
    def read(self, cells: Cells, row: Row, thing: Thing | None) -> Plan:
        """Return what the row asks for; what is wrong goes to ``cells`` or is raised."""

    @abstractmethod
    def store(self, plan: Plan, key: Hashable) -> Outcome:
        """Create or change a thing where it differs from the plan."""

    def plan(self, row: Row) -> Plan:
        """Check a row. Raises ``Invalid`` with all that is wrong with it, by column."""
        thing = self.known.get(self.key_of(row))
        cells = Cells(self._completed(row, thing), self.spelling, self.around.language, self.own)
        cells.needed(self.key, MOST_REF)
        if row.too_long:
            cells.blame(self.key, "row_too_long")
        try:
            plan = self.read(cells, row, thing)
        except Invalid as refusal:
            more = [self.by_column(problem) for problem in refusal.problems]
            known = list(cells.problems)
            raise Invalid([*known, *(p for p in more if p not in known)]) from None
        cells.refuse()
        return plan

    def _completed(self, row: Row, thing: Thing | None) -> dict[str, str]:
        if thing is None:
            return row.cells
        record = self.record(thing)
        missing = [c for c in COLUMNS[self.content] if c not in self.columns]
        if self.columns.intersection(PLACE):
            missing = [c for c in missing if c not in PLACE]
        # The stored numbers are written with a point; a file with commas would misread them.
        sign = self.spelling.decimal or "."
        stored = {c: text(record.get(c)) for c in missing}
        for column in {"lat", "lon", *self.numbers} & stored.keys():
            stored[column] = _spelt(stored[column], sign)
        return stored | row.cells

    def by_column(self, problem: Problem) -> Problem:
        """Return a draft's problem with the column in place of the draft's field."""
        column = self.renamed.get(problem.field, problem.field)
        return Problem(column, problem.code, problem.params)


def _spelt(number: str, sign: str) -> str:
    """Write a number so that no spelling reads it otherwise: with more than three decimals."""
    whole, _, decimals = number.partition(".")
    return f"{whole}{sign}{decimals.ljust(4, '0')}" if decimals else number


def alike(stored: object, given: object) -> bool:
    """Tell whether two values are the same, for figures within what a spreadsheet keeps of them."""
    if isinstance(stored, float) and isinstance(given, (int, float)):
        return math.isclose(stored, given, rel_tol=1e-13)
    return stored == given


def organisations_by_ref(session: Session, refs: set[str]) -> dict[str, Organisation]:
    """Return the organisations with these references."""
    found: dict[str, Organisation] = {}
    for part in parts(sorted(refs)):
        for organisation in session.scalars(select(Organisation).where(Organisation.ref.in_(part))):
            found[organisation.ref] = organisation
    return found


def parts(items: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """Return the items in runs of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def own_language(organisation: Organisation) -> str:
    """Return the language in which an organisation most likely writes."""
    if organisation.languages:
        return organisation.languages[0]
    return "hu" if organisation.country == "HU" else "de"
