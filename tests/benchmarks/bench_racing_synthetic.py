"""Whether races change what is found: objectives that cost nothing, with the noise of folds.

Usage: python bench_racing_synthetic.py [--trials 40] [--seeds 32] [--searcher auto]
       [--objectives parabola,pipelines,noisy]

``parabola`` is that of ``tests/test_racing.py``: folds differ in how hard they are, by much more than trials do. In
``pipelines`` three families of models have decisions of their own, folds are differently hard for each family, and each
trial's folds have noise of 0.006, as ROC AUC on a thousand rows; in ``noisy`` twice that. Each seed is searched in full
and with races; what is compared is the best score of a trial that ran in full, at as many trials and at as many folds.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics

from timing import report

import hyperdsl
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.racing import Race
from hyperdsl.search.trial import Evaluation
from hyperdsl.space import Configuration

PARABOLA = """
let x = 0..50
let mode = "fast" | "safe" @ 3
space s = record(x = x, y = 1e-3..1.0 log, mode = mode, z = 1..x + 1 if mode == "safe" else 0,
  tags = subset(2, ["a", "b", "c"]), size = 100 | 1 | 10, part = 0.0..1.0 step 0.25)
"""
PIPELINES = """
space s = record(
  model = record(C = 1e-3..1e3 log, gamma = 1e-4..10.0 log, degree = 2..5, shrink = True | False, cache = 100..400)
    | record(depth = 1..20, leaf = 1..50 log, criterion = "gini" | "entropy", share = 0.1..1.0)
    | record(rate = 1e-3..1.0 log, rounds = 10..500 log, leaves = 4..128 log, rows = 0.3..1.0, l1 = 1e-6..10.0 log),
  scale = "none" | "standard" | "minmax", impute = "mean" | "median", unused = 0..9)
"""
SCALES = {"none": -0.04, "standard": 0.0, "minmax": -0.01}
HARD = (0.01, -0.02, 0.015, 0.0, -0.012)


class Objective:
    """Scores of five folds, and how many of them were asked for when each trial had ended."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.space = hyperdsl.compile(PARABOLA if name == "parabola" else PIPELINES).space
        self.folds = 0
        self.found: list[tuple[int, float]] = []  # folds so far, and the best score in full

    def evaluate(
        self, configuration: Configuration, *, seed: int, fidelity: float = 1.0, race: Race | None = None
    ) -> Evaluation:
        scores: list[float] = []
        best = self.found[-1][1] if self.found else -math.inf
        for score in self._scores(configuration):
            scores.append(score)
            self.folds += 1
            if race is not None and race.is_lost(scores):
                self.found.append((self.folds, best))
                return Evaluation(race.estimate(scores), tuple(scores), pruned=True)
        mean = statistics.fmean(scores)
        self.found.append((self.folds, max(best, mean)))
        return Evaluation(mean, tuple(scores))

    def _scores(self, configuration: Configuration) -> list[float]:
        values = {path.rpartition(".")[2]: value for path, value in configuration.to_json().items()}
        rng = random.Random(repr(sorted(values.items())))
        if self.name == "parabola":
            mean = -((values["x"] - 33) ** 2) / 2000 - values["y"] / 10
            return [mean + hard + rng.gauss(0, 0.01) for hard in (0.0, 0.1, -0.1, 0.05, 0.0)]
        family = random.Random(str(values["model"]))
        mean, noise = _pipeline(values), 0.006 if self.name == "pipelines" else 0.012
        return [mean + hard + family.gauss(0, 0.006) + rng.gauss(0, noise) for hard in HARD]


def _pipeline(v: dict[str, float]) -> float:
    if "C" in v:
        bends = 0.01 * (math.log10(v["C"]) - 1) ** 2 + 0.008 * (math.log10(v["gamma"]) + 1.5) ** 2
        return 0.83 - bends + SCALES[str(v["scale"])]
    if "depth" in v:
        return 0.78 - 0.001 * abs(v["depth"] - 9) - 0.01 * (math.log10(v["leaf"]) - 1) ** 2
    bends = 0.02 * (math.log10(v["rate"] * v["rounds"]) - 1) ** 2 + 0.008 * (math.log10(v["leaves"]) - 1.4) ** 2
    return 0.845 - bends - 0.03 * (v["rows"] - 0.8) ** 2


def searched(name: str, searcher: str, trials: int, seed: int, racing: bool) -> list[tuple[int, float]]:
    objective = Objective(name)
    HyperModel(objective.space, objective, searcher, seed=seed, racing=racing).search(trials)
    return objective.found


def compared(name: str, searcher: str, trials: int, seeds: int) -> tuple[str, ...]:
    same_trials, same_folds, shares = [], [], []
    for seed in range(seeds):
        full = searched(name, searcher, trials, seed, racing=False)
        raced = searched(name, searcher, 2 * trials, seed, racing=True)
        folds, best = full[-1]
        same_trials.append(raced[trials - 1][1] - best)
        same_folds.append(max(score for so_far, score in raced if so_far <= folds) - best)
        shares.append(raced[trials - 1][0] / folds)
    return (name, f"{statistics.fmean(shares):.0%}", _cell(same_trials), _cell(same_folds))


def _cell(gains: list[float]) -> str:
    error = statistics.stdev(gains) / len(gains) ** 0.5
    worse, better = sum(g < 0 for g in gains), sum(g > 0 for g in gains)
    return f"{statistics.fmean(gains):+.4f} ± {error:.4f}; {better} better, {worse} worse"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=32)
    parser.add_argument("--searcher", default="auto")
    parser.add_argument("--objectives", default="parabola,pipelines,noisy")
    options = parser.parse_args()
    rows = []
    for name in options.objectives.split(","):
        rows.append(compared(name, options.searcher, options.trials, options.seeds))
        print(*rows[-1], sep=" | ", flush=True)
    header = ("objective", "folds at as many trials", "best at as many trials", "best at as many folds")
    report(f"Races against none: {options.searcher}, {options.trials} trials, {options.seeds} seeds", header, rows, ())


if __name__ == "__main__":
    main()
