"""The matcher's reasons in words, and the parts of a score as the macros draw them."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.matching.explain import Reason
from marketplace.matching.kinds import Component, Rule
from marketplace.matching.obstacles import ShutOut
from marketplace.matching.weights import Weights
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.web.language import day, fixed, language, number


@dataclass(frozen=True)
class Part:
    """One of the six shares of a score: ``value`` in [0, 1], ``share`` in points of 100."""

    name: str
    value: float
    share: float
    reason: str = ""


def component_name(component: Component) -> str:
    """Return what people call a component."""
    return {
        Component.PROXIMITY: _("Proximity"),
        Component.FIT: _("Fit"),
        Component.CAPACITY: _("Capacity"),
        Component.TIMING: _("Time"),
        Component.VALUE: _("Value"),
        Component.FAIRNESS: _("Fairness"),
    }[component]


def parts(values: list[float], weights: Weights, found: list[Reason] | None = None) -> list[Part]:
    """Return the six shares of a score in the order of their weights, with reasons where given."""
    column = weights.column()
    words: dict[Component, list[str]] = {}
    for reason in found or []:
        words.setdefault(reason.component, []).append(in_words(reason))
    return [
        Part(
            component_name(component),
            values[n],
            100 * float(column[n]) * values[n] / float(column.sum()),
            "; ".join(words.get(component, [])),
        )
        for n, component in enumerate(Component)
    ]


def sentences(found: list[Reason]) -> list[Part]:
    """Return the reasons as parts without weights."""
    return parts(_values(found), Weights(), found) if found else []


def _values(found: list[Reason]) -> list[float]:
    by_component = {reason.component: reason.value for reason in found}
    return [by_component.get(component, 0.0) for component in Component]


def _material(n: object) -> str:
    return list(materials())[int(str(n))].name(language())


def _technique(n: object) -> str:
    return list(techniques())[int(str(n))].name(language())


def _amount(value: object, unit: object) -> str:
    text = number(float(str(value)), 1)
    words: dict[str, str] = {
        "kg": f"{text} kg",
        "piece": _("%(n)s pieces", n=text),
        "hour": _("%(n)s hours", n=text),
    }
    return words[str(unit)]


def in_words(reason: Reason) -> str:
    """Return one reason as a sentence."""
    p = reason.params
    match reason.component:
        case Component.PROXIMITY:
            return _(
                "%(km)s km; halves every %(half)s km",
                km=fixed(float(p["distance_km"])),
                half=number(float(p["half_distance_km"])),
            )
        case Component.FIT:
            return _fit(reason)
        case Component.CAPACITY:
            return _capacity(reason)
        case Component.TIMING:
            return _(
                "%(shared)s of %(days)s days in common",
                shared=number(float(p["shared_days"])),
                days=number(float(p["listing_days"])),
            )
        case Component.VALUE:
            named = "technique" in p
            return _technique(p["technique"]) if named else _("no technique is named")
        case Component.FAIRNESS:
            return ngettext("one open order", "%(num)s open orders", int(p["open_orders"]))


def _fit(reason: Reason) -> str:
    p = reason.params
    match reason.code:
        case "material_exact":
            return _("accepts %(material)s itself", material=_material(p["material"]))
        case "material_above":
            return ngettext(
                "accepts %(accepted)s, one level above",
                "accepts %(accepted)s, %(num)s levels above",
                int(p["levels"]),
                accepted=_material(p["accepted"]),
            )
        case "technique_exact":
            return _("offers %(technique)s itself", technique=_technique(p["technique"]))
        case "technique_above":
            return ngettext(
                "offers %(offered)s, one level above",
                "offers %(offered)s, %(num)s levels above",
                int(p["levels"]),
                offered=_technique(p["offered"]),
            )
        case _:
            return _("nothing special is asked for")


def _capacity(reason: Reason) -> str:
    if reason.code == "unlimited":
        return _("no limit of capacity is stated")
    if reason.code == "nothing_free":
        return _("nothing free at present")
    p = reason.params
    free, monthly = _amount(p["free"], p["unit"]), _amount(p["monthly"], p["unit"])
    if reason.code == "enough":
        return _("%(free)s a month free, %(monthly)s needed", free=free, monthly=monthly)
    return _(
        "takes %(percent)s %% of the monthly amount: %(free)s of %(monthly)s",
        percent=number(100 * float(p["share"])),
        free=free,
        monthly=monthly,
    )


def shut_out_sentences(out: ShutOut) -> list[str]:
    """Return why a capability cannot have a listing, one sentence per rule."""
    return [_rule(rule, dict(out.facts.get(rule, {}))) for rule in out.rules]


def _rule(rule: Rule, facts: dict[str, object]) -> str:
    match rule:
        case Rule.STATUS:
            return _("is not open to everybody at present")
        case Rule.MATERIAL:
            return _not_accepted(facts)
        case Rule.TECHNIQUE:
            return _not_offered(facts)
        case Rule.PLACE:
            return _too_far(facts)
        case Rule.HAZARD:
            return _("has no permit for hazardous material")
        case Rule.CONDITION:
            return _("does not accept this condition")
        case Rule.BATCH:
            return _too_little(facts)
        case Rule.TIME:
            return _at_another_time(facts)
        case Rule.REFUSED:
            return _("a broker has refused this pair")
        case Rule.WORK_PLACE:
            return _("does not work at the client's site")


def _not_accepted(facts: dict[str, object]) -> str:
    if "material" in facts and int(str(facts["material"])) >= 0:
        return _("does not accept %(material)s", material=_material(facts["material"]))
    return _("the material is not named")


def _not_offered(facts: dict[str, object]) -> str:
    if "technique" in facts:
        return _("does not offer %(technique)s", technique=_technique(facts["technique"]))
    return _("no technique is named")


def _too_far(facts: dict[str, object]) -> str:
    if "beyond_km" not in facts:
        return _("outside its service area")
    beyond = fixed(float(str(facts["beyond_km"])))
    if "outside_area" in facts:
        return _("%(beyond)s km outside its service area", beyond=beyond)
    return _(
        "%(beyond)s km outside its radius of %(radius)s km",
        beyond=beyond,
        radius=number(float(str(facts["radius_km"]))),
    )


def _too_little(facts: dict[str, object]) -> str:
    """Say how much is missing, and with how many others near by it would be enough."""
    mass, least = (number(float(str(facts[name])), 1) for name in ("mass_kg", "least_kg"))
    others = int(str(facts.get("pool_with", 0)))
    if not others:
        return _(
            "a batch of %(mass)s kg, below its minimum of %(least)s kg", mass=mass, least=least
        )
    return ngettext(
        "a batch of %(mass)s kg, below its minimum of %(least)s kg: "
        "enough together with one listing near by",
        "a batch of %(mass)s kg, below its minimum of %(least)s kg: "
        "enough together with %(num)s listings near by",
        others,
        mass=mass,
        least=least,
    )


def _at_another_time(facts: dict[str, object]) -> str:
    if "opens" in facts:
        opens = date(1970, 1, 1) + timedelta(days=int(str(facts["opens"])))
        return _("only from %(day)s", day=day(opens))
    return ngettext(
        "the windows miss each other by one day",
        "the windows miss each other by %(num)s days",
        int(str(facts.get("gap_days", 0))),
    )
