"""The small numbers of the matcher's columns, and what its rules and components are called."""

from enum import IntEnum, IntFlag, StrEnum, auto


class Kind(IntEnum):
    """The four mediation kinds."""

    RESIDUAL = 0
    PRODUCTION_STEP = 1
    SERVICE = 2
    CSR_PRODUCT = 3


class Recurrence(IntEnum):
    """How often what a listing names comes about."""

    ONCE = 0
    WEEKLY = 1
    MONTHLY = 2
    QUARTERLY = 3
    YEARLY = 4


class Condition(IntFlag):
    """Conditions as bits: one for a listing, any number for a capability (none accepts all)."""

    NEW = 1
    OFFCUT = 2
    USED_CLEAN = 4
    USED_SOILED = 8


class Rule(StrEnum):
    """What must hold for a pair to be eligible, in the order of the specification."""

    STATUS = auto()
    MATERIAL = auto()
    TECHNIQUE = auto()
    PLACE = auto()
    HAZARD = auto()
    CONDITION = auto()
    BATCH = auto()
    TIME = auto()
    REFUSED = auto()
    WORK_PLACE = auto()


class Component(StrEnum):
    """What a score is made of, in the order of every ``components`` column."""

    PROXIMITY = auto()
    FIT = auto()
    CAPACITY = auto()
    TIMING = auto()
    VALUE = auto()
    FAIRNESS = auto()


class Unit(StrEnum):
    """What capacity is counted in, in the order of every ``(n, 3)`` column of amounts."""

    KG = auto()
    PIECE = auto()
    HOUR = auto()
