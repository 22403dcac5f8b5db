"""Every argument of every module, in every branch, against the parameter's declared constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyperdsl.catalog.model import Module, Parameter
from hyperdsl.catalog.values import check_interval, check_kind, check_value, describe
from hyperdsl.diagnostics import Reporter, modules
from hyperdsl.ir import ops, plan
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.meaning import NOTHING, Undefined
from hyperdsl.source import Span

if TYPE_CHECKING:
    from hyperdsl.audit import Modules


def audit_arguments(graph: Graph, catalog: Modules, reporter: Reporter) -> None:
    """Report values that a constructor does not admit."""
    analysis = Analysis(graph.nodes)
    for index in sorted(graph.reachable):
        node = graph[index]
        if not isinstance(node.op, ops.Call):
            continue
        found = catalog.find(node.op.path)
        if not found:
            continue
        for name, operand in zip(node.op.parameters, node.operands, strict=True):
            parameter = found[0].parameter(name)
            if parameter is not None:
                _Argument(graph, analysis, reporter, found[0], parameter).check(operand)


class _Argument:
    """One parameter of one call; ``check`` follows its value through choices."""

    def __init__(
        self, graph: Graph, analysis: Analysis, reporter: Reporter, module: Module, parameter: Parameter
    ) -> None:
        self.graph = graph
        self.analysis = analysis
        self.reporter = reporter
        self.module = module
        self.parameter = parameter

    def check(self, index: int) -> None:
        node = self.graph[index]
        match node.op:
            case ops.Named() | ops.Label():
                self.check(node.operands[0])
            case ops.Choose():
                for operand in node.operands:
                    self.check(operand)
            case ops.Select():
                self.check(node.operands[1])
                self.check(node.operands[2])
            case ops.Nothing() | ops.DataFact() | ops.Argument():
                return
            case ops.Integer() | ops.Real():
                self._range(index, node.op)
            case ops.Symbol():
                self._kind(index, "callable")
            case ops.Call() | ops.Seq() | ops.Par() | ops.Columns() | ops.Pass() | ops.Drop():
                self._kind(index, "module")
            case _ if self.analysis.is_constant(index):
                self._constant(index)
            case ops.MakeList() | ops.Repeat() | ops.Permute() | ops.Subset():
                self._kind(index, "list")
            case ops.MakeTuple():
                self._kind(index, "tuple")
            case ops.MakeDict():
                self._kind(index, "dict")

    def _say(self, span: Span | None, shown: str, fact: str | None) -> None:
        if fact is not None and span is not None:
            takes = describe(self.parameter)
            self.reporter.add(modules.bad_value(span, self.module.name, self.parameter.name, shown, fact, takes))

    def _range(self, index: int, op: ops.Integer | ops.Real) -> None:
        hull = self.analysis.hull(index)
        node = self.graph[index]
        if hull is None or not all(self.analysis.is_constant(o) for o in node.operands):
            return
        low, high = hull
        fact = check_interval(self.parameter, low, high, isinstance(op, ops.Integer))
        if fact is not None and fact.startswith("takes real numbers") and node.span is not None:
            self.reporter.add(
                modules.integer_range_for_real(node.span, self.module.name, self.parameter.name, low, high)
            )
            return
        self._say(node.span, f"{low}..{high}", fact)

    def _kind(self, index: int, kind: str) -> None:
        self._say(self.graph[index].span, f"a {kind}", check_kind(self.parameter, kind))

    def _constant(self, index: int) -> None:
        try:
            value = self.analysis.constant(index)
        except Undefined:
            return
        if value is NOTHING:
            return
        plain = _plain(value)
        if plain is _MODULE:
            self._kind(index, "list")
            return
        self._say(self.graph[index].span, repr(plain), check_value(self.parameter, plain))


_MODULE = object()


def _plain(value: Any) -> Any:
    """A constant as a Python object, ``_MODULE`` where it holds modules."""
    match value:
        case plan.ListPlan(items=items):
            inner = [_plain(v) for v in items]
            return _MODULE if any(v is _MODULE for v in inner) else inner
        case tuple():
            inner = [_plain(v) for v in value]
            return _MODULE if any(v is _MODULE for v in inner) else tuple(inner)
        case plan.DictPlan(items=pairs):
            values = {k: _plain(v) for k, v in pairs}
            return _MODULE if any(v is _MODULE for v in values.values()) else values
        case plan.PlanNode():
            return _MODULE
    return value
