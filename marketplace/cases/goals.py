"""The seventeen goals of the United Nations for sustainable development, by their short names.

Source: United Nations, A/RES/70/1, with the short names that its regional information centres use.
"""

GOALS: dict[int, dict[str, str]] = {
    1: {"de": "Keine Armut", "hu": "A szegénység felszámolása", "en": "No poverty"},
    2: {"de": "Kein Hunger", "hu": "Az éhezés megszüntetése", "en": "Zero hunger"},
    3: {
        "de": "Gesundheit und Wohlergehen",
        "hu": "Egészség és jóllét",
        "en": "Good health and well-being",
    },
    4: {"de": "Hochwertige Bildung", "hu": "Minőségi oktatás", "en": "Quality education"},
    5: {"de": "Geschlechtergleichheit", "hu": "Nemek közötti egyenlőség", "en": "Gender equality"},
    6: {
        "de": "Sauberes Wasser und Sanitäreinrichtungen",
        "hu": "Tiszta víz és alapvető köztisztaság",
        "en": "Clean water and sanitation",
    },
    7: {
        "de": "Bezahlbare und saubere Energie",
        "hu": "Megfizethető és tiszta energia",
        "en": "Affordable and clean energy",
    },
    8: {
        "de": "Menschenwürdige Arbeit und Wirtschaftswachstum",
        "hu": "Tisztességes munka és gazdasági növekedés",
        "en": "Decent work and economic growth",
    },
    9: {
        "de": "Industrie, Innovation und Infrastruktur",
        "hu": "Ipar, innováció és infrastruktúra",
        "en": "Industry, innovation and infrastructure",
    },
    10: {
        "de": "Weniger Ungleichheiten",
        "hu": "Egyenlőtlenségek csökkentése",
        "en": "Reduced inequalities",
    },
    11: {
        "de": "Nachhaltige Städte und Gemeinden",
        "hu": "Fenntartható városok és közösségek",
        "en": "Sustainable cities and communities",
    },
    12: {
        "de": "Nachhaltiger Konsum und nachhaltige Produktion",
        "hu": "Felelős fogyasztás és termelés",
        "en": "Responsible consumption and production",
    },
    13: {
        "de": "Maßnahmen zum Klimaschutz",
        "hu": "Fellépés az éghajlatváltozás ellen",
        "en": "Climate action",
    },
    14: {
        "de": "Leben unter Wasser",
        "hu": "Óceánok és tengerek védelme",
        "en": "Life below water",
    },
    15: {
        "de": "Leben an Land",
        "hu": "Szárazföldi ökoszisztémák védelme",
        "en": "Life on land",
    },
    16: {
        "de": "Frieden, Gerechtigkeit und starke Institutionen",
        "hu": "Béke, igazság és erős intézmények",
        "en": "Peace, justice and strong institutions",
    },
    17: {
        "de": "Partnerschaften zur Erreichung der Ziele",
        "hu": "Partnerség a célok eléréséért",
        "en": "Partnerships for the goals",
    },
}


def goal_name(number: int, language: str) -> str:
    """Return number and short name of a goal, such as ``12 Responsible consumption and production``."""
    names = GOALS[number]
    return f"{number} {names.get(language, names['en'])}"
