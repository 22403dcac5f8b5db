"""Spaces for ConfigSpace, read by ConfigSpace."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ConfigSpace import Configuration as TheirConfiguration
from ConfigSpace import ConfigurationSpace
from ConfigSpace.exceptions import InactiveHyperparameterSetError
from ConfigSpace.util import generate_grid
from programs import make

import hyperdsl
from hyperdsl.backends.exchange import export
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.hyperspace import HyperSpace
from hyperdsl.space import Configuration

EXAMPLES = Path(__file__).parent.parent / "examples"
CONDITIONS = """\
let n = 1..4
let model = LogisticRegression(C = 0.5 | 1.5, solver = "lbfgs" | "saga")
  | DecisionTreeClassifier(max_depth = 2..4) | GaussianNB()
space s =
  (StandardScaler()? if model is LogisticRegression or n > 3 else (PCA(n_components = n) | pass))
  >> repeat(0..2, MinMaxScaler() | RobustScaler()) >> model
"""


def exported(space: HyperSpace) -> str:
    return export("configspace", space.space, Reporter(), module=space.module)


def loaded(space: HyperSpace, folder: Path) -> ConfigurationSpace:
    path = folder / "space.json"
    path.write_text(exported(space), encoding="utf-8")
    return ConfigurationSpace.from_json(path)


def ours(space: HyperSpace, configuration: Any) -> Configuration:
    """The configuration of ConfigSpace as one of ours; raises where it is none."""
    values = {path: value.item() if isinstance(value, np.generic) else value for path, value in configuration.items()}
    return space.configuration(values)


def all_of(space: HyperSpace, theirs: ConfigurationSpace) -> list[Configuration]:
    steps = {d.path: d.size for d in space.decisions if d.kind == "integer"}
    return [ours(space, c) for c in generate_grid(theirs, steps)]


@pytest.mark.parametrize("seed", range(60))
def test_configspace_has_exactly_the_configurations(seed: int, tmp_path: Path) -> None:
    space = hyperdsl.compile(make(seed))
    if space.count().configurations > 150:
        return
    try:
        theirs = loaded(space, tmp_path)
    except HypError as refused:
        assert {d.code for d in refused.diagnostics} == {"E0958"}
        return
    for configuration in space.enumerate():
        TheirConfiguration(theirs, values=dict(configuration)).check_valid_configuration()
    if space.decisions:
        theirs.seed(seed)
        for configuration in theirs.sample_configuration(50):
            try:
                configuration.check_valid_configuration()
            except InactiveHyperparameterSetError:
                continue  # ConfigSpace 1.2.2 draws some that its own check refuses, where a condition is an OR
            ours(space, configuration)


def test_conditions_on_classes_counts_and_numbers(tmp_path: Path) -> None:
    space = hyperdsl.compile(CONDITIONS)
    theirs = loaded(space, tmp_path)
    found = all_of(space, theirs)
    assert len(found) == space.count().configurations and set(found) == set(space.enumerate())


def test_conditions_name_the_nearest_decision() -> None:
    space = hyperdsl.compile('space s = record(a = record(b = record(c = 1..3) | "no") | "none")')
    document = json.loads(exported(space))
    assert [(c["parent"], c["child"], c["type"]) for c in document["conditions"]] == [
        ("s.a", "s.a.b", "EQ"),
        ("s.a.b", "s.a.b.c", "EQ"),
    ]


@pytest.mark.parametrize("name", ["hypergbm", "credit", "attrition", "house_prices"])
def test_what_configspace_draws_is_a_point_of_the_space(name: str, tmp_path: Path) -> None:
    space = hyperdsl.load(EXAMPLES / f"{name}.hyp")
    theirs = loaded(space, tmp_path)
    theirs.seed(0)
    for configuration in theirs.sample_configuration(60):
        ours(space, configuration)
    ours(space, theirs.get_default_configuration())


def test_distributions_are_the_same(tmp_path: Path) -> None:
    space = hyperdsl.compile(
        """space s = record(a = "x" | "y" @ 3, b = 1..3, c = 1e-3..1.0 log, d = 4..20 log step 4,
                            e = normal(2, 0.5), f = 0.0..1.0 step 0.25)"""
    )
    theirs = loaded(space, tmp_path)
    theirs.seed(1)
    n = 4000
    mine, other = space.sample(n, seed=1), [ours(space, c) for c in theirs.sample_configuration(n)]
    for path in ("s.a", "s.b", "s.d", "s.f"):
        left, right = Counter(c[path] for c in mine), Counter(c[path] for c in other)
        assert set(left) == set(right)
        assert all(abs(left[v] - right[v]) < 0.04 * n for v in left)
    for path, change in (("s.c", np.log), ("s.e", np.asarray)):
        left, right = (change([c[path] for c in configurations]) for configurations in (mine, other))
        assert np.allclose(np.quantile(left, [0.1, 0.5, 0.9]), np.quantile(right, [0.1, 0.5, 0.9]), atol=0.25)


def test_conditions_of_a_program_are_forbidden_clauses(tmp_path: Path) -> None:
    space = hyperdsl.compile(
        """let a = 1..4
        let b = 1..4
        let c = "x" | "y"
        let d = 1..3
        require a < b
        forbid c == "x" and b == 2
        require c == "y" or d > 1
        space s = record(a = a, b = b, c = c, d = d if c == "x" else 0)"""
    )
    theirs = loaded(space, tmp_path)
    for configuration in space.enumerate():
        TheirConfiguration(theirs, values=dict(configuration)).check_valid_configuration()
    theirs.seed(0)
    drawn = {ours(space, c) for c in theirs.sample_configuration(400)}
    assert drawn == set(space.enumerate())


def test_conditions_on_continuous_ranges_are_not_left_out_silently() -> None:
    with pytest.raises(HypError, match="E0959"):
        exported(hyperdsl.compile("let a = 0.0..5.0\nlet b = 1..5\nrequire a < b\nspace s = record(a = a, b = b)"))


@pytest.mark.parametrize(
    ("program", "path", "reason"),
    [
        ("let n = 2..9\nspace s = record(a = 1..n)", "s.a", "depends on other decisions"),
        ("space s = record(a = permute(1, 2, 3))", "s.a.permute", "permutation"),
        ("space s = record(a = subset(2, [1, 2, 3]))", "s.a.subset", "subset"),
        ("space s = record(a = lognormal(0, 1))", "s.a", "lognormal"),
        ("space s = record(a = 1 | True)", "s.a", "1 and True are equal"),
        ("let x = 0.0..1.0\nspace s = record(a = 1..2 if x > 0.5 else 3)", "s.a", "too many values"),
    ],
)
def test_what_configspace_cannot_say_is_named_with_its_place(program: str, path: str, reason: str) -> None:
    with pytest.raises(HypError) as caught:
        exported(hyperdsl.compile(program))
    text = str(caught.value)
    assert "E0958" in text and f"`{path}`" in text and reason in text and "help" in text
