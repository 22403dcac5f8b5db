"""Searches of real tables in workers: the same as without, and nothing takes more than it may."""

from __future__ import annotations

from typing import Any

import hyperdsl
from hyperdsl.experiment import Experiment

SPACE = """
space s =
  StandardScaler()
  >> ( LogisticRegression(C = 1e-3..1e2 log, max_iter = 200)
     | RandomForestClassifier(n_estimators = 5, max_depth = 2..8)
     | KNeighborsClassifier(n_neighbors = 1..20) )
"""


def search(**options: Any) -> list[tuple[object, ...]]:
    experiment = Experiment(hyperdsl.compile(SPACE), "sklearn:wine", "target", cv=2, **options)
    trials = experiment.run().history.trials
    return [(t.number, t.configuration.to_json(), t.evaluation and t.evaluation.fold_scores) for t in trials]


def test_batches_of_a_real_search_are_the_same_with_one_two_and_four_workers() -> None:
    lists = [search(batch=4, jobs=jobs, n_trials=14) for jobs in (1, 2, 4)]
    assert lists[0] == lists[1] == lists[2]
    assert [number for number, *_ in lists[0]] == list(range(14))
