"""``evaluate``: one walk over a graph that decides what it reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hyperdsl.frozen import frozen
from hyperdsl.ir import ops, plan
from hyperdsl.ir.domain import Code, Domain, choices
from hyperdsl.ir.graph import Graph, Node
from hyperdsl.ir.meaning.decisions import Decide
from hyperdsl.ir.meaning.modules import as_step, is_module
from hyperdsl.ir.meaning.networks import Layers, is_tensors
from hyperdsl.ir.meaning.rules import RULES
from hyperdsl.ir.meaning.values import (
    NOTHING,
    UNKNOWN,
    Absent,
    Inactive,
)
from hyperdsl.recursion import deep_recursion


@frozen
class Outcome:
    """What one evaluation gives: the program, and the codes of the active decisions by path."""

    value: Any
    assignment: dict[str, Code]
    violated: tuple[int, ...] = ()  # the conditions of ``where`` that are false, as nodes


def evaluate(
    graph: Graph,
    decide: Decide,
    facts: Mapping[str, int | str] | None = None,
    known: Mapping[str, plan.Value] | None = None,
) -> Outcome:
    """Evaluate the root.

    Parameters
    ----------
    graph : Graph
    decide : callable
        Called once per reached decision with its operation and its present domain; returns a code of the domain.
    facts : mapping, optional
        Values of ``data.…``.
    known : mapping, optional
        Values of decisions by path, taken as they are: these are not decided.

    Raises
    ------
    Undefined
        Where an expression has no value under these decisions.
    """
    with deep_recursion():
        evaluation = Evaluation(graph.nodes, decide, facts or {})
        if known:
            for index, op in graph.decisions():
                if op.path in known:
                    evaluation.know(index, known[op.path])
        value = evaluation.closed(evaluation.value(graph.root))
        is_step = value is NOTHING or is_module(value)
        return Outcome(as_step(value) if is_step else value, evaluation.assignment, evaluation.violated())


class Evaluation:
    """One walk over the nodes of a graph."""

    def __init__(self, nodes: Sequence[Node], decide: Decide, facts: Mapping[str, int | str]) -> None:
        self.nodes: Sequence[Node] = nodes
        self.decide = decide
        self.facts = facts
        self.assignment: dict[str, Code] = {}
        self.required: list[int] = []  # conditions that must not be false in the end
        self.layers: Layers = Layers()
        self._values: dict[int, Any] = {}
        self._codes: dict[int, Code] = {}
        self._only_reads = False

    def value(self, index: int) -> Any:
        if index not in self._values:
            node = self.nodes[index]
            if self._only_reads and isinstance(node.op, ops.DecisionOp) and index not in self._codes:
                raise Inactive
            self._values[index] = RULES[type(node.op)](self, index, node.op, node.operands)
        return self._values[index]

    @property
    def worked_out(self) -> int:
        """How many values were worked out."""
        return len(self._values)

    def read(self, index: int) -> Any:
        """A value for a condition: unknown where what it reads is not there."""
        try:
            return self.value(index)
        except Absent:
            return UNKNOWN

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

    def know(self, index: int, value: Any) -> None:
        """Take the value of a node as known: what it depends on is not asked for."""
        self._values[index] = value

    def violated(self) -> tuple[int, ...]:
        """The conditions that are false; reading activates nothing, what reads an inactive decision is unknown."""
        self._only_reads = True
        return tuple(c for c in dict.fromkeys(self.required) if self._is_false(c))

    def require(self, conditions: Sequence[int]) -> None:
        """Conditions of what is reached must hold; what conditions themselves read is not reached."""
        if not self._only_reads:
            self.required.extend(conditions)

    def _is_false(self, index: int) -> bool:
        try:
            value = self.read(index)
        except Inactive:
            return False
        return value is not UNKNOWN and not value

    def head(self, index: int) -> int:
        """The node that gives a module its class: chosen, unwrapped, the last step of a sequence."""
        op, operands = self.nodes[index].op, self.nodes[index].operands
        match op:
            case ops.Named() | ops.Label():
                return self.head(operands[0])
            case ops.Where():
                self.require(operands[1:])
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

    def closed(self, value: Any) -> Any:
        """A value that can leave the evaluation: a tensor is the network that computes it."""
        return self.layers.network(value) if is_tensors(value) else value

    def truth(self, index: int) -> bool:
        value = self.read(index)
        return value is not UNKNOWN and bool(value)
