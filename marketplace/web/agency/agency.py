"""The agency, all pages of it."""

from marketplace.web.agency import (
    cluster,
    factors,
    outbox,
    seals,
    service_points,
    taxonomy,
    taxonomy_editions,
    taxonomy_nodes,
    weights,
)
from marketplace.web.agency.blueprint import bp

__all__ = [
    "bp",
    "cluster",
    "factors",
    "outbox",
    "seals",
    "service_points",
    "taxonomy",
    "taxonomy_editions",
    "taxonomy_nodes",
    "weights",
]
