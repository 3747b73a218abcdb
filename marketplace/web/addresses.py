"""Addresses that came from outside."""

from flask import request, url_for


def local_path(target: str | None) -> str | None:
    """Return ``target`` if it is a path of this site, so that nobody is led elsewhere."""
    if not target or not target.startswith("/") or len(target) > 2000:
        return None
    if target.startswith("//") or "\\" in target or any(c < " " for c in target):
        return None
    return target


def next_or(endpoint: str) -> str:
    """Return where the form's or the address's ``next`` leads, else the page of ``endpoint``."""
    wanted = local_path(request.form.get("next") or request.args.get("next"))
    return wanted or url_for(endpoint)
