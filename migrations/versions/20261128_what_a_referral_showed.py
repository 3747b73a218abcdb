"""What a referred case showed when it was taken over; news of attached files"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MORE_TOPICS = (
    "organisation_to_verify",
    "organisation_verified",
    "organisation_refused",
    "proposals_found",
    "interest_shown",
    "listing_expiring",
    "listing_expired",
    "work_sought",
    "order_offered",
    "order_returned",
    "order_accepted",
    "order_agreed",
    "order_moved",
    "order_paused",
    "order_disputed",
    "order_completed",
    "order_cancelled",
    "case_opened",
    "case_joined",
    "case_disclosed",
    "case_referred",
    "case_taken_over",
    "case_not_taken_over",
    "case_files_attached",
    "order_files_attached",
    "appointment_set",
    "appointment_cancelled",
    "message_written",
    "mail_set_aside",
    "materials_found",
    "workshops_found",
    "seal_moved",
    "seal_ending",
    "complaint_received",
    "partner_applied",
    "partner_admitted",
    "partner_refused",
    "consortium_invited",
    "consortium_answered",
    "call_deadline",
)
TOPICS = tuple(topic for topic in MORE_TOPICS if not topic.endswith("_files_attached"))


def upgrade() -> None:
    op.add_column(
        "case_referrals", sa.Column("stood", sa.JSON(), server_default="{}", nullable=False)
    )
    _topics(MORE_TOPICS)


def downgrade() -> None:
    _topics(TOPICS)
    op.drop_column("case_referrals", "stood")


def _topics(known: tuple[str, ...]) -> None:
    """Let notifications be about these topics, and forget those about any other."""
    listed = ", ".join(f"'{topic}'" for topic in known)
    op.execute(sa.text(f"DELETE FROM notifications WHERE topic NOT IN ({listed})"))
    with op.batch_alter_table("notifications") as batch_op:
        batch_op.drop_constraint(op.f("ck_notifications_known_topic"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_notifications_known_topic"), f"topic IN ({listed})"
        )
