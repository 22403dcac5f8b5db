"""Write the operands of what is commutative in one order, so that ``share`` finds ``a + b`` and ``b + a`` equal.

Before: ``%2 = arithmetic(%1, %0) {'operator': '+'}``. After: ``%2 = arithmetic(%0, %1) {'operator': '+'}``: what reads
decisions first, by their paths, constants last.

=====================  ===============================================================================================
sorted                 where
=====================  ===============================================================================================
``+``, ``*``           of numbers: floating-point addition and multiplication are commutative, to the last bit (not
                       associative: ``a + b + c`` keeps its brackets); ``+`` of lists, tuples and strings is not
``==``, ``!=``         everywhere
``and``, ``or``        no operand can fail: ``n > 0 and 10 / n > 2`` must look at ``n > 0`` first
``min``, ``max``       of whole numbers: ``max(1, 1.0)`` is the first of the two
=====================  ===============================================================================================

Branches of ``&`` and of ``columns`` keep their order, at every level: it is the order of the columns that a model sees,
and next to no model is blind to it. Sums over columns round differently, equally good splits are taken by position, and
random draws of columns are draws of positions. Lists of members, as in ``VotingClassifier``, keep it too: members are
named, and seeded, in the order of the list.
"""

from __future__ import annotations

from hashlib import blake2b

from hyperdsl.ir import ops
from hyperdsl.ir.analysis import NUMBERS, Analysis
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.passes.rewrite import rebuild


def order(graph: Graph) -> Graph:
    """Commutative operands are sorted by what they are."""
    keys: dict[int, str] = {}  # by node of the new graph
    builder = Builder(graph.name)
    analysis = Analysis(builder.nodes)

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        if not _is_commutative(node.op, operands, analysis):
            return None
        ordered = sorted(operands, key=lambda o: (analysis.is_constant(o), _key(builder, o, keys)))
        return builder.add(node.op, ordered, node.span)

    return rebuild(graph, rule, builder)


def _key(builder: Builder, index: int, keys: dict[int, str]) -> str:
    """A text that depends on the structure below a node and not on numbers of nodes."""
    if index not in keys:
        pending = [index]
        while pending:
            here = pending[-1]
            node = builder[here]
            open_operands = [o for o in node.operands if o not in keys]
            if open_operands:
                pending.extend(open_operands)
                continue
            pending.pop()
            path = node.op.path if isinstance(node.op, ops.DecisionOp) else ""
            below = " ".join(keys[o] for o in node.operands)
            keys[here] = path + blake2b(f"{node.op!r} {below}".encode(), digest_size=16).hexdigest()
    return keys[index]


def _is_commutative(op: ops.Op, operands: tuple[int, ...], analysis: Analysis) -> bool:
    match op:
        case ops.Arithmetic(operator="+" | "*"):
            return all(analysis.types(o) and analysis.types(o) <= NUMBERS | {"bool"} for o in operands)
        case ops.Compare(operator="==" | "!="):
            return True
        case ops.Logic(operator="and" | "or"):
            return all(_is_total(analysis, o) for o in operands)
        case ops.Aggregate(function="min" | "max") if len(operands) > 1:
            return all(analysis.types(o) == {"int"} for o in operands)
    return False


def _is_total(analysis: Analysis, index: int) -> bool:
    """Whether a condition, or what it compares, has a value under all decisions."""
    node = analysis.nodes[index]
    match node.op:
        case ops.Const() | ops.IsModule():
            return True
        case ops.Integer() | ops.Real():
            return all(analysis.is_constant(o) for o in node.operands)
        case ops.Compare(operator=operator):
            comparable = operator in ("==", "!=") or all(analysis.types(o) <= NUMBERS for o in node.operands)
            return comparable and operator not in ("in", "not in") and _all_total(analysis, node)
        case ops.Choose() | ops.Label() | ops.Named() | ops.Logic():
            return _all_total(analysis, node)
    return False


def _all_total(analysis: Analysis, node: Node) -> bool:
    return all(_is_total(analysis, o) for o in node.operands)
