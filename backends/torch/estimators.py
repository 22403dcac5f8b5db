"""scikit-learn estimators around a network of PyTorch. An exported script prints these classes."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from itertools import count
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted


class _Network(BaseEstimator):  # type: ignore[misc]
    """A network that is made, trained and asked.

    Parameters
    ----------
    build : callable
        ``build(shape)`` of one row gives a module.
    optimizer : callable
        ``optimizer(network)`` gives an optimizer of its weights.
    loss : callable
        Of outputs and targets; ``reduction="none"`` gives that of each row.
    schedule : callable or None
        ``schedule(step)`` gives the learning rate; None leaves that of the optimizer.
    batch_size : int
        Rows in a step of the optimizer.
    epochs : int
        Times that all rows are seen.
    patience : int or None
        Stop when the loss on ``validation_fraction`` of the rows has not improved for so many epochs, and keep the
        weights of the best one; None does all epochs. These rows are drawn at random, in equal shares of the classes.
    precision : torch.dtype or None
        What is computed with beside the weights, which stay as they are.
    device : str or None
        Where, ``"cuda:0"``; None where a GPU is, else on the CPU.
    random_state : int or None
        Seeds weights, dropout, the order of the rows, and which of them are held back.
    """

    def __init__(
        self,
        build: Any,
        optimizer: Any,
        loss: Any,
        schedule: Any = None,
        batch_size: int = 32,
        epochs: int = 10,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        precision: Any = None,
        device: str | None = None,
        random_state: int | None = None,
    ) -> None:
        self.build = build
        self.optimizer = optimizer
        self.loss = loss
        self.schedule = schedule
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.precision = precision
        self.device = device
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        targets = self._targets(y)
        weights = np.ones(len(targets)) if sample_weight is None else np.asarray(sample_weight)
        parts = [torch.as_tensor(part) for part in (_rows(X), targets, weights.astype("float32"))]
        watched = None
        if self.patience is not None:
            kept, held_back = self._split(targets)
            watched = [part[held_back] for part in parts]
            parts = [part[kept] for part in parts]
        self._seed(0)
        self.network_ = self.build(tuple(parts[0].shape[1:])).to(self._device())
        optimizer = self.optimizer(self.network_)
        self.history_: dict[str, list[float]] = {"loss": [], "val_loss": []}
        best, waited = copy.deepcopy(self.network_.state_dict()), 0
        steps = count()
        for epoch in range(self.epochs):
            self._seed(epoch)
            draws = np.random.default_rng(None if self.random_state is None else (self.random_state, epoch))
            loss = self._epoch(parts, draws.permutation(len(parts[0])), optimizer, steps)
            if not np.isfinite(loss):
                raise FloatingPointError(f"the loss is {loss} after epoch {epoch + 1}")
            self.history_["loss"].append(loss)
            if watched is None:
                continue
            with torch.no_grad():
                loss = self._all(watched, np.arange(len(watched[0])), lambda batch: None, training=False)
            waited += 1
            if loss < min(self.history_["val_loss"], default=np.inf):
                best, waited = copy.deepcopy(self.network_.state_dict()), 0
            self.history_["val_loss"].append(loss)
            if waited == self.patience:
                break
        if watched is not None:
            self.network_.load_state_dict(best)
        return self

    def _epoch(self, parts: Any, order: Any, optimizer: Any, steps: Any) -> float:
        """Train on all rows once."""

        def step(loss: Any) -> None:
            if self.schedule is not None:
                rate = self.schedule(next(steps))
                for group in optimizer.param_groups:
                    group["lr"] = rate
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return self._all(parts, order, step, training=True)

    def _all(self, parts: Any, order: Any, step: Any, training: bool) -> float:
        """The loss of all rows; ``step`` gets that of each batch."""
        self.network_.train(training)
        total = 0.0
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            rows, targets, weights = (part[batch].to(self._device()) for part in parts)
            with self._precision():
                outputs = self.network_(rows).float()
            if outputs.shape[1] == 1:
                outputs, targets = outputs[:, 0], targets.float()
            loss = (self.loss(outputs, targets, reduction="none") * weights).mean()
            if hasattr(self.network_, "penalty"):
                loss = loss + self.network_.penalty()
            step(loss)
            total += loss.item() * len(batch)
        return total / len(order)

    def _seed(self, epoch: int) -> None:
        if self.random_state is not None:
            torch.manual_seed((self.random_state + epoch) % 2**32)

    def _split(self, y: Any) -> Any:
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

    def _device(self) -> Any:
        return torch.device(self.device or ("cuda" if torch.cuda.is_available() else "cpu"))

    def _precision(self) -> Any:
        return nullcontext() if self.precision is None else torch.autocast(self._device().type, self.precision)

    def _outputs(self, X: Any) -> Any:
        check_is_fitted(self, "network_")
        self.network_.to(self._device()).eval()
        with torch.no_grad(), self._precision():
            batches = [
                self.network_(batch.to(self._device())).float().cpu()
                for batch in torch.as_tensor(_rows(X)).split(self.batch_size)
            ]
        return torch.cat(batches)


class NetworkClassifier(ClassifierMixin, _Network):  # type: ignore[misc]
    """A network with an output for each class, or one for the second of two; they are logits."""

    def _targets(self, y: Any) -> Any:
        self.classes_, numbers = np.unique(np.asarray(y), return_inverse=True)
        return numbers

    def predict_proba(self, X: Any) -> np.ndarray[Any, Any]:
        found = self._outputs(X)
        if found.shape[1] > 1:
            return np.asarray(torch.softmax(found, dim=1))
        second = torch.sigmoid(found)
        return np.asarray(torch.cat([1 - second, second], dim=1))

    def predict(self, X: Any) -> np.ndarray[Any, Any]:
        found: np.ndarray[Any, Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return found


class NetworkRegressor(RegressorMixin, _Network):  # type: ignore[misc]
    """A network with one output."""

    def _targets(self, y: Any) -> Any:
        return np.asarray(y, dtype="float32")

    def predict(self, X: Any) -> np.ndarray[Any, Any]:
        return np.asarray(self._outputs(X)).reshape(len(X))


def _rows(X: Any) -> np.ndarray[Any, Any]:
    """Rows as numbers that a network takes."""
    dense = X.toarray() if hasattr(X, "toarray") else np.asarray(X)
    return dense.astype("float32") if dense.dtype.kind in "fiub" else dense
