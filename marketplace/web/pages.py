"""Pages of a long list, in the address."""

from dataclasses import dataclass

from flask import request, url_for


@dataclass(frozen=True)
class Pages:
    """``page`` counts from 1; ``url`` keeps everything else that the address says."""

    page: int
    total: int
    size: int

    @classmethod
    def asked(cls) -> int:
        """Return the page that the address asks for, at least 1."""
        page = request.args.get("page", "1")
        return max(1, int(page)) if page.isdigit() and len(page) < 7 else 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    def url(self, page: int) -> str:
        """Return the address of another page of the same list."""
        args = {key: values for key, values in request.args.lists() if key != "page"}
        if page > 1:
            args["page"] = [str(page)]
        assert request.endpoint is not None
        return url_for(request.endpoint, **(request.view_args or {}), **args)  # type: ignore[arg-type]
