"""The blueprint of impact; its pages are modules beside this one."""

from flask import Blueprint

bp = Blueprint("impact", __name__, url_prefix="/impact")
"""Figures, the lines behind them, reports, and what became of an order's mass."""
