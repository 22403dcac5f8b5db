"""One network that holds all networks of a space: with one of them open it gives what that one gives."""

from __future__ import annotations

from collections import defaultdict
from string import ascii_letters as letters
from typing import Any

import numpy as np
import pytest
from test_nas import program

import hyperdsl
from hyperdsl.diagnostics import HypError
from hyperdsl.ir import plan
from hyperdsl.ir.canonical import text
from hyperdsl.ir.meaning import Evaluation, replay
from hyperdsl.ir.meaning.networks import Layers
from hyperdsl.ir.networks import normalized

keras = pytest.importorskip("keras")
from hyperdsl.backends.keras.supernet.model import Supernet  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras' variables, which NumPy tells

IMAGE = (6, 6, 2)
LAST = 'Dense(3, activation = "softmax", kernel_initializer = "zeros")'
ZEROS = 'kernel_initializer = "zeros"'  # drawing first weights takes long, and these are not looked at
SPACES = {
    "widths": (
        (5,),
        f'repeat(0..2, (Dense(3..9, activation = "relu" | "tanh", {ZEROS}) | Dense(4, {ZEROS}) >> LeakyReLU())'
        " >> BatchNormalization()?)",
    ),
    "sizes": (
        IMAGE,
        f'Conv2D(2 | 4, 1 | 3, padding = "same", {ZEROS}) >> BatchNormalization() >> MaxPooling2D(2)?'
        f" >> Conv2D(3, 2, {ZEROS}) >> Flatten()",
    ),
    "mixing": (IMAGE, f"Conv2D(2 | 4, 1, {ZEROS}) >> LayerNormalization() >> GlobalAveragePooling2D()"),
    "tied": (
        (5,),
        f'{{ let d = tied(Dense(5, activation = "relu", {ZEROS}))'
        " return d >> d >> (d & pass) >> (Add() | Concatenate()) }",
    ),
}


class Numbered(Layers):
    """Layers that say where they come from: the node that applies them and which of its layers they are."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0
        self.places: dict[int, int] = defaultdict(int)

    def apply(self, module: Any, source: Any, node: int) -> Any:
        self.at = node
        return super().apply(module, source, node)

    def _layer(self, module: Any, source: Any, tied: Any) -> plan.Tensor:
        place = self.places[self.at]
        self.places[self.at] += 1
        return super()._layer(plan.Call(module.path, module.arguments, label=f"{self.at} {place}"), source, tied)


def inherited(supernet: Any, space: Any, configuration: Any, network: Any) -> None:
    """Give a network that was built by itself the weights that it has in the supernet."""
    wiring, codes = supernet.wiring, configuration.codes
    run = Evaluation(space.graph.nodes, replay(configuration.assignment()), {})
    numbered = run.layers = Numbered()
    value = run.value(space.graph.root)
    built: dict[str, list[Any]] = defaultdict(list)
    for layer in sorted(network.layers, key=lambda made: int("0" + made.name.rpartition("_")[2].strip(letters))):
        built[type(layer).__name__].append(layer)
    targets = {}
    for planned in normalized(dict(value.arguments)["network"], text).layers:
        if isinstance(planned.module, plan.Call) and planned.tied is None:
            targets[planned.label] = built[planned.module.path.rpartition(".")[2]].pop(0)
    with_weights = {type(use.layer).__name__ for use in wiring.uses}
    for at in numbered.places:
        uses = [u for u in wiring.uses if u.at == at and wiring.number(u.where, codes) is True]
        labels = [
            layer.label
            for layer in numbered._made
            if layer.label and layer.label.split()[0] == str(at)
            if layer.module.path.rpartition(".")[2] in with_weights  # type: ignore[union-attr]
        ]
        for use, label in zip(uses, labels, strict=True):
            if label in targets:
                targets[label].set_weights(list(parts(wiring, use, codes, targets[label])))


def parts(wiring: Any, use: Any, codes: Any, target: Any) -> Any:
    """The weights of a layer of a candidate: those of the channels that it has."""
    taken = None
    if use.source is not None and (channels := wiring.channels[use.source.number]) is not None:
        taken = channels.there([wiring.number(there, codes) for _, there in channels.parts])
    own = [keras.ops.convert_to_numpy(w) for w in use.layer.weights if w is not wiring.momentum]
    for whole, part in zip(own, target.weights, strict=True):
        if whole.ndim == 1 and "BatchNormalization" in type(target).__name__ and taken is not None:
            whole = whole[taken]
        if whole.ndim > 1 and taken is not None:
            whole = whole[..., taken, :]
        yield whole[..., : part.shape[-1]]


def assert_same(text_of_space: str, shape: tuple[int, ...], n: int, seed: int = 0) -> None:
    space = hyperdsl.compile(text_of_space)
    supernet = Supernet(space, shape, seed=seed)
    rng = np.random.default_rng(seed)
    for weight in supernet.network.weights:  # zeros stay zeros where the mean of what was normalized is zero
        if weight is not supernet.wiring.momentum and not weight.path.endswith("moving_mean"):
            weight.assign(keras.ops.convert_to_numpy(weight) + rng.uniform(0.1, 0.3, weight.shape))
    rows = rng.random((4, *shape), "float32")
    for configuration in space.sample(n, seed=seed):
        network = space.build(configuration, seed=0).build(shape)
        inherited(supernet, space, configuration, network)
        gates = np.tile(supernet.gates(configuration), (len(rows), 1))
        found = keras.ops.convert_to_numpy(supernet.network([rows, gates], training=False))
        alone = keras.ops.convert_to_numpy(network(rows, training=False))
        np.testing.assert_allclose(found, alone, atol=1e-5, err_msg=str(dict(configuration)))


@pytest.mark.parametrize("name", SPACES)
def test_a_candidate_is_the_network_that_is_built_by_itself(name: str) -> None:
    shape, text_of_network = SPACES[name]
    assert_same(f"space s = train({text_of_network} >> {LAST})", shape, 3)


@pytest.mark.parametrize("name", ["enas", "bench101"])
def test_candidates_of_cells_are_the_networks_that_are_built_by_themselves(name: str) -> None:
    assert_same(program(name), (8, 8, 1), 2)


@pytest.mark.parametrize(
    ("network", "code", "fact"),
    [
        (f"train(LeakyReLU(0.01..0.3) >> {LAST})", "E0466", "it has too many values"),
        ('train((Dense(2) | Dense(3)), loss = "mse")', "E0466", "several shapes"),
        (f"train(Dropout(0.1..0.4) >> {LAST})", "E0466", "nothing to decide"),
        (f"train({LAST}) | train(Dense(4) >> {LAST})", "E0467", "this space trains 2"),
        ("DummyClassifier()", "E0467", "this space trains 0"),
    ],
)
def test_what_one_network_cannot_hold_is_said(network: str, code: str, fact: str) -> None:
    with pytest.raises(HypError) as caught:
        Supernet(hyperdsl.compile(f"space s = {network}"), (5,))
    assert code in str(caught.value) and fact in str(caught.value)
