"""The broker's desk, all pages of it."""

from marketplace.web.broker import demand, organisations, proposals
from marketplace.web.broker.blueprint import bp

__all__ = ["bp", "demand", "organisations", "proposals"]
