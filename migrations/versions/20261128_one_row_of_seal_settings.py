"""The seal's settings are one row"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ONLY_ROW = "ck_seal_settings_only_row"


def upgrade() -> None:
    # Two first saves at once made two rows: the older one was the one in force.
    op.execute("DELETE FROM seal_settings WHERE id > (SELECT MIN(id) FROM seal_settings)")
    op.execute("UPDATE seal_settings SET id = 1")
    op.execute("UPDATE audit_trail SET subject_id = 1 WHERE subject = 'seal_settings'")
    with op.batch_alter_table("seal_settings") as batch_op:
        batch_op.create_check_constraint(op.f(ONLY_ROW), "id = 1")


def downgrade() -> None:
    with op.batch_alter_table("seal_settings") as batch_op:
        batch_op.drop_constraint(op.f(ONLY_ROW), type_="check")
