"""What a search scores with, and what the scorer and the splitter are told."""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import sklearn
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import process_routing

from hyperdsl.experiment.measures import Fitted
from hyperdsl.frozen import frozen
from hyperdsl.sklearn_api.inputs import weights_of
from hyperdsl.sklearn_api.results import TRAIN

ENSEMBLE = "ensemble"


def routing_enabled() -> bool:
    """Whether scikit-learn's metadata routing is on."""
    return bool(sklearn.get_config().get("enable_metadata_routing", False))


def metric_names(scoring: Any) -> list[str]:
    """The names of several metrics; none where there is one."""
    if isinstance(scoring, Mapping):
        return list(scoring)
    if isinstance(scoring, (list, tuple, set)):
        return sorted(scoring) if isinstance(scoring, set) else list(scoring)
    return []


def check_settings(search: Any) -> None:
    """See that the settings of a search go together.

    Raises
    ------
    ValueError
        With the setting and what it may be.
    """
    for name in ("n_iter", "timeout"):
        value = getattr(search, name)
        if value is not None and not (isinstance(value, (int, float, np.number)) and value > 0):
            raise ValueError(f"{name} must be positive or None, and is {value!r}")
    if search.error_score != "raise" and not isinstance(search.error_score, numbers.Real):
        raise ValueError(f'error_score must be "raise" or a number, and is {search.error_score!r}')
    names, refit = metric_names(search.scoring), search.refit
    if isinstance(refit, str) and refit not in (ENSEMBLE, *names):
        raise ValueError(f"refit={refit!r} is no metric of scoring: {', '.join(names) or 'it has no names'}")
    if len(names) > 1 and (refit is True or (refit == ENSEMBLE and ENSEMBLE not in names)):
        raise ValueError(f"of several metrics refit must name one: {', '.join(names)}; or be False, or a function")


@frozen
class Routed:
    """What each is told of the rows."""

    weights: np.ndarray[Any, Any] | None
    split: Mapping[str, Any]
    score: Mapping[str, Any]
    as_far_as_taken: bool = False

    def taken_by(self, scorer: Any) -> dict[str, np.ndarray[Any, Any]]:
        """What a scorer is told; one that takes no weights scores without, with a warning."""
        accepts = getattr(scorer, "_accept_sample_weight", None)
        if self.as_far_as_taken and self.score and (accepts is None or not accepts()):
            warnings.warn(f"{scorer} takes no sample weights: rows count alike in the score", stacklevel=4)
            return {}
        return {name: np.asarray(values) for name, values in self.score.items()}


def routed_to(search: Any, params: Mapping[str, Any], X: Any) -> Routed:
    """What the steps, the splitter and the scorer get of what ``fit`` was given."""
    weights = weights_of(params.get("sample_weight"), X)
    if routing_enabled():
        routed = process_routing(search, "fit", **params)
        score = routed.scorer.score if "scorer" in routed else {}
        return Routed(weights, dict(routed.splitter.split), dict(score))
    unknown = set(params) - {"sample_weight", "groups"}
    if unknown:
        raise TypeError(f"fit takes sample_weight and groups, and not {', '.join(sorted(unknown))}")
    split = {"groups": params["groups"]} if params.get("groups") is not None else {}
    return Routed(weights, split, {} if weights is None else {"sample_weight": weights}, as_far_as_taken=True)


@frozen
class Ordered:
    """A scorer of several metrics that gives the main one first."""

    scorer: Any
    names: tuple[str, ...]

    def __call__(self, model: Any, X: Any, y: Any, **params: Any) -> dict[str, float]:
        found = self.scorer(model, X, y, **params)
        return {name: found[name] for name in self.names}


@frozen
class Seen:
    """Measures a metric on the rows that a pipeline was fitted on."""

    scorer: Any
    metric: str
    several: bool

    @property
    def name(self) -> str:
        return f"{TRAIN}{self.metric}"

    def __call__(self, fitted: Fitted) -> float:
        assert fitted.training is not None
        X, y, params = fitted.training()
        found = self.scorer(fitted.pipeline, X, y, **params)
        return float(found[self.metric] if self.several else found)


class AnyEstimator(BaseEstimator):  # type: ignore[misc]
    """Any estimator, for scikit-learn to make a scorer of a name."""

    def fit(self, X: Any, y: Any) -> AnyEstimator:
        return self
