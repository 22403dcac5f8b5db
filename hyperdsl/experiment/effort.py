"""What one evaluation of a pipeline spends, and fits that go on where a cheaper one ended.

With a fidelity of rows a model is fitted to a share of them; with one of folds only the first are scored, and those of
a cheaper evaluation are kept. With a parameter such as ``n_estimators`` a model is fitted less long than its
configuration says, and goes on from there when its trial is promoted:

==================================================  =======================================================
model                                               goes on with
==================================================  =======================================================
LightGBM, but with ``dart``                         ``init_model``
XGBoost's trees, but with ``dart``                  ``xgb_model``
CatBoost without categorical features               ``init_model``
scikit-learn's forests, bagging, gradient boosting  ``warm_start``
networks                                            their last state, see :mod:`hyperdsl.experiment.training`
==================================================  =======================================================

All others are fitted from the start. Going on equals fitting in one go, except where LightGBM and XGBoost draw rows or
columns, which begin to draw anew. Either way a trial's result depends on its configuration and its amounts alone: what
is not at hand any more is fitted in the same stages again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics.studies import fidelity_ends_elsewhere, fidelity_unknown, search_setting_invalid
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.experiment.fitting import boosting_library, last_step, rounds_parameter, rounds_parameters
from hyperdsl.experiment.sharing.store import Entry, FittedStore, Key
from hyperdsl.frozen import frozen
from hyperdsl.search.fidelity import Fidelity
from hyperdsl.search.trial import Evaluation

if TYPE_CHECKING:
    from hyperdsl.experiment.estimator import PipelineEstimator
    from hyperdsl.space import Configuration

# What boosting does where its parameters do not say how many rounds.
_DEFAULTS = {"lightgbm": 100, "xgboost": 100, "catboost": 1000}

_LENGTHS = ("n_estimators", "max_iter", "iterations", "n_iter", "epochs")  # that are named in messages
_NEAR = 1.5  # times as long as the end of a fidelity is as good as the same

# Classes of scikit-learn of which a fit with `warm_start` equals one in one go.
_WARM = {
    "n_estimators": (
        *("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor"),
        *("GradientBoostingClassifier", "GradientBoostingRegressor", "BaggingClassifier", "BaggingRegressor"),
    ),
    "max_iter": ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"),
}


@frozen
class Effort:
    """What an evaluation spends.

    Parameters
    ----------
    folds : int
        How many are scored.
    share : float
        Of the rows that are fitted on.
    parameter : str or None
        What says how long a model is fitted.
    stages : tuple of int
        How long it was fitted in cheaper evaluations, and now; without the last of a full one, which is as the
        configuration says.
    amount : float or None
        Of the fidelity; None in full.
    """

    folds: int
    share: float = 1.0
    parameter: str | None = None
    stages: tuple[int, ...] = ()
    amount: float | None = None

    @classmethod
    def of(cls, fidelity: Fidelity | None, amount: float | None, earlier: Sequence[Evaluation], folds: int) -> Effort:
        """With an amount of a fidelity, after evaluations with less, where there are ``folds`` in all."""
        if fidelity is None:
            return cls(folds)
        spent = fidelity.high if amount is None else amount
        if fidelity.name == "rows":
            return cls(folds, share=spent, amount=amount)
        if fidelity.name == "folds":
            return cls(min(folds, int(spent)), amount=amount)
        amounts = [*(e.fidelity for e in earlier), amount]
        return cls(folds, 1.0, fidelity.name, tuple(int(a) for a in amounts if a is not None), amount)

    def length(self, pipeline: Any) -> Length | None:
        """How long the model of an unfitted pipeline is fitted; None where the effort does not say."""
        return None if self.parameter is None else length_of(pipeline, self.parameter)


@frozen
class Length:
    """The parameter that says how long a model is fitted, and what the configuration sets it to."""

    parameter: str
    value: int

    def stages(self, effort: Effort) -> tuple[int, ...]:
        """The stages of a fit, ascending; the last is how long the model is fitted."""
        wanted = [*effort.stages, *([self.value] if effort.amount is None else [])]
        return tuple(dict.fromkeys(min(stage, self.value) for stage in wanted))


def length_of(pipeline: Any, name: str) -> Length | None:
    """The parameter of this name, or another of the same meaning, of the model at the end of a pipeline."""
    model = last_step(pipeline)
    library = boosting_library(model)
    given = model.get_params()
    if library is not None and name in rounds_parameters(library):
        parameter = rounds_parameter(model)
        value = given.get(parameter)
        return Length(parameter, _DEFAULTS[library] if value is None else int(value))
    value = given.get(name)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return Length(name, int(value)) if is_number else None


def goes_on(model: Any, parameter: str) -> bool:
    """Whether a fitted model can be fitted further."""
    given = model.get_params()
    match boosting_library(model):
        case "lightgbm":
            return "dart" not in (given.get(name) for name in ("boosting_type", "boosting", "boost"))
        case "xgboost":
            return given.get("booster") in (None, "gbtree") and not given.get("num_parallel_tree")
        case "catboost":
            return not given.get("cat_features")
    kind = type(model)
    return kind.__module__.startswith("sklearn.") and kind.__name__ in _WARM.get(parameter, ())


@frozen(slots=False)
class Stage:
    """A model after one stage.

    Parameters
    ----------
    model : object
        Fitted.
    rounds : int or None
        That boosting kept; None without early stopping.
    stopped : bool
        Whether it stopped by itself: going on would change nothing.
    """

    model: Any
    rounds: int | None
    stopped: bool


# Fits a model in place, from a fitted one on where there is one: its rounds, and whether it stopped by itself.
Fit = Callable[[Any, Any], tuple[int | None, bool]]


def fit_in_stages(
    model: Any,
    length: Length,
    stages: Sequence[int],
    fit: Fit,
    known: Callable[[Sequence[int]], Stage | None],
    keep: Callable[[Sequence[int], Stage], None],
) -> Stage:
    """Fit a model in place, in stages where it can go on.

    Parameters
    ----------
    model : object
        Unfitted.
    known, keep : callable
        Look up and store what is fitted after some stages.
    """
    if not goes_on(model, length.parameter):
        model.set_params(**{length.parameter: stages[-1]})
        return Stage(model, *fit(model, None))
    done, last = 0, None
    for number in range(len(stages), 0, -1):
        last = known(stages[:number])
        if last is not None:
            done = number
            break
    for number in range(done, len(stages)):
        if last is not None and last.stopped:
            break
        last = _further(model, length.parameter, last, stages[number], stages[number - 1] if number else 0, fit)
        keep(stages[: number + 1], last)
    assert last is not None
    model.__dict__.update(vars(last.model))
    return last


def _further(model: Any, parameter: str, start: Stage | None, stage: int, before: int, fit: Fit) -> Stage:
    if start is not None and boosting_library(model) is None:
        further = deepcopy(start.model).set_params(warm_start=True, **{parameter: stage})
        made = Stage(further, *fit(further, None))
        further.set_params(warm_start=model.get_params()["warm_start"])
        return made
    further = deepcopy(model).set_params(**{parameter: stage - before})
    return Stage(further, *fit(further, None if start is None else start.model))


class Shelf:
    """Keeps models between the stages of their trials, with the fitted steps; without a key it keeps nothing.

    Parameters
    ----------
    store : FittedStore
    key : bytes or None
        Of the unfitted model and what it is given.
    """

    def __init__(self, store: FittedStore, key: Key | None) -> None:
        self._store = store
        self._key = key
        self._began = time.process_time()

    def known(self, stages: Sequence[int]) -> Stage | None:
        entry = None if self._key is None else self._store.get(self._of(self._key, stages))
        return Stage(entry.steps[0], **entry.outputs) if entry is not None else None

    def keep(self, stages: Sequence[int], stage: Stage) -> None:
        if self._key is not None:
            seconds = time.process_time() - self._began
            outputs = {"rounds": stage.rounds, "stopped": stage.stopped}
            self._store.put(self._of(self._key, stages), Entry((stage.model,), outputs, seconds, seconds, 0))

    @staticmethod
    def _of(key: Key, stages: Sequence[int]) -> Key:
        from hyperdsl.experiment.sharing.steps import derive

        return derive(key, "stages", *map(str, stages))


def check_fidelity(
    fidelity: Fidelity, estimator: PipelineEstimator, points: Sequence[Configuration]
) -> Diagnostic | None:
    """See that cheap trials are possible; a warning where full ones end elsewhere than the fidelity.

    Parameters
    ----------
    points : sequence of Configuration
        Some of the space.

    Raises
    ------
    HypError
        When there are not so many folds, or no model has a parameter of this name.
    """
    folds = len(estimator.folds)
    if fidelity.name == "folds" and fidelity.high > folds:
        raise HypError([search_setting_invalid("fidelity", str(fidelity), f"for {folds} folds folds=1..{folds}")])
    if fidelity.name in ("rows", "folds"):
        return None
    pipelines = [estimator.build(point, seed=0) for point in points]
    pipelines = [getattr(pipeline, "estimator", pipeline) for pipeline in pipelines]
    lengths = [length for pipeline in pipelines if (length := length_of(pipeline, fidelity.name)) is not None]
    if not lengths:
        models = sorted({type(last_step(pipeline)).__name__ for pipeline in pipelines})
        known = sorted({n for p in pipelines for n in _LENGTHS if length_of(p, n) is not None})
        raise HypError([fidelity_unknown(fidelity.name, models, did_you_mean(fidelity.name, known), known)])
    longest = max(lengths, key=lambda length: length.value)
    if fidelity.high / _NEAR <= longest.value <= fidelity.high * _NEAR:
        return None
    return fidelity_ends_elsewhere(str(fidelity), fidelity.high, longest.parameter, longest.value)
