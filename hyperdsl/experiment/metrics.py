"""Metrics: scikit-learn's scorers by name, shown and compared in their natural direction.

scikit-learn turns losses around so that greater is better and marks them with ``neg_``. Here a loss is shown
positive and is minimized: ``rmse``, ``log_loss``.

Without a choice of the user's: ``roc_auc`` for two classes, since it does not depend on a threshold or on how
frequent the classes are; ``accuracy`` for more, since every classifier can be scored with it, also one without
probabilities; ``r2`` in regression, since it has no unit.
"""

from __future__ import annotations

import warnings
from inspect import signature
from typing import TYPE_CHECKING, Any

from hyperdsl.backends.base import ScorerKind
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import data as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.experiment.own_metrics import (
    OwnCode,
    OwnMetric,
    checked,
    import_metric,
    is_scorer,
    name_of,
    path_of,
    value_of,
)
from hyperdsl.frozen import frozen
from hyperdsl.schema import Task
from hyperdsl.settings.metrics import (
    ALIASES,
    USUAL,
    Direction,
    MetricText,
    direction_of,
    is_loss,
    parse_metric,
    scorer_among,
)

if TYPE_CHECKING:
    import numpy as np

DEFAULTS: dict[Task, str] = {"binary": "roc_auc", "multiclass": "accuracy", "regression": "r2"}

_NO_CODE = OwnCode()

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
        -1 where less is better, for which scikit-learn's scorers turn the metric around.
    own : callable or None
        A metric of the user's own; ``scorer`` is then where it is imported from, ``my_pkg.metrics:profit``, or empty.
    labels : tuple
        What an own metric is to see in place of the numbers of an encoded target.
    """

    name: str
    scorer: str
    sign: int = 1
    own: OwnMetric | None = None
    labels: tuple[str | int | float | bool, ...] = ()

    @property
    def direction(self) -> Direction:
        return "maximize" if self.sign > 0 else "minimize"

    @property
    def is_forgotten(self) -> bool:
        """Whether it is the user's own and was read from a file, which holds no code."""
        return self.own is None and (not self.scorer or ":" in self.scorer)

    @property
    def text(self) -> str:
        """What :func:`find_metric` finds it by.

        Raises
        ------
        HypError
            When it was given in Python and cannot be named.
        """
        if not self.scorer:
            reason = "it was given in Python, and a model does not keep code"
            raise HypError([say.own_metric_unusable(self.name, reason, "name another metric")])
        return f"{self.direction}({self.scorer})" if self.is_forgotten else self.scorer

    @property
    def kind(self) -> ScorerKind:
        """What a script imports, or asks scikit-learn for."""
        if self.own is None:
            return "name"
        return "scorer" if is_scorer(self.own) else "function"

    def better(self, one: float, other: float) -> bool:
        return self.sign * one > self.sign * other

    def __call__(self, estimator: object, X: object, y: object, sample_weight: object = None) -> float:
        """The metric of a fitted estimator's predictions, in its natural direction; of weighted rows where it can."""
        if self.own is not None:
            return value_of(self.own, self.labels, estimator, X, y)
        weights = {} if sample_weight is None or not self.takes_weights else {"sample_weight": sample_weight}
        return self.sign * float(self.sklearn_scorer()(estimator, X, y, **weights))

    @property
    def takes_weights(self) -> bool:
        """Whether rows can count differently in it; in a metric of the user's own they do not."""
        return self.own is None and "sample_weight" in signature(self.sklearn_scorer()._score_func).parameters

    def sklearn_scorer(self) -> Any:
        """What scikit-learn calls; None for a function of the user's."""
        from sklearn.metrics import get_scorer

        if self.own is not None:
            return self.own if is_scorer(self.own) else None
        return get_scorer(self.scorer)


def find_metric(asked: str | OwnMetric | None, task: Task, code: OwnCode = _NO_CODE) -> Metric:
    """The metric of a name for a task, ``roc_auc`` or ``maximize(roc_auc)``; None for the task's default.

    Parameters
    ----------
    asked : str, callable or None
        ``my_pkg.metrics:profit`` and callables are the user's own: :mod:`hyperdsl.experiment.own_metrics`.
    code : OwnCode
        Whose code may run.

    Raises
    ------
    HypError
        When there is no such metric, it may not run, it is for another task, or gets better the other way.
    """
    from sklearn.metrics import get_scorer_names

    if callable(asked):
        return _own(checked(asked, MetricText(name_of(asked))), name_of(asked), path_of(asked), 1, code)
    wanted = parse_metric(DEFAULTS[task] if asked is None else asked)
    if wanted.is_own:
        sign = -1 if wanted.direction == "minimize" else 1
        return _own(import_metric(wanted, code), wanted.name, wanted.name, sign, code)
    known = frozenset(get_scorer_names())
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


def _own(own: OwnMetric, name: str, path: str, sign: int, code: OwnCode) -> Metric:
    return Metric(name, path, sign, own, code.labels)


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
    except Exception as error:
        if metric.own is not None and metric.labels and is_scorer(metric.own):
            problem = f"{type(error).__name__}: {error}".splitlines()[0]
            raise HypError([say.scorer_of_labels(metric.name, metric.labels, problem)]) from error
        if metric.own is not None:
            what = f"it fails on a constant prediction with {type(error).__name__}: {error}".splitlines()[0]
            raise HypError([say.own_metric_unusable(metric.name, what, "mend it")]) from error
        if not isinstance(error, ValueError):
            raise
        near = [m for m in USUAL[task] if m != metric.name]
        raise HypError([say.metric_rejects(metric.name, str(error).splitlines()[0], near)]) from error
