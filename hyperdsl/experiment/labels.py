"""Labels for models that only know numbered classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import LabelEncoder
from sklearn.utils.metaestimators import available_if

T = TypeVar("T")


def _inner_has(method: str) -> Callable[[NumberedClasses], bool]:
    return lambda self: hasattr(self.estimator, method)


class NumberedClasses(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose model is fitted on 0, 1, … in place of the labels, and whose predictions are labels.

    Parameters
    ----------
    estimator : classifier or pipeline
        Fitted in place.
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> NumberedClasses:
        self.fit_by(lambda inner, X, y: inner.fit(X, y), X, y)
        return self

    def fit_by(self, how: Callable[[Any, Any, Any], T], X: Any, y: Any) -> T:
        """Fit with ``how(estimator, X, numbers)`` and give what it gives."""
        encoder = LabelEncoder().fit(y)
        result = how(self.estimator, X, encoder.transform(y))
        self.classes_ = encoder.classes_
        self.n_features_in_ = getattr(self.estimator, "n_features_in_", None)
        return result

    def like(self, estimator: Any) -> NumberedClasses:
        """The same with another fitted estimator."""
        other = NumberedClasses(estimator)
        other.classes_, other.n_features_in_ = self.classes_, self.n_features_in_
        return other

    def predict(self, X: Any) -> Any:
        return self.classes_[np.ravel(self.estimator.predict(X))]  # CatBoost gives a column for several classes

    @available_if(_inner_has("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Any:
        return self.estimator.predict_proba(X)

    @available_if(_inner_has("decision_function"))  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Any:
        return self.estimator.decision_function(X)
