"""Cheap scores of the networks of a search: what searchers can choose by before anything is trained.

==============  ======================================================================================
``params``      weights, worked out from the space
``macs``        multiply-adds of one example, worked out likewise
==============  ======================================================================================

More is taken to be better in all of them: of the untrained networks of one space the larger ones tend to be.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.networks import unclear_cost
from hyperdsl.ir.facts import is_network

if TYPE_CHECKING:
    from hyperdsl.audit.shapes.measuring import Measured
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.search.proxy import Proxy
    from hyperdsl.space import Configuration


def proxies_of(space: HyperSpace) -> dict[str, Proxy]:
    """The proxies of a search by name; none where its space has no networks.

    Parameters
    ----------
    space : HyperSpace
        As it is searched.
    """
    if not any(is_network(space.graph[i].op) for i in space.graph.reachable):
        return {}
    return {name: Cost(space, name) for name in ("params", "macs")}


class Cost:
    """What the network of a configuration costs; None where it has none.

    Parameters
    ----------
    space : HyperSpace
    name : {"params", "macs"}
    """

    def __init__(self, space: HyperSpace, name: str) -> None:
        self._space = space
        self._name = name

    def __call__(self, configuration: Configuration) -> float | None:
        return float(self._measured.at(configuration.codes)) or None

    @cached_property
    def _measured(self) -> Measured:
        from hyperdsl.audit.shapes.layers import RULES
        from hyperdsl.audit.shapes.measuring import Unclear, measure

        graph = self._space.graph
        found = measure(graph, self._space.catalog(), graph.root, self._name)
        if isinstance(found, Unclear):
            span = next(graph[i].span for i in sorted(graph.reachable) if is_network(graph[i].op))
            assert span is not None
            raise HypError([unclear_cost(span, self._name, found.layer, found.span, found.layer in RULES)])
        return found
