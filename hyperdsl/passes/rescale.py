"""Leave out a scale right before another one that makes it void; up to rounding, so at -O2 only.

Before: ``MinMaxScaler() >> StandardScaler() >> Ridge()``, ``%3 = seq(%0, %1, %2)``. After: ``StandardScaler() >>
Ridge()``, ``%2 = seq(%0, %1)``.

A scale ``x -> a * x + b`` of each column, ``a > 0``, is void before a step that subtracts a location and divides by a
spread that move along with the column: mean and standard deviation, minimum and range, median and quartiles. Rounding
is not what it was: results agree to about 1e-15 of the spread, and a model that is sensitive to the last bit, as trees
are where two splits are equally good, can turn out differently.

=========  =============================================================================================================
void       ``StandardScaler``, ``RobustScaler``; ``MinMaxScaler``, ``MaxAbsScaler`` that do not clip
before     ``StandardScaler`` and ``RobustScaler`` that both centre and scale; ``MinMaxScaler``
=========  =============================================================================================================
"""

from __future__ import annotations

from hyperdsl.ir import ops
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.passes.rewrite import Note, arguments, is_identity, left_out, rebuild, sequence, steps

_PREFIX = "sklearn.preprocessing."
SCALES = frozenset(_PREFIX + name for name in ("StandardScaler", "RobustScaler", "MinMaxScaler", "MaxAbsScaler"))
# What must be true, or not written, for a step to take back any scale before it.
_TAKES_BACK = {
    _PREFIX + "StandardScaler": ("with_mean", "with_std"),
    _PREFIX + "RobustScaler": ("with_centering", "with_scaling"),
    _PREFIX + "MinMaxScaler": (),
}


def rescale(graph: Graph, notes: list[Note] | None = None) -> Graph:
    """Scales that the next step takes back are gone; ``notes`` gets what was left out."""

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        if not isinstance(node.op, ops.Seq):
            return None
        parts = steps(builder, operands)
        kept: list[int] = []
        for part, following in zip(parts, [*parts[1:], None], strict=True):
            if following is None or not _is_void(builder, part, following):
                kept.append(part)
            elif notes is not None:
                notes.extend(left_out(builder, [part], [], following, "rounding"))
        return sequence(builder, kept, node) if len(kept) < len(parts) else None

    return rebuild(graph, rule)


def _is_void(builder: Builder, step: int, following: int) -> bool:
    return takes_back(builder, following) and is_scale(builder, step)


def is_scale(builder: Builder, index: int) -> bool:
    """Whether a step maps each column by ``a * x + b`` with ``a > 0``, or nothing, whatever is decided."""
    node = builder[index]
    match node.op:
        case ops.Choose() | ops.Seq() | ops.Label():
            return all(is_scale(builder, o) for o in node.operands)
        case ops.Call(path=path) if path in SCALES:
            return arguments(builder, node).get("clip", False) is False
    return is_identity(builder, index)


def takes_back(builder: Builder, index: int) -> bool:
    """Whether a step gives the same whatever scale its input has."""
    node = builder[index]
    match node.op:
        case ops.Choose() | ops.Label():
            return all(takes_back(builder, o) for o in node.operands)
        case ops.Call(path=path) if path in _TAKES_BACK:
            given = arguments(builder, node)
            return all(given.get(name, True) is True for name in _TAKES_BACK[path])
    return False
