"""Editions of the trees, and which one is in force in this process.

An edition is the release with some entries laid over it: edition 0 is the release itself. A code is
permanent: later editions retire nodes, they never lose or move one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import Any

from marketplace.taxonomy.factors import factors
from marketplace.taxonomy.tables import Branch, Entry, released
from marketplace.taxonomy.tree import Material, Node, Technique, Tree

Entries = Mapping[str, Entry]


@dataclass(frozen=True, eq=False)
class Edition:
    """Both trees as one edition has them, and the entries that they are made of, by code."""

    number: int
    entries: Mapping[Branch, Entries]
    materials: Tree[Material]
    techniques: Tree[Technique]

    @classmethod
    def of(cls, number: int, changes: Iterable[tuple[Branch, Entry]] = ()) -> "Edition":
        """Lay entries over the release; UnknownCode where one has no parent."""
        entries = {branch: dict(released(branch)) for branch in Branch}
        for branch, entry in changes:
            entries[branch][entry.code] = entry
        substances, skills = entries[Branch.MATERIALS], entries[Branch.TECHNIQUES]
        return cls(
            number,
            entries,
            Tree(_material(entry, substances) for entry in substances.values()),
            Tree(_technique(entry) for entry in skills.values()),
        )

    def tree(self, branch: Branch) -> Tree[Any]:
        """One of the two trees."""
        return self.materials if branch is Branch.MATERIALS else self.techniques


@dataclass(frozen=True)
class Difference:
    """A node of which two editions say different things; None where an edition does not have it."""

    branch: Branch
    code: str
    before: Entry | None
    after: Entry | None

    @property
    def fields(self) -> list[str]:
        """What differs, by the names of an entry's fields."""
        names = [f.name for f in fields(Entry) if f.name not in {"code", "photo"}]
        return [n for n in names if getattr(self.before, n, None) != getattr(self.after, n, None)]


def differences(before: Edition, after: Edition) -> list[Difference]:
    """What two editions say differently, materials first, in the order of the codes."""
    found = []
    for branch in Branch:
        old, new = before.entries[branch], after.entries[branch]
        for code in sorted(old.keys() | new.keys()):
            if old.get(code) != new.get(code):
                found.append(Difference(branch, code, old.get(code), new.get(code)))
    return found


def in_force() -> Edition:
    """The edition that this thread follows, else the one that the process installed last."""
    return _followed.get() or _installed


def install(edition: Edition) -> None:
    """Put an edition into force in this process; threads at work keep theirs until they follow.

    Numbers of nodes hold for one edition: whoever reads columns by number must not see another one
    before having done with them.
    """
    global _installed
    _installed = edition
    _followed.set(edition)


def follow(number: int, load: Callable[[], Edition]) -> None:
    """Have an edition in force here from now on; ``load`` makes it where the process has it not yet."""
    if in_force().number != number:
        install(_installed if _installed.number == number else load())


def _words(entry: Entry) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in fields(Node)}


def _technique(entry: Entry) -> Technique:
    return Technique(**_words(entry), value_retention=entry.value_retention or 0.0)


def _material(entry: Entry, entries: Entries) -> Material:
    above = list(_upwards(entry.code, entries))
    row = next(((e.factor_group, e.factor_material) for e in above if e.factor_material), None)
    factor = None if row is None else factors()[row[0] or "", row[1] or ""]
    return Material(
        **_words(entry),
        bulk_density_kg_m3=entry.bulk_density_kg_m3,
        areal_density_kg_m2=entry.areal_density_kg_m2,
        linear_density_kg_m=entry.linear_density_kg_m,
        piece_mass_kg=entry.piece_mass_kg,
        usual_waste_code=next((e.waste_code for e in above if e.waste_code), None),
        factor_kg_co2e_per_kg=None if factor is None else factor.primary,
        factor_source=None if factor is None else factor.source,
        photo=next((e.photo for e in above if e.photo), None),
    )


def _upwards(code: str, entries: Entries) -> Iterator[Entry]:
    while code in entries:
        yield entries[code]
        code = code.rpartition(".")[0]


_followed: ContextVar[Edition | None] = ContextVar("edition", default=None)
_installed = Edition.of(0)
