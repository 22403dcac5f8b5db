"""scikit-learn estimators around the function that builds a network. An exported script prints these classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted

from hyperdsl.backends.keras.starting import start_backend

start_backend()

import keras  # noqa: E402


class _Network(BaseEstimator):  # type: ignore[misc]
    """A network that is built, trained and asked.

    Parameters
    ----------
    build : callable
        ``build(shape)`` of one row gives a compiled Keras model.
    batch_size : int
        Rows in a step of the optimizer.
    epochs : int
        Times that all rows are seen.
    patience : int or None
        Stop when the loss on ``validation_fraction`` of the rows has not improved for so many epochs, and keep the
        weights of the best one; None does all epochs. These rows are drawn at random, in equal shares of the classes.
    random_state : int or None
        Seeds weights, dropout, the order of the rows, and which of them are held back.
    """

    def __init__(
        self,
        build: Any,
        batch_size: int = 32,
        epochs: int = 10,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        random_state: int | None = None,
    ) -> None:
        self.build = build
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def _fit(self, X: Any, y: np.ndarray[Any, Any], sample_weight: Any) -> None:
        rows = _rows(X)
        if self.random_state is not None:
            keras.utils.set_random_seed(self.random_state)
        self.network_ = self.build(rows.shape[1:])
        parts = [rows, y, *([] if sample_weight is None else [np.asarray(sample_weight)])]
        stopping = []
        watched = None
        if self.patience is not None:
            kept, held_back = self._split(y)
            watched = tuple(part[held_back] for part in parts)
            parts = [part[kept] for part in parts]
            stopping = [keras.callbacks.EarlyStopping(patience=self.patience, restore_best_weights=True)]
        history = self.network_.fit(
            *parts[:2],
            sample_weight=parts[2] if len(parts) > 2 else None,
            batch_size=self.batch_size,
            epochs=self.epochs,
            validation_data=watched,
            callbacks=stopping,
            verbose=0,
        )
        self.history_ = history.history

    def _split(self, y: np.ndarray[Any, Any]) -> Any:
        """The rows to train on, and those whose loss says when to stop."""
        held_back = max(1, round(self.validation_fraction * len(y)))
        classes, counts = np.unique(y, return_counts=True)
        is_divisible = is_classifier(self) and counts.min() > 1 and held_back >= len(classes)
        return train_test_split(
            np.arange(len(y)),
            test_size=held_back,
            random_state=self.random_state,
            stratify=y if is_divisible else None,
        )

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if (network := state.pop("network_", None)) is not None:
            state["weights_"] = [np.asarray(w) for w in network.get_weights()]
            state["shape_"] = tuple(network.input_shape[1:])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        weights, shape = state.pop("weights_", None), state.pop("shape_", None)
        super().__setstate__(state)
        if weights is not None:
            self.network_ = self.build(shape)
            self.network_.set_weights(weights)

    def _outputs(self, X: Any) -> np.ndarray[Any, Any]:
        check_is_fitted(self, "network_")
        return np.asarray(self.network_.predict(_rows(X), batch_size=self.batch_size, verbose=0))


class NetworkClassifier(ClassifierMixin, _Network):  # type: ignore[misc]
    """A network with an output for each class, or one for the second of two."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkClassifier:
        self.classes_, numbers = np.unique(np.asarray(y), return_inverse=True)
        self._fit(X, numbers, sample_weight)
        return self

    def predict_proba(self, X: Any) -> np.ndarray[Any, Any]:
        found = self._outputs(X)
        return np.hstack([1 - found, found]) if found.shape[1] == 1 else found

    def predict(self, X: Any) -> np.ndarray[Any, Any]:
        found: np.ndarray[Any, Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return found


class NetworkRegressor(RegressorMixin, _Network):  # type: ignore[misc]
    """A network with one output."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetworkRegressor:
        self._fit(X, np.asarray(y, dtype="float32"), sample_weight)
        return self

    def predict(self, X: Any) -> np.ndarray[Any, Any]:
        return self._outputs(X).reshape(len(X))


def _rows(X: Any) -> np.ndarray[Any, Any]:
    """Rows as numbers that a network takes."""
    dense = X.toarray() if hasattr(X, "toarray") else np.asarray(X)
    return dense.astype("float32") if dense.dtype.kind in "fiub" else dense
