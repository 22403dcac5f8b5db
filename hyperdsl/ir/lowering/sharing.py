"""Decisions in the body of ``let name(p) = …``: made once, while the parts that they choose among differ by call.

Such a decision takes numbers, and each call has its own parts by these numbers. So it is written with what the graph
has anyway: ``f(1)`` and ``f(2)`` of ``let f(x) = Ridge(alpha = x) | Lasso(alpha = x)`` become
``Ridge(alpha = 1) if d == 0 else Lasso(alpha = 1)`` and the same of 2, where ``d`` is one decision that both read.
Outside of such a body, each function here adds the operation as it is; but where conditions look into items of lists,
``order[0] is PCA``, orders and subsets of modules are written in this way too, so that each item has its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hyperdsl.diagnostics import names
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops
from hyperdsl.ir.meaning import Undefined
from hyperdsl.source import Span

if TYPE_CHECKING:
    from hyperdsl.ir.lowering.lower import Lowering


@frozen
class Shared:
    """A decision as the first call made it; ``callers`` are the calls that led there."""

    op: ops.DecisionOp
    operands: tuple[int, ...]
    node: int
    callers: tuple[tuple[str, Span], ...]


def decide(run: Lowering, op: ops.DecisionOp, operands: Sequence[int], span: Span) -> int:
    """The node of a decision: in a body that is decided once, the one that an earlier call made."""
    if run.paths.trail is None:
        return run.add(op, operands, span)
    first = run.shared.get(op.path)
    if first is None:
        node = run.add(op, operands, span)
        run.shared[op.path] = Shared(op, tuple(operands), node, tuple(run.callers))
        return node
    if repr(first.op) == repr(op) and _all_equal(run, first.operands, operands):
        return first.node
    calls = next(pair for pair in zip(first.callers[::-1], run.callers[::-1], strict=False) if pair[0] != pair[1])
    domains = _shown(run, first.op, first.operands), _shown(run, op, operands)
    return run.fail(names.shared_domains_differ(span, span.text, calls, domains))


def choose(run: Lowering, op: ops.Choose, items: Sequence[int], span: Span) -> int:
    """One of the items."""
    if run.paths.trail is None:
        return run.add(op, items, span)
    chosen = decide(run, op, _numbers(run, len(items), span), span)
    return switch(run, chosen, items, span)


def some(run: Lowering, op: ops.Subset, count: tuple[int, int], items: Sequence[int], span: Span) -> int:
    """Some of the items; ``count`` is the node of their number and the least that it may be."""
    if run.paths.trail is None and not op.joined and _are_read(run, items):
        return _some_read(run, op, count[0], items, span)
    if run.paths.trail is None:
        return run.add(op, [count[0], *items], span)
    numbers = _numbers(run, len(items), span)
    chosen = decide(run, ops.Subset(op.path, op.labels), [count[0], *numbers], span)
    side_by_side = op.joined and any(_has_modules(run, i) for i in items)
    absent = run.add(ops.Drop() if side_by_side else ops.Nothing(), (), span)
    parts = []
    for number, item in zip(numbers, items, strict=True):
        test = run.add(ops.Compare("in"), (number, chosen), span)
        parts.append(run.add(ops.Select(), (test, item, absent), span))
    if not side_by_side:
        return run.add(ops.MakeList(), parts, span)
    joined = run.add(ops.Par(), parts, span)
    if count[1] > 0:
        return joined
    empty = run.add(ops.Compare("=="), (count[0], run.add(ops.Const(0), (), span)), span)
    return run.add(ops.Select(), (empty, run.add(ops.MakeList(), (), span), joined), span)


def ordered(run: Lowering, op: ops.Permute, items: Sequence[int], span: Span) -> int:
    """All of the items, in some order."""
    if run.paths.trail is None and not _are_read(run, items):
        return run.add(op, items, span)
    numbers = _numbers(run, len(items), span)
    order = decide(run, op, numbers, span)
    positions = [run.add(ops.Index(), (order, number), span) for number in numbers]
    return run.add(ops.MakeList(), [switch(run, p, items, span) for p in positions], span)


def _some_read(run: Lowering, op: ops.Subset, count: int, items: Sequence[int], span: Span) -> int:
    """Some of the items as a list that has each item at its position."""
    numbers = _numbers(run, len(items), span)
    chosen = run.add(op, [count, *numbers], span)
    positions = [run.add(ops.Index(), (chosen, number), span) for number in numbers]
    if run.analysis.is_constant(count):
        positions = positions[: run.constant(count)]
        return run.add(ops.MakeList(), [switch(run, p, items, span) for p in positions], span)
    return run.add(ops.Repeat(), [count, *(switch(run, p, items, span) for p in positions)], span)


def _are_read(run: Lowering, items: Sequence[int]) -> bool:
    """Whether a condition may ask for the class or an argument of one of the items."""
    return run.reads_items and any(_has_modules(run, i) for i in items)


def _numbers(run: Lowering, count: int, span: Span) -> list[int]:
    return [run.add(ops.Const(number), (), span) for number in range(count)]


def switch(run: Lowering, number: int, items: Sequence[int], span: Span | None) -> int:
    """The item of a number; the others are not reached."""
    chosen = items[-1]
    for index in range(len(items) - 2, -1, -1):
        test = run.add(ops.Compare("=="), (number, run.add(ops.Const(index), (), span)), span)
        chosen = run.add(ops.Select(), (test, items[index], chosen), span)
    return chosen


def _has_modules(run: Lowering, index: int) -> bool:
    """Whether a part is a module, or a list of them."""
    if "module" in run.types(index):
        return True
    heads = (run.builder[h] for h in run.analysis.heads(index))
    lists = (h.operands for h in heads if isinstance(h.op, (ops.MakeList, ops.Repeat, ops.Permute)))
    return any("module" in run.types(o) for operands in lists for o in operands)


def _all_equal(run: Lowering, left: Sequence[int], right: Sequence[int]) -> bool:
    return len(left) == len(right) and all(_equal(run, a, b) for a, b in zip(left, right, strict=True))


def _equal(run: Lowering, left: int, right: int) -> bool:
    """Whether two nodes have the same value under all decisions, as far as their form shows it."""
    if left == right:
        return True
    try:
        if run.analysis.is_constant(left) and run.analysis.is_constant(right):
            return repr(run.analysis.constant(left)) == repr(run.analysis.constant(right))
    except Undefined:
        return False
    a, b = run.builder[left], run.builder[right]
    if isinstance(a.op, ops.Named):
        return _equal(run, a.operands[0], right)
    if isinstance(b.op, ops.Named):
        return _equal(run, left, b.operands[0])
    return not isinstance(a.op, ops.DecisionOp) and a.op == b.op and _all_equal(run, a.operands, b.operands)


def _shown(run: Lowering, op: ops.DecisionOp, operands: Sequence[int]) -> str:
    """A domain in a few words."""
    match op:
        case ops.Integer() | ops.Real():
            ends = [run.analysis.hull(o) for o in operands]
            if all(end is not None and end[0] == end[1] for end in ends):
                return "..".join(str(end[0]) for end in ends if end is not None)
            return "ends that depend on the argument"
        case ops.Choose(labels=labels):
            return f"{len(labels)} alternatives"
        case ops.Subset(labels=labels) | ops.Permute(labels=labels):
            return f"{len(labels)} items"
    return "arguments of its own"
