"""Pages of a long list, in the address."""

from dataclasses import dataclass

from flask import request, url_for

from marketplace.core.text import whole
from marketplace.web.addresses import kept


@dataclass(frozen=True)
class Pages:
    """``page`` counts from 1; ``url`` keeps everything else that the address says."""

    page: int
    total: int
    size: int

    @classmethod
    def asked(cls) -> int:
        """Return the page that the address asks for, at least 1."""
        page = whole(request.args.get("page", "1"))
        return page if page and page < 1_000_000 else 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    def url(self, page: int) -> str:
        """Return the address of another page of the same list."""
        view_args = request.view_args or {}
        args = kept(request.args.lists(), without={"page", *view_args})
        if page > 1:
            args["page"] = [str(page)]
        assert request.endpoint is not None
        return url_for(request.endpoint, **view_args, **args)


@dataclass(frozen=True)
class Onward:
    """Pages of a list that may be endless: each begins behind the last row of the one before.

    ``here`` and ``after`` name those rows, and are empty at the beginning and at the end.
    """

    here: str
    after: str

    @classmethod
    def asked(cls) -> str:
        """Return behind which row the address asks to go on."""
        return request.args.get("after", "")[:300]

    def url(self, after: str = "") -> str:
        """Return the address of the same list behind another row, or from its beginning."""
        args = kept(request.args.lists(), without={"page", "after"})
        if after:
            args["after"] = [after]
        assert request.endpoint is not None
        return url_for(request.endpoint, **args)
