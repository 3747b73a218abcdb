"""Learning from refusals: corrections at the desk, an index for what was refused; nobody read matched_at"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SIDES = ("listing", "capability")


def upgrade() -> None:
    op.add_column(
        "service_points",
        sa.Column("learns_from_refusals", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    op.add_column(
        "users", sa.Column("silent_days", sa.Integer(), server_default="7", nullable=False)
    )
    number = "FLOAT" if op.get_bind().dialect.name == "sqlite" else "DOUBLE PRECISION"
    # One statement on either database, so that SQLite does not copy the table and lose its indexes.
    op.execute(
        f"ALTER TABLE proposals ADD COLUMN correction {number} DEFAULT 0 NOT NULL "
        "CONSTRAINT ck_proposals_correction_bounded CHECK (correction BETWEEN -10 AND 0)"
    )
    op.create_index(
        "ix_proposals_refused",
        "proposals",
        ["listing_id"],
        sqlite_where=sa.text("state = 'refused'"),
        postgresql_where=sa.text("state = 'refused'"),
    )
    op.drop_column("listings", "matched_at")
    for side in SIDES:
        op.drop_index(f"ix_proposals_{side}_side_state_score", table_name="proposals")
        op.create_index(
            f"ix_proposals_{side}_side_state_points",
            "proposals",
            [f"{side}_service_point_id", "state", sa.text("(score * 100 + correction)")],
        )


def downgrade() -> None:
    for side in SIDES:
        op.drop_index(f"ix_proposals_{side}_side_state_points", table_name="proposals")
        op.create_index(
            f"ix_proposals_{side}_side_state_score",
            "proposals",
            [f"{side}_service_point_id", "state", "score"],
        )
    op.drop_index("ix_proposals_refused", table_name="proposals")
    op.drop_column("proposals", "correction")
    op.add_column("listings", sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("users", "silent_days")
    op.drop_column("service_points", "learns_from_refusals")
