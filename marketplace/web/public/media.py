"""Photos: handed out under their random names, taken in one at a time while a form is filled."""

import re

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as Missing

from marketplace.core.errors import Invalid
from marketplace.photos import actions
from marketplace.photos.models import Size
from marketplace.refusals import sentence
from marketplace.web.access import ANYBODY, MEMBER
from marketplace.web.pictures import photo_url
from marketplace.web.session import actor, now, transaction

bp = Blueprint("media", __name__)
KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
FOR_EVER = "public, max-age=31536000, immutable"


@bp.get("/media/<name>")
@ANYBODY
def show(name: str) -> ResponseReturnValue:
    key, _, rest = name.rpartition("-")
    if not KEY.fullmatch(key) or rest not in {f"{size}.webp" for size in Size}:
        raise Missing
    try:
        data = current_app.extensions["storage"].get(name)
    except FileNotFoundError:
        raise Missing from None
    response = Response(data, mimetype="image/webp")
    response.headers["Cache-Control"] = FOR_EVER
    response.set_etag(name)
    return response.make_conditional(request)


@bp.post("/photos")
@MEMBER
def take() -> ResponseReturnValue:
    upload = request.files.get("file")
    if upload is None:
        return jsonify(error=""), 422
    try:
        with transaction() as session:
            photo = actions.store(
                session,
                current_app.extensions["storage"],
                upload.read(),
                actor=actor(),
                now=now(),
            )
            return jsonify(id=photo.id, thumb=photo_url(photo, "t"), alt=photo.alt), 201
    except Invalid as refusal:
        return jsonify(error=sentence(refusal.problems[0])), 422
