"""Pipelines: what they end in, and that every step before the end transforms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import Diagnostic, Reporter, modules, networks
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.graph import Graph, Node
from hyperdsl.source import Span

if TYPE_CHECKING:
    from hyperdsl.audit import Modules

# Parameters that take models, and where scikit-learn refuses the other of classifier and regressor when fitted.
_MODELS = frozenset({"estimator", "base_estimator", "estimators", "final_estimator", "regressor"})
_NEEDED = {
    ("VotingClassifier", "estimators"): "classifier",
    ("VotingRegressor", "estimators"): "regressor",
    ("StackingRegressor", "estimators"): "regressor",
    ("StackingRegressor", "final_estimator"): "regressor",
    ("StackingClassifier", "final_estimator"): "classifier",
    ("TransformedTargetRegressor", "regressor"): "regressor",
}
_VALUES = frozenset({"bool", "dict", "float", "int", "none", "str", "tuple"})  # types of what is no step
_TENSORS = frozenset({"tensor", "list"})
Role = Literal["inner", "parallel", "columns"]  # where a step stands that is not the last


@frozen(slots=False)
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
    wiring = _Wiring(graph, catalog, reporter, Analysis(graph.nodes))
    wiring.arguments()
    wiring.values()
    if not wiring.is_pipeline(graph.root):
        return Ends(plain=True)
    wiring.end(graph.root)
    ends = Ends(False, tuple(wiring.estimators.values()))
    classifiers = [(m, s) for m, s in ends.estimators if _task(m) == "classification"]
    regressors = [(m, s) for m, s in ends.estimators if _task(m) == "regression"]
    by_task = any(graph[i].op == ops.DataFact("task") for i in graph.reachable)
    if classifiers and regressors and not by_task:
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
    analysis: Analysis
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
            case ops.Subset():
                return "`pick`"
            case ops.Columns():
                return "`columns`"
            case ops.Pass():
                return "`pass`"
            case ops.Drop():
                return "`drop`"
        span = self.graph[index].span
        return f"`{' '.join(span.text.split())[:40]}`" if span is not None else "this"

    def _not_called(self, path: str, span: Span) -> Diagnostic:
        found = self.catalog.find(path)
        is_function = bool(found) and found[0].is_function
        report = modules.function_as_step if is_function else modules.module_not_called
        return report(span, path.rpartition(".")[2])

    def _report(self, diagnostic: Diagnostic) -> None:
        self.reporter.add(diagnostic)

    def end(self, index: int) -> None:
        """A node whose value is a whole pipeline."""
        if not self._is_new(index, "end"):
            return
        node = self.graph[index]
        span = node.span
        match node.op:
            case ops.Named() | ops.Label() | ops.Where():
                self.end(node.operands[0])
            case ops.Choose():
                for operand in node.operands:
                    self.end(operand)
            case ops.Select():
                self.end(node.operands[1])
                self.end(node.operands[2])
            case ops.Seq():
                self._sequence(node.operands)
            case ops.MakeList() if node.operands:
                self._sequence(node.operands)
            case ops.Repeat() | ops.Permute() | ops.Subset():
                self._several(index, node)
            case ops.Call():
                self._final_call(index, node.op)
            case ops.Symbol(path=path) if span is not None:
                self._report(self._not_called(path, span))
            case ops.Nothing() if span is not None:
                self._report(modules.estimator_left_out(span))
            case ops.Par() | ops.Columns() | ops.Pass() | ops.Drop() if span is not None:
                self._report(modules.not_an_estimator(span, self._shown(index)))
                self.inner(index)
            case _ if span is not None:
                self._report(modules.not_a_step(span, self._shown(index)))

    def is_pipeline(self, index: int) -> bool:
        """Whether a value is a module, or a list of them, which is their sequence."""
        types = self.analysis.types(index)
        if types & {"module", "symbol", "nothing"}:
            return True
        if "list" not in types:
            return False
        parts = [o for head in self.analysis.heads(index) for o in self.graph[head].operands]
        return any("module" in self.analysis.types(o) for o in parts)

    def _sequence(self, parts: Sequence[int]) -> None:
        for operand in parts[:-1]:
            self.inner(operand)
        self.end(parts[-1])

    def _several(self, index: int, node: Node) -> None:
        """Parts of which any may be the last, and all but one stand before it or, in ``pick``, beside it."""
        parts = node.operands if isinstance(node.op, ops.Permute) else node.operands[1:]
        count = self.analysis.hull(node.operands[0]) if parts is not node.operands else None
        most = len(parts) if count is None else int(count[1])
        if most > 1 and isinstance(node.op, ops.Subset) and node.op.joined:
            if node.span is not None:
                self._report(modules.not_an_estimator(node.span, self._shown(index)))
            for operand in parts:
                self.inner(operand, "parallel")
            return
        before = parts[: most - 1] if isinstance(node.op, ops.Repeat) else parts if most > 1 else ()
        for operand in before:
            self.inner(operand)
        for operand in parts:
            self.end(operand)

    def arguments(self) -> None:
        """Models that stand as arguments of others: that they are models, of the kind that is needed."""
        for index in sorted(self.graph.reachable):
            op = self.graph[index].op
            if not isinstance(op, ops.Call):
                continue
            module = self._module(op)
            if module is None or module.library != "sklearn" or module.tags.get("delegates", False):
                continue
            for name, operand in zip(op.parameters, self.graph[index].operands, strict=True):
                if name in _MODELS and module.roles & {"classifier", "regressor"}:
                    self._models(operand, module, name)

    def values(self) -> None:
        """Values that are wired like modules, wherever that is: also in plain data and in networks."""
        seen: set[int] = set()
        for index in sorted(self.graph.reachable):
            node = self.graph[index]
            if isinstance(node.op, (ops.Seq, ops.Par, ops.Columns, ops.Apply)):
                steps = node.operands[1:] if isinstance(node.op, ops.Apply) else node.operands
                self._values(steps, seen)

    def _values(self, steps: Sequence[int], seen: set[int]) -> None:
        """Report what is a value or a tensor among steps, or among the items of a list that stands for steps."""
        for head in (head for step in steps for head in self.analysis.heads(step) if head not in seen):
            seen.add(head)
            node, types = self.graph[head], self.analysis.types(head)
            if types == {"list"} and isinstance(node.op, (ops.MakeList, ops.Permute)):
                self._values(node.operands, seen)
            elif types == {"list"} and isinstance(node.op, (ops.Repeat, ops.Subset)):
                self._values(node.operands[1:], seen)
            elif node.span is not None and types and types <= _VALUES:
                self._report(modules.not_a_step(node.span, self._shown(head)))
            elif node.span is not None and "tensor" in types and types <= _TENSORS:
                self._report(networks.tensor_as_layer(node.span, self._shown(head)))

    def _models(self, index: int, module: Module, name: str) -> None:
        node = self.graph[index]
        match node.op:
            case ops.Named() | ops.Label() | ops.Where():
                self._models(node.operands[0], module, name)
            case ops.Choose() | ops.MakeList() | ops.MakeTuple() | ops.Permute():
                for operand in node.operands:
                    self._models(operand, module, name)
            case ops.Select() | ops.Repeat() | ops.Subset():
                for operand in node.operands[1:]:
                    self._models(operand, module, name)
            case ops.Seq():
                for operand in node.operands[:-1]:
                    self.inner(operand)
                self._models(node.operands[-1], module, name)
            case ops.Call():
                self._model(index, node.op, module, name)

    def _model(self, index: int, op: ops.Call, module: Module, name: str) -> None:
        model, span = self._module(op), self.graph[index].span
        if model is None or span is None or not model.roles or model.tags.get("delegates", False):
            return
        needed = _NEEDED.get((module.name, name))
        if not model.roles & {"classifier", "regressor", "clusterer", "outlier"}:
            self._report(modules.model_argument(span, module.name, name, self._shown(index), "a model"))
        elif needed is not None and model.roles & {"classifier", "regressor"} and needed not in model.roles:
            self._report(modules.model_argument(span, module.name, name, self._shown(index), f"a {needed}"))

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
            case ops.Named() | ops.Label() | ops.Where():
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
                self._report(self._not_called(path, span))
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
