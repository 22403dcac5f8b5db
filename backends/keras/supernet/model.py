"""The supernet of a space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hyperdsl.backends.keras.starting import start_backend

start_backend()

import keras  # noqa: E402

from hyperdsl.audit.shapes.walk import Shapes  # noqa: E402
from hyperdsl.backends.keras.supernet.gates import Gates  # noqa: E402
from hyperdsl.backends.keras.supernet.layers import Site  # noqa: E402
from hyperdsl.backends.keras.supernet.tensors import Mixed  # noqa: E402
from hyperdsl.backends.keras.supernet.wiring import Wiring  # noqa: E402
from hyperdsl.backends.sklearn import BACKEND  # noqa: E402
from hyperdsl.diagnostics import HypError  # noqa: E402
from hyperdsl.diagnostics.networks import not_one_network, weights_not_shared  # noqa: E402
from hyperdsl.ir.facts import is_network  # noqa: E402
from hyperdsl.recursion import deep_recursion  # noqa: E402
from hyperdsl.space.shared import counter_of  # noqa: E402

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.space import Configuration


_WITHIN = "decide about the network alone; what prepares its rows can be a layer, such as BatchNormalization()"


class Supernet:
    """One network that holds all candidates of a space.

    Parameters
    ----------
    space : HyperSpace
        As it is known with the data.
    row_shape : tuple of int
        Of the rows that flow into the network.
    seed : int
        Of its first weights.

    Attributes
    ----------
    network : keras.Model
        ``network([rows, gates])``.
    wiring : Wiring
        What it was made of.

    Raises
    ------
    HypError
        Where a space is not of one network, or decides something that one network cannot have.
    """

    def __init__(self, space: HyperSpace, row_shape: Sequence[int], seed: int = 0) -> None:
        graph = space.graph
        trained = [i for i in sorted(graph.reachable) if is_network(graph[i].op)]
        if len(trained) != 1:
            raise HypError([not_one_network(graph[trained[1]].span if trained else None, len(trained))])
        skeleton = counter_of(graph).skeleton
        for row in sorted({*range(len(skeleton.nodes))} - {*_below(skeleton, trained[0])}):
            span = graph[skeleton.nodes[row]].span
            raise HypError([weights_not_shared(span, "it decides about something else than the network", _WITHIN)])
        node = graph[trained[0]]
        root = dict(zip(node.op.parameters, node.operands, strict=True))["network"]  # type: ignore[attr-defined]
        catalog = space.catalog()
        keras.utils.set_random_seed(seed % 2**32)
        self.wiring = Wiring(
            skeleton,
            Shapes(graph, catalog),
            lambda call: BACKEND.build(call, catalog=catalog),
            tuple(row_shape),
            space.default().assignment(),
        )
        with deep_recursion():
            self.network = self._made(trained[0], root)

    def _made(self, train: int, root: int) -> Any:
        wiring = self.wiring
        skeleton = wiring.skeleton
        rows = [row for row in _below(skeleton, root) if wiring.codes(row)]
        wiring.gates = Gates(wiring, rows)
        if skeleton.analysis.is_tensors(root):
            made = wiring.value(root)
        else:
            source = wiring.leaf(wiring.flowing_in(train))
            made = wiring.collapsed(wiring.wired(root, source, Site(root, (root,))))
        ends = [leaf for leaf in wiring.leaves(made) if isinstance(leaf, Mixed)]
        if len(ends) != 1:
            raise HypError(
                [weights_not_shared(wiring.graph[root].span, "its output has several shapes, or is no tensor")]
            )
        if not wiring.gates.used:
            raise HypError([weights_not_shared(wiring.graph[root].span, "there is nothing to decide about its layers")])
        output = wiring.made[ends[0].number]
        return keras.Model([wiring.input, wiring.gates.input], output, name="supernet")

    def gates(self, configuration: Configuration) -> np.ndarray[Any, Any]:
        """What opens the candidate of a configuration."""
        return self.wiring.gates.vector(configuration.codes)


def _below(skeleton: Any, root: int) -> list[int]:
    """The decisions below a node."""
    graph, found, pending, seen = skeleton.graph, set(), [root], {root}
    while pending:
        index = pending.pop()
        row = skeleton.find_row(index)
        if row is not None:
            found.add(row)
        for operand in graph[index].operands:
            if operand not in seen:
                seen.add(operand)
                pending.append(operand)
    return sorted(found)
