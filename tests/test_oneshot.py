"""Searches with one network for all candidates: what is trained, what is proposed, what is kept."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.experiment.shared_weights import SharedNetwork, shared_weights_of
from hyperdsl.experiment.training import Checkpoints
from hyperdsl.search.progress import Silent
from hyperdsl.search.searchers import make_searcher
from hyperdsl.space import Configuration

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras' variables, which NumPy tells

LABELS = np.arange(120) % 2
RNG = np.random.default_rng(0)
# Two classes that a line does not tell apart: near the origin, and farther from it.
ROWS = (RNG.normal(size=(120, 2)) * 0.3 + LABELS[:, None] * np.sign(RNG.normal(size=(120, 2))) * 2).astype("float32")
SPACE = """
let hidden = Dense(2 | 4 | 8, activation = "relu")
let nothing = Rescaling(0.0)
space s = train(
  BatchNormalization() >> (hidden | nothing) >> Dense(2, activation = "softmax"),
  optimizer = Adam(learning_rate = 0.01..0.1 log), batch_size = 8, epochs = 1)
"""


class Told(Silent):
    """Keeps what a search tells."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[tuple[str, dict[str, Any]]] = []

    def note(self, event: str, text: str, **facts: Any) -> None:
        self.notes.append((event, facts))


def experiment(searcher: str, text: str = SPACE, **options: Any) -> hyperdsl.Experiment:
    space = hyperdsl.compile(text)
    return hyperdsl.Experiment(space, ROWS, LABELS, cv="holdout:0.3", jobs=1, searcher=searcher, **options)


def network_of(asked: hyperdsl.Experiment) -> SharedNetwork:
    prepared = asked.prepare(Reporter())
    found = shared_weights_of(prepared.space, prepared.estimator, prepared.metric.sign, 0)["inherited"]
    assert isinstance(found, SharedNetwork)
    return found


def proposed(searcher: str, network: SharedNetwork, n: int) -> list[Configuration]:
    return make_searcher(searcher, network._space.space, proxies={"inherited": network}).propose(range(n))


@pytest.fixture
def epochs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The epochs of shared networks that were trained; a test may have Ctrl-C pressed after one of them."""
    from hyperdsl.backends.keras.supernet.training import SharedTraining

    done: list[int] = []
    ended = SharedTraining._ended

    def counted(training: Any, loss: float) -> float:
        done.append(training.done)
        return ended(training, loss)

    monkeypatch.setattr(SharedTraining, "_ended", counted)
    return done


def test_the_best_by_inherited_weights_are_trained_by_themselves(tmp_path: Path, epochs: list[int]) -> None:
    told = Told()
    options: dict[str, Any] = {"study": tmp_path / "s.db", "metric": "accuracy"}
    asked = experiment("oneshot(epochs = 9, evaluations = 4)", n_trials=2, **options)
    trials = asked.run().history.trials
    assert epochs == list(range(9))
    assert [t.configuration["s.train.network"] for t in trials] == ["hidden"] * 2, "the other one knows nothing"
    assert {t.configuration["s.train.optimizer.Adam.learning_rate"] for t in trials} == {0.0316}, "the default"
    further = experiment("oneshot(epochs = 9, evaluations = 4)", n_trials=3, **options).run(told)
    assert epochs == list(range(9)), "its weights are beside the study"
    assert len({t.key for t in further.history.trials}) == 3
    assert [facts["trials"] for event, facts in told.notes if event == "rank_correlation"] in ([3], []), "or ties"


def test_a_search_that_is_interrupted_while_its_network_trains_goes_on(
    tmp_path: Path, epochs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Checkpoints.write

    def interrupted(*arguments: Any) -> None:
        write(*arguments)
        if len(epochs) == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Checkpoints, "write", interrupted)
    searcher = "oneshot(epochs = 5, evaluations = 4)"
    asked = experiment(searcher, n_trials=1, study=tmp_path / "s.db")
    with pytest.raises(HypError):  # it has no trial yet
        asked.run()
    assert epochs == [0, 1, 2]
    (trial,) = asked.run().history.trials
    assert epochs == [0, 1, 2, 3, 4]
    (first,) = proposed(searcher, network_of(experiment(searcher)), 1)
    assert first == trial.configuration, "as in one go"


def test_the_statistics_of_a_candidate_are_its_own() -> None:
    network = network_of(experiment("oneshot", metric="accuracy"))
    score = network.single_paths(9)
    drawn = network._space.sample(30, seed=1)
    good = max(score(c) for c in drawn if c["s.train.network"] == "hidden")
    bad = max(score(c) for c in drawn if c["s.train.network"] == "nothing")
    assert good > 0.7 and bad < 0.6
    statistics = next(x for x in network._supernet.network.layers if isinstance(x, keras.layers.BatchNormalization))
    mean = keras.ops.convert_to_numpy(statistics.moving_mean)
    np.testing.assert_allclose(mean, network.rows.parts[0].mean(axis=0), atol=1e-5)


def test_scores_that_are_better_when_less_are_turned_around() -> None:
    network = network_of(experiment("oneshot", metric="log_loss"))
    score = network.single_paths(1)
    assert (score(network._space.default()) or 0) < 0


def test_what_knows_nothing_is_improbable(epochs: list[int]) -> None:
    network = network_of(experiment("darts"))
    found = proposed("darts(epochs = 12, rate = 0.1)", network, 4)
    assert epochs == list(range(12))
    assert len({c.codes for c in found}) == 4 and found[0]["s.train.network"] == "hidden"
    ways = next(codes for codes in network.relaxed(12, 0.1).values() if len(codes) == 2)
    assert ways[0] > 0.55


@pytest.mark.parametrize("searcher", ["oneshot", "darts"])
def test_a_search_without_networks_has_no_weights_to_share(searcher: str) -> None:
    with pytest.raises(HypError) as caught:
        experiment(searcher, "space s = LogisticRegression(C = 0.1..10.0 log)", n_trials=2).run()
    assert "E0735" in str(caught.value)


def test_what_is_decided_before_the_network_is_said() -> None:
    text = 'space s = StandardScaler()? >> train(Dense(2..4) >> Dense(2, activation = "softmax"))'
    with pytest.raises(HypError) as caught:
        experiment("oneshot", text, n_trials=2).run()
    assert "E0466" in str(caught.value) and "something else than the network" in str(caught.value)
