"""Cheap scores of networks: their values, worked out by hand, and searches that use them."""

from __future__ import annotations

from math import log, log1p
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.experiment.proxies import proxies_of
from hyperdsl.search.searchers import make_searcher

pytest.importorskip("keras")

IMAGES = np.random.default_rng(0).random((60, 6, 6, 1), "float32")
CLASSES = np.arange(60) % 3
MIXED = (
    "space s = StandardScaler() >> PCA(n_components = 3)"
    " >> ( train(Dense(3, kernel_initializer = 'ones', activation = 'softmax'), epochs = 1)"
    "    | LogisticRegression(C = 0.1..10.0 log))"
)


def experiment(text: str, X: Any = IMAGES, **options: Any) -> hyperdsl.Experiment:
    return hyperdsl.Experiment(hyperdsl.compile(text), X, CLASSES, cv="holdout:0.3", **options)


def score(name: str, network: str, X: np.ndarray[Any, Any], seed: int = 0) -> float:
    """Of a network that begins with its input."""
    from hyperdsl.backends.keras.zero_cost import SCORES

    model = hyperdsl.compile(f"space s = train({network})").build({})
    return SCORES[name](model.set_params(random_state=seed), X)


def dense(units: int, weight: float, activation: str = "") -> str:
    more = f', activation = "{activation}"' if activation else ""
    return f"Dense({units}, kernel_initializer = Constant(value = {weight}){more}, use_bias = False)"


# The sum of `w dR/dw` over all weights.
FLOWS = {
    # R = 3 * 0.5 * 4 * 0.25 * 2, and each of two layers gives R.
    f"input(3) >> {dense(4, 0.5)} >> {dense(2, 0.25)}": (3, 6.0),
    f"input(3) >> {dense(4, -0.5, 'relu')} >> Dropout(0.5) >> {dense(2, 0.25, 'softmax')}": (
        3,
        6.0,
    ),
    f"input(3) >> {dense(4, 0.5)} >> LayerNormalization() >> ReLU() >> {dense(2, -0.25)} >> Softmax()": (3, 6.0),
    # Windows of 4 ones, the greatest of 9 places, 2 maps, 3 outputs.
    "input(4, 4, 1) >> Conv2D(2, 2, kernel_initializer = 'ones') >> BatchNormalization() >> ReLU() >> MaxPooling2D(3)"
    f" >> Flatten() >> {dense(3, 1.0)}": (16, 48.0),
    # R = 2 * (2 + 1): 4 of it goes through the first layer, all through the last.
    f"{{ let x = input(2) return [x, x >> {dense(2, 1.0)}] >> Add() >> {dense(1, 1.0)} }}": (2, 10.0),
    # The same weights twice: R = 1 * w * w has the slope 2 w.
    f"{{ let d = {dense(1, 3.0)} return input(1) >> tied(d) >> tied(d) }}": (1, 18.0),
    f"input(3) >> Rescaling(0.0) >> {dense(4, 0.5)}": (3, 0.0),
}


@pytest.mark.parametrize("network", FLOWS)
def test_synflow_is_what_it_is_by_hand(network: str) -> None:
    size, flow = FLOWS[network]
    shape = (5, 4, 4, 1) if size == 16 else (5, size)
    assert score("synflow", network, np.zeros(shape)) == pytest.approx(log1p(flow), rel=1e-9)


def test_jacobian_covariance_of_a_linear_network_is_what_it_is_by_hand() -> None:
    X = np.random.default_rng(1).normal(size=(10, 4))
    k = 1e-5  # all examples are answered alike: one eigenvalue is 10, the others are 0
    linear = -(log(10 + k) + 1 / (10 + k) + 9 * (log(k) + 1 / k))
    assert score("jacob_cov", "input(4) >> Dense(3) >> Dense(2)", X) == pytest.approx(linear, rel=1e-3)
    assert score("jacob_cov", "input(4) >> Dense(3) >> Dense(2, activation = 'softmax')", X) == pytest.approx(
        linear, rel=1e-3
    )
    bent = [score("jacob_cov", f"input(4) >> Dense({n}, activation = 'tanh') >> Dense(2)", X) for n in (1, 64)]
    assert linear < bent[0] < bent[1], "more units tell examples apart better"
    assert np.isnan(score("jacob_cov", "input(4) >> Rescaling(0.0) >> Dense(2)", X))


@pytest.mark.parametrize("name", ["synflow", "jacob_cov"])
def test_scores_depend_on_the_seed_alone(name: str) -> None:
    import keras

    network = "input(6, 6, 1) >> Conv2D(4, 3) >> BatchNormalization() >> ReLU(){} >> Flatten() >> Dense(3)"
    keras.utils.set_random_seed(5)
    first = score(name, network.format(""), IMAGES)
    assert first == score(name, network.format(""), IMAGES) != score(name, network.format(""), IMAGES, seed=1)
    assert first == pytest.approx(score(name, network.format(" >> Dropout(0.5)"), IMAGES)), "dropout is no part of it"


def test_initial_weights_are_as_the_initializers_say() -> None:
    import keras

    from hyperdsl.backends.keras.zero_cost import _initial

    for name in ("GlorotUniform", "HeNormal", "RandomUniform"):
        initializer = getattr(keras.initializers, name)()
        for shape in ((3, 3, 20, 30),):
            ours, theirs = (
                _initial(initializer, shape, "float32", np.random.default_rng(0)),
                np.asarray(initializer(shape)),
            )
            assert ours.shape == shape and ours.dtype == "float32"
            assert ours.std() == pytest.approx(theirs.std(), rel=0.08)
            assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.2)


def test_scores_are_objectives_and_bounds() -> None:
    ones = "kernel_initializer = 'ones'"  # which nothing is compiled for
    text = (
        f"space s = train(Flatten() >> Dense(4 | 16, {ones}) >> Dense(3, {ones}, activation = 'softmax'), epochs = 1)"
    )
    asked = experiment(text, metric=["accuracy", "params", "synflow"], constraints=["macs <= 500"], n_trials=2)
    history = asked.run().history
    assert [o.direction for o in history.goals.objectives] == ["maximize", "minimize", "maximize"]
    proxies = proxies_of(asked.space, asked.prepare(Reporter()).estimator, asked.seed)
    for trial in history.trials:
        units = next(iter(trial.configuration.to_json().values()))
        assert trial.evaluation is not None
        measures = dict(trial.evaluation.measures)
        assert (measures["params"], measures["macs"]) == (37 * units + (units + 1) * 3, 39 * units)
        assert measures["synflow"] == proxies["synflow"](trial.configuration)
    assert next(iter(history.best().configuration.to_json().values())) < 16


def test_where_no_network_is_there_is_no_score_of_one() -> None:
    for options in ({"metric": ["accuracy", "params"]}, {"constraints": ["synflow > 3"]}):
        with pytest.raises(HypError) as caught:
            experiment("space s = RidgeClassifier(alpha = 0.1..1.0)", IMAGES.reshape(60, -1), **options).run()
        assert "this space has no networks" in str(caught.value.diagnostics[0].help)


def test_a_network_behind_other_steps_is_screened_and_other_models_keep_their_share() -> None:
    rows = np.random.default_rng(2).normal(size=(60, 5)).astype("float32")
    options = {"searcher": "screened(by = 'synflow', of = 3, startup = 3)", "n_trials": 3}
    trials = experiment(MIXED, rows, **options).run().history.trials
    assert all(trial.evaluation and trial.evaluation.failure is None for trial in trials)
    asked = experiment(MIXED, rows)
    proxies = proxies_of(asked.space, asked.prepare(Reporter()).estimator, 0)
    for configuration in asked.space.sample(6):
        values = [proxies[name](configuration) for name in ("synflow", "jacob_cov")]
        assert ("LogisticRegression" in str(configuration)) == (values == [None, None])


def test_a_search_begins_with_the_largest_networks() -> None:
    asked = experiment("space s = train(Flatten() >> Dense(1..64) >> Dense(3, activation = 'softmax'), epochs = 1)")
    prepared = asked.prepare(Reporter())
    proxies = proxies_of(prepared.space, prepared.estimator, asked.seed)
    for name in ("params", "macs", "synflow"):
        searcher = make_searcher(f"screened(by = '{name}', of = 12)", prepared.space.space, proxies=proxies)
        proposed = searcher.propose([1, 2] if name == "synflow" else range(1, 6))
        assert all(next(iter(c.to_json().values())) > 35 for c in proposed)


def costs(text: str) -> tuple[hyperdsl.HyperSpace, Any]:
    from hyperdsl.experiment.estimator import PipelineEstimator

    space = hyperdsl.compile(text)
    return space, proxies_of(space, PipelineEstimator(space, IMAGES, CLASSES, [], len), 0)


def test_weights_and_multiply_adds_are_those_of_the_network() -> None:
    space, proxies = costs("space s = train(input(5) >> Dense(4 | 8) >> Dense(3), epochs = 1) | LinearRegression()")
    found = {(proxies["params"](c), proxies["macs"](c)) for c in space.enumerate()}
    assert found == {(24 + 15, 20 + 12), (48 + 27, 40 + 24), (None, None)}


def test_a_cost_that_is_not_known_is_told() -> None:
    space, proxies = costs("space s = train(Dense(4 | 8) >> Dense(1), epochs = 1)")
    with pytest.raises(HypError) as caught:
        proxies["macs"](space.default())
    assert caught.value.diagnostics[0].code == "E0462"
    assert costs("space s = Ridge(alpha = 0.1..1.0)")[1] == {}


def test_texts_have_no_such_score() -> None:
    from hyperdsl.experiment.estimator import PipelineEstimator

    words_to_numbers = "TextVectorization(max_tokens = 9) >> Embedding(9, 4)"
    space = hyperdsl.compile(f"space s = train({words_to_numbers} >> GlobalAveragePooling1D() >> Dense(3), epochs = 1)")
    words = np.array([["a b"], ["b c"], ["c"]])
    estimator = PipelineEstimator(space, words, np.arange(3), [(np.arange(3), np.arange(3))], len)
    with pytest.raises(HypError) as caught:
        proxies_of(space, estimator, 0)["jacob_cov"](space.default())
    assert caught.value.diagnostics[0].code == "E0468"
