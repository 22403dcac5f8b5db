"""Ensembles of what a search has found: greedy selection with replacement.

After Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble Selection from Libraries of Models", ICML 2004: start empty;
again and again add the model, also one that is in already, that makes the average prediction on rows that no model was
fitted on score best. How often a model was added is its weight.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from hyperdsl.experiment.estimator import PipelineEstimator
from hyperdsl.experiment.measures import Fitted, Measures
from hyperdsl.frozen import frozen

if TYPE_CHECKING:
    from hyperdsl.search.trial import Trial

CANDIDATES = 20  # the best trials, of which an ensemble is made
STEPS = 20  # how often one is added: weights are multiples of a twentieth

Array = np.ndarray[Any, Any]


@frozen
class Member:
    """A trial and how often it was added."""

    trial: Trial
    weight: int


@frozen
class Selection:
    """What was selected.

    Parameters
    ----------
    members : tuple of Member
        The heaviest first.
    soft : bool
        Whether their probabilities are averaged (or numbers, in regression) and not their votes.
    score : float
        Of the average on the rows that no model was fitted on, the mean over the folds; NaN where there is no member.
    """

    members: tuple[Member, ...]
    soft: bool
    score: float = math.nan


@frozen
class Predicted:
    """What one fold's model predicts for the rows that score it, and what a scorer needs to know of them.

    ``values`` are numbers, or for classes probabilities, or votes of a model that has none: 1 for its choice.
    """

    values: Array
    classes: Array | None
    votes: bool
    y: Array
    params: Mapping[str, Array]


def select(
    estimator: PipelineEstimator,
    trials: Sequence[Trial],
    seed: int,
    greater_is_better: bool = True,
    steps: int = STEPS,
) -> Selection:
    """The members of the best ensemble that the selection came by.

    Each candidate is fitted in the folds once more, since a study keeps scores and not predictions.

    Parameters
    ----------
    estimator : PipelineEstimator
        What scored the trials.
    trials : sequence of Trial
        Candidates that have scores, the best first.
    greater_is_better : bool
        Of the estimator's score.
    steps : int
        How often one is added.
    """
    known = [(trial, found) for trial in trials if (found := _predictions(estimator, trial, seed))]
    # Averages of probabilities and of votes do not mix.
    soft = [(trial, found) for trial, found in known if not found[0].votes]
    chosen = soft or known
    score = _scorer(estimator, [found for _, found in chosen])
    sign = 1 if greater_is_better else -1
    added: list[int] = []
    scores: list[float] = []
    total: list[Array] = [np.zeros_like(p.values) for p in chosen[0][1]] if chosen else []
    for step in range(1, steps + 1 if chosen else 1):
        sums = [[t + p.values for t, p in zip(total, found, strict=True)] for _, found in chosen]
        reached = [sign * score([s / step for s in candidate]) for candidate in sums]
        added.append(max(range(len(chosen)), key=lambda i: (reached[i], -i)))
        scores.append(reached[added[-1]])
        total = sums[added[-1]]
    if not scores:
        return Selection((), bool(soft))
    best = max(range(len(scores)), key=lambda i: (scores[i], -i))
    counts = Counter(added[: best + 1])
    members = tuple(Member(chosen[i][0], count) for i, count in counts.most_common())
    return Selection(members, bool(soft), sign * scores[best])


def _predictions(estimator: PipelineEstimator, trial: Trial, seed: int) -> list[Predicted]:
    """What a trial predicts in each fold; nothing where it fails this time, such as for want of memory."""
    found: list[Predicted] = []
    collect = _Collect(found)
    evaluation = replace(estimator, measures=Measures(measures=(collect,))).evaluate(trial.configuration, seed=seed)
    return found if evaluation.failure is None else []


@frozen
class _Collect:
    """A measure that keeps predictions."""

    found: list[Predicted]
    name: str = "predictions"

    def __call__(self, fitted: Fitted) -> float:
        model = fitted.pipeline
        classes = getattr(model, "classes_", None)
        votes = classes is not None and not hasattr(model, "predict_proba")
        values = np.asarray(model.predict(fitted.X) if votes or classes is None else model.predict_proba(fitted.X))
        if votes:
            values = (values.reshape(-1, 1) == classes).astype(float)
        self.found.append(Predicted(values, classes, votes, fitted.y, fitted.score_params))
        return 0.0


def _scorer(estimator: PipelineEstimator, candidates: Sequence[Sequence[Predicted]]) -> Callable[[list[Array]], float]:
    """Scores averaged predictions as the search scores models: the mean over the folds."""
    folds = candidates[0] if candidates else ()

    def score(predictions: list[Array]) -> float:
        values = []
        for fold, predicted in zip(folds, predictions, strict=True):
            given = _Regressed(predicted) if fold.classes is None else _Classified(predicted, fold.classes)
            found = estimator.score(given, np.zeros((len(fold.y), 1)), fold.y, **fold.params)
            values.append(float(next(iter(found.values())) if isinstance(found, Mapping) else found))
        return float(np.mean(values))

    return score


class _Regressed(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A model that is asked for predictions that are known."""

    def __init__(self, values: Array) -> None:
        self.values = values

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Array:
        return self.values


class _Classified(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The same for classes, of whose probabilities or votes the averages are known."""

    def __init__(self, values: Array, classes_: Array) -> None:
        self.values = values
        self.classes_ = classes_

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Array:
        return np.asarray(self.classes_[self.values.argmax(axis=1)])

    def predict_proba(self, X: Any) -> Array:
        return self.values
