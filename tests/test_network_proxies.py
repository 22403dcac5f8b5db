"""Cheap scores of networks: their values, and searches that begin by them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.diagnostics import HypError
from hyperdsl.experiment.proxies import proxies_of

pytest.importorskip("keras")

IMAGES = np.random.default_rng(0).random((60, 6, 6, 1), "float32")
CLASSES = np.arange(60) % 3
WIDTHS = "space s = train(Flatten() >> Dense(1..64) >> Dense(3, activation = 'softmax'), epochs = 1)"


def searched(text: str, searcher: str, trials: int, **options: Any) -> list[Any]:
    experiment = hyperdsl.Experiment(
        hyperdsl.compile(text), IMAGES, CLASSES, cv="holdout:0.3", searcher=searcher, n_trials=trials, **options
    )
    return list(experiment.run().history.trials)


def test_a_search_begins_with_the_largest_networks() -> None:
    trials = searched(WIDTHS, "screened(by = 'params', of = 30)", 4)
    (path,) = (d.path for d in trials[0].configuration.decisions)
    assert all(t.configuration[path] > 45 for t in trials[1:])


def test_weights_and_multiply_adds_are_those_of_the_network() -> None:
    space = hyperdsl.compile("space s = train(input(5) >> Dense(4 | 8) >> Dense(3), epochs = 1) | LinearRegression()")
    proxies = proxies_of(space)
    found = {(proxies["params"](c), proxies["macs"](c)) for c in space.enumerate()}
    assert found == {(24 + 15, 20 + 12), (48 + 27, 40 + 24), (None, None)}


def test_a_cost_that_is_not_known_is_told() -> None:
    space = hyperdsl.compile("space s = train(Dense(4 | 8) >> Dense(1), epochs = 1)")
    with pytest.raises(HypError) as caught:
        proxies_of(space)["macs"](space.default())
    assert caught.value.diagnostics[0].code == "E0462"
    assert proxies_of(hyperdsl.compile("space s = Ridge(alpha = 0.1..1.0)")) == {}
