"""A transformer that tames outliers."""

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data


class ClipOutliers(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Moves values beyond a quantile of the training data to that quantile, column by column.

    Parameters
    ----------
    quantile : float
        The share of the values that is cut off at each side, in [0, 0.5).
    sides : {"both", "upper"}
        Which ends are cut off.
    """

    def __init__(self, quantile=0.01, sides="both"):
        self.quantile = quantile
        self.sides = sides

    def fit(self, X, y=None):
        X = validate_data(self, X, dtype=float)
        self.high_ = np.quantile(X, 1 - self.quantile, axis=0)
        self.low_ = np.quantile(X, self.quantile, axis=0) if self.sides == "both" else X.min(axis=0)
        return self

    def transform(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return np.clip(X, self.low_, self.high_)
