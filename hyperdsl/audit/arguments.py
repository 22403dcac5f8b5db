"""Every argument of every module, in every branch, against the parameter's declared constraints."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hyperdsl.audit.hints import kind_of, meant_constant, meant_range, source_of
from hyperdsl.catalog.model import Items, Module, Parameter
from hyperdsl.catalog.values import check_interval, check_kind, check_module, check_value, describe, text_options
from hyperdsl.diagnostics import Reporter, modules
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops, plan
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.lowering.labels import shorten
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
                _Argument(graph, analysis, reporter, catalog, found[0], parameter, node.span).check(operand)


@frozen(slots=False)
class _Argument:
    """One parameter of one call; ``check`` follows its value through choices."""

    graph: Graph
    analysis: Analysis
    reporter: Reporter
    catalog: Modules
    module: Module
    parameter: Parameter
    call: Span | None

    def check(self, index: int) -> None:
        node = self.graph[index]
        match node.op:
            case ops.Named() | ops.Label() | ops.Where():
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
            case ops.Normal(log=log):
                self._normal(index, log)
            case ops.Symbol(path=path):
                self._symbol(index, path)
            case ops.Call(path=path) if found := self.catalog.find(path):
                self._module(index, found[0])
            case ops.Call() | ops.Seq() | ops.Par() | ops.Columns() | ops.Pass() | ops.Drop():
                self._kind(index, "module")
            case _ if self.analysis.is_constant(index):
                self._constant(index)
            case ops.MakeList() if len(node.operands) == 1 and (only := self.graph[node.operands[0]].span) is not None:
                self._kind(index, "list", only.text)
            case ops.MakeList() | ops.Repeat() | ops.Permute() | ops.Subset():
                self._kind(index, "list")
                self._items(index)
            case ops.MakeTuple():
                self._kind(index, "tuple")
                self._items(index)
            case ops.MakeDict():
                self._kind(index, "dict")

    def _say(self, span: Span | None, shown: str, fact: str, instead: str = "") -> None:
        if span is None:
            return
        use = self.call
        if use is None or (use.source is span.source and use.start <= span.start and span.end <= use.end):
            use = None
        takes = describe(self.parameter)
        self.reporter.add(
            modules.bad_value(span, self.module.name, self.parameter.name, shown, fact, takes, instead, use)
        )

    def _range(self, index: int, op: ops.Integer | ops.Real) -> None:
        node = self.graph[index]
        ends = [self.analysis.hull(o) for o in node.operands if self.analysis.is_constant(o)]
        known = [end[0] for end in ends if end is not None]
        if not known:
            return
        low, high = known[0], known[-1]
        is_int = isinstance(op, ops.Integer)
        fact = check_interval(self.parameter, low, high, is_int)
        if fact is None or node.span is None:
            return
        if is_int and check_interval(self.parameter, float(low), float(high), False) is None:
            if len(known) > 1:
                names = self.module.name, self.parameter.name
                self.reporter.add(modules.integer_range_for_real(node.span, *names, low, high))
            return
        instead = "" if is_int else meant_range(self.parameter, low, high)
        shown = f"{low}..{high}" if len(known) > 1 else str(low)
        self._say(node.span, shown, "not only whole numbers" if instead else fact, instead)

    def _normal(self, index: int, log: bool) -> None:
        low = sys.float_info.min if log else -sys.float_info.max
        span = self.graph[index].span
        if check_interval(self.parameter, low, sys.float_info.max, False) is not None and span is not None:
            self._say(span, shorten(span.text), "any number above 0" if log else "any number")

    def _kind(self, index: int, kind: str, instead: str = "") -> None:
        if check_kind(self.parameter, kind) is not None:
            fact = "not called" if kind == "callable" else _WORDS[kind]
            self._say(self.graph[index].span, _WORDS[kind], fact, instead)

    def _items(self, index: int) -> None:
        """The items of a list or tuple that is not constant, where one constraint says what they may be."""
        own = [c for c in self.parameter.constraints if isinstance(c, Items)]
        others = [c for c in self.parameter.constraints if c not in own]
        node = self.graph[index]
        kind = "tuple" if isinstance(node.op, ops.MakeTuple) else "list"
        if not own or (others and check_kind(replace(self.parameter, constraints=tuple(others)), kind) is None):
            return
        operands = node.operands[1:] if isinstance(node.op, ops.Repeat | ops.Subset) else node.operands
        fitting = [c for c in own if kind == "list" or c.length in (None, len(operands))]
        if not fitting:
            self._say(node.span, f"a tuple of {len(operands)}", f"{len(operands)} items")
        elif len(fitting) == 1:
            item = replace(self, parameter=replace(self.parameter, constraints=fitting[0].each))
            for operand in operands:
                item.check(operand)

    def _module(self, index: int, module: Module) -> None:
        """A module that is called, or a function that is named."""
        if (fact := check_module(self.parameter, module)) is not None:
            self._say(self.graph[index].span, fact, fact)

    def _symbol(self, index: int, path: str) -> None:
        """A class or function that is named and not called."""
        found = self.catalog.find(path)
        if found and found[0].is_function:
            self._module(index, found[0])
            return
        name = path.rpartition(".")[2]
        self._kind(index, "callable", f"{name}()" if check_kind(self.parameter, "module") is None else "")

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
        fact = check_value(self.parameter, plain)
        if fact is None:
            return
        instead = meant_constant(self.parameter, plain, self.catalog)
        if isinstance(plain, str) and text_options(self.parameter):
            fact = "not one of its options"
        elif instead or fact == f"must be {describe(self.parameter)}":
            fact = kind_of(plain)
        self._say(self.graph[index].span, shorten(source_of(plain)), fact, instead)


_MODULE = object()
_WORDS = {
    "callable": "a class or function that is not called",
    "module": "a module",
    "list": "a list",
    "tuple": "a tuple",
    "dict": "a dict",
}


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
