"""What the marketplace knows, as sheets in a stable order."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from marketplace.accounts.models import Organisation, ServicePoint
from marketplace.accounts.places import Placed
from marketplace.capabilities.models import Capability
from marketplace.exchange.capabilities import capability_record
from marketplace.exchange.columns import COLUMNS, Content
from marketplace.exchange.listings import listing_record
from marketplace.exchange.organisations import organisation_record
from marketplace.exchange.writing import Point, Record, Sheet
from marketplace.impact.models import Entry, FactorVersion
from marketplace.listings.models import Listing, ListingPhoto
from marketplace.orders.models import Order, OrderLine, OrderPairing, OrderParty
from marketplace.proposals.models import Proposal
from marketplace.seals.models import SealApplication
from marketplace.seals.register import Certificate
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.waste import waste_codes

SCORES = ("score", "proximity", "fit", "capacity", "timing", "value", "fairness")
SCORE, DISTANCE = 9, 3


def sheet(session: Session, content: Content, *, public_url: str = "") -> Sheet:
    """Return everything of one kind; photos are named by their address below ``public_url``."""
    make: dict[Content, Callable[[], tuple[list[Record], list[list[Point]] | None]]] = {
        Content.ORGANISATIONS: lambda: _organisations(session),
        Content.LISTINGS: lambda: _listings(session, public_url),
        Content.CAPABILITIES: lambda: _capabilities(session),
        Content.PROPOSALS: lambda: _proposals(session),
        Content.ORDERS: lambda: _orders(session),
        Content.SEALS: lambda: _seals(session),
        Content.IMPACT: lambda: _impact(session),
        Content.MATERIALS: _materials,
        Content.TECHNIQUES: _techniques,
    }
    records, lines = make[content]()
    return Sheet(COLUMNS[content], records, lines)


def _rounded(value: float, digits: int) -> Decimal:
    return Decimal(f"{value:.{digits}f}")


def _point(thing: Placed) -> list[Point]:
    return [(thing.longitude, thing.latitude)]


def _organisations(session: Session) -> tuple[list[Record], list[list[Point]]]:
    things = sorted(session.scalars(select(Organisation)), key=lambda thing: thing.ref)
    return [organisation_record(thing) for thing in things], [_point(thing) for thing in things]


def _listings(session: Session, public_url: str) -> tuple[list[Record], list[list[Point]]]:
    rows = session.execute(
        select(Listing, Organisation.ref)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .options(selectinload(Listing.pictures).joinedload(ListingPhoto.photo))
    ).all()
    rows = sorted(rows, key=lambda row: (row[1], row[0].ref))
    records = [listing_record(thing, org_ref, public_url) for thing, org_ref in rows]
    return records, [_point(thing) for thing, _ in rows]


def _capabilities(session: Session) -> tuple[list[Record], list[list[Point]]]:
    rows = session.execute(
        select(Capability, Organisation.ref).join(
            Organisation, Organisation.id == Capability.organisation_id
        )
    ).all()
    rows = sorted(rows, key=lambda row: (row[1], row[0].ref))
    records = [capability_record(thing, org_ref) for thing, org_ref in rows]
    return records, [_point(thing) for thing, _ in rows]


def _proposals(session: Session) -> tuple[list[Record], list[list[Point]]]:
    rows = session.execute(
        select(
            *Proposal.__table__.c,
            Listing.ref.label("listing_ref"),
            Capability.ref.label("capability_ref"),
            Organisation.ref.label("org_ref"),
            Capability.longitude.label("from_lon"),
            Capability.latitude.label("from_lat"),
            Listing.longitude.label("to_lon"),
            Listing.latitude.label("to_lat"),
        )
        .join(Listing, Listing.id == Proposal.listing_id)
        .join(Capability, Capability.id == Proposal.capability_id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
    ).all()
    rows = sorted(rows, key=_in_order)
    records: list[Record] = [
        {
            "listing_ref": row.listing_ref,
            "capability_ref": row.capability_ref,
            "rank": row.rank,
            "distance_km": _rounded(row.distance_km, DISTANCE),
            **{name: _rounded(getattr(row, name), SCORE) for name in SCORES},
            "weights_version": row.weights_version,
            "as_of": row.as_of,
            "status": row.state,
        }
        for row in rows
    ]
    return records, [_way(row) for row in rows]


def _in_order(row: Any) -> tuple[object, ...]:
    """Sort by listing, then rank; in Python, since databases differ in how they order text."""
    return row.listing_ref, row.org_ref, row.rank, row.capability_ref, row.id


def _way(row: Any) -> list[Point]:
    return [(row.from_lon, row.from_lat), (row.to_lon, row.to_lat)]


def _orders(session: Session) -> tuple[list[Record], list[list[Point]]]:
    """Return one row per line of each order; its way is that of the order's first pairing."""
    orders = session.scalars(
        select(Order)
        .options(
            selectinload(Order.parties).joinedload(OrderParty.organisation),
            selectinload(Order.lines),
            selectinload(Order.pairings).joinedload(OrderPairing.listing),
            selectinload(Order.pairings).joinedload(OrderPairing.capability),
        )
        .order_by(Order.created_at, Order.number)
    )
    records: list[Record] = []
    ways: list[list[Point]] = []
    for order in orders:
        for line in order.lines:
            records.append(_order_line(order, line))
            ways.append(_order_way(order))
    return records, ways


def _order_line(order: Order, line: OrderLine) -> Record:
    refs = {party.id: party.organisation.ref for party in order.parties}
    pairing = order.pairings[0]
    plain = ("title", "product", "recurrence", "starts_on", "due_on", "reason")
    cells = (
        "role", "description", "quantity", "unit", "mass_kg", "waste_code", "price", "lump_sum",
        "vat_percent",
    )  # fmt: skip
    return {
        "order_number": order.number,
        "line": line.position + 1,
        "listing_ref": None if pairing.listing is None else pairing.listing.ref,
        "capability_ref": pairing.capability.ref,
        "client_ref": ";".join(refs[party.id] for party in order.clients),
        "enterprise_ref": ";".join(refs[party.id] for party in order.enterprises),
        **{name: getattr(order, name) for name in plain},
        **{name: getattr(line, name) for name in cells},
        "giver_ref": refs[line.giver_id],
        "taker_ref": refs[line.taker_id],
        "payer_ref": refs.get(line.payer_id or 0),
        "distance_km": _rounded(pairing.distance_km, DISTANCE),
        "status": order.state,
        "created_on": order.created_at.date(),
    }


def _order_way(order: Order) -> list[Point]:
    pairing = order.pairings[0]
    start: Placed = pairing.listing or pairing.capability
    return [*_point(start), *_point(pairing.capability)]


def _seals(session: Session) -> tuple[list[Record], list[list[Point]]]:
    """Return the certificates; each lies where its holder is shown publicly."""
    rows = session.scalars(
        select(Certificate)
        .options(
            joinedload(Certificate.organisation),
            joinedload(Certificate.application).joinedload(SealApplication.criteria_set),
        )
        .order_by(Certificate.issued_on, Certificate.id)
    ).all()
    holders = [row.organisation for row in rows]
    return [_seal(row) for row in rows], [
        [(holder.public_longitude, holder.public_latitude)] for holder in holders
    ]


def _seal(row: Certificate) -> Record:
    plain = (
        "decision", "product", "country", "issued_on", "valid_from", "valid_until", "renews", "since",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain},
        "certificate_number": row.number,
        "application_number": row.application.number,
        "org_ref": row.organisation.ref,
        "makers": row.makers,
        "product_group": row.group,
        "criteria_version": row.application.criteria_set.version,
        "points": row.application.points,
        "social_work_percent": row.figures.get("social_work"),
        "reused_percent": row.figures.get("reused"),
        "longest_way_km": row.figures.get("most_km"),
        "status": row.state,
    }


def _impact(session: Session) -> tuple[list[Record], None]:
    """Return every booked figure with the version of the factor that it was reckoned with."""
    rows = session.scalars(
        select(Entry)
        .join(Entry.order)
        .options(
            contains_eager(Entry.order),
            joinedload(Entry.giver),
            joinedload(Entry.taker),
            joinedload(Entry.factor_version).joinedload(FactorVersion.factor),
        )
    )
    points = {row.id: row.name for row in session.scalars(select(ServicePoint))}
    return [_figure(row, points) for row in sorted(rows, key=_of_order)], None


def _of_order(row: Entry) -> tuple[object, ...]:
    """Sort by order, then key; in Python, since databases differ in how they order text."""
    return row.order.created_at, row.order.number, row.key


def _figure(row: Entry, points: dict[int, str]) -> Record:
    plain = (
        "measure", "path", "target_group", "waste_code", "amount", "unit", "result", "low", "high",
        "km", "happened_on",
    )  # fmt: skip
    version = row.factor_version
    return {
        **{name: getattr(row, name) for name in plain},
        "order_number": row.order.number,
        "material": row.material_code,
        "factor": version.factor.key if version else None,
        "factor_version": version.version if version else None,
        "factor_value": version.value if version else None,
        "factor_source": version.source if version else None,
        "giver_ref": row.giver.ref if row.giver else None,
        "taker_ref": row.taker.ref if row.taker else None,
        "service_point": points.get(row.service_point_id or 0),
    }


def _materials() -> tuple[list[Record], None]:
    plain = (
        "code", "parent", "name_de", "name_hu", "name_en", "bulk_density_kg_m3",
        "areal_density_kg_m2", "factor_kg_co2e_per_kg", "factor_source", "retired", "successor",
    )  # fmt: skip
    records: list[Record] = []
    for node in sorted(materials(), key=lambda node: node.code):
        usual = node.usual_waste_code
        code = waste_codes().get(usual).pretty if usual else None
        records.append({**{n: getattr(node, n) for n in plain}, "waste_code": code})
    return records, None


def _techniques() -> tuple[list[Record], None]:
    plain = COLUMNS[Content.TECHNIQUES]
    nodes = sorted(techniques(), key=lambda node: node.code)
    return [{name: getattr(node, name) for name in plain} for node in nodes], None
