"""The meaning of a graph: the definition that the passes, the flat space and the backends must agree with.

``evaluate(graph, decide)`` walks from the root and decides what it reaches: with a random ``decide`` it samples, with
an assignment it replays, with a tape (``enumeration.py``) it enumerates. A node is evaluated once, so a shared
decision is decided once; what is not reached decides nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import reduce
from typing import Any, TypeAlias

from hyperdsl.ir import ops, plan
from hyperdsl.ir.domain import (
    MAX_INTEGER,
    MAX_REAL,
    MAX_STEPS,
    Choices,
    Code,
    Combinations,
    Domain,
    Gaussian,
    Integers,
    Permutations,
    Reals,
    Steps,
    choices,
)
from hyperdsl.ir.graph import Graph, Node
from hyperdsl.recursion import deep_recursion

Decide: TypeAlias = Callable[[ops.DecisionOp, Domain], Code]


class Undefined(Exception):
    """An expression has no value under some assignment, e.g. an empty range or a division by zero.

    ``node`` is where; ``fact`` says it in a few words.
    """

    def __init__(self, node: int, fact: str) -> None:
        super().__init__(fact)
        self.node = node
        self.fact = fact


class Inactive(Exception):
    """A condition reads a decision that is not active."""


class Sentinel(Enum):
    """Values that no program can write."""

    unknown = "unknown"  # an expression reads an argument that is not there
    nothing = "nothing"  # an absent part


UNKNOWN = Sentinel.unknown
NOTHING = Sentinel.nothing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one evaluation gives: the program, and the codes of the active decisions by path."""

    value: Any
    assignment: dict[str, Code]
    violated: tuple[int, ...] = ()  # the conditions of ``where`` that are false, as nodes


def evaluate(graph: Graph, decide: Decide, facts: Mapping[str, int] | None = None) -> Outcome:
    """Evaluate the root.

    Parameters
    ----------
    graph : Graph
    decide : callable
        Called once per reached decision with its operation and its present domain; returns a code of the domain.
    facts : mapping, optional
        Values of ``data.…``.

    Raises
    ------
    Undefined
        Where an expression has no value under these decisions.
    """
    with deep_recursion():
        evaluation = Evaluation(graph.nodes, decide, facts or {})
        value = evaluation.value(graph.root)
        is_step = value is NOTHING or is_module(value)
        return Outcome(as_step(value) if is_step else value, evaluation.assignment, evaluation.violated())


class Evaluation:
    """One walk over the nodes of a graph."""

    def __init__(self, nodes: Sequence[Node], decide: Decide, facts: Mapping[str, int]) -> None:
        self.nodes = nodes
        self.decide = decide
        self.facts = facts
        self.assignment: dict[str, Code] = {}
        self.required: list[int] = []  # conditions that must not be false in the end
        self._values: dict[int, Any] = {}
        self._codes: dict[int, Code] = {}
        self._only_reads = False

    def value(self, index: int) -> Any:
        if index not in self._values:
            node = self.nodes[index]
            if self._only_reads and isinstance(node.op, ops.DecisionOp) and index not in self._codes:
                raise Inactive
            self._values[index] = _RULES[type(node.op)](self, index, node.op, node.operands)
        return self._values[index]

    def code(self, index: int, domain: Domain) -> Code:
        """Decide the decision at ``index``, once."""
        if index not in self._codes:
            if self._only_reads:
                raise Inactive
            op = self.nodes[index].op
            assert isinstance(op, ops.DecisionOp)
            code = self.decide(op, domain)
            self._codes[index] = code
            if isinstance(op, ops.Choose) and op.assignments:
                assert isinstance(code, int)
                self.assignment.update(op.assignments[code])
            else:
                self.assignment[op.path] = code
        return self._codes[index]

    def violated(self) -> tuple[int, ...]:
        """The conditions that are false; reading activates nothing, what reads an inactive decision is unknown."""
        self._only_reads = True
        return tuple(c for c in dict.fromkeys(self.required) if self._is_false(c))

    def _is_false(self, index: int) -> bool:
        try:
            value = self.value(index)
        except Inactive:
            return False
        return value is not UNKNOWN and not value

    def head(self, index: int) -> int:
        """The node that gives a module its class: chosen, unwrapped, the last step of a sequence."""
        op, operands = self.nodes[index].op, self.nodes[index].operands
        match op:
            case ops.Named() | ops.Label() | ops.Where():
                return self.head(operands[0])
            case ops.Choose():
                code = self.code(index, choices(op.weights))
                assert isinstance(code, int)
                return self.head(operands[code])
            case ops.Select():
                return self.head(operands[1] if self.truth(operands[0]) else operands[2])
            case ops.Seq():
                return self.head(operands[-1])
        return index

    def truth(self, index: int) -> bool:
        value = self.value(index)
        return value is not UNKNOWN and bool(value)


# --- modules out of parts


def is_module(value: Any) -> bool:
    """Whether a value can stand as a step: a module, or a list of them."""
    if isinstance(value, plan.ListPlan):
        return bool(value.items) and all(is_module(v) for v in value.items)
    return isinstance(value, (plan.Call, plan.Seq, plan.Par, plan.Pass, plan.Drop, plan.ColumnsPlan))


def as_step(value: Any) -> plan.PlanNode:
    """A module as one step; a list of modules is their sequence, nothing is the unchanged input."""
    if value is NOTHING:
        return plan.Pass()
    if isinstance(value, plan.ListPlan):
        return sequence([as_step(v) for v in value.items])
    assert isinstance(value, plan.PlanNode)
    return value


def sequence(parts: list[plan.PlanNode]) -> plan.PlanNode:
    """The normal form of ``a >> b``: flat, without identities, a single step is itself."""
    steps: list[plan.PlanNode] = []
    for part in parts:
        if isinstance(part, plan.Pass):
            continue
        if isinstance(part, plan.Seq) and part.label is None:
            steps.extend(part.steps)
        else:
            steps.append(part)
    if not steps:
        return plan.Pass()
    return steps[0] if len(steps) == 1 else plan.Seq(tuple(steps))


def parallel(parts: list[plan.PlanNode]) -> plan.PlanNode:
    """The normal form of ``a & b``: flat, without branches that give no output, a single branch is itself."""
    branches: list[plan.PlanNode] = []
    for part in parts:
        if isinstance(part, plan.Drop):
            continue
        if isinstance(part, plan.Par) and part.label is None:
            branches.extend(part.branches)
        else:
            branches.append(part)
    if not branches:
        return plan.Drop()
    return branches[0] if len(branches) == 1 else plan.Par(tuple(branches))


# --- decisions


def integer_domain(op: ops.Integer, low: Any, high: Any, node: int) -> Integers:
    if type(low) is not int or type(high) is not int:
        raise Undefined(node, f"its ends are {low!r} and {high!r}, not whole numbers")
    if low > high:
        raise Undefined(node, f"the range {low}..{high} is empty")
    if max(abs(low), abs(high)) > MAX_INTEGER:
        raise Undefined(node, "an end of this range takes more than 64 bits")
    if op.log and low <= 0:
        raise Undefined(node, f"a log range cannot start at {low}")
    return Integers(low, high, op.log, op.step)


def real_domain(op: ops.Real, low: Any, high: Any, node: int) -> Reals | Steps:
    if not all(type(end) in (int, float) and -MAX_REAL <= end <= MAX_REAL for end in (low, high)):
        raise Undefined(node, f"its ends are {low!r} and {high!r}, not numbers")
    if low > high:
        raise Undefined(node, f"the range {low}..{high} is empty")
    if op.log and low <= 0:
        raise Undefined(node, f"a log range cannot start at {low}")
    if op.step is not None:
        steps = Steps(low, high, op.step, op.log)
        if op.log and steps.size > MAX_STEPS:
            raise Undefined(node, f"a log range of reals has more than {MAX_STEPS:,} steps")
        return steps
    return Reals(float(low), float(high), op.log)


def _integer(run: Evaluation, index: int, op: ops.Integer, operands: tuple[int, ...]) -> Any:
    return run.code(index, integer_domain(op, run.value(operands[0]), run.value(operands[1]), index))


def _real(run: Evaluation, index: int, op: ops.Real, operands: tuple[int, ...]) -> Any:
    return float(run.code(index, real_domain(op, run.value(operands[0]), run.value(operands[1]), index)))  # type: ignore[arg-type]


def _normal(run: Evaluation, index: int, op: ops.Normal, operands: tuple[int, ...]) -> Any:
    mean, deviation = run.value(operands[0]), run.value(operands[1])
    if not deviation > 0:
        raise Undefined(index, f"a standard deviation of {deviation!r} is not positive")
    return run.code(index, Gaussian(float(mean), float(deviation), op.log))


def _choose(run: Evaluation, index: int, op: ops.Choose, operands: tuple[int, ...]) -> Any:
    code = run.code(index, choices(op.weights))
    assert isinstance(code, int)
    return run.value(operands[code])


def subset_domain(count: Any, items: int, node: int) -> Combinations:
    if type(count) is not int or not 0 <= count <= items:
        raise Undefined(node, f"cannot take {count!r} of {items} items")
    return Combinations(items, count)


def _subset(run: Evaluation, index: int, op: ops.Subset, operands: tuple[int, ...]) -> Any:
    items = operands[1:]
    code = run.code(index, subset_domain(run.value(operands[0]), len(items), index))
    assert isinstance(code, tuple)
    chosen = [run.value(items[i]) for i in code]
    if op.joined and chosen and all(is_module(v) or v is NOTHING for v in chosen):
        return parallel([as_step(v) for v in chosen])
    return plan.ListPlan(tuple(v for v in chosen if v is not NOTHING))


def _permute(run: Evaluation, index: int, op: ops.Permute, operands: tuple[int, ...]) -> Any:
    code = run.code(index, Permutations(len(operands)))
    assert isinstance(code, tuple)
    return _list_of(run, tuple(operands[i] for i in code))


# --- values


def known(value: Any, node: int) -> Any:
    """A value that something is built from; what is unknown cannot be.

    Raises
    ------
    Undefined
        Where the value reads an argument that is not there.
    """
    if value is UNKNOWN:
        raise Undefined(node, "it reads an argument that is not there")
    return value


def _list_of(run: Evaluation, operands: tuple[int, ...]) -> plan.ListPlan:
    values = (known(run.value(o), o) for o in operands)
    return plan.ListPlan(tuple(v for v in values if v is not NOTHING))


def _make_dict(run: Evaluation, index: int, op: ops.MakeDict, operands: tuple[int, ...]) -> Any:
    pairs = ((key, known(run.value(o), o)) for key, o in zip(op.keys, operands, strict=True))
    return plan.DictPlan(tuple((key, value) for key, value in pairs if value is not NOTHING))


def _repeat(run: Evaluation, index: int, op: ops.Repeat, operands: tuple[int, ...]) -> Any:
    count = run.value(operands[0])
    if type(count) is not int or not 0 <= count <= len(operands) - 1:
        raise Undefined(index, f"cannot repeat {count!r} times")
    return _list_of(run, operands[1 : 1 + count])


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
_MAX_BITS = 4096
MAX_ITEMS = 1_000_000  # of a list, tuple or string that `+` makes


def arithmetic(symbol: str, left: Any, right: Any, node: int) -> Any:
    """``left symbol right`` on numbers, or ``+`` on lists, tuples and strings."""
    if symbol == "+" and type(left) is type(right) and isinstance(left, (plan.ListPlan, str, tuple)):
        return _joined(left, right, node)
    if not all(isinstance(v, (int, float)) for v in (left, right)):
        raise Undefined(node, f"`{symbol}` does not work on {_kind(left)} and {_kind(right)}")
    if symbol == "**" and isinstance(left, int) and isinstance(right, int) and abs(left) > 1:
        if right > 0 and left.bit_length() * right > _MAX_BITS:
            raise Undefined(node, f"{left} ** {right} has more than {_MAX_BITS} bits")
    try:
        result = _ARITHMETIC[symbol](left, right)
    except ZeroDivisionError:
        raise Undefined(node, "division by zero") from None
    except OverflowError:
        raise Undefined(node, "the number is too large") from None
    if isinstance(result, complex):
        raise Undefined(node, "the result is a complex number")
    if isinstance(result, int) and result.bit_length() > _MAX_BITS:
        raise Undefined(node, f"the number has more than {_MAX_BITS} bits")
    return result


def _joined(left: Any, right: Any, node: int) -> Any:
    """Two lists, tuples or strings, one after the other."""
    is_list = isinstance(left, plan.ListPlan)
    parts = (left.items, right.items) if is_list else (left, right)
    if len(parts[0]) + len(parts[1]) > MAX_ITEMS:
        raise Undefined(node, f"the result has more than {MAX_ITEMS:,} items")
    joined = parts[0] + parts[1]
    return plan.ListPlan(joined) if is_list else joined


def _kind(value: Any) -> str:
    names = {str: "a string", bool: "a truth value", int: "a number", float: "a number", tuple: "a tuple"}
    if value is None:
        return "None"
    if isinstance(value, plan.ListPlan):
        return "a list"
    return names.get(type(value), "a module")


def _arithmetic(run: Evaluation, index: int, op: ops.Arithmetic, operands: tuple[int, ...]) -> Any:
    left, right = run.value(operands[0]), run.value(operands[1])
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    return arithmetic(op.operator, left, right, index)


def _negate(run: Evaluation, index: int, op: ops.Negate, operands: tuple[int, ...]) -> Any:
    value = run.value(operands[0])
    if value is UNKNOWN:
        return UNKNOWN
    if not isinstance(value, (int, float)):
        raise Undefined(index, f"`-` does not work on {_kind(value)}")
    return -value


def same(left: Any, right: Any) -> bool:
    """Python's equality, except that truth values equal no numbers."""
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def compare(symbol: str, left: Any, right: Any, node: int) -> bool:
    if symbol in ("==", "!="):
        return same(left, right) == (symbol == "==")
    if symbol in ("in", "not in"):
        return _contains(right, left, node) == (symbol == "in")
    if not all(isinstance(v, (int, float)) for v in (left, right)) and not (
        isinstance(left, str) and isinstance(right, str)
    ):
        raise Undefined(node, f"`{symbol}` does not compare {_kind(left)} with {_kind(right)}")
    order: dict[str, Callable[[Any, Any], bool]] = {
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
    return order[symbol](left, right)


def _contains(container: Any, value: Any, node: int) -> bool:
    if isinstance(container, Integers | Reals):
        return isinstance(value, (int, float)) and container.low <= value <= container.high
    if isinstance(container, plan.ListPlan):
        return any(same(v, value) for v in container.items)
    if isinstance(container, tuple):
        return any(same(v, value) for v in container)
    if isinstance(container, str) and isinstance(value, str):
        return value in container
    raise Undefined(node, f"`in` does not look into {_kind(container)}")


def _compare(run: Evaluation, index: int, op: ops.Compare, operands: tuple[int, ...]) -> Any:
    left, right = run.value(operands[0]), run.value(operands[1])
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    return compare(op.operator, left, right, index)


def _logic(run: Evaluation, index: int, op: ops.Logic, operands: tuple[int, ...]) -> Any:
    """Kleene's three values, from left to right.

    What follows a decisive operand is reached all the same, so that a condition reads all its decisions; it need not
    have a value (``n > 0 and 10 / n > 2``).
    """
    if op.operator == "not":
        value = run.value(operands[0])  # what is inactive is unknown to whoever asked for it
        return UNKNOWN if value is UNKNOWN else not value
    decisive = op.operator == "or"
    decided = unknown = False
    for operand in operands:
        try:
            value = run.value(operand)
        except Inactive:
            value = UNKNOWN
        except Undefined:
            if not decided:
                raise
            continue
        unknown = unknown or value is UNKNOWN
        decided = decided or (value is not UNKNOWN and bool(value) == decisive)
    if decided:
        return decisive
    return UNKNOWN if unknown else not decisive


def _interval(run: Evaluation, index: int, op: ops.Interval, operands: tuple[int, ...]) -> Any:
    return Reals(run.value(operands[0]), run.value(operands[1]))


def _is_module(run: Evaluation, index: int, op: ops.IsModule, operands: tuple[int, ...]) -> Any:
    head = run.nodes[run.head(operands[0])].op
    return isinstance(head, ops.Call) and head.path == op.path


def _argument(run: Evaluation, index: int, op: ops.Argument, operands: tuple[int, ...]) -> Any:
    node = run.nodes[run.head(operands[0])]
    if isinstance(node.op, ops.MakeDict) and op.parameter in node.op.keys:
        return run.value(node.operands[node.op.keys.index(op.parameter)])
    if not isinstance(node.op, ops.Call) or op.parameter not in node.op.parameters:
        return UNKNOWN
    value = run.value(node.operands[node.op.parameters.index(op.parameter)])
    return UNKNOWN if value is NOTHING else value


def _index(run: Evaluation, index: int, op: ops.Index, operands: tuple[int, ...]) -> Any:
    container, position = run.value(operands[0]), run.value(operands[1])
    if isinstance(container, plan.DictPlan):
        for key, value in container.items:
            if same(key, position):
                return value
        raise Undefined(index, f"there is no key {position!r}")
    items = container.items if isinstance(container, plan.ListPlan) else container
    if not isinstance(items, tuple) or type(position) is not int:
        raise Undefined(index, f"cannot take item {position!r} of {_kind(container)}")
    if not -len(items) <= position < len(items):
        raise Undefined(index, f"there is no item {position} among {len(items)}")
    return items[position]


def _slice(run: Evaluation, index: int, op: ops.Slice, operands: tuple[int, ...]) -> Any:
    container = run.value(operands[0])
    part = slice(op.lower, op.upper, op.step)
    if isinstance(container, plan.ListPlan):
        return plan.ListPlan(container.items[part])
    if isinstance(container, tuple):
        return container[part]
    raise Undefined(index, f"cannot slice {_kind(container)}")


def _aggregate(run: Evaluation, index: int, op: ops.Aggregate, operands: tuple[int, ...]) -> Any:
    values = [run.value(o) for o in operands]
    if len(values) == 1 and isinstance(values[0], (plan.ListPlan, tuple, plan.DictPlan)):
        first = values[0]
        values = list(first) if isinstance(first, tuple) else list(first.items)
    elif len(values) == 1 and op.function not in ("min", "max"):
        raise Undefined(index, f"`{op.function}` takes a list, not {_kind(values[0])}")
    if op.function == "len":
        return len(values)
    if op.function in ("any", "all"):
        return (any if op.function == "any" else all)(bool(v) for v in values)
    if not values and op.function != "sum":
        raise Undefined(index, f"`{op.function}` of an empty list")
    if not all(isinstance(v, (int, float)) for v in values):
        raise Undefined(index, f"`{op.function}` takes numbers")
    if op.function == "sum":
        return reduce(operator.add, values, 0)
    return (min if op.function == "min" else max)(values)


# --- modules


def _call(run: Evaluation, index: int, op: ops.Call, operands: tuple[int, ...]) -> Any:
    arguments = []
    for parameter, operand in zip(op.parameters, operands, strict=True):
        value = known(run.value(operand), operand)
        if value is not NOTHING:
            arguments.append((parameter, value))
    return plan.Call(op.path, tuple(arguments), span=run.nodes[index].span)


def _steps(run: Evaluation, operands: tuple[int, ...]) -> list[plan.PlanNode]:
    return [as_step(run.value(o)) for o in operands]


def _seq(run: Evaluation, index: int, op: ops.Seq, operands: tuple[int, ...]) -> Any:
    return sequence(_steps(run, operands))


def _par(run: Evaluation, index: int, op: ops.Par, operands: tuple[int, ...]) -> Any:
    return parallel(_steps(run, operands))


def _columns(run: Evaluation, index: int, op: ops.Columns, operands: tuple[int, ...]) -> Any:
    routes = [
        plan.RoutePlan(
            tuple(plan.Selector(kind, value) for kind, value in selectors),
            as_step(run.value(body)),
            label,
            span=run.nodes[body].span,
        )
        for selectors, body, label in zip(op.selectors, operands, op.labels, strict=True)
    ]
    return plan.ColumnsPlan(tuple(routes), span=run.nodes[index].span)


def _label(run: Evaluation, index: int, op: ops.Label, operands: tuple[int, ...]) -> Any:
    value = run.value(operands[0])
    if isinstance(value, (plan.Call, plan.Seq, plan.Par, plan.Pass, plan.Drop, plan.ColumnsPlan)):
        return replace(value, label=op.label)
    return value


def _where(run: Evaluation, index: int, op: ops.Where, operands: tuple[int, ...]) -> Any:
    run.required.extend(operands[1:])
    return run.value(operands[0])


def _data_fact(run: Evaluation, index: int, op: ops.DataFact, operands: tuple[int, ...]) -> Any:
    if op.fact not in run.facts:
        raise Undefined(index, f"`data.{op.fact}` is known only together with data")
    return run.facts[op.fact]


_RULES: dict[type[ops.Op], Callable[[Evaluation, int, Any, tuple[int, ...]], Any]] = {
    ops.Const: lambda run, index, op, operands: op.value,
    ops.Symbol: lambda run, index, op, operands: plan.Symbol(op.path, span=run.nodes[index].span),
    ops.DataFact: _data_fact,
    ops.Nothing: lambda run, index, op, operands: NOTHING,
    ops.Integer: _integer,
    ops.Real: _real,
    ops.Normal: _normal,
    ops.Choose: _choose,
    ops.Subset: _subset,
    ops.Permute: _permute,
    ops.Repeat: _repeat,
    ops.Select: lambda run, index, op, operands: run.value(operands[1 if run.truth(operands[0]) else 2]),
    ops.Arithmetic: _arithmetic,
    ops.Negate: _negate,
    ops.Compare: _compare,
    ops.Logic: _logic,
    ops.IsModule: _is_module,
    ops.Argument: _argument,
    ops.Interval: _interval,
    ops.MakeList: lambda run, index, op, operands: _list_of(run, operands),
    ops.MakeTuple: lambda run, index, op, operands: tuple(_list_of(run, operands).items),
    ops.MakeDict: _make_dict,
    ops.Index: _index,
    ops.Slice: _slice,
    ops.Aggregate: _aggregate,
    ops.Call: _call,
    ops.Seq: _seq,
    ops.Par: _par,
    ops.Pass: lambda run, index, op, operands: plan.Pass(),
    ops.Drop: lambda run, index, op, operands: plan.Drop(),
    ops.Columns: _columns,
    ops.Label: _label,
    ops.Where: _where,
    ops.Named: lambda run, index, op, operands: run.value(operands[0]),
}


# --- ways to decide


def replay(assignment: Mapping[str, Code]) -> Decide:
    """Decide as an assignment of paths says."""

    def decide(op: ops.DecisionOp, domain: Domain) -> Code:
        if isinstance(op, ops.Choose) and op.assignments:
            for code, parts in enumerate(op.assignments):
                if all(assignment.get(path) == index for path, index in parts):
                    return code
            raise KeyError(op.path)
        return assignment[op.path]

    return decide


def default_code(op: ops.DecisionOp, domain: Domain) -> Code:
    """The default of a decision: as written, else the middle, the heaviest alternative, the first of a listing."""
    if isinstance(domain, Choices):
        if isinstance(op, ops.Choose) and op.default is not None:
            return op.default
        return domain.weights.index(max(domain.weights))
    if isinstance(op, (ops.Integer, ops.Real)):
        assert isinstance(domain, (Integers, Reals, Steps))
        if op.default is None:
            return domain.middle()
        nearest = min(max(op.default, domain.low), domain.high)
        return nearest if isinstance(domain, Reals) else domain.member(domain.rank(nearest))
    if isinstance(domain, Gaussian):
        return domain.middle()
    return domain.member(0)
