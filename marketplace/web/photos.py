"""Photos in a form: those already uploaded travel as ids, those just chosen are stored at once."""

from typing import Any

from flask import current_app, request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.core.errors import Invalid, Problem
from marketplace.core.text import clean, whole
from marketplace.photos import actions
from marketplace.photos.models import Photo
from marketplace.web.fields import CodesField
from marketplace.web.session import actor, now, transaction


class PhotoFields(FlaskForm):
    """Nothing uploaded is lost when another field is refused: the files are already stored."""

    photos = CodesField(_l("Photos"))

    def ids(self) -> list[int]:
        """Return the chosen photos in their order, without those ticked for removal."""
        gone = set(request.form.getlist("remove-photos"))
        chosen = [i for i in self.photos.data or [] if i not in gone]
        return [n for n in map(whole, chosen) if n is not None]

    def take_files(self) -> list[Problem]:
        """Store what came as plain files, add them to the chosen ones, return what was wrong."""
        wrong: list[Problem] = []
        files = [f for f in request.files.getlist("files") if f.filename]
        room = actions.MOST_PHOTOS - len(self.ids())
        if len(files) > room:
            wrong.append(Problem("photos", "too_many_photos", {"most": actions.MOST_PHOTOS}))
        for upload in files[: max(room, 0)]:
            try:
                with transaction() as session:
                    photo = actions.store(
                        session,
                        current_app.extensions["storage"],
                        upload.read(),
                        actor=actor(),
                        now=now(),
                    )
                    self.photos.data = [*(self.photos.data or []), str(photo.id)]
            except Invalid as refusal:
                wrong.extend(refusal.problems)
        return wrong

    def name_photos(self, session: Session) -> None:
        """Store the alternative texts that were typed beside the photos."""
        for photo in self.shown(session):
            text = request.form.get(f"alt-{photo.id}")
            if text is not None:
                photo.alt = clean(text)[:200]

    def shown(self, session: Session) -> list[Photo]:
        """Return the chosen photos of the actor's organisation, for showing the form again."""
        owner: Any = actor().organisation_id
        found = session.scalars(
            select(Photo).where(Photo.id.in_(self.ids()), Photo.organisation_id == owner)
        )
        by_id = {photo.id: photo for photo in found}
        return [by_id[i] for i in self.ids() if i in by_id]
