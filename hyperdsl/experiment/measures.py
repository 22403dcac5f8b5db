"""What else is measured of a fitted pipeline: further metrics, and what it costs.

==================  ====================================================================
``predict_time``    seconds to predict one row, the median of several rows
``fit_time``        seconds to fit
``model_size``      bytes of the fitted pipeline, pickled
``features``        columns that the last step is given
``memory``          bytes by which the process grew while fitting and scoring, at its peak
==================  ====================================================================

Each is taken in every fold; an evaluation gives the mean. Less is better in all of them. What is known of a network
before any trial (:mod:`hyperdsl.experiment.proxies`) can be asked for likewise, once for each trial.
"""

from __future__ import annotations

import os
import pickle
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Any, Protocol

from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.diagnostics import data as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.experiment.labels import NumberedClasses
from hyperdsl.experiment.metrics import Metric, find_metric
from hyperdsl.experiment.own_metrics import OwnCode, OwnMetric
from hyperdsl.frozen import frozen
from hyperdsl.schema import Task
from hyperdsl.search.goals import Constraint, Goals, Objective
from hyperdsl.settings.metrics import PROXIES, parse_metric

ROWS = 9  # predicted one by one, to time them
_NO_CODE = OwnCode()
INTERVAL = 0.005  # seconds between looks at the memory


@frozen
class Fitted:
    """A pipeline fitted in one fold, and the rows that score it."""

    pipeline: Any
    X: Any
    y: Any
    fit_seconds: float
    memory: float  # bytes
    score_params: Mapping[str, Any] = field(default_factory=dict)
    training: Callable[[], tuple[Any, Any, Mapping[str, Any]]] | None = None
    """Gives the rows that it was fitted on, their target, and their ``score_params``."""


def predict_time(fitted: Fitted) -> float:
    """The median time of predicting one row, after one that is not counted."""
    X, predict = fitted.X, fitted.pipeline.predict
    seconds = []
    for row in range(min(ROWS + 1, X.shape[0])):
        one = X.iloc[row : row + 1] if hasattr(X, "iloc") else X[row : row + 1]
        start = time.perf_counter()
        predict(one)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:] or seconds)


def model_size(fitted: Fitted) -> float:
    return float(len(pickle.dumps(fitted.pipeline, protocol=pickle.HIGHEST_PROTOCOL)))


def features(fitted: Fitted) -> float:
    pipeline = fitted.pipeline
    inner = pipeline.estimator if isinstance(pipeline, NumberedClasses) else pipeline
    last = inner[-1] if hasattr(inner, "steps") else inner
    return float(getattr(last, "n_features_in_", fitted.X.shape[1]))


COSTS: dict[str, Callable[[Fitted], float]] = {
    "predict_time": predict_time,
    "fit_time": lambda fitted: fitted.fit_seconds,
    "model_size": model_size,
    "features": features,
    "memory": lambda fitted: fitted.memory,
}


@frozen
class Measure:
    """A named number of a fitted pipeline; ``metric`` is None for a cost."""

    name: str
    metric: Metric | None = None

    def __call__(self, fitted: Fitted) -> float:
        if self.metric is None:
            return COSTS[self.name](fitted)
        return self.metric(fitted.pipeline, fitted.X, fitted.y, **fitted.score_params)


class FoldMeasure(Protocol):
    """A named number that is taken of a pipeline fitted in one fold."""

    @property
    def name(self) -> str: ...

    def __call__(self, fitted: Fitted) -> float: ...


@frozen
class Measures:
    """What is asked of every fold beside the score, and, by the names of proxies, of the configuration."""

    goals: Goals = Goals()
    measures: tuple[FoldMeasure, ...] = ()
    proxies: tuple[str, ...] = ()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics among them."""
        return tuple(m.metric for m in self.measures if isinstance(m, Measure) and m.metric is not None)

    @property
    def needs_memory(self) -> bool:
        return any(isinstance(m, Measure) and m.name == "memory" and m.metric is None for m in self.measures)


def find_measures(
    score: Metric,
    others: Sequence[str | OwnMetric],
    constraints: Sequence[Constraint],
    task: Task,
    code: OwnCode = _NO_CODE,
) -> Measures:
    """The goals of a search for a score, further objectives, and constraints, and how they are measured.

    Raises
    ------
    HypError
        When a name is neither a metric for the task nor a cost nor a proxy.
    """
    objectives = [Objective(score.name, score.direction)]
    found: dict[str, Measure] = {}
    for name in others:
        measure = _measure(name, task, code)
        of_cost = PROXIES.get(measure.name, "minimize")
        objectives.append(Objective(measure.name, measure.metric.direction if measure.metric else of_cost))
        found[measure.name] = measure
    bounds = []
    for constraint in constraints:
        measure = Measure(score.name, score) if constraint.name == score.name else _measure(constraint.name, task, code)
        bounds.append(Constraint(measure.name, constraint.operator, constraint.bound))
        if measure.name != score.name:
            found.setdefault(measure.name, measure)
    proxies = tuple(name for name, measure in found.items() if measure.metric is None and name in PROXIES)
    of_folds = tuple(measure for name, measure in found.items() if name not in proxies)
    return Measures(Goals(tuple(objectives), tuple(bounds)), of_folds, proxies)


def report_unweighted(score: Metric, measures: Measures, reporter: Reporter) -> None:
    """Say which metrics take no sample weights."""
    others = (m.metric for m in measures.measures if isinstance(m, Measure))
    for metric in (score, *others):
        if metric is not None and not metric.takes_weights:
            reporter.add(say.metric_unweighted(metric.name))


def _measure(text: str | OwnMetric, task: Task, code: OwnCode) -> Measure:
    if callable(text):
        own = find_metric(text, task, code)
        return Measure(own.name, own)
    name, direction = parse_metric(text).name, parse_metric(text).direction
    if name in COSTS or name in PROXIES:
        better = PROXIES.get(name, "minimize")
        if direction not in (None, better):
            raise HypError([say.metric_direction(name, better)])
        return Measure(name)
    try:
        metric = find_metric(text, task, code)
    except HypError as error:
        near = did_you_mean(name, [*COSTS, *PROXIES])
        if not near or error.diagnostics[0].code != "E0640":
            raise
        raise HypError([say.unknown_metric(name, near)]) from error
    return Measure(metric.name, metric)


@contextmanager
def watched_memory(wanted: bool) -> Iterator[Callable[[], float]]:
    """How many bytes this process has grown by since, at its peak; always 0 where it is not wanted.

    The resident set is looked at from a thread: what libraries allocate outside Python counts.
    """
    if not wanted:
        yield lambda: 0.0
        return
    begin = peak = _resident()
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(INTERVAL):
            peak = max(peak, _resident())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda: float(max(peak, _resident()) - begin)
    finally:
        done.set()
        thread.join()


def _resident() -> int:
    """Bytes of this process in memory."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # not Linux: the peak so far, in kilobytes, or bytes on macOS
        import resource
        import sys

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
