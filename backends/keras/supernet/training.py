"""Training a supernet, and what is asked of it then.

By single paths (Guo et al. 2020, ECCV, "Single path one-shot neural architecture search with uniform sampling"): each
batch trains the candidate that was drawn for it. A candidate with inherited weights is asked after the statistics of
its normalizations were taken anew, as Guo et al. do: those of the supernet are of all candidates together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from hyperdsl.backends.keras.supernet.model import Supernet

Array = np.ndarray[Any, Any]
CALIBRATED = 256  # rows that the statistics are taken from, at most
ASKED = 512  # rows that are asked about at once


class _Steps(keras.utils.PyDataset):  # type: ignore[misc]
    """The batches of one epoch, each with its gates; all of one size, so that one program does."""

    def __init__(self, parts: Sequence[Array], order: Array, gates: Sequence[Array], size: int) -> None:
        super().__init__()
        self.parts = parts
        self.size = min(size, len(order))
        self.order = order[: len(order) // self.size * self.size].reshape(-1, self.size)
        self.gates = gates

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        rows, *others = (part[self.order[number]] for part in self.parts)
        return (rows, np.tile(self.gates[number], (self.size, 1))), *others


class _Forward(keras.Model):  # type: ignore[misc]
    """A network as it is while it is trained; nothing but its statistics change."""

    def __init__(self, network: Any) -> None:
        super().__init__(name="forward")  # TensorFlow takes no name with an underscore at its beginning
        self.network = network

    def call(self, inputs: Any, training: Any = None) -> Any:
        return self.network(inputs, training=True)


class SharedTraining:
    """A supernet in training.

    Parameters
    ----------
    supernet : Supernet
    template : keras.Model
        A compiled candidate: its optimizer and loss are those of the supernet.
    parts : sequence of array
        Rows, targets, and weights where there are any.
    batch_size : int
    seed : int
    """

    def __init__(self, supernet: Supernet, template: Any, parts: Sequence[Array], batch_size: int, seed: int) -> None:
        self.supernet = supernet
        self.parts = parts
        self.batch_size = batch_size
        self.seed = seed
        self.done = 0
        self.losses: list[float] = []
        self.models = self._compiled(template)

    def _compiled(self, template: Any) -> list[Any]:
        network = self.supernet.network
        network.compile(optimizer=_like(template.optimizer), loss=template.loss)
        return [network]

    def epoch(self, draw: Callable[[int], Sequence[Array]]) -> float:
        """Train for one epoch; ``draw(n)`` are the gates of its ``n`` batches. The loss."""
        keras.utils.set_random_seed((self.seed + self.done) % 2**32)
        order = np.random.default_rng((self.seed, self.done)).permutation(len(self.parts[0]))
        steps = len(order) // min(self.batch_size, len(order))
        given = _Steps(self.parts, order, draw(steps), self.batch_size)
        return self._ended(float(self.models[0].fit(given, shuffle=False, verbose=0).history["loss"][-1]))

    def _ended(self, loss: float) -> float:
        self.done += 1
        self.losses.append(loss)
        if not np.isfinite(loss):
            raise FloatingPointError(f"the loss of the shared network is {loss} after epoch {self.done}")
        return loss

    # --- going on

    def state(self) -> dict[str, Any]:
        """All that going on takes, as arrays."""
        found = {f"variable {n}": keras.ops.convert_to_numpy(v) for n, v in enumerate(self._variables())}
        return {**found, "losses": np.asarray(self.losses)}

    def restore(self, state: Any) -> None:
        """Go on from a state of the same supernet."""
        for number, variable in enumerate(self._variables()):
            variable.assign(state[f"variable {number}"])
        self.losses = state["losses"].tolist()
        self.done = len(self.losses)

    def _variables(self) -> list[Any]:
        found = list(self.supernet.network.variables)
        for model in self.models:
            model.optimizer.build(model.trainable_variables)
            found += model.optimizer.variables
        return found


class Inherited:
    """What candidates say with the weights that they inherit.

    Parameters
    ----------
    supernet : Supernet
        Trained.
    rows : array
        That were trained on.
    seed : int
        Of which of them the statistics are taken from.
    """

    def __init__(self, supernet: Supernet, rows: Array, seed: int) -> None:
        self._supernet = supernet
        self._forward = _Forward(supernet.network)
        self._forward.compile()
        chosen = np.random.default_rng((seed, len(rows))).permutation(len(rows))[:CALIBRATED]
        self._calibrating = rows[chosen]
        self._has_statistics = any(isinstance(x, keras.layers.BatchNormalization) for x in supernet.network.layers)

    def outputs(self, gates: Array, rows: Array) -> Array:
        """The outputs of a candidate for some rows."""
        if self._has_statistics:
            self._calibrate(gates)
        network = self._supernet.network
        size = min(ASKED, len(rows))
        missing = -len(rows) % size
        whole = np.concatenate([rows, rows[:missing]]) if missing else rows
        tiled = np.tile(gates, (size, 1))
        parts = [network.predict_on_batch([whole[i : i + size], tiled]) for i in range(0, len(whole), size)]
        return np.concatenate(parts)[: len(rows)].astype("float32")

    def _calibrate(self, gates: Array) -> None:
        """Take the statistics of the normalizations anew, of one large batch."""
        momentum = self._supernet.wiring.momentum
        before = keras.ops.convert_to_numpy(momentum)
        momentum.assign(0.0)
        rows = self._calibrating
        self._forward.predict_on_batch([rows, np.tile(gates, (len(rows), 1))])
        momentum.assign(before)


def _like(optimizer: Any) -> Any:
    return type(optimizer).from_config(optimizer.get_config())
