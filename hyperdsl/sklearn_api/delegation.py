"""What the best model of a search can do, the search can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from hyperdsl.sklearn_api.inputs import rows_of
from hyperdsl.sklearn_api.spaces import pattern_of


def _best_has(method: str) -> Callable[[Delegating], bool]:
    """Whether the best model has a method; before ``fit``, whether that of the defaults has it."""

    def has(self: Delegating) -> bool:
        if hasattr(self, "best_estimator_"):
            return hasattr(self.best_estimator_, method)
        if hasattr(self, "trials_"):
            return method == "predict"  # fitted without a model: it is for `predict` to say so
        pattern = pattern_of(self.space)
        return hasattr(pattern, method) if pattern is not None else method in ("predict", "predict_proba")

    return has


def _of_the_best(method: str) -> Any:
    """A method that the best model answers."""

    def call(self: Delegating, X: Any) -> Any:
        return getattr(self._best, method)(rows_of(self, X, reset=False))

    call.__name__, call.__qualname__ = method, f"Delegating.{method}"
    call.__doc__ = f"``{method}`` of the best model."
    return available_if(_best_has(method))(call)


class Delegating:
    """The methods that a search has where its best model has them."""

    space: Any
    best_estimator_: Any

    predict = _of_the_best("predict")
    predict_proba = _of_the_best("predict_proba")
    predict_log_proba = _of_the_best("predict_log_proba")
    decision_function = _of_the_best("decision_function")
    score_samples = _of_the_best("score_samples")
    transform = _of_the_best("transform")

    @available_if(_best_has("inverse_transform"))  # type: ignore[untyped-decorator]
    def inverse_transform(self, X: Any) -> Any:
        return self._best.inverse_transform(X)

    @available_if(_best_has("transform"))  # type: ignore[untyped-decorator]
    def set_output(self, *, transform: Any = None) -> Self:
        """Set what ``transform`` gives: ``"default"``, ``"pandas"`` or ``"polars"``; None leaves it."""
        if transform is not None:
            self._output = transform
            if hasattr(self, "best_estimator_"):
                self.best_estimator_.set_output(transform=transform)
        return self

    @property
    def _best(self) -> Any:
        check_is_fitted(self, "trials_")
        check_is_fitted(self, "best_estimator_", msg="fit it with refit=True: there is no model")
        return self.best_estimator_
