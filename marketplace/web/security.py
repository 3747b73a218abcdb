"""Response headers: a strict content policy, and no guessing, framing or leaking of addresses."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{tiles}; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'"
)


def install(app: Flask) -> None:
    """Set the headers on every response."""
    tiles = urlsplit(app.config["MAP_TILES_URL"])
    policy = POLICY.format(tiles=f" {tiles.scheme}://{tiles.netloc}" if tiles.netloc else "")

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if app.config["PRODUCTION"]:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if "Cache-Control" not in headers and request.endpoint != "static":
            headers["Cache-Control"] = "private, no-store"
        return response
