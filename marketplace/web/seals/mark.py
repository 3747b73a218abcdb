"""The seal with its number, drawn for print and web."""

import io
import re
from functools import cache
from pathlib import Path

from flask import current_app
from markupsafe import escape
from PIL import Image, ImageDraw, ImageFont

GREEN = "#0b6641"
HEIGHT = 232
DOT = 1 / 200


def _static(name: str) -> Path:
    return Path(str(current_app.static_folder)) / name


@cache
def _paths(file: Path) -> str:
    """Return what is inside the seal's own drawing."""
    found = re.search(r"<svg[^>]*>(?:<title>.*?</title>)?(.*)</svg>", file.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def svg(number: str) -> str:
    """Return the seal above its number as SVG, in the units of the seal: 200 wide."""
    name = escape(number)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 {HEIGHT}" width="200" '
        f'height="{HEIGHT}" color="{GREEN}" role="img"><title>SoPro {name}</title>'
        f"{_paths(_static('icons/seal.svg'))}"
        f'<text x="100" y="224" text-anchor="middle" font-family="Figtree, Arial, sans-serif" '
        f'font-size="20" font-weight="600" fill="{GREEN}">{name}</text></svg>'
    )


def png(number: str) -> bytes:
    """Return the same as PNG on a clear ground, 1200 pixels wide: ten centimetres at 300 dpi."""
    with Image.open(_static("img/seal.png")) as file:
        seal = file.convert("RGBA")
    width = seal.width
    sheet = Image.new("RGBA", (width, round(width * HEIGHT * DOT)), (255, 255, 255, 0))
    sheet.paste(seal, (0, 0))
    font = ImageFont.truetype(str(_static("fonts/figtree-latin.woff2")), round(20 * width * DOT))
    font.set_variation_by_name("SemiBold")
    at = (width / 2, 217 * width * DOT)
    ImageDraw.Draw(sheet).text(at, number, font=font, fill=GREEN, anchor="mm")
    out = io.BytesIO()
    sheet.save(out, "PNG", dpi=(300, 300), optimize=True)
    return out.getvalue()
