"""The words that templates use: labels, names of codes, addresses of the same page."""

from enum import StrEnum
from typing import Any

from flask import Flask, request

from marketplace.cluster.models import Theme
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.waste import waste_codes
from marketplace.web.addresses import kept
from marketplace.web.language import language
from marketplace.web.pictures import Picture
from marketplace.wording import label, sender_words

FAMILY_PICTURES = {
    "textile": "felt",
    "leather": "leather",
    "tarpaulin": "tarp",
    "plastic": "acrylic",
    "foam": "foam",
    "rubber": "webbing",
    "wood": "oak",
    "natural": "cork",
    "metal": "alu",
    "glass": "bottles",
    "ceramic": "tiles",
    "mineral": "tiles",
    "paper": "card",
    "packaging": "jute",
    "electronics": "perf",
    "vehicle": "webbing",
    "food": "husks",
    "plant": "husks",
    "chemical": "drums",
}


def family_picture(code: str) -> str:
    """Return which of our own pictures stands for a material family."""
    return FAMILY_PICTURES.get(code, "shelves")


def technique_names(codes: list[str]) -> list[tuple[str, str]]:
    """Return code and name of each technique; what is no code is shown as it was typed."""
    tree = techniques()
    found = []
    for code in codes or []:
        node = tree.find(code)
        found.append((code, tree.name(node.code, language()) if node else code))
    return found


def material_name(code: str | None) -> str:
    """Return the material's name in the reader's language."""
    return materials().name(code, language()) if code else ""


def technique_name(code: str) -> str:
    """Return the technique's name in the reader's language."""
    return techniques().name(code, language())


def waste_code(code: str | None) -> str:
    """Return a waste code with its title."""
    if not code:
        return ""
    found = waste_codes().get(code)
    return f"{found.pretty} {waste_codes().title(found.code, language())}".strip()


def theme_names() -> dict[str, str]:
    """Return the label of each topic of the value cluster by its code."""
    return {theme.value: label(theme) for theme in Theme}


def query_with(**changes: str) -> dict[str, Any]:
    """Return this page's query with some parts changed; an empty part is left out, as is the page."""
    same = kept(request.args.lists(), without={*changes, "page", "after"})
    return same | {k: v for k, v in changes.items() if v}


def label_of(value: StrEnum | None) -> str:
    """Return the label of an enum's member, or nothing."""
    return label(value) if value is not None else ""


def install(app: Flask) -> None:
    """Register filters and functions."""
    app.add_template_filter(label_of, "label")
    app.add_template_filter(sender_words, "sender")
    app.add_template_global(Picture, "picture_of")
    for function in (material_name, technique_name, technique_names, waste_code, query_with, theme_names,
                     family_picture):  # fmt: skip
        app.add_template_global(function, function.__name__)
