"""The columns of each file, in the order in which they are written."""

from enum import StrEnum, auto


class Format(StrEnum):
    CSV = auto()
    JSON = auto()
    XLSX = auto()
    GEOJSON = auto()


class Content(StrEnum):
    """What a file holds. The first three can be read, all can be written."""

    ORGANISATIONS = auto()
    LISTINGS = auto()
    CAPABILITIES = auto()
    PROPOSALS = auto()
    ORDERS = auto()
    SEALS = auto()
    IMPACT = auto()
    MATERIALS = auto()
    TECHNIQUES = auto()


PLACE = ("address", "postal_code", "city", "country", "lat", "lon")
REASON = "reason"

COLUMNS: dict[Content, tuple[str, ...]] = {
    Content.ORGANISATIONS: (
        "org_ref", "name", "kind", "market_tier", "country", "address", "postal_code", "city",
        "lat", "lon", "vat_id", "email", "phone", "website", "verified",
    ),
    Content.LISTINGS: (
        "listing_ref", "org_ref", "kind", "title", "description", "material", "techniques",
        "quantity", "unit", "mass_kg", "recurrence", "available_from", "available_until",
        "condition", "hazardous", "waste_code", "address", "postal_code", "city", "country",
        "lat", "lon", "photos", "work_place", "work_hours", "price_direction", "status",
    ),
    Content.CAPABILITIES: (
        "capability_ref", "org_ref", "title", "description", "materials", "techniques",
        "conditions", "capacity_kg_per_month", "capacity_pieces_per_month",
        "capacity_hours_per_month", "min_batch_kg", "lead_time_days", "service_radius_km",
        "service_area", "accepts_hazardous", "permits", "on_site", "pickup", "equipment",
        "storage_m2", "cooling", "seeking_work", "available_from", "available_until", "address",
        "postal_code", "city", "country", "lat", "lon", "status",
    ),
    Content.PROPOSALS: (
        "listing_ref", "capability_ref", "rank", "score", "distance_km", "proximity", "fit",
        "capacity", "timing", "value", "fairness", "weights_version", "as_of", "status",
    ),
    Content.ORDERS: (
        "order_number", "line", "listing_ref", "capability_ref", "client_ref", "enterprise_ref",
        "title", "product", "role", "description", "quantity", "unit", "mass_kg", "waste_code",
        "recurrence", "giver_ref", "taker_ref", "payer_ref", "price", "lump_sum", "vat_percent",
        "starts_on", "due_on", "distance_km", "status", "reason", "created_on",
    ),
    Content.SEALS: (
        "certificate_number", "application_number", "decision", "org_ref", "makers", "product",
        "product_group", "country", "criteria_version", "points", "social_work_percent",
        "reused_percent", "longest_way_km", "issued_on", "valid_from", "valid_until", "renews",
        "status", "since",
    ),
    Content.IMPACT: (
        "order_number", "measure", "path", "target_group", "material", "waste_code", "amount",
        "unit", "factor", "factor_version", "factor_value", "factor_source", "result", "low", "high",
        "km", "happened_on", "giver_ref", "taker_ref", "service_point",
    ),
    Content.MATERIALS: (
        "code", "parent", "name_de", "name_hu", "name_en", "bulk_density_kg_m3",
        "areal_density_kg_m2", "waste_code", "factor_kg_co2e_per_kg", "factor_source", "retired",
        "successor",
    ),
    Content.TECHNIQUES: (
        "code", "parent", "name_de", "name_hu", "name_en", "value_retention", "retired", "successor",
    ),
}  # fmt: skip
