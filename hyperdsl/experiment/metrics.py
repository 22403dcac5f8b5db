"""Metrics: scikit-learn's scorers by name, shown and compared in their natural direction.

scikit-learn turns losses around so that greater is better and marks them with ``neg_``. Here a loss is shown
positive and is minimized: ``rmse``, ``log_loss``.

Without a choice of the user's: ``roc_auc`` for two classes, since it does not depend on a threshold or on how
frequent the classes are; ``accuracy`` for more, since every classifier can be scored with it, also one without
probabilities; ``r2`` in regression, since it has no unit.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import data as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.frozen import frozen
from hyperdsl.schema import Task
from hyperdsl.settings.metrics import (
    ALIASES,
    USUAL,
    Direction,
    direction_of,
    is_loss,
    parse_metric,
    scorer_among,
)

if TYPE_CHECKING:
    import numpy as np

DEFAULTS: dict[Task, str] = {"binary": "roc_auc", "multiclass": "accuracy", "regression": "r2"}

# The name that results show for a loss; others lose their `neg_`.
SHOWN = {"neg_root_mean_squared_error": "rmse", "neg_root_mean_squared_log_error": "rmsle"}

# One-vs-rest is what a user who asks for the AUC of several classes means.
OF_SEVERAL_CLASSES = {"roc_auc": "roc_auc_ovr"}


@frozen
class Metric:
    """A scorer and how its values are shown.

    Parameters
    ----------
    name : str
        As shown, e.g. ``rmse``.
    scorer : str
        scikit-learn's name, e.g. ``neg_root_mean_squared_error``.
    sign : int
        -1 where the scorer turns the metric around.
    """

    name: str
    scorer: str
    sign: int = 1

    @property
    def direction(self) -> Direction:
        return "maximize" if self.sign > 0 else "minimize"

    def better(self, one: float, other: float) -> bool:
        return self.sign * one > self.sign * other

    def __call__(self, estimator: object, X: object, y: object) -> float:
        """The metric of a fitted estimator's predictions, in its natural direction."""
        from sklearn.metrics import get_scorer

        return self.sign * float(get_scorer(self.scorer)(estimator, X, y))


def find_metric(text: str | None, task: Task) -> Metric:
    """The metric of a name for a task, ``roc_auc`` or ``maximize(roc_auc)``; None for the task's default.

    Raises
    ------
    HypError
        When there is no such metric, it is for another task, or gets better the other way.
    """
    from sklearn.metrics import get_scorer_names

    known = frozenset(get_scorer_names())
    wanted = parse_metric(DEFAULTS[task] if text is None else text)
    scorer = scorer_among(wanted.name, known)
    if scorer is None:
        raise HypError([say.unknown_metric(wanted.name, did_you_mean(wanted.name, sorted({*known, *ALIASES})))])
    better = direction_of(wanted.name, scorer)
    if wanted.direction not in (None, better):
        raise HypError([say.metric_direction(wanted.name, better)])
    if task == "multiclass":
        scorer = OF_SEVERAL_CLASSES.get(scorer, scorer)
    _require_task(wanted.name, scorer, task)
    return Metric(SHOWN.get(scorer, scorer.removeprefix("neg_")), scorer, -1 if is_loss(scorer) else 1)


def _require_task(name: str, scorer: str, task: Task) -> None:
    from sklearn.metrics import get_scorer

    module = get_scorer(scorer)._score_func.__module__
    metric_task = "regression" if "_regression" in module else "classification"
    if (metric_task == "regression") != (task == "regression"):
        raise HypError([say.metric_of_other_task(name, metric_task, task, USUAL[task])])


def check_metric(metric: Metric, y: np.ndarray[Any, Any], task: Task) -> None:
    """Compute the metric once for a constant prediction.

    Raises
    ------
    HypError
        When scikit-learn refuses, e.g. ``f1`` of three classes or a logarithm of negative numbers.
    """
    import numpy as np
    from sklearn.dummy import DummyClassifier, DummyRegressor

    X = np.zeros((len(y), 1))
    dummy = DummyRegressor() if task == "regression" else DummyClassifier(strategy="prior")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            metric(dummy.fit(X, y), X, y)
    except ValueError as error:
        near = [m for m in USUAL[task] if m != metric.name]
        raise HypError([say.metric_rejects(metric.name, str(error).splitlines()[0], near)]) from error
