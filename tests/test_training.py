"""Networks as trials: epochs that go on, trials that are killed, learning curves, and how trainings fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.diagnostics import Reporter
from hyperdsl.experiment.final import has_failed
from hyperdsl.experiment.training import kind_of
from hyperdsl.report import report_page
from hyperdsl.search.trial import Evaluation, FailureKind, Trial

pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras' variables, which NumPy tells

LABELS = np.arange(48) % 2
ROWS = (np.random.default_rng(0).normal(size=(48, 4)) + LABELS[:, None]).astype("float32")
SPACE = """
space s = train(
  Dropout(0.1) >> Dense(2, activation = "softmax"),
  optimizer = Adam(learning_rate = 0.001..0.1 log), batch_size = 8, epochs = {epochs})
"""


class Counted:
    """How many epochs are trained."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from hyperdsl.backends.keras import estimators

        self.number = 0
        epoch = estimators._Training.epoch

        def counted(training: Any) -> None:
            self.number += 1
            epoch(training)

        monkeypatch.setattr(estimators._Training, "epoch", counted)


def experiment(study: Path | None, epochs: int, **options: Any) -> hyperdsl.Experiment:
    return hyperdsl.Experiment(
        hyperdsl.compile(SPACE.format(epochs=epochs)), ROWS, LABELS, cv="holdout:0.3", jobs=1, study=study, **options
    )


def evaluated(of: hyperdsl.Experiment, trial: Trial) -> Evaluation:
    """A trial's configuration evaluated by itself."""
    return of.prepare(Reporter()).estimator.evaluate(trial.configuration, seed=of.seed)


def test_a_promoted_trial_trains_the_epochs_that_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    epochs = Counted(monkeypatch)
    study = tmp_path / "s.db"
    asked = experiment(study, 9, n_trials=3, fidelity="epochs=1..9")
    trials = asked.run().history.trials
    (promoted,) = (trial for trial in trials if trial.earlier)
    assert [e.fidelity for e in promoted.earlier] == [1, 3]
    assert epochs.number == 9 + 9 + 1 + 9, "the first trial, the promoted one, one that was not, and the final fit"
    in_one_go = evaluated(asked, promoted)
    assert promoted.evaluation is not None
    assert promoted.evaluation.fold_scores == in_one_go.fold_scores
    assert promoted.evaluation.details["curves"] == in_one_go.details["curves"]
    assert len(list((tmp_path / "s.db.training").iterdir())) == 1, "only what may be gone on with is kept"
    page = report_page(study)
    assert "How the best network learned" in page and "loss on the rows that are trained on" in page


def test_networks_of_hyper_search_cv_train_on_and_inherit(monkeypatch: pytest.MonkeyPatch) -> None:
    epochs = Counted(monkeypatch)
    search = hyperdsl.HyperSearchCV(
        SPACE.format(epochs=6), n_iter=4, cv=[(np.arange(36), np.arange(36, 48))], random_state=1,
        fidelity="epochs=1..6", inherit=True, searcher="asha",
    ).fit(ROWS, LABELS)  # fmt: skip
    ends = [trial.evaluation for trial in search.trials_ if trial.evaluation is not None]
    assert any(trial.earlier for trial in search.trials_)
    trained = [len(end.details["curves"][0]["loss"]) for end in ends]  # type: ignore[index]
    assert epochs.number == sum(trained) + 6, "no epoch twice, and the final fit"
    assert any("inherited" in end.details for end in ends)


KILLED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have had it ignored
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_training import experiment
experiment(Path({study!r}), 40, n_trials=1).run()
"""


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_a_trial_that_was_stopped_goes_on_from_its_last_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study, folder = tmp_path / "s.db", tmp_path / "s.db.training"
    code = KILLED.format(tests=str(Path(__file__).parent), study=str(study))

    def kept() -> list[int]:
        return [path.stat().st_mtime_ns for path in folder.glob("*.npz")]

    for stopped_by in (signal.SIGINT, signal.SIGKILL):
        before = kept()
        with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as process:
            until = time.monotonic() + 120
            while kept() == before and process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            assert process.poll() is None
            process.send_signal(stopped_by)
        assert kept() != before
    epochs = Counted(monkeypatch)
    asked = experiment(study, 40, n_trials=1)
    (trial,) = asked.run().history.trials
    assert epochs.number < 40 + 40, "with the final fit"
    assert trial.evaluation is not None
    assert trial.evaluation.details["curves"] == evaluated(asked, trial).details["curves"]


@pytest.mark.parametrize(
    ("losses", "failed"),
    [([2.4, 2.3, 2.3], True), ([2.4, 1.0, 0.1], False), ([1.9, 0.6], False), ([1.7, 1.6], True)],
)
def test_a_final_network_that_did_not_learn_is_known_by_its_loss(losses: list[float], failed: bool) -> None:
    assert has_failed(losses, [[1.6, 0.5, 0.08], [1.5, 0.4, 0.1]]) is failed
    assert not has_failed(losses, [[1.6]]), "of one epoch nothing is known"


def test_a_loss_that_is_no_number_is_a_failure_of_its_own() -> None:
    space = hyperdsl.compile(
        "space s = train(Dense(8) >> Dense(1), optimizer = SGD(learning_rate = 1e20 | 0.01), epochs = 3)"
    )
    asked = hyperdsl.Experiment(space, ROWS, ROWS[:, 0], cv="holdout:0.3", jobs=1, n_trials=2, searcher="grid")
    failures = [t.evaluation.failure for t in asked.run().history.trials if t.evaluation]
    (failure,) = (failure for failure in failures if failure is not None)
    assert failure.kind is FailureKind.loss
    assert "after epoch" in failure.message


def test_out_of_memory_is_known_by_what_the_backends_say() -> None:
    class JaxRuntimeError(RuntimeError):
        pass

    class ResourceExhaustedError(Exception):
        pass

    for error in (
        JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 80000000000 bytes."),
        ResourceExhaustedError("OOM when allocating tensor"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: not enough memory"),
        MemoryError(),
    ):
        assert kind_of(error) is FailureKind.memory
    assert kind_of(ValueError("no")) is FailureKind.error


def test_precision_and_device_are_arguments_of_train() -> None:
    import keras

    text = (
        'space s = train(Dense(2, activation = "softmax"), epochs = 1, precision = "mixed_bfloat16", device = "cpu:0")'
    )
    model = hyperdsl.compile(text).build({}, seed=1).fit(ROWS, LABELS)
    assert model.network_.layers[-1].compute_dtype == "bfloat16"
    assert model.predict_proba(ROWS).dtype == np.float32
    assert keras.config.dtype_policy().name == "float32"
