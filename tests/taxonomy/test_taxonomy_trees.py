"""The two trees are whole: codes, names, synonyms and inherited figures."""

import re
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from marketplace.taxonomy.factors import factors
from marketplace.taxonomy.materials import materials
from marketplace.taxonomy.techniques import techniques
from marketplace.taxonomy.tree import Material, Technique, Tree, UnknownCode
from marketplace.taxonomy.waste import waste_codes
from marketplace.taxonomy.words import LANGUAGES, compact, verbatim

TREES = [pytest.param(materials(), id="materials"), pytest.param(techniques(), id="techniques")]

ONLY_ACCENTS_APART = {"bor"}  # bor is wine, bőr is leather


def test_there_are_enough_nodes_for_the_trades_we_serve() -> None:
    assert len(materials()) >= 200
    assert len(techniques()) >= 80
    assert max(node.level for node in materials()) <= 3
    assert max(node.level for node in techniques()) <= 2


@pytest.mark.parametrize("tree", TREES)
def test_every_code_is_words_joined_by_dots_below_a_parent_that_exists(tree: Tree[Any]) -> None:
    for node in tree:
        assert re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)*", node.code)
        assert node.parent is None or node.parent in tree


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_there_and_differ_among_siblings(tree: Tree[Any], language: str) -> None:
    families: dict[str | None, list[str]] = defaultdict(list)
    for node in tree:
        assert node.name(language).strip()
        families[node.parent].append(compact(node.name(language)))
    for names in families.values():
        assert len(names) == len(set(names))


@pytest.mark.parametrize("tree", TREES)
def test_a_word_means_one_node_or_one_and_those_below_it(tree: Tree[Any]) -> None:
    for spelled, allowed in ((verbatim, set[str]()), (compact, ONLY_ACCENTS_APART)):
        meant: dict[str, set[str]] = defaultdict(set)
        for node in tree:
            for language in LANGUAGES:
                for word in (node.name(language), *node.synonyms(language)):
                    meant[spelled(word)].add(node.code)
        torn = {
            word: codes
            for word, codes in meant.items()
            if not any(all(tree.covers(top, code) for code in codes) for top in codes)
        }
        assert set(torn) <= allowed, torn


@pytest.mark.parametrize("tree", TREES)
def test_every_code_name_and_synonym_leads_to_its_node_or_one_above_or_below(
    tree: Tree[Any],
) -> None:
    for node in tree:
        assert tree.find(node.code) is node
        for language in LANGUAGES:
            for word in (node.name(language), *node.synonyms(language)):
                found = tree.find(word)
                assert found is not None
                assert tree.covers(found.code, node.code) or tree.covers(node.code, found.code)


@pytest.mark.parametrize("tree", TREES)
def test_numbers_are_a_walk_through_the_tree(tree: Tree[Any]) -> None:
    nodes = list(tree)
    assert [tree.number(node.code) for node in nodes] == list(range(len(tree)))
    for node in nodes:
        numbers = tree.ancestor_numbers(node.code)
        assert [nodes[number] for number in numbers] == tree.ancestors(node.code)
        assert len(numbers) == node.level + 1
        above = tree.parent_numbers[numbers[0]]
        assert above == (numbers[1] if node.level else -1)
        assert tree.descendants(node.code)[0] is node
        assert all(each.code.startswith(node.code) for each in tree.descendants(node.code))
    assert tree.parent_numbers.dtype == np.int64
    assert [node for node in nodes if node.parent is None] == tree.roots


def test_walking_up_and_down() -> None:
    tree = materials()
    assert [node.code for node in tree.ancestors("textile.felt.wool")] == [
        "textile.felt.wool",
        "textile.felt",
        "textile",
    ]
    assert [node.code for node in tree.children("textile.felt")] == [
        "textile.felt.wool",
        "textile.felt.synthetic",
    ]
    assert tree.covers("textile", "textile.felt.wool")
    assert not tree.covers("textile.felt.wool", "textile")
    assert tree.path("textile.felt.wool", "hu") == "Textil > Filc > Gyapjúfilc"
    assert tree.name("textile.felt", "de-AT") == "Filz"
    assert "textile.felt" in tree
    assert "textile.fel" not in tree


def test_an_unknown_code_is_refused_by_name() -> None:
    for ask in (materials().get, materials().ancestors, materials().children, materials().number):
        with pytest.raises(UnknownCode, match="unobtainium"):
            ask("textile.unobtainium")
    with pytest.raises(ValueError, match="not a language"):
        materials().name("textile", "fr")


def test_a_tree_with_a_hole_or_a_repeat_is_refused() -> None:
    def technique(code: str) -> Technique:
        return Technique(code=code, name_de="a", name_hu="a", name_en="a", value_retention=1.0)

    with pytest.raises(UnknownCode, match="sewing"):
        Tree([technique("sewing.bag")])
    with pytest.raises(ValueError, match="twice"):
        Tree([technique("sewing"), technique("sewing")])


def test_figures_are_plausible() -> None:
    for node in materials():
        for figure, ceiling in (
            (node.bulk_density_kg_m3, 3000),
            (node.areal_density_kg_m2, 200),
            (node.linear_density_kg_m, 20),
            (node.piece_mass_kg, 100),
            (node.factor_kg_co2e_per_kg, 30),
        ):
            assert figure is None or 0 < figure <= ceiling, node.code
        assert node.bulk_density_kg_m3 is not None, node.code
        assert node.photo is not None, node.code
        if node.usual_waste_code is not None:
            assert waste_codes().get(node.usual_waste_code).code == node.usual_waste_code
    assert all(0 <= node.value_retention <= 1 for node in techniques())
    assert techniques().get("reuse").value_retention == 1.0
    assert techniques().get("recycling").value_retention == 0.3
    assert techniques().get("disposal").value_retention == 0.0


def test_factor_and_waste_code_come_from_above_but_densities_do_not() -> None:
    def material(code: str) -> Material:
        return materials().get(code)

    assert material("wood").factor_kg_co2e_per_kg == pytest.approx(0.26950416)
    assert material("wood.solid.oak").factor_kg_co2e_per_kg == pytest.approx(0.26950416)
    assert "DESNZ/DEFRA, 2025: Construction, Wood" in (material("wood.solid").factor_source or "")
    assert material("textile.clothing.jeans").factor_kg_co2e_per_kg == pytest.approx(22.31)
    assert material("textile.felt").factor_kg_co2e_per_kg is None
    assert material("wood.solid.oak").usual_waste_code == "030105"
    assert material("wood.pallet.euro").usual_waste_code == "150103"
    assert material("wood.solid.oak").areal_density_kg_m2 is None


def test_every_factor_kept_is_used_and_names_its_source() -> None:
    sources = {node.factor_source for node in materials()}
    for factor in factors().values():
        assert factor.source in sources
        assert factor.primary > 0
    tyres = factors()["Construction", "Tyres"]
    assert tyres.reused == pytest.approx(0.73121789)
    assert tyres.closed_loop is None
