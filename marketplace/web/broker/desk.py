"""The broker's desk, all pages of it."""

from marketplace.web.broker import (
    cases,
    cases_attempts,
    cases_begin,
    cases_diary,
    cases_files,
    cases_needs,
    cases_parties,
    cases_phase,
    cases_referrals,
    chains,
    demand,
    learning,
    organisations,
    plan,
    pools,
    proposals,
    today,
)
from marketplace.web.broker.blueprint import bp

__all__ = [
    "bp",
    "cases",
    "cases_attempts",
    "cases_begin",
    "cases_diary",
    "cases_files",
    "cases_needs",
    "cases_parties",
    "cases_phase",
    "cases_referrals",
    "chains",
    "demand",
    "learning",
    "organisations",
    "plan",
    "pools",
    "proposals",
    "today",
]
