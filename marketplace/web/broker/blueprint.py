"""The blueprint of the broker's desk; its pages are modules beside this one."""

from flask import Blueprint

bp = Blueprint("desk", __name__, url_prefix="/desk")
