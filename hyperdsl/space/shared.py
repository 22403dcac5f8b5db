"""One counter a graph: checking a space and asking questions of it count the same states."""

from __future__ import annotations

from functools import lru_cache

from hyperdsl.ir import meaning
from hyperdsl.ir.domain import Code, Domain, Reals
from hyperdsl.ir.graph import Graph
from hyperdsl.space.conditioned import Allowed
from hyperdsl.space.counting import Counter
from hyperdsl.space.skeleton import Skeleton


def counter_of(graph: Graph) -> Counter:
    """The counter of a graph under all its conditions; the last ones asked for are kept."""
    return _counter_of(_Same(graph))


class _Same:
    """A graph as a key: equal to itself only, which costs nothing to find out."""

    __slots__ = ("graph",)

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.graph is other.graph

    def __hash__(self) -> int:
        return id(self.graph)


@lru_cache(maxsize=4)
def _counter_of(same: _Same) -> Counter:
    skeleton = Skeleton(same.graph)
    return Counter(skeleton, lambda row, domain: default_code(skeleton, row, domain))


def default_code(skeleton: Skeleton, row: int, domain: Domain) -> Code:
    """The default of a row, as near as a domain allows."""
    op, whole = skeleton.op(row), skeleton.constant_domain(row)
    if isinstance(domain, Allowed):
        return domain.nearest(meaning.default_code(op, domain.whole))
    if isinstance(domain, Reals) and whole is not None:
        written = meaning.default_code(op, whole)
        return written if domain.contains(written) else domain.middle()
    return meaning.default_code(op, domain)
