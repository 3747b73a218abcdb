"""Impact, all pages of it."""

from marketplace.web.impact import dashboard, fates, reports
from marketplace.web.impact.blueprint import bp

__all__ = ["bp", "dashboard", "fates", "reports"]
