"""Spatial index, map tiles, shared runs"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session, load_only

from marketplace.capabilities.models import Capability, CapabilityNode, nodes_of
from marketplace.geo.bands import band_of
from marketplace.geo.distance import ecef
from marketplace.listings.models import Listing, family_of, sought_of

PLACED = (
    ("band", sa.Integer()), ("x", sa.Float(precision=53)), ("y", sa.Float(precision=53)),
    ("z", sa.Float(precision=53)), ("public_band", sa.Integer()),
)  # fmt: skip
INDEXES = {
    "capabilities": ["ix_capabilities_band"],
    "listings": [
        "ix_listings_shown",
        "ix_listings_shown_family",
        "ix_listings_sought_band",
        "ix_listings_sought_public_band",
    ],
    "organisations": ["ix_organisations_kind_band"],
}
NEEDED = (
    Capability.materials, Capability.techniques, Capability.band, Capability.latitude,
    Capability.longitude, Capability.x, Capability.y, Capability.z, Capability.service_area,
    Capability.service_radius_km,
)  # fmt: skip

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "map_tiles",
        sa.Column("family", sa.String(length=120), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("latitude_sum", sa.BigInteger(), nullable=False),
        sa.Column("longitude_sum", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_tiles")),
        sa.UniqueConstraint(
            "level", "family", "x", "y", name=op.f("uq_map_tiles_level_family_x_y")
        ),
    )
    op.create_table(
        "match_runs",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_runs")),
    )
    op.create_table(
        "match_parts",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_band", sa.Integer(), nullable=False),
        sa.Column("last_band", sa.Integer(), nullable=False),
        sa.Column("listings", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("refreshed", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["match_runs.id"], name=op.f("fk_match_parts_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_parts")),
        sa.UniqueConstraint("run_id", "first_band", name=op.f("uq_match_parts_run_id_first_band")),
    )
    op.create_table(
        "capability_nodes",
        sa.Column(
            "capability_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("node", sa.String(length=121), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("latitude", sa.Float(precision=53), nullable=False),
        sa.Column("longitude", sa.Float(precision=53), nullable=False),
        sa.Column("x", sa.Float(precision=53), nullable=False),
        sa.Column("y", sa.Float(precision=53), nullable=False),
        sa.Column("z", sa.Float(precision=53), nullable=False),
        sa.Column("reach_km", sa.Float(precision=53), nullable=False),
        sa.Column("reach_class", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["capability_id"],
            ["capabilities.id"],
            name=op.f("fk_capability_nodes_capability_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capability_nodes")),
    )
    op.create_index("ix_capability_nodes_capability_id", "capability_nodes", ["capability_id"])
    op.create_index(
        "ix_capability_nodes_node_band",
        "capability_nodes",
        ["node", "reach_class", "band", "longitude", "x", "y", "z", "reach_km", "capability_id"],
    )
    op.create_index("ix_capability_nodes_node_reach", "capability_nodes", ["node", "reach_km"])
    op.drop_index("ix_capabilities_public_latitude", "capabilities")
    _add_placed("capabilities")
    op.create_index("ix_capabilities_band", "capabilities", ["band", "longitude", "x", "y", "z"])
    op.drop_index("ix_listings_public_latitude", "listings")
    op.add_column("listings", sa.Column("family", sa.String(length=120), nullable=True))
    op.add_column("listings", sa.Column("sought", sa.String(length=120), nullable=True))
    op.add_column("listings", sa.Column("counted_family", sa.String(length=120), nullable=True))
    op.add_column("listings", sa.Column("counted_latitude", sa.Integer(), nullable=True))
    op.add_column("listings", sa.Column("counted_longitude", sa.Integer(), nullable=True))
    _add_placed("listings")
    op.create_index(
        "ix_listings_shown",
        "listings",
        ["state", "public_band", "public_longitude", "public_x", "public_y", "public_z"],
    )
    op.create_index(
        "ix_listings_shown_family",
        "listings",
        ["state", "family", "public_band", "public_longitude", "public_x", "public_y", "public_z"],
    )
    op.create_index(
        "ix_listings_sought_band", "listings", ["sought", "band", "longitude", "x", "y", "z"]
    )
    op.create_index(
        "ix_listings_sought_public_band",
        "listings",
        ["sought", "public_band", "public_longitude", "public_x", "public_y", "public_z"],
    )
    op.drop_index("ix_organisations_public_latitude", "organisations")
    _add_placed("organisations")
    op.create_index(
        "ix_organisations_kind_band", "organisations", ["kind", "public_band", "public_longitude"]
    )
    op.drop_index("ix_sites_public_latitude", "sites")
    _add_placed("sites")
    _fill(op.get_bind())


def _add_placed(table: str) -> None:
    """Add what says where a row lies; SQLite needs a default for rows that are there, filled in below."""
    for name, kind in PLACED:
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default="0"))
        if op.get_bind().dialect.name != "sqlite":
            op.alter_column(table, name, server_default=None)


def _fill(connection: sa.Connection) -> None:
    """Give the rows that are there their bands, points, roots and nodes."""
    for name in ("capabilities", "listings", "organisations", "sites"):
        table = sa.Table(name, sa.MetaData(), autoload_with=connection)
        rows = connection.execute(
            sa.select(table.c.id, table.c.latitude, table.c.longitude, table.c.public_latitude)
        ).all()
        if not rows:
            continue
        points = zip(*ecef([r.latitude for r in rows], [r.longitude for r in rows]), strict=True)
        connection.execute(
            table.update().where(table.c.id == sa.bindparam("key")),
            [
                {
                    "key": row.id,
                    "band": band_of(row.latitude),
                    "public_band": band_of(row.public_latitude),
                    "x": float(x),
                    "y": float(y),
                    "z": float(z),
                }
                for row, (x, y, z) in zip(rows, points, strict=True)
            ],
        )
    session = Session(connection)
    for listing in session.scalars(
        sa.select(Listing).options(
            load_only(Listing.kind, Listing.material_code, Listing.techniques)
        )
    ):
        connection.execute(
            sa.update(Listing)
            .where(Listing.id == listing.id)
            .values(
                family=family_of(listing.material_code),
                sought=sought_of(listing.kind, listing.material_code, listing.techniques),
            )
        )
    for capability in session.scalars(sa.select(Capability).options(load_only(*NEEDED))):
        rows = nodes_of(capability)
        if rows:
            connection.execute(sa.insert(CapabilityNode), rows)


def downgrade() -> None:
    for table, indexes in INDEXES.items():
        for index in indexes:
            op.drop_index(index, table)
    for column in ("family", "sought", "counted_family", "counted_latitude", "counted_longitude"):
        op.drop_column("listings", column)
    for table in ("capabilities", "listings", "organisations", "sites"):
        for column, _ in PLACED:
            op.drop_column(table, column)
        op.create_index(f"ix_{table}_public_latitude", table, ["public_latitude"])
    for table in ("capability_nodes", "match_parts", "match_runs", "map_tiles"):
        op.drop_table(table)
