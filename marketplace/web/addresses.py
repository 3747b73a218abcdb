"""Addresses that came from outside."""

from collections.abc import Collection, Iterable
from typing import Any

from flask import request, url_for


def local_path(target: str | None) -> str | None:
    """Return ``target`` if it is a path of this site, so that nobody is led elsewhere."""
    if not target or not target.startswith("/") or len(target) > 2000:
        return None
    if target.startswith("//") or "\\" in target or any(c < " " for c in target):
        return None
    return target


def kept(
    query: Iterable[tuple[str, list[str]]], *, without: Collection[str] = ()
) -> dict[str, Any]:
    """Return what a query says, fit for ``url_for``, whose own arguments nobody sets from outside."""
    return {
        name: values
        for name, values in query
        if name not in without and name != "endpoint" and not name.startswith("_")
    }


def next_or(endpoint: str) -> str:
    """Return where the form's or the address's ``next`` leads, else the page of ``endpoint``."""
    wanted = local_path(request.form.get("next") or request.args.get("next"))
    return wanted or url_for(endpoint)
