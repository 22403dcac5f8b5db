"""Follows tensors through a graph: the shape of each is a diagram over the decisions that change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hyperdsl.audit.diagrams import SKIPPED, UNKNOWN, Diagrams, Sign, TooLarge
from hyperdsl.audit.shapes.layers import RULES, LayerRule, Misfit, Shape, shown
from hyperdsl.audit.witness import Failures
from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import Reporter, networks
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops, plan
from hyperdsl.ir.facts import is_network
from hyperdsl.ir.meaning import NOTHING
from hyperdsl.source import Span
from hyperdsl.space.expressions import Expression, logic

if TYPE_CHECKING:
    from hyperdsl.audit import Modules


@frozen
class Tensor:
    """A tensor of this shape; None where even the number of its axes is not known."""

    shape: Shape | None


def audit_shapes(failures: Failures, catalog: Modules, reporter: Reporter) -> None:
    """Report layers that get what they cannot take."""
    graph = failures.graph
    shapes = Shapes(failures, catalog)
    for index in sorted(graph.reachable):
        if isinstance(graph[index].op, ops.Apply):
            shapes.tensors(index)
        elif is_network(graph[index].op):
            shapes.network(index)
    for (span, name), reasons in shapes.misfits.items():
        whole = failures.of(_joined(reasons.values()))
        if whole is None or span is None:
            continue
        for misfit, failing in reasons.items():
            if (shown := failures.of(failing)) is not None:
                reporter.add(networks.misfit(span, name, whole.where, misfit.says, shown.shown, misfit.remedy))
                break


def _joined(parts: Iterable[Mapping[int, Expression]]) -> dict[int, Expression]:
    """Where any of several things fails."""
    found: dict[int, Expression] = {}
    for part in parts:
        for node, where in part.items():
            found[node] = logic("or", [found[node], where]) if node in found else where
    return found


class Shapes:
    """The shapes of one graph."""

    def __init__(self, failures: Failures, catalog: Modules) -> None:
        self.graph = failures.graph
        self.catalog = catalog
        self.misfits: dict[tuple[Span | None, str], dict[Misfit, dict[int, Expression]]] = {}
        self.diagrams = _Values(failures.skeleton, self)

    def tensors(self, index: int) -> None:
        """Look at what one application makes."""
        try:
            self.diagrams.value(index)
        except TooLarge:
            self.diagrams = _Values(self.diagrams.skeleton, self, exact=False)

    def network(self, index: int) -> None:
        """Look at the layers of ``train`` that no tensor is written for: their input is the data's."""
        op = self.graph[index].op
        assert isinstance(op, ops.Call)
        operand = dict(zip(op.parameters, self.graph[index].operands, strict=True)).get("network")
        if operand is not None:
            source = self.diagrams.leaf(Tensor(None))
            try:
                self.diagrams.applied(operand, source, index)
            except TooLarge:
                self.diagrams = _Values(self.diagrams.skeleton, self, exact=False)

    def module(self, path: str) -> Module | None:
        return next(iter(self.catalog.find(path)), None)

    def report(self, at: int, layer: int, name: str, misfit: Misfit, where: Expression) -> None:
        """A layer that does not fit; ``at`` is the node whose being part of a program brings it about."""
        reasons = self.misfits.setdefault((self.graph[layer].span, name), {})
        reasons[misfit] = _joined([reasons.get(misfit, {}), {at: where}])


class _Values(Diagrams):
    """Diagrams of values and shapes; ``exact`` off, all are unknown: what was seen before stands."""

    def __init__(self, skeleton: Any, shapes: Shapes, exact: bool = True) -> None:
        super().__init__(skeleton)
        self.shapes = shapes
        self.exact = exact

    def other(self, index: int) -> int:
        op, operands = self.graph[index].op, self.graph[index].operands
        match op:
            case _ if not self.exact:
                return self.unknown
            case ops.Input():
                if not operands:
                    return self.leaf(Tensor(None))
                return self.apply(_input, *(self.value(o) for o in operands))
            case ops.Apply():
                return self.applied(operands[1], self.value(operands[0]), index)
            case ops.Loose():
                return self.apply(_loose, self.value(operands[0]))
        return self.unknown

    # --- applying

    def applied(self, index: int, source: int, at: int) -> int:
        """What a module makes of tensors; ``skipped`` where it is not applied."""
        if source == self.skipped:
            return source
        op, operands = self.graph[index].op, self.graph[index].operands
        match op:
            case ops.Named() | ops.Label() | ops.Where() | ops.Tied():
                return self.applied(operands[0], source, at)
            case ops.Pass() | ops.Nothing():
                return source
            case ops.Seq() | ops.MakeList():
                for operand in operands:
                    source = self.applied(operand, source, at)
                return source
            case ops.Par():
                parts = [self.applied(o, source, at) for o in operands]
                return self.apply(lambda *ways: _list(ways), *parts)
            case ops.Choose():
                chosen = self._decided(index, lambda code: code)
                return self._one_of([(o, self._only(source, chosen, n)) for n, o in enumerate(operands)], at)
            case ops.Select():
                test = self.apply(lambda t: t if isinstance(t, Sign) else bool(t), self.value(operands[0]))
                return self._one_of(
                    [(o, self._only(source, test, w)) for o, w in zip(operands[1:], (True, False), strict=True)], at
                )
            case ops.Repeat():
                return self._repeated(operands, source, at)
            case ops.Call(path=path):
                return self._layer(index, path, source, at)
        return self.apply(lambda s: s if s is SKIPPED else UNKNOWN, source)

    def _only(self, source: int, chosen: int, way: Any) -> int:
        """The source where something is decided so, skipped elsewhere; unknown where it is not known what is."""
        return self.apply(lambda s, c: s if c is UNKNOWN or c == way else SKIPPED, source, chosen)

    def _one_of(self, ways: Sequence[tuple[int, int]], at: int) -> int:
        return self.apply(_merged, *[self.applied(module, source, at) for module, source in ways])

    def _repeated(self, operands: Sequence[int], source: int, at: int) -> int:
        count = self.value(operands[0])
        results = [self._only(source, count, 0)]
        for number, body in enumerate(operands[1:], start=1):
            going_on = self.apply(lambda s, c, n=number: s if c is UNKNOWN or c >= n else SKIPPED, source, count)
            source = self.applied(body, going_on, at)
            results.append(self._only(source, count, number))
        return self.apply(_merged, *results)

    # --- layers

    def _layer(self, index: int, path: str, source: int, at: int) -> int:
        name = path.rpartition(".")[2]
        rule = RULES.get(name)
        module = self.shapes.module(path)
        if rule is None or module is None:
            return self.apply(lambda s: s if s is SKIPPED else Tensor(None), source)
        op, operands = self.graph[index].op, self.graph[index].operands
        assert isinstance(op, ops.Call)
        given = dict(zip(op.parameters, operands, strict=True))
        reads = [p for p in rule.reads if p in given or p in module.parameters]
        values = [self.value(given[p]) if p in given else self.leaf(module.parameters[p].default) for p in reads]
        defaults = {p: module.parameters[p].default for p in reads if p in module.parameters}

        def made_of(source: Any, *arguments: Any) -> Any:
            pairs = zip(reads, arguments, strict=True)
            return _made(rule, source, {p: defaults.get(p) if a is NOTHING else a for p, a in pairs})

        made = self.apply(made_of, source, *values)
        for misfit in self.leaves(made):
            if isinstance(misfit, Misfit):
                where = self.expression(self.apply(lambda v, m=misfit: v == m, made))
                self.shapes.report(at, index, name, misfit, where)
        return self.apply(lambda v: Tensor(None) if isinstance(v, Misfit) else v, made)


def _made(rule: LayerRule, source: Any, arguments: dict[str, Any]) -> Any:
    """The tensor that a layer gives, or why there is none."""
    if source is SKIPPED:
        return source
    if isinstance(source, _Some):
        return _made_of_some(rule, source.shape, arguments)
    if isinstance(source, Sign):
        return Tensor(None)
    items: Sequence[Any] = source.items if isinstance(source, plan.ListPlan) else (source,)
    if any(not isinstance(t, Tensor) for t in items):
        return Tensor(None)
    shapes: list[Shape | None] = [t.shape for t in items]
    if rule.several:
        if not isinstance(source, plan.ListPlan):
            return Misfit("it gets one tensor and merges several", "write a list before it: [x, y] >> Add()")
        known = [s for s in shapes if s is not None]
        made = rule.apply(known, arguments) if len(known) == len(shapes) and known else None
        return made if isinstance(made, Misfit) else Tensor(made)
    if len(shapes) > 1:
        return Misfit(
            f"it gets {len(shapes)} tensors and takes one", "merge them first, with Concatenate() or Add() for instance"
        )
    shape = shapes[0] if shapes else None
    if shape is None:
        return Tensor(None)
    if rule.rank is not None and len(shape) != rule.rank:
        axes = f"{rule.rank} {'axis' if rule.rank == 1 else 'axes'}"
        return Misfit(f"it takes {axes} beside the batch and gets {shown(shape)}", _rank_remedy(len(shape), rule.rank))
    made = rule.apply(shape, arguments)
    return made if isinstance(made, Misfit) else Tensor(made)


def _made_of_some(rule: LayerRule, shape: Shape | None, arguments: dict[str, Any]) -> Any:
    """What a merge makes of some equal tensors."""
    if not rule.several:
        return Misfit("it gets a list of tensors and takes one", "merge them first, for instance with Concatenate()")
    if shape is None:
        return Tensor(None)
    one, two = (rule.apply([shape] * n, arguments) for n in (1, 2))
    if isinstance(two, Misfit) or isinstance(one, Misfit):
        return two
    return Tensor(tuple(a if a == b else None for a, b in zip(one, two, strict=True)))


def _rank_remedy(found: int, wanted: int) -> str:
    if found < wanted:
        return "Reshape gives a tensor more axes"
    return "Flatten() or a global pooling gives a tensor fewer axes" if wanted == 1 else "use the layer for these axes"


def _input(*lengths: Any) -> Any:
    return Tensor(tuple(n if type(n) is int else None for n in lengths))


def _list(ways: Sequence[Any]) -> Any:
    if any(w is SKIPPED for w in ways):
        return SKIPPED
    return plan.ListPlan(tuple(t for w in ways for t in (w.items if isinstance(w, plan.ListPlan) else (w,))))


def _loose(tensors: Any) -> Any:
    """Some of the tensors: what is known of all of them."""
    if not isinstance(tensors, plan.ListPlan):
        return tensors if isinstance(tensors, Sign) else UNKNOWN
    shapes = {t.shape if isinstance(t, Tensor) else None for t in tensors.items}
    return _Some(shapes.pop()) if len(shapes) == 1 else UNKNOWN


@frozen
class _Some:
    """Some tensors, it is not known how many, of one shape."""

    shape: Shape | None


def _merged(*ways: Any) -> Any:
    """The one way that is taken."""
    taken = [w for w in ways if w is not SKIPPED]
    if not taken:
        return SKIPPED
    return taken[0] if all(w == taken[0] for w in taken) else UNKNOWN
