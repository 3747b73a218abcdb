"""Reading the demo region's tables, and the small language of their column ``extra``."""

import csv
import json
from datetime import datetime, timedelta
from importlib.resources import files

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    """Return the rows of ``data/NAME.csv``."""
    table = files("marketplace.demo").joinpath("data", f"{name}.csv")
    with table.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def area(name: str) -> str:
    """Return a service area of ``data/areas.json`` as GeoJSON text."""
    shapes = json.loads(
        files("marketplace.demo").joinpath("data", "areas.json").read_text(encoding="utf-8")
    )
    return json.dumps(shapes[name])


def extra(cell: str) -> dict[str, str]:
    """Return what a cell such as ``site,hours=60`` says; a word alone means yes."""
    parts = (part.partition("=") for part in cell.split(",") if part.strip())
    return {name.strip(): value.strip() or "yes" for name, _, value in parts}


def several(cell: str) -> list[str]:
    """Return the parts between semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def number(cell: str) -> float | None:
    """Return a figure, or None for an empty cell."""
    return float(cell) if cell else None


def days_ago(now: datetime, days: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of an earlier day, in UTC; ``now`` itself where that day is today."""
    then = now - timedelta(days=days)
    return then.replace(hour=hour, minute=minute, second=0, microsecond=0) if days > 0 else now
