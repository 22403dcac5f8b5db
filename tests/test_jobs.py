"""Searches of real tables in workers: the same as without, and nothing takes more than it may."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import hyperdsl
from hyperdsl.experiment import Experiment
from hyperdsl.search.executor import cores
from hyperdsl.search.processes import LocalProcesses
from hyperdsl.search.trial import Evaluation, FailureKind, State, Trial
from hyperdsl.space import Configuration

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


def test_batches_of_a_real_search_are_the_same_with_one_and_three_workers() -> None:
    one, three = (search(batch=4, jobs=jobs, n_trials=10) for jobs in (1, 3))
    assert one == three and [number for number, *_ in one] == list(range(10))


@pytest.mark.parametrize("jobs", [1, 2])
def test_workers_times_threads_do_not_exceed_the_cores(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads that libraries would use inside fits, as threadpoolctl, joblib and the built models say."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with closing(LocalProcesses(Threads(), workers=jobs)) as executor:
        configuration = THREADS.default()
        executor.submit(Trial(0, configuration, "", State.running))
        ((_, evaluation),) = executor.wait()
    assert evaluation.failure is None
    found = evaluation.details["threads"]
    assert isinstance(found, list) and len(found) >= 3
    assert jobs * max(found) <= max(jobs, cores())


THREADS = hyperdsl.compile("space s = record(x = 1..2)").space


class Threads:
    def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
        import joblib
        import sklearn.ensemble  # noqa: F401  (with NumPy, SciPy and OpenMP)
        from threadpoolctl import threadpool_info

        pools = [int(pool["num_threads"]) for pool in threadpool_info()]
        return Evaluation(0.0, details={"threads": [*pools, joblib.cpu_count()]})


def test_a_trial_that_takes_too_much_memory_in_a_real_search(tmp_path: Path) -> None:
    """Some trials make half a gigabyte of columns: the search goes on without them."""
    space = hyperdsl.compile(
        "space s = KNeighborsRegressor(n_neighbors = 1..3) | PolynomialFeatures(degree = 11..12) >> Ridge()"
    )
    study = tmp_path / "study.db"
    experiment = Experiment(
        space, "sklearn:diabetes", "target", cv=2, n_trials=6, trial_memory=600_000_000, study=study, searcher="random"
    )
    history = experiment.run().history
    kinds = {t.evaluation.failure.kind for t in history.trials if t.evaluation and t.evaluation.failure}
    assert kinds == {FailureKind.memory}
    assert any(t.state is State.complete for t in history.trials)
