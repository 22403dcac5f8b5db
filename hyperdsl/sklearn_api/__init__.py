"""Searches as scikit-learn estimators."""

from hyperdsl.sklearn_api.search_cv import HyperSearchCV

__all__ = ["HyperSearchCV"]
