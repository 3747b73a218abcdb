"""The agency, all pages of it."""

from marketplace.web.agency import service_points, weights
from marketplace.web.agency.blueprint import bp

__all__ = ["bp", "service_points", "weights"]
