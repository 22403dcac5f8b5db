"""Pipelines: what they end in, and that every step before the end transforms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import Diagnostic, Reporter, modules
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.graph import Graph
from hyperdsl.source import Span

if TYPE_CHECKING:
    from hyperdsl.audit import Modules

Role = Literal["inner", "parallel", "columns"]  # where a step stands that is not the last


@dataclass(frozen=True)
class Ends:
    """What the pipelines of a space can end in.

    Attributes
    ----------
    plain : bool
        The space builds plain values, no pipelines.
    estimators : tuple of (Module, Span)
        Each once, in the order of the program.
    """

    plain: bool
    estimators: tuple[tuple[Module, Span | None], ...] = ()

    @property
    def task(self) -> str | None:
        """``classification`` or ``regression`` where all ends agree, else None."""
        tasks = {t for module, _ in self.estimators if (t := _task(module)) is not None}
        return tasks.pop() if len(tasks) == 1 else None


def _task(module: Module) -> str | None:
    if "classifier" in module.roles and "regressor" not in module.roles:
        return "classification"
    if "regressor" in module.roles and "classifier" not in module.roles:
        return "regression"
    return None


def audit_wiring(graph: Graph, catalog: Modules, reporter: Reporter) -> Ends:
    """Report pipelines that do not end in an estimator and steps that do not transform."""
    types = Analysis(graph.nodes).types(graph.root)
    if "module" not in types and "symbol" not in types and "nothing" not in types:
        return Ends(plain=True)
    wiring = _Wiring(graph, catalog, reporter)
    wiring.end(graph.root)
    ends = Ends(False, tuple(wiring.estimators.values()))
    classifiers = [(m, s) for m, s in ends.estimators if _task(m) == "classification"]
    regressors = [(m, s) for m, s in ends.estimators if _task(m) == "regression"]
    if classifiers and regressors:
        (first, span), (second, other) = classifiers[0], regressors[0]
        if span is not None and other is not None:
            reporter.add(modules.mixed_tasks(span, first.name, second.name, other))
    return ends


def audit_task(ends: Ends, task: str) -> list[Diagnostic]:
    """Estimators that cannot do a task, which is ``classification`` or ``regression``."""
    found = []
    for module, span in ends.estimators:
        own = _task(module)
        if own is not None and own != task and span is not None:
            is_a = "classifier" if own == "classification" else "regressor"
            found.append(modules.wrong_task(span, f"`{module.name}`", is_a, task))
    return found


@dataclass
class _Wiring:
    graph: Graph
    catalog: Modules
    reporter: Reporter
    estimators: dict[str, tuple[Module, Span | None]] = field(default_factory=dict)
    _seen: set[tuple[int, str]] = field(default_factory=set)

    def _module(self, op: ops.Call) -> Module | None:
        found = self.catalog.find(op.path)
        return found[0] if found else None

    def _is_new(self, index: int, role: str) -> bool:
        if (index, role) in self._seen:
            return False
        self._seen.add((index, role))
        return True

    def _shown(self, index: int) -> str:
        op = self.graph[index].op
        match op:
            case ops.Call(path=path):
                return f"`{path.rpartition('.')[2]}`"
            case ops.Par():
                return "`&`"
            case ops.Columns():
                return "`columns`"
            case ops.Pass():
                return "`pass`"
            case ops.Drop():
                return "`drop`"
        span = self.graph[index].span
        return f"`{' '.join(span.text.split())[:40]}`" if span is not None else "this"

    def _report(self, diagnostic: Diagnostic) -> None:
        self.reporter.add(diagnostic)

    def end(self, index: int) -> None:
        """A node whose value is a whole pipeline."""
        if not self._is_new(index, "end"):
            return
        node = self.graph[index]
        span = node.span
        match node.op:
            case ops.Named() | ops.Label():
                self.end(node.operands[0])
            case ops.Choose():
                for operand in node.operands:
                    self.end(operand)
            case ops.Select():
                self.end(node.operands[1])
                self.end(node.operands[2])
            case ops.Seq():
                for operand in node.operands[:-1]:
                    self.inner(operand)
                self.end(node.operands[-1])
            case ops.Repeat() | ops.Permute() | ops.Subset() | ops.MakeList():
                for operand in node.operands:
                    if self._is_module_like(operand):
                        self.end(operand)
            case ops.Call():
                self._final_call(index, node.op)
            case ops.Symbol(path=path) if span is not None:
                self._report(modules.module_not_called(span, path.rpartition(".")[2]))
            case ops.Nothing() if span is not None:
                self._report(modules.estimator_left_out(span))
            case ops.Par() | ops.Columns() | ops.Pass() | ops.Drop() if span is not None:
                self._report(modules.not_an_estimator(span, self._shown(index)))
                self.inner(index)
            case _ if span is not None:
                self._report(modules.not_a_step(span, self._shown(index)))

    def _is_module_like(self, index: int) -> bool:
        return "module" in Analysis(self.graph.nodes).types(index)

    def _final_call(self, index: int, op: ops.Call) -> None:
        module = self._module(op)
        if module is None:
            return
        span = self.graph[index].span
        unknown = module.library == "user" and not module.roles
        if module.is_estimator or module.tags.get("delegates", False) or unknown:
            self.estimators.setdefault(module.path, (module, span))
        elif span is not None:
            self._report(modules.not_an_estimator(span, self._shown(index)))

    def inner(self, index: int, role: Role = "inner") -> None:
        """A node whose value is a step before the last one, a branch or a route."""
        if not self._is_new(index, role):
            return
        node = self.graph[index]
        span = node.span
        match node.op:
            case ops.Named() | ops.Label():
                self.inner(node.operands[0], role)
            case ops.Choose() | ops.Seq():
                for operand in node.operands:
                    self.inner(operand, role)
            case ops.Select():
                self.inner(node.operands[1], role)
                self.inner(node.operands[2], role)
            case ops.Par() | ops.Columns():
                for operand in node.operands:
                    self.inner(operand, "parallel" if isinstance(node.op, ops.Par) else "columns")
            case ops.Repeat() | ops.Subset():
                for operand in node.operands[1:]:
                    self.inner(operand, role)
            case ops.Permute() | ops.MakeList():
                for operand in node.operands:
                    self.inner(operand, role)
            case ops.Call():
                self._inner_call(index, node.op, role)
            case ops.Symbol(path=path) if span is not None:
                self._report(modules.module_not_called(span, path.rpartition(".")[2]))
            case ops.Pass() | ops.Drop() | ops.Nothing():
                return
            case ops.Index() | ops.Slice() | ops.Arithmetic() | ops.Argument():
                return  # items of lists are followed where they are made
            case _ if span is not None:
                self._report(modules.not_a_step(span, self._shown(index)))

    def _inner_call(self, index: int, op: ops.Call, role: Role) -> None:
        module = self._module(op)
        span = self.graph[index].span
        if module is None or span is None or not module.roles or "transformer" in module.roles:
            return
        shown = self._shown(index)
        report = {
            "inner": modules.not_a_transformer,
            "parallel": modules.estimator_in_parallel,
            "columns": modules.estimator_in_columns,
        }
        self._report(report[role](span, shown))
