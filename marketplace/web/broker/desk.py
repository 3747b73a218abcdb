"""The broker's desk, all pages of it."""

from marketplace.web.broker import chains, demand, organisations, plan, pools, proposals
from marketplace.web.broker.blueprint import bp

__all__ = ["bp", "chains", "demand", "organisations", "plan", "pools", "proposals"]
