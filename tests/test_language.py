"""The whole language for tables: each form compiles, is counted, means the same after the passes, is built, fitted and
printed."""

from __future__ import annotations

import json
import warnings
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from language_forms import CLASSES, NUMBERS
from sklearn.datasets import load_diabetes, load_iris

import hyperdsl
from hyperdsl.hyperspace import HyperSpace
from hyperdsl.ir.enumeration import distribution
from hyperdsl.ir.verify import verify
from hyperdsl.passes import optimize
from hyperdsl.source import Source
from hyperdsl.syntax.format import format_source

FORMS = {name: (count, text) for name, (count, text) in [*CLASSES.items(), *NUMBERS.items()]}
SAMPLES = 2


@cache
def compiled(name: str) -> HyperSpace:
    return hyperdsl.compile(FORMS[name][1])


@cache
def table(classes: bool) -> tuple[pd.DataFrame, Any]:
    x, y = (load_iris if classes else load_diabetes)(return_X_y=True)
    return pd.DataFrame(x[::2, :4][:80], columns=["c0", "c1", "c2", "c3"]), y[::2][:80]


def run(script: str, function: str) -> Any:
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile(script, "script", "exec", dont_inherit=True), names)
    return names[function]


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_counted_and_keeps_its_meaning(name: str) -> None:
    space = compiled(name)
    meaning = distribution(space.graph)
    assert len(meaning) == space.count().configurations == FORMS[name][0]
    assert sum(meaning.values()) == 1
    optimize(space.graph, 2, lambda _, graph: verify(graph))
    assert distribution(optimize(space.graph, 1)) == meaning
    if not space.count().continuous:
        assert [space.rank(c) for c in space.enumerate()] == list(range(FORMS[name][0]))


def predicted(model: Any, x: pd.DataFrame, y: Any) -> Any:
    np.random.seed(0)  # what estimators without a seed draw from
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few rows, few iterations
        return model.fit(x, y).predict(x)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_fitted_and_its_scripts_are_too(name: str) -> None:
    space = compiled(name)
    x, y = table(name in CLASSES)
    module = run(space.module(), "build") if "require" not in FORMS[name][1] else space.build
    for configuration in space.sample(SAMPLES, seed=1):
        models = (
            space.build(configuration),
            run(space.source(configuration), "build_pipeline")(),
            module(configuration.to_json()),
        )
        first, *others = (predicted(model, x, y) for model in models)
        for other in others:
            assert np.array_equal(first, other), configuration


@pytest.mark.parametrize("name", FORMS)
def test_a_form_has_one_layout_and_comes_back_from_json(name: str) -> None:
    space = compiled(name)
    written = format_source(Source("s.hyp", FORMS[name][1]))
    assert format_source(Source("s.hyp", written)) == written
    again = hyperdsl.compile(written)
    assert distribution(again.graph) == distribution(space.graph)
    for configuration in space.sample(SAMPLES, seed=2):
        given = json.loads(json.dumps(configuration.to_json()))
        assert again.configuration(given).to_json() == configuration.to_json() == given
