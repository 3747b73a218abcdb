"""What forms suggest while somebody types: places, materials, techniques, waste codes."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from marketplace.core.text import clean
from marketplace.geo.geocoding.offline import gazetteer
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.waste import waste_codes
from marketplace.web.access import ANYBODY
from marketplace.web.language import language
from marketplace.web.vocabulary import own_materials, own_techniques

bp = Blueprint("suggestions", __name__, url_prefix="/suggestions")


def _asked() -> str:
    return clean(request.args.get("q", ""))[:80]


@bp.get("/places")
@ANYBODY
def places() -> ResponseReturnValue:
    asked = _asked()
    towns = gazetteer().suggest(asked, limit=16) if asked else []
    if asked[:1].isdigit():
        home = "HU" if language() == "hu" else "AT"
        towns = sorted(towns, key=lambda town: town.country != home)
    return jsonify(
        items=[
            {
                "value": town.label,
                "label": town.label,
                "hint": town.country,
                "postal_code": town.postal_code,
                "city": town.name,
                "country": town.country,
                "latitude": town.latitude,
                "longitude": town.longitude,
            }
            for town in towns[:8]
        ]
    )


@bp.get("/materials")
@ANYBODY
def material_names() -> ResponseReturnValue:
    tree, lang = materials(), language()
    found = tree.suggest(_asked(), lang, own=own_materials()) if _asked() else []
    return jsonify(
        items=[
            {
                "value": s.node.code,
                "label": s.label,
                "hint": s.matched
                or " › ".join(
                    tree.name(a.code, lang) for a in reversed(tree.ancestors(s.node.code)[1:])
                ),
            }
            for s in found
        ]
    )


@bp.get("/techniques")
@ANYBODY
def technique_names() -> ResponseReturnValue:
    tree, lang = techniques(), language()
    found = tree.suggest(_asked(), lang, own=own_techniques()) if _asked() else []
    return jsonify(
        items=[{"value": s.node.code, "label": s.label, "hint": s.matched or ""} for s in found]
    )


@bp.get("/waste-codes")
@ANYBODY
def waste_code_titles() -> ResponseReturnValue:
    lang = language()
    found = waste_codes().search(_asked(), lang, limit=8) if _asked() else []
    return jsonify(
        items=[
            {"value": c.pretty, "label": c.pretty, "hint": waste_codes().title(c.code, lang)}
            for c in found
        ]
    )
