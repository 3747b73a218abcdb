"""Editions of the taxonomy"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "taxonomy_editions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(length=200), nullable=False),
        sa.Column("went_back_to", sa.Integer(), nullable=True),
        sa.Column("begun_by", KEY, nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("put_by", KEY, nullable=True),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["begun_by"], ["users.id"], name=op.f("fk_taxonomy_editions_begun_by")
        ),
        sa.ForeignKeyConstraint(["put_by"], ["users.id"], name=op.f("fk_taxonomy_editions_put_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_editions")),
        sa.UniqueConstraint("number", name=op.f("uq_taxonomy_editions_number")),
    )
    op.create_table(
        "taxonomy_nodes",
        sa.Column("edition_id", KEY, nullable=False),
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
        sa.Column("name_de", sa.String(length=80), nullable=False),
        sa.Column("name_hu", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("synonyms_de", sa.JSON(), nullable=False),
        sa.Column("synonyms_hu", sa.JSON(), nullable=False),
        sa.Column("synonyms_en", sa.JSON(), nullable=False),
        sa.Column("bulk_density_kg_m3", sa.Float(precision=53), nullable=True),
        sa.Column("areal_density_kg_m2", sa.Float(precision=53), nullable=True),
        sa.Column("linear_density_kg_m", sa.Float(precision=53), nullable=True),
        sa.Column("piece_mass_kg", sa.Float(precision=53), nullable=True),
        sa.Column("waste_code", sa.String(length=6), nullable=True),
        sa.Column("factor_group", sa.String(length=80), nullable=True),
        sa.Column("factor_material", sa.String(length=120), nullable=True),
        sa.Column("value_retention", sa.Float(precision=53), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("successor", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["taxonomy_editions.id"],
            name=op.f("fk_taxonomy_nodes_edition_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_nodes")),
        sa.UniqueConstraint(
            "edition_id", "tree", "code", name=op.f("uq_taxonomy_nodes_edition_id_tree_code")
        ),
    )


def downgrade() -> None:
    op.drop_table("taxonomy_nodes")
    op.drop_table("taxonomy_editions")
