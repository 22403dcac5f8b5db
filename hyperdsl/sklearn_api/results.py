"""``cv_results_``: trials as the table that scikit-learn's searches give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import rankdata

if TYPE_CHECKING:
    from hyperdsl.search.trial import Trial

TRAIN = "train "  # before the name of a measure that is taken on the rows fitted on


def cv_results(
    trials: Sequence[Trial], metrics: Sequence[str], folds: int, error_score: float, train: bool
) -> dict[str, Any]:
    """One entry of each array per trial.

    Parameters
    ----------
    metrics : sequence of str
        The names; the first is that of the trials' scores. A single one goes by the name ``score``.
    folds : int
        How many there are; a trial that was not scored in all of them has gaps, and so has one with less of a fidelity.
    error_score : float
        Stands for the scores of trials that failed.
    train : bool
        Whether there are scores on the rows fitted on too.
    """
    results: dict[str, Any] = {}
    for name, key in (("fit", "fit_seconds"), ("score", "score_seconds")):
        seconds = _table([_details(t).get(key, ()) for t in trials], folds)
        results[f"mean_{name}_time"], results[f"std_{name}_time"] = _mean(seconds), _std(seconds)
    results |= _parameters(trials)
    for metric in metrics:
        suffix = metric if len(metrics) > 1 else "score"
        scores = _table([_scores(t, metric, metrics[0]) for t in trials], folds)
        scores[[_failed(t) for t in trials]] = error_score
        results |= _columns(scores, "test", suffix)
        worst_last = np.nan_to_num(results[f"mean_test_{suffix}"], nan=-np.inf)
        results[f"rank_test_{suffix}"] = rankdata(-worst_last, method="min").astype(np.int32)
        if train:
            seen = [_measure(t, f"{TRAIN}{metric}") for t in trials]
            results |= _columns(_table(seen, folds), "train", suffix)
    return results


def _parameters(trials: Sequence[Trial]) -> dict[str, Any]:
    settings = [trial.configuration.to_json() for trial in trials]
    names = sorted({name for setting in settings for name in setting})
    columns: dict[str, Any] = {}
    for name in names:
        column = np.ma.MaskedArray(np.empty(len(trials), dtype=object), mask=True)
        for row, setting in enumerate(settings):
            if name in setting:
                column[row] = setting[name]
        columns[f"param_{name}"] = column
    return {**columns, "params": settings}


def _columns(scores: np.ndarray[Any, Any], rows: str, suffix: str) -> dict[str, Any]:
    splits = {f"split{i}_{rows}_{suffix}": scores[:, i] for i in range(scores.shape[1])}
    return {**splits, f"mean_{rows}_{suffix}": _mean(scores), f"std_{rows}_{suffix}": _std(scores)}


def _scores(trial: Trial, metric: str, main: str) -> Sequence[float]:
    if trial.evaluation is not None and trial.evaluation.fidelity is not None:
        return ()  # they compare with others of the same amount only
    if metric != main:
        return _measure(trial, metric)
    return trial.evaluation.fold_scores if trial.evaluation else ()


def _measure(trial: Trial, name: str) -> Sequence[float]:
    measures = _details(trial).get("measures")
    return measures.get(name, ()) if isinstance(measures, Mapping) else ()


def _details(trial: Trial) -> Mapping[str, Any]:
    return trial.evaluation.details if trial.evaluation else {}


def _failed(trial: Trial) -> bool:
    return trial.evaluation is None or trial.evaluation.failure is not None


def _table(rows: Sequence[Sequence[float]], columns: int) -> np.ndarray[Any, Any]:
    table = np.full((len(rows), columns), np.nan)
    for row, values in enumerate(rows):
        table[row, : len(values)] = values
    return table


# A trial that was not scored in all folds has no mean that compares.
def _mean(table: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.array([math.fsum(row) / len(row) for row in table])  # to the last digit as an evaluation does


def _std(table: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(table.std(axis=1))
