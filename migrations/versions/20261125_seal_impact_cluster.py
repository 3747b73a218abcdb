"""Seal, impact, value cluster and calls, own words; fairness of the price; files of parties"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
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
NEW_TOPICS = (
    "order_paused",
    "order_disputed",
    "order_completed",
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
TOPICS = tuple(topic for topic in MORE_TOPICS if topic not in NEW_TOPICS)
MORE_GROUPS = (
    "messages", "proposals", "listings", "orders", "cases", "searches", "seals", "cluster",
    "account",
)  # fmt: skip
GROUPS = tuple(group for group in MORE_GROUPS if group not in ("seals", "cluster"))
PUBLIC_POINT = ("public_band", "public_longitude", "public_x", "public_y", "public_z")
ANSWERED_BY_INDEX = {
    "ix_listings_sought_public_band": ("sought", *PUBLIC_POINT),
    "ix_listings_shown": ("state", *PUBLIC_POINT),
    "ix_listings_shown_family": ("state", "family", *PUBLIC_POINT),
}
TABLES = (
    "impact_factors",
    "seal_criteria_sets",
    "seal_keys",
    "seal_settings",
    "impact_factor_versions",
    "seal_criteria",
    "cluster_cooperations",
    "seal_applications",
    "calls",
    "cluster_partners",
    "seal_appointments",
    "seal_certificates",
    "seal_complaints",
    "seal_evidence",
    "seal_inputs",
    "seal_judgements",
    "seal_makers",
    "seal_production_steps",
    "seal_questions",
    "seal_steps",
    "seal_votes",
    "taxonomy_words",
    "call_interests",
    "consortia",
    "seal_photos",
    "consortium_places",
    "impact_entries",
    "seal_orders",
    "impact_fates",
)


def upgrade() -> None:

    op.create_table(
        "impact_factors",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_factors")),
        sa.UniqueConstraint("key", name=op.f("uq_impact_factors_key")),
    )
    op.create_table(
        "seal_criteria_sets",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_criteria_sets")),
        sa.UniqueConstraint("version", name=op.f("uq_seal_criteria_sets_version")),
    )
    op.create_table(
        "seal_keys",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("public", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_keys")),
        sa.UniqueConstraint("key_id", name=op.f("uq_seal_keys_key_id")),
    )
    op.create_table(
        "seal_settings",
        sa.Column("pass_mark", sa.Float(precision=53), nullable=True),
        sa.Column("years", sa.Integer(), server_default=sa.text("3"), nullable=False),
        sa.Column("appeal_days", sa.Integer(), server_default=sa.text("(28)"), nullable=False),
        sa.Column("fees", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "appeal_days BETWEEN 1 AND 365", name=op.f("ck_seal_settings_appeal_days_in_range")
        ),
        sa.CheckConstraint(
            "pass_mark IS NULL OR pass_mark > 0", name=op.f("ck_seal_settings_pass_mark_positive")
        ),
        sa.CheckConstraint("years BETWEEN 1 AND 20", name=op.f("ck_seal_settings_years_in_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_settings")),
    )
    op.create_table(
        "impact_factor_versions",
        sa.Column(
            "factor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(precision=53), nullable=False),
        sa.Column("low", sa.Float(precision=53), nullable=False),
        sa.Column("high", sa.Float(precision=53), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "low <= value AND value <= high",
            name=op.f("ck_impact_factor_versions_range_holds_value"),
        ),
        sa.ForeignKeyConstraint(
            ["factor_id"], ["impact_factors.id"], name=op.f("fk_impact_factor_versions_factor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_factor_versions")),
        sa.UniqueConstraint(
            "factor_id", "version", name=op.f("uq_impact_factor_versions_factor_id_version")
        ),
    )
    op.create_table(
        "seal_criteria",
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column(
            "dimension",
            sa.Enum(
                "social",
                "ecological",
                "regional",
                "innovation",
                "quality",
                name="known_dimension",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "strength",
            sa.Enum(
                "must",
                "aim",
                "judged",
                "exception",
                name="known_strength",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "subject",
            sa.Enum(
                "maker",
                "product",
                "both",
                name="known_subject",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("threshold", sa.Float(precision=53), nullable=True),
        sa.Column("unit", sa.String(length=4), nullable=False),
        sa.Column("computed", sa.Boolean(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("de", sa.Text(), nullable=False),
        sa.Column("hu", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "threshold IS NULL OR threshold >= 0", name=op.f("ck_seal_criteria_threshold_counted")
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["seal_criteria_sets.id"], name=op.f("fk_seal_criteria_set_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_criteria")),
        sa.UniqueConstraint("set_id", "code", name=op.f("uq_seal_criteria_set_id_code")),
    )
    op.create_table(
        "cluster_cooperations",
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "direction",
            sa.Enum(
                "offer",
                "seek",
                name="known_direction",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_cluster_cooperations_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_cooperations")),
    )
    op.create_index(
        "ix_cluster_cooperations_ends_on", "cluster_cooperations", ["ends_on", "id"], unique=False
    )
    op.create_index(
        "ix_cluster_cooperations_organisation_id",
        "cluster_cooperations",
        ["organisation_id"],
        unique=False,
    )

    op.create_table(
        "seal_applications",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "product",
                "service",
                name="known_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column(
            "product_group",
            sa.Enum(
                "textile",
                "wood",
                "metal",
                "paper",
                "plastic",
                "food",
                "electronics",
                "service",
                "other",
                name="known_group",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("renews", sa.String(length=20), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "in_assessment",
                "assessed",
                "at_panel",
                "awarded",
                "refused",
                "appealed",
                "withdrawn",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("panel_round", sa.Integer(), nullable=False),
        sa.Column("points", sa.Float(precision=53), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_seal_applications_points_counted")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_seal_applications_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["seal_criteria_sets.id"], name=op.f("fk_seal_applications_set_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_applications")),
        sa.UniqueConstraint("number", name=op.f("uq_seal_applications_number")),
    )
    op.create_index(
        op.f("ix_seal_applications_organisation_id"),
        "seal_applications",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        "ix_seal_applications_state_due_on", "seal_applications", ["state", "due_on"], unique=False
    )

    op.create_table(
        "calls",
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("programme", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column("budget", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("funding_percent", sa.Integer(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column(
            "created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("budget IS NULL OR budget > 0", name=op.f("ck_calls_budget_positive")),
        sa.CheckConstraint(
            "funding_percent IS NULL OR funding_percent BETWEEN 1 AND 100",
            name=op.f("ck_calls_funding_in_range"),
        ),
        sa.CheckConstraint(
            "opens_on IS NULL OR opens_on <= deadline_on", name=op.f("ck_calls_dates_in_order")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_calls_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index("ix_calls_deadline_on", "calls", ["deadline_on", "id"], unique=False)

    op.create_table(
        "cluster_partners",
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "admitted",
                "refused",
                "left",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "state <> 'refused' OR reason <> ''",
            name=op.f("ck_cluster_partners_refusal_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_cluster_partners_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_cluster_partners_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_partners")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_cluster_partners_organisation_id")),
    )
    op.create_index(
        "ix_cluster_partners_state", "cluster_partners", ["state", "applied_at"], unique=False
    )

    op.create_table(
        "seal_appointments",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "role",
            sa.Enum(
                "adviser",
                "assessor",
                "panel",
                "decider",
                name="known_role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("independent", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_appointments_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_seal_appointments_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_appointments")),
        sa.UniqueConstraint(
            "application_id", "user_id", name=op.f("uq_seal_appointments_application_id_user_id")
        ),
    )
    op.create_index(
        op.f("ix_seal_appointments_user_id"), "seal_appointments", ["user_id"], unique=False
    )

    op.create_table(
        "seal_certificates",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("product", sa.String(length=160), nullable=False),
        sa.Column(
            "product_group",
            sa.Enum(
                "textile",
                "wood",
                "metal",
                "paper",
                "plastic",
                "food",
                "electronics",
                "service",
                "other",
                name="known_group",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("makers", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("renews", sa.String(length=20), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "valid",
                "suspended",
                "withdrawn",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("reminded_days", sa.Integer(), nullable=True),
        sa.Column("public_text", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "valid_from <= valid_until", name=op.f("ck_seal_certificates_days_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_certificates_application_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_seal_certificates_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_certificates")),
        sa.UniqueConstraint("application_id", name=op.f("uq_seal_certificates_application_id")),
        sa.UniqueConstraint("decision", name=op.f("uq_seal_certificates_decision")),
        sa.UniqueConstraint("number", name=op.f("uq_seal_certificates_number")),
    )
    op.create_index(
        "ix_seal_certificates_issued_on", "seal_certificates", ["issued_on"], unique=False
    )
    op.create_index(
        op.f("ix_seal_certificates_organisation_id"),
        "seal_certificates",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_seal_certificates_renews"), "seal_certificates", ["renews"], unique=False
    )

    op.create_table(
        "seal_complaints",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), server_default="de", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "answered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("fk_seal_complaints_answered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_complaints")),
        sa.UniqueConstraint("number", name=op.f("uq_seal_complaints_number")),
    )
    op.create_index(
        "ix_seal_complaints_answered_at",
        "seal_complaints",
        ["answered_at", "answer_by"],
        unique=False,
    )

    op.create_table(
        "seal_evidence",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "criterion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
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
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_evidence_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["seal_criteria.id"], name=op.f("fk_seal_evidence_criterion_id")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["users.id"], name=op.f("fk_seal_evidence_uploaded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_evidence")),
        sa.UniqueConstraint("key", name=op.f("uq_seal_evidence_key")),
    )
    op.create_index(
        op.f("ix_seal_evidence_application_id"), "seal_evidence", ["application_id"], unique=False
    )

    op.create_table(
        "seal_inputs",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("material_code", sa.String(length=80), nullable=True),
        sa.Column("mass_kg", sa.Float(precision=53), nullable=False),
        sa.Column("origin", sa.String(length=160), nullable=False),
        sa.Column("latitude", sa.Float(precision=53), nullable=False),
        sa.Column("longitude", sa.Float(precision=53), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "route",
            sa.Enum(
                "leftover",
                "renewable",
                "certified",
                "acceptable",
                "not_acceptable",
                name="known_route",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("order_number", sa.String(length=20), nullable=True),
        sa.Column("order_line", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90", name=op.f("ck_seal_inputs_latitude_on_earth")
        ),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180", name=op.f("ck_seal_inputs_longitude_on_earth")
        ),
        sa.CheckConstraint("mass_kg > 0", name=op.f("ck_seal_inputs_mass_positive")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_inputs_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_seal_inputs_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_inputs")),
    )
    op.create_index(
        op.f("ix_seal_inputs_application_id"), "seal_inputs", ["application_id"], unique=False
    )

    op.create_table(
        "seal_judgements",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "criterion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "finding",
            sa.Enum(
                "holds",
                "does_not",
                "not_applicable",
                name="known_finding",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("points", sa.Float(precision=53), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_seal_judgements_points_counted")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_judgements_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["seal_criteria.id"], name=op.f("fk_seal_judgements_criterion_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_seal_judgements_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_judgements")),
        sa.UniqueConstraint(
            "application_id",
            "criterion_id",
            name=op.f("uq_seal_judgements_application_id_criterion_id"),
        ),
    )
    op.create_table(
        "seal_makers",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("disadvantaged", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "disadvantaged BETWEEN 0 AND employees",
            name=op.f("ck_seal_makers_disadvantaged_counted"),
        ),
        sa.CheckConstraint("employees > 0", name=op.f("ck_seal_makers_employees_counted")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_makers_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_seal_makers_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_makers")),
        sa.UniqueConstraint(
            "application_id",
            "organisation_id",
            name=op.f("uq_seal_makers_application_id_organisation_id"),
        ),
    )
    op.create_index(
        op.f("ix_seal_makers_application_id"), "seal_makers", ["application_id"], unique=False
    )
    op.create_index(
        op.f("ix_seal_makers_organisation_id"), "seal_makers", ["organisation_id"], unique=False
    )

    op.create_table(
        "seal_production_steps",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("hours", sa.Float(precision=53), nullable=True),
        sa.Column("disadvantaged", sa.Boolean(), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=True),
        sa.Column("order_line", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("hours >= 0", name=op.f("ck_seal_production_steps_hours_counted")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_production_steps_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_seal_production_steps_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_production_steps")),
    )
    op.create_index(
        op.f("ix_seal_production_steps_application_id"),
        "seal_production_steps",
        ["application_id"],
        unique=False,
    )

    op.create_table(
        "seal_questions",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column(
            "answered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("fk_seal_questions_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_questions_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["users.id"], name=op.f("fk_seal_questions_asked_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_questions")),
    )
    op.create_index(
        op.f("ix_seal_questions_application_id"), "seal_questions", ["application_id"], unique=False
    )

    op.create_table(
        "seal_steps",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "in_assessment",
                "assessed",
                "at_panel",
                "awarded",
                "refused",
                "appealed",
                "withdrawn",
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
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_steps_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_seal_steps_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_steps")),
    )
    op.create_index(
        op.f("ix_seal_steps_application_id"), "seal_steps", ["application_id"], unique=False
    )

    op.create_table(
        "seal_votes",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("panel_round", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("yes", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_votes_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_seal_votes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_votes")),
        sa.UniqueConstraint(
            "application_id",
            "panel_round",
            "user_id",
            name=op.f("uq_seal_votes_application_id_panel_round_user_id"),
        ),
    )
    op.create_table(
        "taxonomy_words",
        sa.Column(
            "tree",
            sa.Enum(
                "materials",
                "techniques",
                name="known_tree",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("word", sa.String(length=80), nullable=False),
        sa.Column("spelled", sa.String(length=240), nullable=False),
        sa.Column("added_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["users.id"], name=op.f("fk_taxonomy_words_added_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_words")),
    )
    op.create_index("ix_taxonomy_words_code", "taxonomy_words", ["tree", "code"], unique=False)
    op.create_index(
        "ix_taxonomy_words_in_use",
        "taxonomy_words",
        ["tree", "spelled"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )

    op.create_table(
        "call_interests",
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("brings", sa.Text(), nullable=False),
        sa.Column("seeks", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_interests_call_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_call_interests_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_interests")),
        sa.UniqueConstraint(
            "call_id", "organisation_id", name=op.f("uq_call_interests_call_id_organisation_id")
        ),
    )
    op.create_index(
        op.f("ix_call_interests_organisation_id"),
        "call_interests",
        ["organisation_id"],
        unique=False,
    )

    op.create_table(
        "consortia",
        sa.Column("call_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "forming",
                "submitted",
                "funded",
                "not_funded",
                "dissolved",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_consortia_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consortia")),
        sa.UniqueConstraint("call_id", "name", name=op.f("uq_consortia_call_id_name")),
    )
    op.create_table(
        "seal_photos",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_photos_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_seal_photos_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_photos")),
        sa.UniqueConstraint(
            "application_id", "photo_id", name=op.f("uq_seal_photos_application_id_photo_id")
        ),
    )
    op.create_index(
        op.f("ix_seal_photos_application_id"), "seal_photos", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_seal_photos_photo_id"), "seal_photos", ["photo_id"], unique=False)

    op.create_table(
        "consortium_places",
        sa.Column(
            "consortium_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "role",
            sa.Enum(
                "coordinator",
                "partner",
                "associated",
                name="known_role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "taken",
                "declined",
                name="known_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["consortium_id"],
            ["consortia.id"],
            name=op.f("fk_consortium_places_consortium_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_consortium_places_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consortium_places")),
        sa.UniqueConstraint(
            "consortium_id",
            "organisation_id",
            name=op.f("uq_consortium_places_consortium_id_organisation_id"),
        ),
    )
    op.create_index(
        "ix_consortium_places_organisation_id",
        "consortium_places",
        ["organisation_id"],
        unique=False,
    )

    op.create_table(
        "impact_entries",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "line",
                "delivery",
                "fate",
                "work",
                "party",
                name="known_source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "measure",
            sa.Enum(
                "value_eur",
                "mass_given_kg",
                "mass_lost_kg",
                "mass_kg",
                "co2e_avoided_kg",
                "co2e_transport_kg",
                "distance_kg_km",
                "hours",
                "people",
                "qualifications",
                name="known_measure",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "path",
            sa.Enum(
                "re_used",
                "made_into_products",
                "recycled",
                "disposed_of",
                "passed_on",
                name="known_path",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
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
            nullable=True,
        ),
        sa.Column("material_code", sa.String(length=120), nullable=True),
        sa.Column("waste_code", sa.String(length=6), nullable=True),
        sa.Column("amount", sa.Float(precision=53), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("km", sa.Float(precision=53), nullable=True),
        sa.Column(
            "factor_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("result", sa.Float(precision=53), nullable=False),
        sa.Column("low", sa.Float(precision=53), nullable=False),
        sa.Column("high", sa.Float(precision=53), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("giver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("taker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "service_point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["factor_version_id"],
            ["impact_factor_versions.id"],
            name=op.f("fk_impact_entries_factor_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["organisations.id"], name=op.f("fk_impact_entries_giver_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_impact_entries_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_point_id"],
            ["service_points.id"],
            name=op.f("fk_impact_entries_service_point_id"),
        ),
        sa.ForeignKeyConstraint(
            ["taker_id"], ["organisations.id"], name=op.f("fk_impact_entries_taker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_entries")),
        sa.UniqueConstraint("order_id", "key", name=op.f("uq_impact_entries_order_id_key")),
    )
    op.create_index(
        op.f("ix_impact_entries_factor_version_id"),
        "impact_entries",
        ["factor_version_id"],
        unique=False,
    )
    op.create_index(
        "ix_impact_entries_giver_id", "impact_entries", ["giver_id", "happened_on"], unique=False
    )
    op.create_index(
        "ix_impact_entries_happened_on", "impact_entries", ["happened_on", "id"], unique=False
    )
    op.create_index(
        op.f("ix_impact_entries_material_code"), "impact_entries", ["material_code"], unique=False
    )
    op.create_index(
        "ix_impact_entries_measure_happened_on",
        "impact_entries",
        ["measure", "happened_on"],
        unique=False,
    )
    op.create_index(
        "ix_impact_entries_service_point_id",
        "impact_entries",
        ["service_point_id", "happened_on"],
        unique=False,
    )
    op.create_index(
        "ix_impact_entries_sums",
        "impact_entries",
        ["service_point_id", "measure", "path", "result", "amount", "low", "high"],
        unique=False,
    )
    op.create_index(
        "ix_impact_entries_taker_id", "impact_entries", ["taker_id", "happened_on"], unique=False
    )

    op.create_table(
        "seal_orders",
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["seal_applications.id"],
            name=op.f("fk_seal_orders_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_seal_orders_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_orders")),
        sa.UniqueConstraint(
            "application_id", "order_id", name=op.f("uq_seal_orders_application_id_order_id")
        ),
    )
    op.create_index(
        op.f("ix_seal_orders_application_id"), "seal_orders", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_seal_orders_order_id"), "seal_orders", ["order_id"], unique=False)

    op.create_table(
        "impact_fates",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "path",
            sa.Enum(
                "re_used",
                "made_into_products",
                "recycled",
                "disposed_of",
                "passed_on",
                name="known_path",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("mass_kg", sa.Float(precision=53), nullable=False),
        sa.Column(
            "to_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("stated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(path = 'passed_on') = (to_order_id IS NOT NULL)",
            name=op.f("ck_impact_fates_passed_on_to"),
        ),
        sa.CheckConstraint("mass_kg > 0", name=op.f("ck_impact_fates_mass_positive")),
        sa.CheckConstraint(
            "to_order_id IS NULL OR to_order_id <> order_id",
            name=op.f("ck_impact_fates_to_another"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_impact_fates_order_id")),
        sa.ForeignKeyConstraint(
            ["party_id"], ["order_parties.id"], name=op.f("fk_impact_fates_party_id")
        ),
        sa.ForeignKeyConstraint(
            ["stated_by"], ["users.id"], name=op.f("fk_impact_fates_stated_by")
        ),
        sa.ForeignKeyConstraint(
            ["to_order_id"], ["orders.id"], name=op.f("fk_impact_fates_to_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_fates")),
    )
    op.create_index(op.f("ix_impact_fates_order_id"), "impact_fates", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_impact_fates_to_order_id"), "impact_fates", ["to_order_id"], unique=False
    )

    with op.batch_alter_table("case_files") as batch_op:
        batch_op.add_column(
            sa.Column(
                "organisation_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.create_foreign_key(
            op.f("fk_case_files_organisation_id"), "organisations", ["organisation_id"], ["id"]
        )
    with op.batch_alter_table("order_feedback") as batch_op:
        batch_op.add_column(sa.Column("fair_price", sa.Integer(), nullable=True))
        batch_op.drop_constraint(op.f("ck_order_feedback_as_agreed_in_range"), type_="check")
        batch_op.drop_column("as_agreed")
        batch_op.create_check_constraint(
            op.f("ck_order_feedback_fair_price_in_range"), "fair_price BETWEEN 1 AND 5"
        )
    about = sa.Column("about", sa.JSON(), server_default="{}", nullable=False)
    op.add_column("service_points", about)
    abroad = sa.Column("contact_abroad", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("service_points", abroad)
    _topics(MORE_TOPICS)
    _groups(MORE_GROUPS)
    for name, columns in ANSWERED_BY_INDEX.items():
        op.drop_index(name, "listings")
        op.create_index(name, "listings", columns, postgresql_include=["id"])


def downgrade() -> None:
    for name, columns in ANSWERED_BY_INDEX.items():
        op.drop_index(name, "listings")
        op.create_index(name, "listings", columns)
    _groups(GROUPS)
    _topics(TOPICS)
    op.drop_column("service_points", "contact_abroad")
    op.drop_column("service_points", "about")
    with op.batch_alter_table("order_feedback") as batch_op:
        batch_op.add_column(
            sa.Column("as_agreed", sa.Integer(), nullable=False, server_default="3")
        )
    op.execute(sa.text("UPDATE order_feedback SET as_agreed = quality"))
    with op.batch_alter_table("order_feedback") as batch_op:
        batch_op.alter_column("as_agreed", server_default=None)
        batch_op.drop_constraint(op.f("ck_order_feedback_fair_price_in_range"), type_="check")
        batch_op.drop_column("fair_price")
        batch_op.create_check_constraint(
            op.f("ck_order_feedback_as_agreed_in_range"), "as_agreed BETWEEN 1 AND 5"
        )
    op.execute(sa.text("DELETE FROM case_files WHERE organisation_id IS NOT NULL"))
    with op.batch_alter_table("case_files") as batch_op:
        batch_op.drop_constraint(op.f("fk_case_files_organisation_id"), type_="foreignkey")
        batch_op.drop_column("organisation_id")
    for table in reversed(TABLES):
        op.drop_table(table)


def _topics(known: tuple[str, ...]) -> None:
    """Let notifications be about these topics, and forget those about any other."""
    listed = ", ".join(f"'{topic}'" for topic in known)
    op.execute(sa.text(f"DELETE FROM notifications WHERE topic NOT IN ({listed})"))
    _known("notifications", "ck_notifications_known_topic", f"topic IN ({listed})")


def _groups(known: tuple[str, ...]) -> None:
    """Let people choose for these groups of topics, and forget what they chose for any other."""
    listed = ", ".join(f"'{group}'" for group in known)
    op.execute(sa.text(f"DELETE FROM preferences WHERE topics NOT IN ({listed})"))
    _known("preferences", "ck_preferences_known_group", f"topics IN ({listed})")


def _known(table: str, name: str, check: str) -> None:
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(op.f(name), type_="check")
        batch_op.create_check_constraint(op.f(name), check)
