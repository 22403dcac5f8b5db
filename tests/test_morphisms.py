"""Networks that begin as others: what they compute is the same, and a search in which trials inherit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.diagnostics import HypError

pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras' variables, which NumPy tells

END = "Dense(3, activation = 'softmax')"
IMAGES = np.random.default_rng(0).random((48, 6, 6, 1), "float32")
LABELS = np.arange(48) % 3


def conv(width: int) -> str:
    return f"Conv2D({width}, 3, padding = 'same', use_bias = False) >> BatchNormalization() >> ReLU()"


def residual(width: int) -> str:
    return f"({conv(width)} >> SeparableConv2D({width}, 3, padding = 'same') & pass) >> Add() >> ReLU()"


def joined(width: int) -> str:
    return f"(Conv2D({width}, 1, activation = 'relu') & Conv2D(2, 1, activation = 'tanh')) >> Concatenate()"


FLAT, IMAGE = "input(4)", "input(6, 6, 1)"
# The old network, the new one.
MORPHISMS = {
    "wider": (f"{FLAT} >> Dense(4, activation = 'relu')", f"{FLAT} >> Dense(9, activation = 'relu')"),
    "one more": (
        f"{FLAT} >> Dense(4, activation = 'relu')",
        f"{FLAT} >> Dense(4, activation = 'relu') >> Dropout(0.3) >> Dense(7, activation = 'relu')",
    ),
    "wider with normalization": (
        f"{IMAGE} >> {conv(3)} >> MaxPooling2D(2) >> {conv(4)} >> Flatten()",
        f"{IMAGE} >> {conv(5)} >> MaxPooling2D(2) >> {conv(8)} >> Flatten()",
    ),
    "one more with normalization": (
        f"{IMAGE} >> {conv(3)} >> MaxPooling2D(2) >> Flatten()",
        f"{IMAGE} >> {conv(3)} >> {conv(5)} >> MaxPooling2D(2) >> {conv(5)} >> Flatten()",
    ),
    "around a block": (
        f"{IMAGE} >> {conv(3)} >> {residual(3)} >> GlobalAveragePooling2D()",
        f"{IMAGE} >> {conv(6)} >> {residual(6)} >> GlobalAveragePooling2D()",
    ),
    "by depth": (
        f"{IMAGE} >> {conv(3)} >> DepthwiseConv2D(3, depth_multiplier = 2) >> Flatten()",
        f"{IMAGE} >> {conv(4)} >> DepthwiseConv2D(3, depth_multiplier = 2) >> Flatten()",
    ),
    "side by side": (f"{IMAGE} >> {joined(3)} >> Flatten()", f"{IMAGE} >> {joined(5)} >> Flatten()"),
    "along time": (
        "input(6, 2) >> Conv1D(3, 3, activation = 'relu') >> GlobalMaxPooling1D()",
        "input(6, 2) >> Conv1D(5, 3, activation = 'relu') >> GlobalMaxPooling1D()",
    ),
}


def model(network: str, epochs: int = 1) -> Any:
    return hyperdsl.compile(f"space s = train({network} >> {END}, epochs = {epochs})").build({}, seed=3)


@pytest.fixture
def drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights are drawn by NumPy: JAX would compile that for each shape."""
    import keras

    def draw(self: Any, shape: Any, dtype: Any = None) -> Any:
        return np.random.default_rng(shape).normal(size=shape, scale=0.4).astype("float32")

    monkeypatch.setattr(keras.initializers.VarianceScaling, "__call__", draw)


def begun(new: str, old: str, X: np.ndarray[Any, Any]) -> tuple[Any, Any, Any]:
    """The outputs of a network with all kinds of weights and of one that begins as it, and what was inherited."""
    from hyperdsl.backends.keras.morphisms import begin_as

    rng = np.random.default_rng(2)
    first, training = model(old).begin(X, LABELS), model(new).begin(X, LABELS)
    first.network.set_weights([rng.uniform(0.2, 1, w.shape) * np.sign(w + 0.1) for w in first.network.get_weights()])
    found = begin_as(training, model(old), first.state())
    return first.network.predict_on_batch(X), training.network.predict_on_batch(X), found


@pytest.mark.parametrize("name", MORPHISMS)
@pytest.mark.usefixtures("drawn_at_once")
def test_a_wider_or_deeper_network_computes_the_same_before_it_is_trained(name: str) -> None:
    old, new = MORPHISMS[name]
    shape = {FLAT: (48, 4), IMAGE: (48, 6, 6, 1)}.get(old.partition(" >> ")[0], (48, 6, 2))
    before, after, found = begun(new, old, np.random.default_rng(1).normal(size=shape).astype("float32"))
    assert found.same
    assert np.abs(before - after).max() < 1e-5
    assert before.std() > 0.01


@pytest.mark.usefixtures("drawn_at_once")
def test_copies_of_a_unit_do_not_learn_alike() -> None:
    from hyperdsl.backends.keras.morphisms import begin_as

    old, new = MORPHISMS["wider"]
    X = np.random.default_rng(1).normal(size=(48, 4)).astype("float32")
    first, training = model(old).begin(X, LABELS), model(new).begin(X, LABELS)
    begin_as(training, model(old), first.state())
    before = training.network.layers[1].get_weights()[0]
    training.epoch()
    after = training.network.layers[1].get_weights()[0]
    assert np.unique(before, axis=1).shape[1] == 4 and np.unique(after, axis=1).shape[1] == 9


@pytest.mark.usefixtures("drawn_at_once")
def test_what_is_narrower_has_the_other_layers_weights() -> None:
    old = f"{IMAGE} >> {conv(3)} >> {conv(6)} >> {conv(4)} >> Flatten()"
    new = f"{IMAGE} >> {conv(3)} >> {conv(5)} >> {conv(4)} >> Flatten()"
    _, _, found = begun(new, old, IMAGES)
    assert not found.same
    assert (found.layers, found.of) == (4, 7), "the first block, the last normalization and the last layer"


SPACE = """
space s = train(
  input(6, 6, 1)
  >> repeat(1..2, Conv2D(3, 3, padding = "same", use_bias = False) >> BatchNormalization() >> ReLU())
  >> Flatten()
  >> Dense(4 | 8, activation = "relu")
  >> Dense(3, activation = "softmax"),
  epochs = 2)
"""


def searched(study: Path, trials: int = 4, **options: Any) -> Any:
    asked = hyperdsl.Experiment(
        hyperdsl.compile(SPACE),
        IMAGES,
        LABELS,
        cv="holdout:0.3",
        searcher="local",
        study=study,
        n_trials=trials,
        **options,
    )
    return asked.run()


@pytest.mark.usefixtures("drawn_at_once")
def test_trials_of_a_search_inherit_and_a_study_goes_on_with_its_kind_only(tmp_path: Path) -> None:
    found = searched(tmp_path / "s.db", inherit=True)
    details = [trial.evaluation.details.get("inherited") for trial in found.history.trials]
    assert details[0] is None
    for number, inherited in enumerate(details[1:], start=1):
        assert inherited["from"] < number and inherited["layers"] >= 4
    assert any(inherited["same"] for inherited in details[1:])
    with pytest.raises(HypError) as caught:
        searched(tmp_path / "s.db")
    assert caught.value.diagnostics[0].code == "E0712"


def test_a_space_without_networks_has_nothing_to_inherit() -> None:
    asked = hyperdsl.Experiment(
        hyperdsl.compile("space s = RidgeClassifier()"), IMAGES.reshape(48, -1), LABELS, inherit=True
    )
    with pytest.raises(HypError) as caught:
        asked.run()
    assert "this space has none" in str(caught.value.diagnostics[0].help)
