"""scikit-learn estimators around the function that builds a network. An exported script prints these classes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
from scipy.special import expit, softmax
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
    precision : str or None
        What is computed with, ``"mixed_bfloat16"``; None as Keras is set.
    device : str or None
        Where, ``"cpu:0"`` or ``"gpu:0"``; None as the backend chooses.
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
        precision: str | None = None,
        device: str | None = None,
        random_state: int | None = None,
    ) -> None:
        self.build = build
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.precision = precision
        self.device = device
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        training = self.begin(X, y, sample_weight)
        while training.goes_on:
            training.epoch()
        return self.end(training)

    def begin(self, X: Any, y: Any, sample_weight: Any = None) -> _Training:
        """A training that has done no epoch yet."""
        parts = [_rows(X), np.asarray(y), *([] if sample_weight is None else [np.asarray(sample_weight)])]
        if self.random_state is not None:
            keras.utils.set_random_seed(self.random_state)
        watched = None
        if self.patience is not None:
            kept, held_back = self._split(y)
            watched = tuple(part[held_back] for part in parts)
            parts = [part[kept] for part in parts]
        return _Training(self, self._built(parts[0].shape[1:]), parts, watched)

    def end(self, training: _Training) -> Any:
        """Take what was trained."""
        if training.best_weights is not None:
            training.network.set_weights(training.best_weights)
        self.network_ = training.network
        self.history_ = training.history
        return self

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

    def _built(self, shape: Any) -> Any:
        with _placed(self.device, self.precision):
            return self.build(shape)

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
            self.network_ = self._built(shape)
            self.network_.set_weights(weights)

    def _outputs(self, X: Any) -> np.ndarray[Any, Any]:
        check_is_fitted(self, "network_")
        with _placed(self.device, None):
            found = self.network_.predict(_rows(X), batch_size=self.batch_size, verbose=0)
        return np.asarray(found, dtype="float32")


class NetworkClassifier(ClassifierMixin, _Network):  # type: ignore[misc]
    """A network with an output for each class, or one for the second of two."""

    def begin(self, X: Any, y: Any, sample_weight: Any = None) -> _Training:
        self.classes_, numbers = np.unique(np.asarray(y), return_inverse=True)
        return super().begin(X, numbers, sample_weight)

    def predict_proba(self, X: Any) -> np.ndarray[Any, Any]:
        found = self._outputs(X)
        if getattr(self.network_.loss, "from_logits", False):  # not yet shares of the classes
            found = expit(found) if found.shape[1] == 1 else softmax(found, axis=1)
        return np.hstack([1 - found, found]) if found.shape[1] == 1 else found

    def predict(self, X: Any) -> np.ndarray[Any, Any]:
        found: np.ndarray[Any, Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return found


class NetworkRegressor(RegressorMixin, _Network):  # type: ignore[misc]
    """A network with one output."""

    def begin(self, X: Any, y: Any, sample_weight: Any = None) -> _Training:
        return super().begin(X, np.asarray(y, dtype="float32"), sample_weight)

    def predict(self, X: Any) -> np.ndarray[Any, Any]:
        return self._outputs(X).reshape(len(X))


class _Training:
    """The epochs of one fit. Each sees all rows once, in an order that its number gives.

    Parameters
    ----------
    model : _Network
    network : keras.Model
    parts : list of numpy.ndarray
        Rows, targets, and weights where there are any.
    watched : tuple or None
        The same of the rows whose loss says when to stop.
    """

    def __init__(self, model: Any, network: Any, parts: Any, watched: Any) -> None:
        self.model = model
        self.network = network
        self.parts = parts
        self.watched = watched
        self.history: dict[str, list[float]] = {}
        self.done = 0
        self.best = np.inf
        self.best_weights: Any = None
        self.waited = 0

    @property
    def stopped(self) -> bool:
        """Whether it has got no better for too long."""
        return self.model.patience is not None and self.waited >= self.model.patience

    @property
    def goes_on(self) -> bool:
        return self.done < self.model.epochs and not self.stopped

    def epoch(self) -> None:
        seed = self.model.random_state
        if seed is not None:  # PyTorch's dropout draws from a generator for all
            keras.utils.set_random_seed((seed + self.done) % 2**32)
        order = np.random.default_rng(None if seed is None else (seed, self.done)).permutation(len(self.parts[0]))
        rows, targets, *weights = (part[order] for part in self.parts)
        with _placed(self.model.device, None):
            epoch = self.network.fit(
                rows,
                targets,
                sample_weight=weights[0] if weights else None,
                batch_size=self.model.batch_size,
                shuffle=False,
                validation_data=self.watched,
                verbose=0,
            )
        facts = epoch.history
        self.done += 1
        for name, values in facts.items():
            self.history.setdefault(name, []).append(float(values[0]))
        if not np.isfinite(facts["loss"][0]):
            raise FloatingPointError(f"the loss is {facts['loss'][0]} after epoch {self.done}")
        if self.watched is not None:
            self._watch(facts["val_loss"][0])

    def _watch(self, loss: float) -> None:
        self.waited += 1
        if loss < self.best:
            self.best, self.best_weights, self.waited = loss, self.network.get_weights(), 0

    def state(self) -> dict[str, Any]:
        """All that going on takes, as arrays, with the numbers of it under ``facts``."""
        self.network.optimizer.build(self.network.trainable_variables)
        facts = {"done": self.done, "best": self.best, "waited": self.waited, "history": self.history}
        state = {f"variable {i}": np.array(v) for i, v in enumerate(self._variables())}
        state |= {f"best {i}": np.asarray(w) for i, w in enumerate(self.best_weights or ())}
        return {**state, "facts": np.array(json.dumps(facts))}

    def restore(self, state: Any) -> None:
        """Go on from a state of the same network."""
        if keras.backend.backend() == "torch":  # whose first step draws random numbers, to find out shapes
            self.network.test_on_batch(*(part[:1] for part in self.parts[:2]))
        self.network.optimizer.build(self.network.trainable_variables)
        for number, variable in enumerate(self._variables()):
            variable.assign(state[f"variable {number}"])
        best = [state[f"best {i}"] for i in range(len(self.network.weights)) if f"best {i}" in state]
        self.best_weights = best or None
        for name, value in json.loads(str(state["facts"])).items():
            setattr(self, name, value)

    def _variables(self) -> Any:
        of_layers = (variable for layer in self.network.layers for variable in layer.variables)
        return [*of_layers, *self.network.optimizer.variables]


@contextmanager
def _placed(device: str | None, precision: str | None) -> Iterator[None]:
    """Build or compute on a device, with a precision."""
    before = keras.config.dtype_policy()
    if device is not None and device.startswith("cpu") and keras.backend.backend() == "torch":
        device = "cpu"  # "cpu:0" is another one to it, between which weights get no gradient
    try:
        if precision is not None:
            keras.config.set_dtype_policy(precision)
        with keras.device(device) if device is not None else nullcontext():
            yield
    finally:
        keras.config.set_dtype_policy(before)


def _rows(X: Any) -> np.ndarray[Any, Any]:
    """Rows as numbers that a network takes."""
    dense = X.toarray() if hasattr(X, "toarray") else np.asarray(X)
    return dense.astype("float32") if dense.dtype.kind in "fiub" else dense
