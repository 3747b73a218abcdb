"""People in cases: what is held on them to take along, and how whoever asked is forgotten."""

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from marketplace.accounts.models import User
from marketplace.cases.models import Case, CaseNote, CaseStep


def export(session: Session, user: User) -> dict[str, object]:
    """Return what cases hold on a person, as plain values that JSON can carry."""
    asked = select(Case).where(Case.contact_email == user.email).order_by(Case.id)
    steps = select(CaseStep).where(CaseStep.user_id == user.id).order_by(CaseStep.id)
    notes = select(CaseNote).where(CaseNote.author_id == user.id).order_by(CaseNote.id)
    return {
        "enquiries": [
            {"number": c.number, "words": c.description, "at": c.opened_at.isoformat()}
            for c in session.scalars(asked)
        ],
        "cases_moved": [
            {"case": s.case_id, "phase": s.phase.value, "comment": s.comment}
            for s in session.scalars(steps)
        ],
        "case_notes": [{"case": n.case_id, "text": n.text} for n in session.scalars(notes)],
    }


def forget(session: Session, *, email: str) -> None:
    """Take out of every case who asked with this address; the case itself stays."""
    empty = dict.fromkeys(("contact_name", "contact_email", "contact_phone"), "")
    session.execute(
        update(Case)
        .where(or_(Case.contact_email == email, Case.contact_email == email.lower()))
        .values(**empty)
        .execution_options(synchronize_session=False)
    )
