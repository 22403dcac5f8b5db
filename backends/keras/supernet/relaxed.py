"""Differentiable architecture search: what is decided as shares of a mixture that are trained (Liu et al. 2019, ICLR).

First order: a step of the shares takes the weights as they are. Weights are trained on one half of the rows, shares on
the other, in turns, as there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from hyperdsl.backends.keras.supernet.training import SharedTraining, _like
from hyperdsl.ir.domain import Code

Array = np.ndarray[Any, Any]


class _Shares(keras.layers.Layer):  # type: ignore[misc]
    """The shares of all alternatives: a softmax for each decision, the same for all rows."""

    def __init__(self, slots: Sequence[slice], size: int) -> None:
        super().__init__(name="shares")
        self.slots = list(slots)
        self.size = size

    def build(self, shape: Any) -> None:
        self.logits = self.add_weight(shape=(1, self.size), initializer="zeros", name="logits")

    def call(self, rows: Any) -> Any:
        parts = [keras.ops.softmax(self.logits[:, slot], axis=-1) for slot in self.slots]
        shares = keras.ops.concatenate(parts, axis=-1) if parts else self.logits
        return keras.ops.broadcast_to(shares, (keras.ops.shape(rows)[0], self.size))


class _Turn(keras.Model):  # type: ignore[misc]
    """A network of which some variables are trained."""

    def __init__(self, whole: Any, trained: Sequence[Any]) -> None:
        super().__init__(name="turn")
        self.whole = whole
        self.chosen = {id(variable) for variable in trained}

    def call(self, inputs: Any, training: Any = None) -> Any:
        return self.whole(inputs, training=training)

    @property
    def trainable_variables(self) -> list[Any]:
        return [v for v in self.variables if id(v) in self.chosen]

    @property
    def non_trainable_variables(self) -> list[Any]:
        return [v for v in self.variables if id(v) not in self.chosen]

    @property
    def trainable_weights(self) -> list[Any]:
        return self.trainable_variables

    @property
    def non_trainable_weights(self) -> list[Any]:
        return self.non_trainable_variables


class RelaxedTraining(SharedTraining):
    """A supernet in training together with the shares of its mixture.

    Parameters are those of :class:`SharedTraining`, and:

    rate : float
        The learning rate of the shares, by Adam with the moments and the weight decay of Liu et al., 0.5, 0.999 and
        0.001.
    """

    def __init__(self, *arguments: Any, rate: float) -> None:
        self.rate = rate
        super().__init__(*arguments)

    def _compiled(self, template: Any) -> list[Any]:
        network, gates = self.supernet.network, self.supernet.wiring.gates
        self.shares = _Shares(list(gates.slots.values()), max(gates.size, 1))
        rows = network.inputs[0]
        whole = keras.Model(rows, network([rows, self.shares(rows)]))
        weights = _Turn(whole, network.trainable_variables)
        weights.compile(optimizer=_like(template.optimizer), loss=template.loss)
        shares = _Turn(whole, [self.shares.logits])
        adam = keras.optimizers.AdamW(self.rate, weight_decay=1e-3, beta_1=0.5, beta_2=0.999)
        shares.compile(optimizer=adam, loss=template.loss)
        for model in (weights, shares):
            model.build((None, *rows.shape[1:]))
        return [weights, shares]

    def both(self) -> float:
        """Train weights and shares for an epoch, in turns of a batch. The loss of the weights."""
        halves = np.array_split(np.random.default_rng(self.seed).permutation(len(self.parts[0])), 2)
        keras.utils.set_random_seed((self.seed + self.done) % 2**32)
        orders = [
            half[np.random.default_rng((self.seed, self.done, n)).permutation(len(half))]
            for n, half in enumerate(halves)
        ]
        size = min(self.batch_size, *map(len, halves))
        losses = []
        for start in range(0, min(map(len, halves)) // size * size, size):
            weights, shares = ([p[order[start : start + size]] for p in self.parts] for order in orders)
            self.models[1].train_on_batch(*shares)
            losses.append(float(np.ravel(self.models[0].train_on_batch(*weights))[0]))
        return self._ended(float(np.mean(losses)))

    def _variables(self) -> list[Any]:
        return [self.shares.logits, *super()._variables()]

    def probabilities(self) -> Mapping[int, Mapping[Code, float]]:
        """For each decision about the network the learned shares of its codes."""
        gates, wiring = self.supernet.wiring.gates, self.supernet.wiring
        logits = keras.ops.convert_to_numpy(self.shares.logits)[0].astype(float)
        found = {}
        for row in sorted(gates.used):
            own = logits[gates.slots[row]]
            shares = np.exp(own - own.max())
            found[row] = dict(zip(wiring.codes(row) or (), (shares / shares.sum()).tolist(), strict=True))
        return found
