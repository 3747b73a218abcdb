"""Cases, conversations, saved searches; orders of several parties and how they are carried out"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TOPICS = (
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
    "order_cancelled",
)
MORE_TOPICS = (
    "case_opened",
    "case_joined",
    "case_disclosed",
    "case_referred",
    "case_taken_over",
    "case_not_taken_over",
    "appointment_set",
    "appointment_cancelled",
    "message_written",
    "mail_set_aside",
    "materials_found",
    "workshops_found",
)
CHILDREN = ("order_acceptances", "order_steps")


def upgrade() -> None:
    _keep_aside("orders", *CHILDREN)
    op.create_table(
        "cases",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "residual",
                "production_step",
                "service",
                "csr_product",
                name="known_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "origin",
            sa.Enum(
                "enquiry",
                "listing",
                "proposal",
                "broker",
                name="known_origin",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "phase",
            sa.Enum(
                "consultation",
                "development",
                "matching",
                "accompaniment",
                "closed",
                name="known_phase",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("phase_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "order",
                "advice",
                "no_partner",
                "not_feasible",
                "withdrawn",
                "no_answer",
                name="known_outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("closed_reason", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("broker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contact_name", sa.String(length=120), nullable=False),
        sa.Column("contact_organisation", sa.String(length=160), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("contact_phone", sa.String(length=40), nullable=False),
        sa.Column("contact_city", sa.String(length=120), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_word_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(phase = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_cases_closed_has_moment")
        ),
        sa.CheckConstraint(
            "(phase = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_cases_closed_has_outcome")
        ),
        sa.ForeignKeyConstraint(["broker_id"], ["users.id"], name=op.f("fk_cases_broker_id")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_points.id"], name=op.f("fk_cases_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_cases_broker_id_phase", ["broker_id", "phase", "last_word_at"], unique=False
        )
        batch_op.create_index(
            "ix_cases_service_point_id_phase",
            ["service_point_id", "phase", "last_word_at"],
            unique=False,
        )

    op.create_table(
        "preferences",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "topics",
            sa.Enum(
                "messages",
                "proposals",
                "listings",
                "orders",
                "cases",
                "searches",
                "account",
                name="known_group",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "frequency",
            sa.Enum(
                "at_once",
                "daily",
                "weekly",
                "never",
                name="known_frequency",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_preferences_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preferences")),
        sa.UniqueConstraint("user_id", "topics", name=op.f("uq_preferences_user_id_topics")),
    )
    op.create_table(
        "saved_searches",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "subject",
            sa.Enum(
                "materials",
                "workshops",
                name="known_subject",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("latitude", sa.Float(precision=53), nullable=True),
        sa.Column("longitude", sa.Float(precision=53), nullable=True),
        sa.Column("radius_km", sa.Float(precision=53), nullable=True),
        sa.Column(
            "frequency",
            sa.Enum(
                "at_once",
                "daily",
                "weekly",
                "never",
                name="known_frequency",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("known_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_saved_searches_point_whole")
        ),
        sa.CheckConstraint(
            "radius_km IS NULL OR (radius_km > 0 AND latitude IS NOT NULL)",
            name=op.f("ck_saved_searches_radius_of_point"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_saved_searches_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_searches_user_id_name")),
    )
    with op.batch_alter_table("saved_searches", schema=None) as batch_op:
        batch_op.create_index("ix_saved_searches_due_at", ["due_at"], unique=False)

    op.create_table(
        "case_appointments",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("for_parties", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "minutes BETWEEN 5 AND 1440", name=op.f("ck_case_appointments_minutes_of_a_day")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_appointments_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_case_appointments_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_appointments")),
        sa.UniqueConstraint("uid", name=op.f("uq_case_appointments_uid")),
    )
    with op.batch_alter_table("case_appointments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_appointments_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_case_appointments_starts_at", ["starts_at"], unique=False)

    op.create_table(
        "case_attempts",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "trial",
                "ready",
                "ordered",
                "failed",
                "dropped",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_attempts_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_case_attempts_listing_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_case_attempts_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_attempts")),
    )
    with op.batch_alter_table("case_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_attempts_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_attempts_listing_id"), ["listing_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_case_attempts_proposal_id"), ["proposal_id"], unique=False
        )
        batch_op.create_index(
            "uq_case_attempts_pair",
            ["case_id", "listing_id", "proposal_id"],
            unique=True,
            sqlite_where=sa.text("listing_id IS NOT NULL"),
            postgresql_where=sa.text("listing_id IS NOT NULL"),
        )

    op.create_table(
        "case_ideas",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "open",
                "passed",
                "failed",
                name="known_verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("verdict_reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_case_ideas_author_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_ideas_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_ideas")),
    )
    with op.batch_alter_table("case_ideas", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_ideas_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_needs",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "residual",
                "production_step",
                "service",
                "csr_product",
                name="known_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("quantity", sa.String(length=120), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("budget", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("csr_goal", sa.Text(), nullable=False),
        sa.Column("sdgs", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "budget IS NULL OR budget > 0", name=op.f("ck_case_needs_budget_positive")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_needs_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_needs")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_case_needs_case_id_kind")),
    )
    with op.batch_alter_table("case_needs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_needs_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_notes",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_case_notes_author_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_notes_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
    )
    with op.batch_alter_table("case_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_notes_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_parties",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "part",
            sa.Enum(
                "client",
                "enterprise",
                name="known_part",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "disclosure",
            sa.Enum(
                "anonymous",
                "region",
                "identity",
                name="known_disclosure",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_parties_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_parties_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_parties")),
        sa.UniqueConstraint(
            "case_id", "organisation_id", name=op.f("uq_case_parties_case_id_organisation_id")
        ),
    )
    with op.batch_alter_table("case_parties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_parties_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_parties_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "case_referrals",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "from_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "to_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("handed_over", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "answered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (accepted IS NULL)",
            name=op.f("ck_case_referrals_answer_has_moment"),
        ),
        sa.CheckConstraint(
            "from_point_id <> to_point_id", name=op.f("ck_case_referrals_to_another")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("fk_case_referrals_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["users.id"], name=op.f("fk_case_referrals_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_referrals_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_point_id"], ["service_points.id"], name=op.f("fk_case_referrals_from_point_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_point_id"], ["service_points.id"], name=op.f("fk_case_referrals_to_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_referrals")),
    )
    with op.batch_alter_table("case_referrals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_referrals_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_referrals_from_point_id"), ["from_point_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_case_referrals_to_point_id"), ["to_point_id"], unique=False
        )
        batch_op.create_index(
            "uq_case_referrals_open",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        )

    op.create_table(
        "case_steps",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "consultation",
                "development",
                "matching",
                "accompaniment",
                "closed",
                name="known_phase",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_steps_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_case_steps_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_steps")),
    )
    with op.batch_alter_table("case_steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_steps_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_tasks",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["users.id"], name=op.f("fk_case_tasks_assignee_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_tasks_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["done_by"], ["users.id"], name=op.f("fk_case_tasks_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tasks")),
    )
    with op.batch_alter_table("case_tasks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_case_tasks_assignee_id_due_on", ["assignee_id", "done_at", "due_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_case_tasks_case_id"), ["case_id"], unique=False)

    op.create_table(
        "orders",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "broker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column(
            "work_place",
            sa.Enum(
                "workshop",
                "client_site",
                name="known_work_place",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column(
            "recurrence",
            sa.Enum(
                "once",
                "weekly",
                "monthly",
                "quarterly",
                "yearly",
                name="known_recurrence",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("terms", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "offered",
                "agreed",
                "in_production",
                "delivered",
                "completed",
                "paused",
                "disputed",
                "cancelled",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state_before",
            sa.Enum(
                "draft",
                "offered",
                "agreed",
                "in_production",
                "delivered",
                "completed",
                "paused",
                "disputed",
                "cancelled",
                name="known_state_before",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(state IN ('cancelled', 'paused', 'disputed')) = (reason IS NOT NULL)",
            name=op.f("ck_orders_stop_has_reason"),
        ),
        sa.CheckConstraint(
            "(state IN ('paused', 'disputed')) = (state_before IS NOT NULL)",
            name=op.f("ck_orders_stop_leads_back"),
        ),
        sa.CheckConstraint("starts_on <= due_on", name=op.f("ck_orders_dates_in_order")),
        sa.ForeignKeyConstraint(["broker_id"], ["users.id"], name=op.f("fk_orders_broker_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_orders_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_orders_state_due_on", ["state", "due_on"], unique=False)

    op.create_table(
        "search_finds",
        sa.Column("search_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "capability_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(listing_id IS NULL) <> (capability_id IS NULL)",
            name=op.f("ck_search_finds_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["capability_id"],
            ["capabilities.id"],
            name=op.f("fk_search_finds_capability_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_search_finds_listing_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["search_id"],
            ["saved_searches.id"],
            name=op.f("fk_search_finds_search_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_search_finds_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_finds")),
        sa.UniqueConstraint(
            "user_id", "capability_id", name=op.f("uq_search_finds_user_id_capability_id")
        ),
        sa.UniqueConstraint(
            "user_id", "listing_id", name=op.f("uq_search_finds_user_id_listing_id")
        ),
    )
    with op.batch_alter_table("search_finds", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_search_finds_capability_id"), ["capability_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_search_finds_listing_id"), ["listing_id"], unique=False
        )
        batch_op.create_index("ix_search_finds_search_id", ["search_id", "id"], unique=False)

    op.create_table(
        "case_trials",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("tried_on", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "open",
                "passed",
                "failed",
                name="known_verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "verdict <> 'failed' OR reason <> ''", name=op.f("ck_case_trials_failure_has_reason")
        ),
        sa.CheckConstraint(
            "pieces IS NULL OR pieces > 0", name=op.f("ck_case_trials_pieces_positive")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["case_attempts.id"],
            name=op.f("fk_case_trials_attempt_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_trials_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_trials_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_case_trials_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_trials")),
    )
    with op.batch_alter_table("case_trials", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_trials_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_trials_case_id"), ["case_id"], unique=False)

    op.create_table(
        "order_milestones",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name=op.f("fk_order_milestones_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_milestones")),
    )
    with op.batch_alter_table("order_milestones", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_order_milestones_order_id"), ["order_id"], unique=False
        )

    op.create_table(
        "order_pairings",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "capability_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("distance_km", sa.Float(precision=53), nullable=False),
        sa.Column("mass_kg", sa.Float(precision=53), nullable=True),
        sa.Column("committed_kg_per_month", sa.Float(precision=53), nullable=False),
        sa.Column("committed_pieces_per_month", sa.Float(precision=53), nullable=False),
        sa.Column("committed_hours_per_month", sa.Float(precision=53), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["capability_id"], ["capabilities.id"], name=op.f("fk_order_pairings_capability_id")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_order_pairings_listing_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_pairings_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_order_pairings_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_pairings")),
    )
    with op.batch_alter_table("order_pairings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_order_pairings_capability_id"), ["capability_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_order_pairings_listing_id"), ["listing_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_order_pairings_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            "uq_order_pairings_proposal",
            ["proposal_id"],
            unique=True,
            sqlite_where=sa.text("NOT released"),
            postgresql_where=sa.text("NOT released"),
        )

    op.create_table(
        "order_parties",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "client",
                "enterprise",
                name="known_part",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("sells", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_parties_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_order_parties_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_point_id"],
            ["service_points.id"],
            name=op.f("fk_order_parties_service_point_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_parties")),
        sa.UniqueConstraint(
            "order_id", "organisation_id", name=op.f("uq_order_parties_order_id_organisation_id")
        ),
    )
    with op.batch_alter_table("order_parties", schema=None) as batch_op:
        batch_op.create_index(
            "ix_order_parties_organisation_id", ["organisation_id", "order_id"], unique=False
        )
        batch_op.create_index(
            "ix_order_parties_service_point_id", ["service_point_id", "order_id"], unique=False
        )

    op.create_table(
        "order_steps",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "offered",
                "agreed",
                "in_production",
                "delivered",
                "completed",
                "paused",
                "disputed",
                "cancelled",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_steps_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_order_steps_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_steps")),
    )
    with op.batch_alter_table("order_steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_steps_order_id"), ["order_id"], unique=False)

    op.create_table(
        "order_stories",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_stories_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_stories")),
        sa.UniqueConstraint("order_id", name=op.f("uq_order_stories_order_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_order_stories_slug")),
    )
    op.create_table(
        "order_terms",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "offered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["offered_by"], ["users.id"], name=op.f("fk_order_terms_offered_by")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_terms_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_terms")),
        sa.UniqueConstraint("order_id", "version", name=op.f("uq_order_terms_order_id_version")),
    )
    op.create_table(
        "threads",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(case_id IS NULL) <> (order_id IS NULL)", name=op.f("ck_threads_about_one_thing")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_threads_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_threads_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
        sa.UniqueConstraint("case_id", name=op.f("uq_threads_case_id")),
        sa.UniqueConstraint("order_id", name=op.f("uq_threads_order_id")),
    )
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.create_index("ix_threads_last_at", ["last_at"], unique=False)

    op.create_table(
        "case_files",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("idea_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("trial_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("for_parties", sa.Boolean(), nullable=False),
        sa.Column(
            "uploaded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_files_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["case_ideas.id"], name=op.f("fk_case_files_idea_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["case_trials.id"],
            name=op.f("fk_case_files_trial_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["users.id"], name=op.f("fk_case_files_uploaded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_files")),
        sa.UniqueConstraint("key", name=op.f("uq_case_files_key")),
    )
    with op.batch_alter_table("case_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_files_case_id"), ["case_id"], unique=False)

    op.create_table(
        "messages",
        sa.Column(
            "thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mail_id", sa.String(length=250), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_messages_author_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_messages_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["threads.id"], name=op.f("fk_messages_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_messages_mail_id")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messages_author_id"), ["author_id"], unique=False)
        batch_op.create_index("ix_messages_thread_id", ["thread_id", "id"], unique=False)

    op.create_table(
        "order_acceptances",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("terms", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("free_of_charge", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name=op.f("fk_order_acceptances_order_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["order_parties.id"],
            name=op.f("fk_order_acceptances_party_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_order_acceptances_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_acceptances")),
        sa.UniqueConstraint(
            "order_id",
            "party_id",
            "terms",
            name=op.f("uq_order_acceptances_order_id_party_id_terms"),
        ),
    )
    op.create_table(
        "order_feedback",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("as_agreed", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("again BETWEEN 1 AND 5", name=op.f("ck_order_feedback_again_in_range")),
        sa.CheckConstraint(
            "as_agreed BETWEEN 1 AND 5", name=op.f("ck_order_feedback_as_agreed_in_range")
        ),
        sa.CheckConstraint(
            "quality BETWEEN 1 AND 5", name=op.f("ck_order_feedback_quality_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_feedback_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["order_parties.id"],
            name=op.f("fk_order_feedback_party_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_order_feedback_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_feedback")),
        sa.UniqueConstraint(
            "order_id", "party_id", name=op.f("uq_order_feedback_order_id_party_id")
        ),
    )
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "material_in",
                "service",
                "product_out",
                name="known_role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Float(precision=53), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "piece",
                "kg",
                "t",
                "l",
                "m3",
                "m2",
                "m",
                "pallet",
                name="known_unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("mass_kg", sa.Float(precision=53), nullable=True),
        sa.Column("price", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("lump_sum", sa.Boolean(), nullable=False),
        sa.Column("vat_percent", sa.Numeric(precision=4, scale=1), nullable=False),
        sa.Column("giver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("waste_code", sa.String(length=6), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(payer_id IS NULL) = (price IS NULL)",
            name=op.f("ck_order_lines_price_or_free_of_charge"),
        ),
        sa.CheckConstraint("giver_id <> taker_id", name=op.f("ck_order_lines_two_parties")),
        sa.CheckConstraint(
            "payer_id IS NULL OR payer_id IN (giver_id, taker_id)",
            name=op.f("ck_order_lines_payer_known"),
        ),
        sa.CheckConstraint(
            "price IS NULL OR price > 0", name=op.f("ck_order_lines_price_positive")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_lines_quantity_positive")),
        sa.CheckConstraint(
            "vat_percent BETWEEN 0 AND 100", name=op.f("ck_order_lines_vat_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["order_parties.id"], name=op.f("fk_order_lines_giver_id")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_order_lines_listing_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["payer_id"], ["order_parties.id"], name=op.f("fk_order_lines_payer_id")
        ),
        sa.ForeignKeyConstraint(
            ["taker_id"], ["order_parties.id"], name=op.f("fk_order_lines_taker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
    )
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_lines_listing_id"), ["listing_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_lines_order_id"), ["order_id"], unique=False)

    op.create_table(
        "order_story_consents",
        sa.Column("story_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["order_parties.id"],
            name=op.f("fk_order_story_consents_party_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["story_id"],
            ["order_stories.id"],
            name=op.f("fk_order_story_consents_story_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_order_story_consents_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_story_consents")),
        sa.UniqueConstraint(
            "story_id", "party_id", name=op.f("uq_order_story_consents_story_id_party_id")
        ),
    )
    op.create_table(
        "order_story_photos",
        sa.Column("story_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name=op.f("fk_order_story_photos_photo_id")
        ),
        sa.ForeignKeyConstraint(
            ["story_id"],
            ["order_stories.id"],
            name=op.f("fk_order_story_photos_story_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_story_photos")),
        sa.UniqueConstraint(
            "story_id", "photo_id", name=op.f("uq_order_story_photos_story_id_photo_id")
        ),
    )
    with op.batch_alter_table("order_story_photos", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_order_story_photos_photo_id"), ["photo_id"], unique=False
        )

    op.create_table(
        "order_work_log",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("role", sa.String(length=120), nullable=False),
        sa.Column(
            "target_group",
            sa.Enum(
                "transit",
                "long_term_unemployed",
                "disability",
                "changed_work_ability",
                "disadvantaged",
                "client_of_workshop",
                "key_staff",
                name="known_target_group",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("hours_planned", sa.Float(precision=53), nullable=False),
        sa.Column("hours_worked", sa.Float(precision=53), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("in_training", sa.Integer(), nullable=False),
        sa.Column("qualified", sa.Integer(), nullable=False),
        sa.Column("qualification", sa.String(length=160), nullable=False),
        sa.Column(
            "recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_order_work_log_days_in_order")),
        sa.CheckConstraint(
            "hours_worked >= 0 AND hours_planned >= 0", name=op.f("ck_order_work_log_hours_counted")
        ),
        sa.CheckConstraint(
            "people >= 0 AND in_training BETWEEN 0 AND people",
            name=op.f("ck_order_work_log_people_counted"),
        ),
        sa.CheckConstraint(
            "qualified BETWEEN 0 AND people", name=op.f("ck_order_work_log_qualified_counted")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_work_log_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["order_parties.id"], name=op.f("fk_order_work_log_party_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_order_work_log_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_work_log")),
    )
    with op.batch_alter_table("order_work_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_work_log_order_id"), ["order_id"], unique=False)

    op.create_table(
        "received_mails",
        sa.Column("mail_id", sa.String(length=250), nullable=False),
        sa.Column(
            "fate",
            sa.Enum(
                "posted",
                "ignored",
                "unknown",
                "refused",
                "aside",
                name="known_fate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["threads.id"],
            name=op.f("fk_received_mails_thread_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_mails")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_received_mails_mail_id")),
    )
    with op.batch_alter_table("received_mails", schema=None) as batch_op:
        batch_op.create_index(
            "ix_received_mails_thread_id_fate", ["thread_id", "fate"], unique=False
        )

    op.create_table(
        "thread_seats",
        sa.Column(
            "thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("read_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["threads.id"],
            name=op.f("fk_thread_seats_thread_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_thread_seats_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_seats")),
        sa.UniqueConstraint("thread_id", "user_id", name=op.f("uq_thread_seats_thread_id_user_id")),
        sa.UniqueConstraint("token", name=op.f("uq_thread_seats_token")),
    )
    with op.batch_alter_table("thread_seats", schema=None) as batch_op:
        batch_op.create_index(
            "ix_thread_seats_user_id", ["user_id", "thread_id", "read_to"], unique=False
        )

    op.create_table(
        "message_attachments",
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "uploaded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name=op.f("fk_message_attachments_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["users.id"], name=op.f("fk_message_attachments_uploaded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_attachments")),
        sa.UniqueConstraint("key", name=op.f("uq_message_attachments_key")),
    )
    with op.batch_alter_table("message_attachments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_attachments_message_id"), ["message_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_message_attachments_uploaded_by"), ["uploaded_by"], unique=False
        )

    op.create_table(
        "order_call_offs",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Float(precision=53), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "confirmed",
                "delivered",
                "cancelled",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_call_offs_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["users.id"], name=op.f("fk_order_call_offs_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_lines.id"], name=op.f("fk_order_call_offs_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name=op.f("fk_order_call_offs_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_call_offs")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_order_call_offs_order_id_number")),
    )
    op.create_table(
        "order_evidence",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "assessment",
                "permit",
                "shipment",
                name="known_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column(
            "uploaded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_lines.id"],
            name=op.f("fk_order_evidence_line_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_evidence_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["users.id"], name=op.f("fk_order_evidence_uploaded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_evidence")),
        sa.UniqueConstraint("key", name=op.f("uq_order_evidence_key")),
    )
    with op.batch_alter_table("order_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_evidence_order_id"), ["order_id"], unique=False)

    op.create_table(
        "order_deliveries",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "call_off_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("fetched", sa.Boolean(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("expected", sa.Float(precision=53), nullable=False),
        sa.Column("arrived", sa.Float(precision=53), nullable=True),
        sa.Column("lost", sa.Float(precision=53), nullable=False),
        sa.Column("mass_kg", sa.Float(precision=53), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("giver_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("giver_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taker_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("taker_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(done_on IS NULL) = (arrived IS NULL)",
            name=op.f("ck_order_deliveries_done_has_amount"),
        ),
        sa.CheckConstraint(
            "arrived IS NULL OR arrived >= 0", name=op.f("ck_order_deliveries_arrived_counted")
        ),
        sa.CheckConstraint("expected > 0", name=op.f("ck_order_deliveries_expected_positive")),
        sa.CheckConstraint("lost >= 0", name=op.f("ck_order_deliveries_lost_counted")),
        sa.ForeignKeyConstraint(
            ["call_off_id"], ["order_call_offs.id"], name=op.f("fk_order_deliveries_call_off_id")
        ),
        sa.ForeignKeyConstraint(
            ["giver_by"], ["users.id"], name=op.f("fk_order_deliveries_giver_by")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_lines.id"], name=op.f("fk_order_deliveries_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name=op.f("fk_order_deliveries_order_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["taker_by"], ["users.id"], name=op.f("fk_order_deliveries_taker_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_deliveries")),
        sa.UniqueConstraint("number", name=op.f("uq_order_deliveries_number")),
        sa.UniqueConstraint("token", name=op.f("uq_order_deliveries_token")),
    )
    with op.batch_alter_table("order_deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_deliveries_line_id"), ["line_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_order_deliveries_order_id"), ["order_id"], unique=False
        )
        batch_op.create_index(
            "ix_order_deliveries_planned_on", ["planned_on", "done_on"], unique=False
        )

    op.create_table(
        "order_delivery_photos",
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["order_deliveries.id"],
            name=op.f("fk_order_delivery_photos_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name=op.f("fk_order_delivery_photos_photo_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_delivery_photos")),
        sa.UniqueConstraint(
            "delivery_id", "photo_id", name=op.f("uq_order_delivery_photos_delivery_id_photo_id")
        ),
    )
    with op.batch_alter_table("order_delivery_photos", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_order_delivery_photos_photo_id"), ["photo_id"], unique=False
        )

    with op.batch_alter_table("capabilities", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("permits", sa.String(length=300), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_capabilities_shown_at", ["shown_at"], unique=False)

    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("sender_name", sa.String(length=120), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("headers", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_notifications_digest_at", ["digest_at", "user_id"], unique=False)
    _topics((*TOPICS, *MORE_TOPICS))
    _parties_of_old_orders()
    _terms_of_old_orders()
    _run("UPDATE capabilities SET shown_at = created_at WHERE state <> 'draft'")
    _forget("orders", *CHILDREN)


def downgrade() -> None:
    _topics(TOPICS)
    _leading_sides_only()
    op.drop_index("ix_notifications_digest_at", table_name="notifications")
    op.drop_column("notifications", "digest_at")

    op.drop_column("mails", "headers")
    op.drop_column("mails", "sender_name")

    op.drop_index("ix_capabilities_shown_at", table_name="capabilities")
    op.drop_column("capabilities", "shown_at")
    op.drop_column("capabilities", "permits")

    with op.batch_alter_table("order_delivery_photos", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_delivery_photos_photo_id"))

    op.drop_table("order_delivery_photos")
    with op.batch_alter_table("order_deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_order_deliveries_planned_on")
        batch_op.drop_index(batch_op.f("ix_order_deliveries_order_id"))
        batch_op.drop_index(batch_op.f("ix_order_deliveries_line_id"))

    op.drop_table("order_deliveries")
    with op.batch_alter_table("order_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_evidence_order_id"))

    op.drop_table("order_evidence")
    op.drop_table("order_call_offs")
    with op.batch_alter_table("message_attachments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_attachments_uploaded_by"))
        batch_op.drop_index(batch_op.f("ix_message_attachments_message_id"))

    op.drop_table("message_attachments")
    with op.batch_alter_table("thread_seats", schema=None) as batch_op:
        batch_op.drop_index("ix_thread_seats_user_id")

    op.drop_table("thread_seats")
    with op.batch_alter_table("received_mails", schema=None) as batch_op:
        batch_op.drop_index("ix_received_mails_thread_id_fate")

    op.drop_table("received_mails")
    with op.batch_alter_table("order_work_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_work_log_order_id"))

    op.drop_table("order_work_log")
    with op.batch_alter_table("order_story_photos", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_story_photos_photo_id"))

    op.drop_table("order_story_photos")
    op.drop_table("order_story_consents")
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_lines_order_id"))
        batch_op.drop_index(batch_op.f("ix_order_lines_listing_id"))

    op.drop_table("order_lines")
    op.drop_table("order_feedback")
    op.drop_table("order_acceptances")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_thread_id")
        batch_op.drop_index(batch_op.f("ix_messages_author_id"))

    op.drop_table("messages")
    with op.batch_alter_table("case_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_files_case_id"))

    op.drop_table("case_files")
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.drop_index("ix_threads_last_at")

    op.drop_table("threads")
    op.drop_table("order_terms")
    op.drop_table("order_stories")
    with op.batch_alter_table("order_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_steps_order_id"))

    op.drop_table("order_steps")
    with op.batch_alter_table("order_parties", schema=None) as batch_op:
        batch_op.drop_index("ix_order_parties_service_point_id")
        batch_op.drop_index("ix_order_parties_organisation_id")

    op.drop_table("order_parties")
    with op.batch_alter_table("order_pairings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_order_pairings_proposal",
            sqlite_where=sa.text("NOT released"),
            postgresql_where=sa.text("NOT released"),
        )
        batch_op.drop_index(batch_op.f("ix_order_pairings_order_id"))
        batch_op.drop_index(batch_op.f("ix_order_pairings_listing_id"))
        batch_op.drop_index(batch_op.f("ix_order_pairings_capability_id"))

    op.drop_table("order_pairings")
    with op.batch_alter_table("order_milestones", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_milestones_order_id"))

    op.drop_table("order_milestones")
    with op.batch_alter_table("case_trials", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_trials_case_id"))
        batch_op.drop_index(batch_op.f("ix_case_trials_attempt_id"))

    op.drop_table("case_trials")
    with op.batch_alter_table("search_finds", schema=None) as batch_op:
        batch_op.drop_index("ix_search_finds_search_id")
        batch_op.drop_index(batch_op.f("ix_search_finds_listing_id"))
        batch_op.drop_index(batch_op.f("ix_search_finds_capability_id"))

    op.drop_table("search_finds")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index("ix_orders_state_due_on")
        batch_op.drop_index(batch_op.f("ix_orders_case_id"))

    op.drop_table("orders")
    with op.batch_alter_table("case_tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_tasks_case_id"))
        batch_op.drop_index("ix_case_tasks_assignee_id_due_on")

    op.drop_table("case_tasks")
    with op.batch_alter_table("case_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_steps_case_id"))

    op.drop_table("case_steps")
    with op.batch_alter_table("case_referrals", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_case_referrals_open",
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_case_referrals_to_point_id"))
        batch_op.drop_index(batch_op.f("ix_case_referrals_from_point_id"))
        batch_op.drop_index(batch_op.f("ix_case_referrals_case_id"))

    op.drop_table("case_referrals")
    with op.batch_alter_table("case_parties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_parties_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_case_parties_case_id"))

    op.drop_table("case_parties")
    with op.batch_alter_table("case_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_notes_case_id"))

    op.drop_table("case_notes")
    with op.batch_alter_table("case_needs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_needs_case_id"))

    op.drop_table("case_needs")
    with op.batch_alter_table("case_ideas", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_ideas_case_id"))

    op.drop_table("case_ideas")
    with op.batch_alter_table("case_attempts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_case_attempts_pair",
            sqlite_where=sa.text("listing_id IS NOT NULL"),
            postgresql_where=sa.text("listing_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_case_attempts_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_case_attempts_listing_id"))
        batch_op.drop_index(batch_op.f("ix_case_attempts_case_id"))

    op.drop_table("case_attempts")
    with op.batch_alter_table("case_appointments", schema=None) as batch_op:
        batch_op.drop_index("ix_case_appointments_starts_at")
        batch_op.drop_index(batch_op.f("ix_case_appointments_case_id"))

    op.drop_table("case_appointments")
    with op.batch_alter_table("saved_searches", schema=None) as batch_op:
        batch_op.drop_index("ix_saved_searches_due_at")

    op.drop_table("saved_searches")
    op.drop_table("preferences")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_service_point_id_phase")
        batch_op.drop_index("ix_cases_broker_id_phase")

    op.drop_table("cases")
    _old_tables()
    _sides_back()
    _forget("orders", *CHILDREN)


def _run(*statements: str) -> None:
    for statement in statements:
        op.execute(sa.text(statement))


def _keep_aside(*tables: str) -> None:
    """Copy tables and drop them, children first: what they are made anew from follows."""
    for table in tables:
        _run(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")
    for table in reversed(tables):
        op.drop_table(table)


def _forget(*tables: str) -> None:
    for table in tables:
        op.drop_table(f"old_{table}")


def _go_on_counting(table: str) -> None:
    """PostgreSQL does not notice keys that were written by hand."""
    if op.get_bind().dialect.name == "postgresql":
        _run(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
            f"(SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
        )


def _topics(known: tuple[str, ...]) -> None:
    """Let notifications be about these topics, and forget those about any other."""
    listed = ", ".join(f"'{topic}'" for topic in known)
    _run(f"DELETE FROM notifications WHERE topic NOT IN ({listed})")
    name, check = op.f("ck_notifications_known_topic"), f"topic IN ({listed})"
    with op.batch_alter_table("notifications") as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, check)


def _parties_of_old_orders() -> None:
    """Each old order had one client, one enterprise, one pair and one price for all of it."""
    _run(
        "INSERT INTO orders (id, number, case_id, broker_id, title, product, work_place, standing, "
        "recurrence, starts_on, due_on, terms, state, state_before, reason, created_at, version) "
        "SELECT o.id, o.number, NULL, o.broker_id, o.title, o.product, l.work_place, false, "
        "o.recurrence, o.starts_on, o.due_on, o.terms, o.state, NULL, o.cancelled_reason, o.created_at, "
        "o.version FROM old_orders o JOIN listings l ON l.id = o.listing_id",
        "INSERT INTO order_parties (order_id, position, part, organisation_id, service_point_id, sells) "
        "SELECT id, 0, 'client', client_id, service_point_id, false FROM old_orders",
        "INSERT INTO order_parties (order_id, position, part, organisation_id, service_point_id, sells) "
        "SELECT id, 1, 'enterprise', enterprise_id, partner_service_point_id, false FROM old_orders",
        "INSERT INTO order_pairings (order_id, position, proposal_id, listing_id, capability_id, "
        "distance_km, mass_kg, committed_kg_per_month, committed_pieces_per_month, "
        "committed_hours_per_month, released) SELECT id, 0, proposal_id, listing_id, capability_id, "
        "distance_km, mass_kg, committed_kg_per_month, committed_pieces_per_month, "
        "committed_hours_per_month, state = 'cancelled' FROM old_orders",
        "INSERT INTO order_lines (order_id, position, role, description, quantity, unit, mass_kg, price, "
        "lump_sum, vat_percent, giver_id, taker_id, payer_id, listing_id, waste_code) "
        "SELECT o.id, 0, CASE l.kind WHEN 'residual' THEN 'material_in' WHEN 'csr_product' "
        "THEN 'product_out' ELSE 'service' END, o.title, o.quantity, o.unit, o.mass_kg, o.price, true, 0, "
        "CASE WHEN l.kind = 'residual' THEN c.id ELSE e.id END, "
        "CASE WHEN l.kind = 'residual' THEN e.id ELSE c.id END, "
        "CASE o.payer WHEN 'client' THEN c.id WHEN 'enterprise' THEN e.id END, l.id, l.waste_code "
        "FROM old_orders o JOIN listings l ON l.id = o.listing_id "
        "JOIN order_parties c ON c.order_id = o.id AND c.part = 'client' "
        "JOIN order_parties e ON e.order_id = o.id AND e.part = 'enterprise'",
        "INSERT INTO order_acceptances (order_id, party_id, terms, user_id, name, free_of_charge, at) "
        "SELECT a.order_id, p.id, a.terms, a.user_id, a.name, a.free_of_charge, a.at "
        "FROM old_order_acceptances a JOIN order_parties p ON p.order_id = a.order_id AND p.part = a.party",
        "INSERT INTO order_steps (order_id, state, at, user_id, name, comment) "
        "SELECT order_id, state, at, user_id, name, comment FROM old_order_steps ORDER BY id",
    )
    _go_on_counting("orders")


def _terms_of_old_orders() -> None:
    """The terms that stand become the version that was offered last; earlier ones were not kept."""
    bind = op.get_bind()
    parties: dict[int, list[dict[str, object]]] = {}
    for row in bind.execute(
        sa.text(
            "SELECT p.order_id, p.organisation_id, p.part, g.name FROM order_parties p "
            "JOIN organisations g ON g.id = p.organisation_id ORDER BY p.order_id, p.position"
        )
    ):
        parties.setdefault(row.order_id, []).append(
            {
                "organisation_id": row.organisation_id,
                "part": row.part,
                "sells": False,
                "name": row.name,
            }
        )
    lines: dict[int, list[dict[str, object]]] = {}
    for row in bind.execute(
        sa.text(
            "SELECT l.*, g.organisation_id AS giver, t.organisation_id AS taker FROM order_lines l "
            "JOIN order_parties g ON g.id = l.giver_id JOIN order_parties t ON t.id = l.taker_id "
            "ORDER BY l.order_id, l.position"
        )
    ):
        lines.setdefault(row.order_id, []).append(_line(row))
    offered = bind.execute(
        sa.text(
            "SELECT o.*, s.at, s.user_id FROM orders o JOIN order_steps s ON s.id = ("
            "SELECT max(id) FROM order_steps WHERE order_id = o.id AND state = 'offered') "
            "WHERE o.terms > 0"
        )
    ).all()
    for order in offered:
        terms = {
            **{name: getattr(order, name) for name in ("number", "title", "product", "work_place")},
            "standing": False,
            "recurrence": order.recurrence,
            "starts_on": str(order.starts_on),
            "due_on": str(order.due_on),
            "parties": parties[order.id],
            "lines": lines[order.id],
            "milestones": [],
        }
        snapshot = json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        bind.execute(
            sa.text(
                "INSERT INTO order_terms (order_id, version, snapshot, digest, offered_at, offered_by, "
                "withdrawn) VALUES (:order_id, :version, :snapshot, :digest, :at, :user_id, false)"
            ),
            {
                "order_id": order.id,
                "version": order.terms,
                "snapshot": snapshot,
                "digest": hashlib.sha256(snapshot.encode()).hexdigest(),
                "at": order.at,
                "user_id": order.user_id,
            },
        )


def _line(row: sa.Row) -> dict[str, object]:
    pays = (
        "nobody" if row.payer_id is None else "giver" if row.payer_id == row.giver_id else "taker"
    )
    price = None if row.price is None else f"{float(row.price):.2f}".rstrip("0").rstrip(".")
    return {
        "id": row.id,
        "role": row.role,
        "description": row.description,
        "quantity": row.quantity,
        "unit": row.unit,
        "mass_kg": row.mass_kg,
        "pays": pays,
        "price": price,
        "lump_sum": bool(row.lump_sum),
        "vat_percent": "0",
        "giver_id": row.giver,
        "taker_id": row.taker,
        "listing_id": row.listing_id,
        "waste_code": row.waste_code,
    }


def _leading_sides_only() -> None:
    """Keep of each order what an old one can hold: the first of either side, their pair, one price.

    What rests or is in dispute goes back to where it was; an order without a listing cannot be kept.
    """
    _run(
        "CREATE TABLE old_orders AS SELECT o.id, o.number, p.proposal_id, p.listing_id, p.capability_id, "
        "c.organisation_id AS client_id, e.organisation_id AS enterprise_id, c.service_point_id, "
        "e.service_point_id AS partner_service_point_id, o.broker_id, o.title, o.product, "
        "coalesce(l.quantity, 1) AS quantity, coalesce(l.unit, 'piece') AS unit, p.mass_kg, o.recurrence, "
        "CASE WHEN l.payer_id = c.id THEN 'client' WHEN l.payer_id = e.id THEN 'enterprise' "
        "ELSE 'nobody' END AS payer, CASE WHEN l.payer_id NOT IN (c.id, e.id) THEN NULL WHEN l.lump_sum THEN l.price "
        "ELSE l.price * l.quantity END AS price, o.starts_on, o.due_on, p.distance_km, p.committed_kg_per_month, "
        "p.committed_pieces_per_month, p.committed_hours_per_month, o.terms, "
        "coalesce(o.state_before, o.state) AS state, "
        "CASE WHEN o.state = 'cancelled' THEN o.reason END AS cancelled_reason, o.created_at, o.version "
        "FROM orders o "
        "JOIN order_pairings p ON p.order_id = o.id AND p.position = 0 "
        "JOIN order_parties c ON c.id = (SELECT id FROM order_parties WHERE order_id = o.id "
        "AND part = 'client' ORDER BY position LIMIT 1) "
        "JOIN order_parties e ON e.id = (SELECT id FROM order_parties WHERE order_id = o.id "
        "AND part = 'enterprise' ORDER BY position LIMIT 1) "
        "LEFT JOIN order_lines l ON l.id = (SELECT id FROM order_lines WHERE order_id = o.id "
        "ORDER BY position LIMIT 1) "
        "WHERE p.proposal_id IS NOT NULL AND p.listing_id IS NOT NULL",
        "CREATE TABLE old_order_acceptances AS SELECT a.order_id, p.part AS party, a.terms, a.user_id, "
        "a.name, a.free_of_charge, a.at, a.id FROM order_acceptances a "
        "JOIN order_parties p ON p.id = a.party_id JOIN old_orders o ON o.id = a.order_id "
        "AND p.organisation_id IN (o.client_id, o.enterprise_id)",
        "CREATE TABLE old_order_steps AS SELECT s.order_id, s.state, s.at, s.user_id, s.name, s.comment, "
        "s.id FROM order_steps s JOIN old_orders o ON o.id = s.order_id "
        "WHERE s.state NOT IN ('paused', 'disputed')",
    )


def _old_tables() -> None:
    op.create_table(
        "orders",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column(
            "proposal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "capability_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "enterprise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "partner_service_point_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "broker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Float(precision=53), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "piece",
                "kg",
                "t",
                "l",
                "m3",
                "m2",
                "m",
                "pallet",
                name="known_unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("mass_kg", sa.Float(precision=53), nullable=True),
        sa.Column(
            "recurrence",
            sa.Enum(
                "once",
                "weekly",
                "monthly",
                "quarterly",
                "yearly",
                name="known_recurrence",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "payer",
            sa.Enum(
                "client",
                "enterprise",
                "nobody",
                name="known_payer",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("distance_km", sa.Float(precision=53), nullable=False),
        sa.Column("committed_kg_per_month", sa.Float(precision=53), nullable=False),
        sa.Column("committed_pieces_per_month", sa.Float(precision=53), nullable=False),
        sa.Column("committed_hours_per_month", sa.Float(precision=53), nullable=False),
        sa.Column("terms", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "offered",
                "agreed",
                "in_production",
                "delivered",
                "completed",
                "cancelled",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("cancelled_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(payer = 'nobody') = (price IS NULL)", name=op.f("ck_orders_price_or_free_of_charge")
        ),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_reason IS NOT NULL)",
            name=op.f("ck_orders_cancelled_has_reason"),
        ),
        sa.CheckConstraint("price IS NULL OR price > 0", name=op.f("ck_orders_price_positive")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_orders_quantity_positive")),
        sa.CheckConstraint("starts_on <= due_on", name=op.f("ck_orders_dates_in_order")),
        sa.ForeignKeyConstraint(["broker_id"], ["users.id"], name=op.f("fk_orders_broker_id")),
        sa.ForeignKeyConstraint(
            ["capability_id"], ["capabilities.id"], name=op.f("fk_orders_capability_id")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_orders_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organisations.id"], name=op.f("fk_orders_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_orders_listing_id")),
        sa.ForeignKeyConstraint(
            ["partner_service_point_id"],
            ["service_points.id"],
            name=op.f("fk_orders_partner_service_point_id"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_orders_proposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_points.id"], name=op.f("fk_orders_service_point_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_orders_proposal_id")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_orders_capability_id"), ["capability_id"], unique=False
        )
        batch_op.create_index("ix_orders_client_id_state", ["client_id", "state"], unique=False)
        batch_op.create_index(
            "ix_orders_enterprise_id_state", ["enterprise_id", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_orders_listing_id"), ["listing_id"], unique=False)
        batch_op.create_index(
            "ix_orders_service_point_id_state", ["service_point_id", "state"], unique=False
        )

    op.create_table(
        "order_acceptances",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "party",
            sa.Enum(
                "client",
                "enterprise",
                name="known_party",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("terms", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("free_of_charge", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name=op.f("fk_order_acceptances_order_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_order_acceptances_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_acceptances")),
        sa.UniqueConstraint(
            "order_id", "party", "terms", name=op.f("uq_order_acceptances_order_id_party_terms")
        ),
    )
    op.create_table(
        "order_steps",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "offered",
                "agreed",
                "in_production",
                "delivered",
                "completed",
                "cancelled",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_steps_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_order_steps_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_steps")),
    )
    with op.batch_alter_table("order_steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_steps_order_id"), ["order_id"], unique=False)


def _sides_back() -> None:
    columns = (
        "id, number, proposal_id, listing_id, capability_id, client_id, enterprise_id, service_point_id, "
        "partner_service_point_id, broker_id, title, product, quantity, unit, mass_kg, recurrence, payer, "
        "price, starts_on, due_on, distance_km, committed_kg_per_month, committed_pieces_per_month, "
        "committed_hours_per_month, terms, state, cancelled_reason, created_at, version"
    )
    _run(
        f"INSERT INTO orders ({columns}) SELECT {columns} FROM old_orders",
        "INSERT INTO order_acceptances (order_id, party, terms, user_id, name, free_of_charge, at) "
        "SELECT order_id, party, terms, user_id, name, free_of_charge, at FROM old_order_acceptances",
        "INSERT INTO order_steps (order_id, state, at, user_id, name, comment) "
        "SELECT order_id, state, at, user_id, name, comment FROM old_order_steps ORDER BY id",
    )
    _go_on_counting("orders")
