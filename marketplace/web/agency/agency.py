"""The agency, all pages of it."""

from marketplace.web.agency import outbox, service_points, weights
from marketplace.web.agency.blueprint import bp

__all__ = ["bp", "outbox", "service_points", "weights"]
