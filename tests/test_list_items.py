"""Conditions on the class and the arguments of items of lists, against what Python makes of all their orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, permutations, product
from typing import Any

import optuna
import pytest
from test_exchange_optuna import run, script

import hyperdsl
from hyperdsl.diagnostics import HypError
from hyperdsl.ir.enumeration import distribution

Plan = tuple[str, ...]

SPACES: dict[str, tuple[str, Callable[[], Iterator[Plan]]]] = {
    "an order": (
        "let order = permute(StandardScaler(), PCA(), MinMaxScaler() | MaxAbsScaler())\n"
        "require order[0] is not PCA and order[2] is not MinMaxScaler\nspace s = order >> Ridge()",
        lambda: (
            (*steps, "Ridge")
            for last in ("MinMaxScaler", "MaxAbsScaler")
            for steps in permutations(("StandardScaler", "PCA", last))
            if steps[0] != "PCA" and steps[2] != "MinMaxScaler"
        ),
    ),
    "an order that decides what follows": (
        "let order = permute(StandardScaler(), PCA(), MinMaxScaler())\n"
        "space s = order >> (Ridge() | SVR() if order[-1] is PCA else Lasso())",
        lambda: (
            (*steps, model)
            for steps in permutations(("StandardScaler", "PCA", "MinMaxScaler"))
            for model in (("Ridge", "SVR") if steps[2] == "PCA" else ("Lasso",))
        ),
    ),
    "some of a list": (
        "let steps = subset(2, [StandardScaler(), PCA(), MinMaxScaler() | MaxAbsScaler()])\n"
        "forbid steps[0] is StandardScaler and steps[1] is MaxAbsScaler\nspace s = steps >> Ridge()",
        lambda: (
            (*steps, "Ridge")
            for last in ("MinMaxScaler", "MaxAbsScaler")
            for steps in combinations(("StandardScaler", "PCA", last), 2)
            if steps != ("StandardScaler", "MaxAbsScaler") and (last == "MinMaxScaler" or last in steps)
        ),
    ),
    "as many as decided": (
        "let steps = subset(1..3, [StandardScaler(), PCA(), MinMaxScaler()])\n"
        "require steps[0] is PCA\nspace s = steps >> Ridge()",
        lambda: (
            (*steps, "Ridge")
            for count in (1, 2, 3)
            for steps in combinations(("StandardScaler", "PCA", "MinMaxScaler"), count)
            if steps[0] == "PCA"
        ),
    ),
    "each of a repetition": (
        "let steps = repeat(1..3, StandardScaler() | PCA())\n"
        "require steps[0] is PCA and any([x is StandardScaler for x in steps])\nspace s = steps >> Ridge()",
        lambda: (
            (*steps, "Ridge")
            for count in (1, 2, 3)
            for steps in product(("StandardScaler", "PCA"), repeat=count)
            if steps[0] == "PCA" and "StandardScaler" in steps
        ),
    ),
    "a written list": (
        "let parts = [PCA() | StandardScaler(), MinMaxScaler() | MaxAbsScaler()]\n"
        "forbid parts[0] is PCA and parts[1] is MaxAbsScaler\nspace s = parts >> Ridge()",
        lambda: (
            (*steps, "Ridge")
            for steps in product(("PCA", "StandardScaler"), ("MinMaxScaler", "MaxAbsScaler"))
            if steps != ("PCA", "MaxAbsScaler")
        ),
    ),
    "a position that is decided": (
        "let i = 0..1\nlet order = permute(StandardScaler(), PCA())\nrequire order[i] is PCA\n"
        "space s = order >> (Ridge() if i == 0 else Lasso())",
        lambda: iter([("PCA", "StandardScaler", "Ridge"), ("StandardScaler", "PCA", "Lasso")]),
    ),
    "a part of a list, and lists in lists": (
        "let order = permute(StandardScaler(), PCA(), MinMaxScaler())\nlet model = Ridge() | Lasso()\n"
        "let all_of_it = [order, [model]]\n"
        "require all([x is not PCA for x in order[1:3]]) and all_of_it[1][0] is Lasso\nspace s = order >> model",
        lambda: (
            (*steps, "Lasso") for steps in permutations(("StandardScaler", "PCA", "MinMaxScaler")) if steps[0] == "PCA"
        ),
    ),
}


def classes(pipeline: Any) -> Plan:
    return tuple(type(step).__name__ for step in pipeline)


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("name", SPACES)
def test_items_of_lists_are_read_in_conditions(name: str, level: int) -> None:
    text, expected = SPACES[name]
    space = hyperdsl.compile(text, level=level)
    points = list(space.enumerate())
    assert sorted(classes(space.build(p)) for p in points) == sorted(expected())
    assert space.count().configurations == len(points) == len(distribution(space.graph))
    assert [space.rank(p) for p in points] == list(range(len(points)))
    assert set(space.sample(60 * len(points), seed=1)) == set(points)
    assert space.default() in points
    assert all(not space.space.violated(p) for p in space.sample(20, seed=2, uniform=True))


@pytest.mark.parametrize("name", SPACES)
def test_modules_and_scripts_read_items_of_lists(name: str) -> None:
    text, _ = SPACES[name]
    space = hyperdsl.compile(text)
    module: dict[str, Any] = {"__name__": __name__}
    exec(compile(space.module(), "module", "exec", dont_inherit=True), module)
    points = list(space.enumerate())
    for point in points:
        assert repr(module["build"](point.to_json())) == repr(space.build(point))
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    objective = run(script(space))["objective"]
    study.optimize(lambda trial: objective(trial, lambda value: 0.0), n_trials=40 * len(points))
    done = [t for t in study.trials if t.state is optuna.trial.TrialState.COMPLETE]
    assert {space.configuration(t.user_attrs["config"]) for t in done} == set(points)


def test_arguments_of_items_are_read() -> None:
    space = hyperdsl.compile(
        "let order = permute(PCA(n_components = 2..4), SelectKBest(k = 1..3))\n"
        "require order[0].n_components > 2\nspace s = order >> Ridge()"
    )
    found = [[s.get_params().get("n_components") for s in space.build(p)[:1]] for p in space.enumerate()]
    assert sorted(found, key=str) == [[3]] * 3 + [[4]] * 3 + [[None]] * 9  # unknown of what has none: not violated


@pytest.mark.parametrize(
    "condition",
    [
        "steps[2] is PCA",  # there may be one item only
        "several[0] is PCA",  # what is left out moves the others
    ],
)
def test_an_item_that_may_not_be_there_is_no_part_of_a_condition(condition: str) -> None:
    with pytest.raises(HypError) as error:
        hyperdsl.compile(
            "let steps = repeat(1..3, StandardScaler() | PCA())\nlet several = permute(StandardScaler()?, PCA())\n"
            f"require {condition}\nspace s = steps >> several >> Ridge()"
        )
    assert [d.code for d in error.value.diagnostics] == ["E0326"]
