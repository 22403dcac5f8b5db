"""Conditions on the class and the arguments of items of lists, against what Python makes of all their orders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import combinations, permutations, product
from typing import Any

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_exchange_optuna import run, script

import hyperdsl
from hyperdsl import Configuration
from hyperdsl.cli.exchange import text_for
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
    "a part of what is chosen": (
        "let model = BaggingRegressor(estimator = Ridge() | Lasso())\n"
        "  | AdaBoostRegressor(estimator = Ridge() | DecisionTreeRegressor(max_depth = 2..3)) | SVR()\n"
        "require model.estimator is not Lasso and model.estimator.max_depth > 2\n"
        "space s = (StandardScaler() if model.estimator is Ridge else MinMaxScaler()) >> PCA() >> model",
        lambda: iter(
            [
                ("StandardScaler", "PCA", "BaggingRegressor"),
                ("StandardScaler", "PCA", "AdaBoostRegressor"),
                ("MinMaxScaler", "PCA", "AdaBoostRegressor"),
                ("MinMaxScaler", "PCA", "SVR"),
            ]
        ),
    ),
    "a part of what may be left out": (
        "let chosen = SelectFromModel(estimator = Ridge() | Lasso())?\nforbid chosen.estimator is Ridge\n"
        "space s = chosen >> PCA() >> (SVR() if chosen.estimator is Lasso else Ridge())",
        lambda: iter([("SelectFromModel", "PCA", "SVR"), ("PCA", "Ridge")]),
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


# --- items that may not be there: any list, any condition, against what Python makes of all lists

LISTS = (
    "repeat(1..3, PCA(n_components = 2..3) | StandardScaler())",
    "repeat(0..3, StandardScaler()? | PCA(n_components = 2..3))",
    "permute(PCA(n_components = 2..3)?, StandardScaler(), MinMaxScaler() | MaxAbsScaler())",
    "subset(0..3, [PCA(n_components = 2..4), StandardScaler(), MinMaxScaler()])",
    "subset(3, [PCA(n_components = 2..3)?, StandardScaler()?, MinMaxScaler() | PCA(n_components = 2)])",
    "[(StandardScaler() | PCA(n_components = 3))?, PCA(n_components = 2..3)?, MinMaxScaler() | PCA(n_components = 4)]",
    "[PCA(n_components = 2..3) | MinMaxScaler(), StandardScaler() | PCA(n_components = 4), PCA(n_components = 2..3)]",
)
NUMBERS = ("repeat(0..3, 1..3)", "repeat(1..3, (1..3)?)", "[(1..2)?, 1..3, (2..4)?]", "subset(1..3, [1, 2, 3])")
CLASSES = ("PCA", "StandardScaler", "MinMaxScaler")

positions = st.sampled_from(["-3", "-2", "-1", "0", "1", "2", "i", "i - 2"])
questions = st.one_of(
    st.tuples(st.just("is"), positions, st.sampled_from(["is", "is not"]), st.sampled_from(CLASSES)),
    st.tuples(st.just("argument"), positions, st.sampled_from(["<", "==", ">="]), st.integers(2, 4)),
)
comparisons = st.tuples(st.just("number"), positions, st.sampled_from(["<", "==", "!=", ">="]), st.integers(1, 3))


def conditions(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: (
            st.tuples(st.sampled_from(["and", "or"]), inner, inner) | st.tuples(st.just("not"), inner, st.none())
        ),
        max_leaves=3,
    )


def written(condition: Any) -> str:
    match condition:
        case ("is" | "number", position, operator, value):
            return f"xs[{position}] {operator} {value}"
        case ("argument", position, operator, value):
            return f"xs[{position}].n_components {operator} {value}"
        case ("not", inner, _):
            return f"not ({written(inner)})"
        case (operator, left, right):
            return f"({written(left)}) {operator} ({written(right)})"
    raise AssertionError(condition)


def truth(condition: Any, xs: list[Any], i: int) -> bool | None:
    """Kleene's value of a condition on a list; None where it reads what is not there."""
    match condition:
        case ("not", inner, _):
            value = truth(inner, xs, i)
            return None if value is None else not value
        case ("and" | "or" as operator, left, right):
            values, decisive = [truth(left, xs, i), truth(right, xs, i)], operator == "or"
            return decisive if decisive in values else None if None in values else not decisive
        case (kind, position, operator, value):
            at = eval(position, {"i": i})
            if not -len(xs) <= at < len(xs):
                return None
            item: Any = type(xs[at]).__name__ if kind == "is" else xs[at]
            if kind == "argument" and (item := getattr(item, "n_components", None)) is None:
                return None
            if kind == "is":
                return (item == value) == (operator == "is")
            return bool(eval(f"a {operator} b", {"a": item, "b": value}))
    raise AssertionError(condition)


def key_of(point: Configuration) -> str:
    """What was decided; nothing is of a subset of no items."""
    return json.dumps({path: value for path, value in point.to_json().items() if value != []})


def lists_of(space: hyperdsl.HyperSpace) -> dict[str, tuple[list[Any], int, Any]]:
    """Of each configuration its list, the number beside it and what conditions chose, by the configuration's text."""
    found = {}
    for point in space.enumerate():
        built = space.build(point)
        found[key_of(point)] = (built["xs"], built["i"], built.get("met"))
    return found


@given(
    st.tuples(st.sampled_from(LISTS), conditions(questions))
    | st.tuples(st.sampled_from(NUMBERS), conditions(comparisons)),
    st.integers(0, 2),
)
@settings(max_examples=15, deadline=None)
def test_an_item_that_is_not_there_is_unknown(made: tuple[str, Any], level: int) -> None:
    """``require`` is not violated and ``if`` takes the other branch, in counts, ranks, samples and modules alike."""
    text, condition = made
    head = f"let xs = {text}\nlet i = 0..2\n"
    everything = lists_of(hyperdsl.compile(f"{head}space s = record(xs = xs, i = i)"))
    kept = {key for key, (xs, i, _) in everything.items() if truth(condition, xs, i) is not False}
    branches = hyperdsl.compile(
        f"{head}space s = record(xs = xs, i = i, met = (1 if {written(condition)} else 0))", level=level
    )
    chosen = lists_of(branches)
    assert {key: met for key, (_, _, met) in chosen.items()} == {
        key: int(truth(condition, xs, i) is True) for key, (xs, i, _) in everything.items()
    }
    constrained = f"{head}require {written(condition)}\nspace s = record(xs = xs, i = i)"
    if not kept:
        with pytest.raises(HypError):
            hyperdsl.compile(constrained)
        return
    space = hyperdsl.compile(constrained, level=level)
    points = list(space.enumerate())
    assert {key_of(p) for p in points} == kept
    assert space.count().configurations == len(points) == len(kept) == len(distribution(space.graph))
    assert [space.rank(p) for p in points] == list(range(len(points)))
    assert all(space.unrank(n) == p for n, p in enumerate(points))
    assert set(space.sample(30, seed=1)) <= set(points) >= set(space.sample(30, seed=1, uniform=True))
    for made_space in (space, branches):
        module: dict[str, Any] = {"__name__": __name__}
        exec(compile(made_space.module(), "module", "exec", dont_inherit=True), module)
        for point in made_space.sample(10, seed=2):
            assert repr(module["build"](point.to_json())) == repr(made_space.build(point))


def test_what_is_built_of_an_item_that_is_not_there_is_an_error() -> None:
    with pytest.raises(HypError) as error:
        hyperdsl.compile("let xs = repeat(1..3, 1..3)\nspace s = record(xs = xs, y = xs[2] + 1)")
    assert [d.message for d in error.value.diagnostics] == [
        "there is no item 2 among 1 when xs.repeat is 1 and xs.repeat.1 is 1"
    ]


@pytest.mark.parametrize("condition", ["steps[5] is PCA", "numbers[-4] > 1", "steps[3].n_components > 1"])
def test_a_position_that_no_list_has_is_an_error(condition: str) -> None:
    with pytest.raises(HypError) as error:
        hyperdsl.compile(
            "let steps = repeat(1..3, StandardScaler() | PCA())\nlet numbers = [1..2, 1..2, 1..2]\n"
            f"require {condition}\nspace s = record(steps = steps, numbers = numbers)"
        )
    assert [d.code for d in error.value.diagnostics] == ["E0301"]


def test_pictures_name_the_item_that_is_read() -> None:
    space = hyperdsl.compile(
        "let steps = repeat(1..3, PCA() | MinMaxScaler())\nlet order = permute(StandardScaler()?, Normalizer())\n"
        "require order[0] is Normalizer\nspace s = order >> steps >> (Ridge() if steps[-1] is PCA else Lasso())"
    )
    picture = text_for("mermaid", space)
    assert "require: order[0] is Normalizer" in picture and "if steps[-1] is PCA" in picture


CELLS = """
def node(xs) = {{ let two = pick({count}, xs) return two[0] + 100 * two[1] }}
let cell(x, y) = {{ let a = node([x, y]) let b = node([x, y, a]) return [node([x, y, a, b])] }}
space s = record(c = cell(1..5, 6..9), d = cell(1..3, 2..4))
"""


def test_two_of_some_in_a_shared_cell_are_always_two() -> None:
    """Which items are taken is decided once for both calls; that there are two is known without trying them."""
    space = hyperdsl.compile(CELLS.format(count=2))
    wirings = {(c, b if "b" in c else None) for b in combinations("xya", 2) for c in combinations("xyab", 2)}
    assert space.count().configurations == len(wirings) * (5 * 4) * (3 * 3)  # all of them lead to x and y


def test_one_that_may_be_alone_has_no_second_said_once() -> None:
    with pytest.raises(HypError) as error:
        hyperdsl.compile(CELLS.format(count="1..2"))
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "E0301" and diagnostic.message.startswith("there is no item 1 among 1 when cell.")
