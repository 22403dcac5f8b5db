"""Recommended ranges: their points are taken by the library, and fit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.catalog import Module, check_value, load_catalog
from hyperdsl.catalog.recommended import recommended_names
from hyperdsl.hyperspace import HyperSpace

CATALOG = load_catalog()
POINTS = 20
ROWS = 200

# A point's cost is cut here, not its meaning.
CHEAP = {"n_estimators": 5, "iterations": 5, "max_iter": 20}
QUIET: dict[str, dict[str, Any]] = {
    "lightgbm": {"verbosity": -1, "n_jobs": 1},
    "xgboost": {"n_jobs": 1},
    "catboost": {"verbose": False, "allow_writing_files": False, "thread_count": 1},
    "sklearn": {},
}


def recommended_space(name: str) -> tuple[Module, HyperSpace]:
    (module,) = CATALOG.find(name)
    ranges = CATALOG.recommended(module)
    entries = ", ".join(f"{parameter} = {text}" for parameter, text in ranges.items())
    return module, hyperdsl.compile(f"space recommended = record({entries})")


@pytest.mark.parametrize("name", recommended_names())
def test_points_of_recommended_ranges_fit(name: str) -> None:
    module, space = recommended_space(name)
    points = [space.default(), *space.sample(POINTS, seed=0)]
    for configuration in points:
        arguments: Any = space.build(configuration)
        facts = {p: check_value(module.parameters[p], value) for p, value in arguments.items()}
        assert [f"{p} {fact}" for p, fact in facts.items() if fact] == []
        cheaper = {p: min(CHEAP[p], v) if p in CHEAP else v for p, v in arguments.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # few rows: no convergence, fewer quantiles than asked for
            fit(module, cheaper | QUIET[module.library])


@pytest.mark.parametrize("name", recommended_names())
def test_the_compiler_takes_every_end_and_alternative(name: str) -> None:
    (module,) = CATALOG.find(name)
    inner = "estimator = Ridge(), " if name == "SelectFromModel" else ""
    end = "" if module.is_estimator else " >> Ridge()"
    space = hyperdsl.compile(f"space whole = {name}({inner}...){end}")
    assert len(space.decisions) > 0


def fit(module: Module, arguments: dict[str, Any]) -> None:
    if module.requires:
        import_module(module.requires)
    package, _, name = module.path.rpartition(".")
    if name == "SelectFromModel":
        from sklearn.linear_model import LogisticRegression

        arguments = {"estimator": LogisticRegression(), **arguments}
    estimator = getattr(import_module(package), name)(**arguments)
    x, y, further = data_for(module)
    estimator.fit(x, y, **further)
    estimator.predict(x) if hasattr(estimator, "predict") else estimator.transform(x)


def data_for(module: Module) -> tuple[Any, Any, dict[str, Any]]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 8))
    y = x[:, 0] + rng.normal(size=ROWS)
    if "regressor" not in module.roles or module.name.endswith("Ranker"):
        y = (y > 0).astype(int)
    groups = {"CatBoostRanker": {"group_id": np.repeat([0, 1], ROWS // 2)}}
    if module.name.endswith("Ranker"):
        return x, y, groups.get(module.name, {"group": [ROWS // 2, ROWS // 2]})
    match module.name:
        case "OneHotEncoder" | "OrdinalEncoder" | "TargetEncoder":
            return rng.integers(0, 6, size=(ROWS, 3)).astype(str).astype(object), y, {}
        case "SimpleImputer" | "KNNImputer" | "IterativeImputer":
            return np.where(rng.random(x.shape) < 0.1, np.nan, x), y, {}
        case "TfidfVectorizer" | "CountVectorizer":
            return list(texts(rng)), y, {}
        case "MultinomialNB" | "ComplementNB":
            return abs(x), y, {}
    return x, y, {}


def texts(rng: np.random.Generator) -> Iterator[str]:
    words = [f"word{i}" for i in range(8)]
    return (" ".join(rng.choice(words, size=6)) for _ in range(ROWS))


@pytest.mark.parametrize(
    "text",
    [
        "space s = LogisticRegression(...)",
        "def made(model) = model(...) space s = made(LogisticRegression)",
        "def made(model = LogisticRegression) = model(...) space s = made()",
        "let chosen = sklearn.linear_model.LogisticRegression space s = chosen(...)",
    ],
)
def test_dots_stand_for_the_ranges_of_the_class_under_any_name(text: str) -> None:
    (decision,) = hyperdsl.compile(text).decisions
    assert decision.path.endswith("LogisticRegression.C")
    assert (decision.low, decision.high, decision.log) == (0.001, 1000.0, True)


def test_dots_for_a_class_without_ranges_are_an_error_under_any_name() -> None:
    for text in ["space s = DummyClassifier(...)", "def made(model) = model(...) space s = made(DummyClassifier)"]:
        with pytest.raises(hyperdsl.HypError) as caught:
            hyperdsl.compile(text)
        assert [d.code for d in caught.value.diagnostics] == ["E0410"]
