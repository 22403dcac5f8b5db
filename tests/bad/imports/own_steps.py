"""Steps of a user's own, which the programs beside this file name."""

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import StandardScaler

__all__ = ["ClipOutliers", "StandardScaler"]


class ClipOutliers(TransformerMixin, BaseEstimator):
    def __init__(self, quantile=0.01):
        self.quantile = quantile

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X
