"""What has to hold with each backend of Keras: `make backends` runs this file with PyTorch and with TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.experiment.model import load_model

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras' variables, which NumPy tells

# Images, a residual and tied layers; sequences.
IMAGES = """
let d = Dense(6, activation = "relu")
space s = train({
  let x = input() >> Rescaling(0.5) >> Conv2D(4, 3, strides = 2, padding = "same") >> BatchNormalization()
  let y = (x >> SeparableConv2D(4, 3, padding = "same", activation = "gelu") & x) >> Add() >> Flatten()
  return (y >> tied(d) & y >> Dropout(0.2) >> tied(d)) >> Concatenate() >> Dense(2, activation = "softmax")
}, epochs = 3, patience = 2, batch_size = 8, validation_fraction = 0.2)
"""
SEQUENCES = """
space s = train(
  (LayerNormalization() >> MultiHeadAttention(2, 3) & pass) >> Add() >> Bidirectional(GRU(3))
  >> Dense(2, activation = "softmax"),
  optimizer = SGD(0.1, momentum = 0.9), epochs = 2, batch_size = 8)
"""
Y = np.arange(40) % 2
ROWS = {
    IMAGES: np.random.default_rng(0).normal(size=(40, 6, 6, 3)).astype("float32") + Y[:, None, None, None],
    SEQUENCES: np.random.default_rng(0).normal(size=(40, 5, 4)).astype("float32"),
}
PROGRAMS = [pytest.param(text, id=name) for name, text in (("images", IMAGES), ("sequences", SEQUENCES))]


def written(space: hyperdsl.HyperSpace, **told: Any) -> Any:
    """What the script of a space's default configuration makes."""
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile(space.source({}, **told), "script.py", "exec"), names)
    return names["build_pipeline"]()


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_live_network_and_its_script_give_the_same(text: str) -> None:
    space = hyperdsl.compile(text)
    rows = ROWS[text]
    live, script = space.build({}).build(rows.shape[1:]), written(space).build(rows.shape[1:])
    rng = np.random.default_rng(1)
    weights = [rng.uniform(0.1, 0.6, w.shape) for w in live.get_weights()]
    for network in (live, script):
        network.set_weights(weights)
    found = [np.asarray(n.predict(rows, verbose=0)) for n in (live, script)]
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)


@pytest.mark.parametrize("text", PROGRAMS)
def test_a_seed_says_all_of_a_training(text: str) -> None:
    space = hyperdsl.compile(text)
    models = [space.build({}, seed=5), space.build({}, seed=5), written(space, seed=5)]
    first, *others = (model.fit(ROWS[text], Y).history_ for model in models)
    for other in others:
        for name, losses in first.items():
            np.testing.assert_allclose(other[name], losses, rtol=1e-6)


def test_a_training_that_was_interrupted_ends_as_in_one_go() -> None:
    space = hyperdsl.compile(IMAGES)
    whole, begun, resumed = (space.build({}, seed=5).begin(ROWS[IMAGES], Y) for _ in range(3))
    for training, epochs in ((whole, 3), (begun, 2)):
        for _ in range(epochs):
            training.epoch()
    resumed.restore(begun.state())
    resumed.epoch()
    assert resumed.done == 3
    np.testing.assert_allclose(resumed.history["loss"], whole.history["loss"], rtol=1e-6)
    np.testing.assert_allclose(resumed.best, whole.best, rtol=1e-6)


def test_a_search_saves_a_model_that_predicts(tmp_path: Path) -> None:
    space = hyperdsl.compile(IMAGES)
    asked = hyperdsl.Experiment(space, ROWS[IMAGES], Y, cv="holdout:0.3", jobs=1, n_trials=1)
    result = asked.run()
    result.save(tmp_path / "m")
    rows = ROWS[IMAGES]
    assert list(load_model(tmp_path / "m.hypmodel").predict(rows)) == list(result.model.predict(rows))


def test_a_network_is_written_as_a_file_of_keras(tmp_path: Path) -> None:
    network = hyperdsl.compile(SEQUENCES).build({}, seed=5).fit(ROWS[SEQUENCES], Y).network_
    network.save(tmp_path / "net.keras")
    again = keras.saving.load_model(tmp_path / "net.keras")
    rows = ROWS[SEQUENCES]
    np.testing.assert_allclose(again.predict(rows, verbose=0), network.predict(rows, verbose=0), atol=1e-6)
