"""The blueprint of the agency; its pages are modules beside this one."""

from flask import Blueprint

bp = Blueprint("agency", __name__, url_prefix="/agency")
