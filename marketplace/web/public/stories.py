"""Stories of finished orders: what all their parties want everybody to read."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from marketplace.orders import stories
from marketplace.web.access import ANYBODY
from marketplace.web.pages import Pages
from marketplace.web.pictures import Picture
from marketplace.web.session import reading

bp = Blueprint("stories", __name__, url_prefix="/stories")
SIZE = 12


@bp.get("/")
@ANYBODY
def index() -> ResponseReturnValue:
    page = Pages.asked()
    with reading() as session:
        rows, total = stories.published(session, page=page, size=SIZE)
        return render_template(
            "public/stories.html",
            rows=[(row, Picture(row.pictures[0].photo) if row.pictures else None) for row in rows],
            pages=Pages(page, total, SIZE),
        )


@bp.get("/<slug>")
@ANYBODY
def show(slug: str) -> ResponseReturnValue:
    with reading() as session:
        story = stories.by_slug(session, slug)
        return render_template(
            "public/story.html", story=story, pictures=[Picture(p.photo) for p in story.pictures]
        )
