"""The broker's desk, all pages of it."""

from marketplace.web.broker import (
    chains,
    demand,
    learning,
    organisations,
    plan,
    pools,
    proposals,
)
from marketplace.web.broker.blueprint import bp

__all__ = ["bp", "chains", "demand", "learning", "organisations", "plan", "pools", "proposals"]
