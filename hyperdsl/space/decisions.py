"""What is decided in a space -> the rows of its table."""

from __future__ import annotations

from typing import Any

from hyperdsl.ir import meaning, ops
from hyperdsl.ir.intervals import Hull
from hyperdsl.space.skeleton import Skeleton
from hyperdsl.space.table import Decision


def table_of(skeleton: Skeleton) -> tuple[Decision, ...]:
    """A row for each decision, in the skeleton's order."""
    return tuple(_decision(skeleton, row) for row in range(len(skeleton.nodes)))


def _decision(skeleton: Skeleton, row: int) -> Decision:
    op, node = skeleton.op(row), skeleton.graph[skeleton.nodes[row]]
    domain = skeleton.constant_domain(row)
    line = node.span.line if node.span is not None else None
    common: dict[str, Any] = {"index": row, "path": op.path, "dependent": domain is None, "line": line}
    if domain is not None:
        common["size"] = domain.size
        common["default"] = meaning.default_code(op, domain)
    match op:
        case ops.Choose():
            return Decision(kind="choice", labels=op.labels, weights=op.weights, ordinal=op.ordinal, **common)
        case ops.Subset(labels=labels):
            return Decision(kind="subset", labels=labels, **common)
        case ops.Permute(labels=labels):
            return Decision(kind="permutation", labels=labels, **common)
        case ops.Normal(log=log):
            return Decision(kind="real", log=log, **common)
    assert isinstance(op, (ops.Integer, ops.Real))
    hull: Hull | None = skeleton.analysis.hull(skeleton.nodes[row])
    low, high = hull if hull is not None else (None, None)
    is_integer = isinstance(op, ops.Integer)
    if domain is None:
        common["default"] = op.default
        if is_integer and hull is not None:
            common["size"] = int(hull[1] - hull[0]) // op.step + 1  # type: ignore[operator]
    return Decision(kind="integer" if is_integer else "real", low=low, high=high, log=op.log, step=op.step, **common)
