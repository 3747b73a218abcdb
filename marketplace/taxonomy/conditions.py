"""The conditions of a material."""

from enum import StrEnum, auto


class Condition(StrEnum):
    NEW = auto()
    OFFCUT = auto()
    USED_CLEAN = auto()
    USED_SOILED = auto()
