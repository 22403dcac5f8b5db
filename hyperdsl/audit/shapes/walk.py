"""Follows tensors through a graph: the shape of each is a diagram over the decisions that change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hyperdsl.audit.diagrams import MOST_CODES, SKIPPED, UNKNOWN, Diagrams, Sign, TooLarge
from hyperdsl.audit.lengths import Length
from hyperdsl.audit.shapes.layers import RULES
from hyperdsl.audit.shapes.rules import SOME, LayerRule, Misfit, Several, Shape, Wrapped, number, shown
from hyperdsl.audit.witness import Failures
from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import Reporter, networks
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops, plan
from hyperdsl.ir.facts import is_network
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.meaning import NOTHING
from hyperdsl.source import Span
from hyperdsl.space.expressions import Expression, logic
from hyperdsl.space.skeleton import Skeleton

if TYPE_CHECKING:
    from hyperdsl.audit import Modules


@frozen
class Tensor(plan.PlanNode):
    """A tensor of this shape; None where even the number of its axes is not known. ``zero``: it is known to be zero."""

    shape: Shape | None
    zero: bool = False


def audit_shapes(failures: Failures, catalog: Modules, reporter: Reporter) -> None:
    """Report layers that get what they cannot take."""
    graph = failures.graph
    shapes = Shapes(graph, catalog)
    values = Values(failures.skeleton, shapes)
    for index in sorted(graph.reachable):
        try:
            if isinstance(graph[index].op, ops.Apply):
                values.value(index)
            elif is_network(graph[index].op):
                values.trained(index)
        except TooLarge:  # what was seen before stands
            values = Values(failures.skeleton, shapes, exact=False)
    for (span, name), (shape, where) in shapes.doubtful.items():
        if span is not None and (found := failures.of(where)) is not None:
            reporter.add(networks.not_flattened(span, name, found.where, shape))
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
    """What is found in the layers of one graph."""

    def __init__(self, graph: Graph, catalog: Modules) -> None:
        self.graph = graph
        self.catalog = catalog
        self.misfits: dict[tuple[Span | None, str], dict[Misfit, dict[int, Expression]]] = {}
        self.doubtful: dict[tuple[Span | None, str], tuple[str, dict[int, Expression]]] = {}

    def module(self, path: str) -> Module | None:
        return next(iter(self.catalog.find(path)), None)

    def doubt(self, at: int, layer: int, name: str, shape: str, where: Expression) -> None:
        """A layer that most likely is to get something else."""
        key = self.graph[layer].span, name
        first, before = self.doubtful.get(key, (shape, {}))
        self.doubtful[key] = first, _joined([before, {at: where}])

    def report(self, at: int, layer: int, name: str, misfit: Misfit, where: Expression) -> None:
        """A layer that does not fit; ``at`` is the node whose being part of a program brings it about."""
        reasons = self.misfits.setdefault((self.graph[layer].span, name), {})
        reasons[misfit] = _joined([reasons.get(misfit, {}), {at: where}])


class Values(Diagrams):
    """Diagrams of values and shapes; ``exact`` off, all are unknown: what was seen before stands."""

    def __init__(self, skeleton: Skeleton, shapes: Shapes, few: int = MOST_CODES, exact: bool = True) -> None:
        super().__init__(skeleton, few)
        self.shapes = shapes
        self.exact = exact

    def trained(self, index: int) -> None:
        """Look at the layers of ``train`` that no tensor is written for: their input is the data's."""
        op = self.graph[index].op
        assert isinstance(op, ops.Call)
        operand = dict(zip(op.parameters, self.graph[index].operands, strict=True)).get("network")
        if operand is not None and not self.skeleton.analysis.is_tensors(operand):
            self.applied(operand, self.leaf(Tensor(None)), index)

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
            case ops.Call(path=path) if path.startswith("keras.layers."):
                return self._wrapped(index, path)
        return self.unknown

    def _wrapped(self, index: int, path: str) -> int:
        """A layer as the argument of another one."""
        name, module = path.rpartition(".")[2], self.shapes.module(path)
        if module is None:
            return self.unknown
        names = list(module.parameters)
        return self.apply(
            lambda *values: Wrapped(name, tuple(zip(names, values, strict=True))), *self.arguments(index, module, names)
        )

    def arguments(self, index: int, module: Module, names: Sequence[str]) -> list[int]:
        """The arguments of these names of a call, defaults included."""
        op, operands = self.graph[index].op, self.graph[index].operands
        assert isinstance(op, ops.Call)
        given = dict(zip(op.parameters, operands, strict=True))
        found = []
        for name in names:
            default = module.parameters[name].default
            if name not in given:
                found.append(self.leaf(default))
                continue
            found.append(self.apply(lambda v, d=default: _plain(d if v is NOTHING else v), self.value(given[name])))
        return found

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
        count = self.apply(lambda c: UNKNOWN if isinstance(c, Length) else c, self.value(operands[0]))
        results = [self._only(source, count, 0)]
        for place, body in enumerate(operands[1:], start=1):
            going_on = self.apply(lambda s, c, n=place: s if c is UNKNOWN or c >= n else SKIPPED, source, count)
            source = self.applied(body, going_on, at)
            results.append(self._only(source, count, place))
        return self.apply(_merged, *results)

    # --- layers

    def _layer(self, index: int, path: str, source: int, at: int) -> int:
        name = path.rpartition(".")[2]
        rule = RULES.get(name)
        module = self.shapes.module(path)
        if rule is None or module is None:
            made = self.apply(lambda s: s if s is SKIPPED else Tensor(None), source)
        else:
            reads = [p for p in rule.reads if p in module.parameters]
            made = self.apply(
                lambda s, *values: made_by(rule, s, dict(zip(reads, values, strict=True))),
                source,
                *self.arguments(index, module, reads),
            )
        self.note(index, name, source, made, at)
        return self.apply(self.after, made)

    def note(self, index: int, name: str, source: int, made: int, at: int) -> None:
        """Report a layer where it does not fit."""
        for misfit in self.leaves(made):
            if isinstance(misfit, Misfit):
                where = self.expression(self.apply(lambda v, m=misfit: v == m, made))
                self.shapes.report(at, index, name, misfit, where)
        if name == "Dense":
            for image in self.leaves(source):
                if isinstance(image, Tensor) and image.shape is not None and len(image.shape) > 2:
                    where = self.expression(self.apply(lambda s, i=image: s == i, source))
                    self.shapes.doubt(at, index, name, shown(image.shape), where)

    def after(self, made: Any) -> Any:
        """What flows on behind a layer: nothing is known where it does not fit."""
        return Tensor(None) if isinstance(made, Misfit) else made


def _plain(value: Any) -> Any:
    """A list of Python where it stands for one."""
    return value.items if isinstance(value, plan.ListPlan) else value


def made_by(rule: LayerRule, source: Any, arguments: dict[str, Any]) -> Any:
    """The tensor that a layer gives, or why there is none."""
    if source is SKIPPED:
        return source
    if isinstance(source, Some):
        return _made_of_some(rule, source.shape, arguments)
    if isinstance(source, Sign):
        return Tensor(None)
    items: Sequence[Any] = source.items if isinstance(source, plan.ListPlan) else (source,)
    if any(not isinstance(t, Tensor) for t in items):
        return Tensor(None)
    shapes: list[Shape | None] = [t.shape for t in items]
    if rule.several:
        if not isinstance(source, plan.ListPlan) and not rule.alone:
            return Misfit("it gets one tensor and merges several", "write a list before it: [x, y] >> Add()")
        known = [s for s in shapes if s is not None]
        return _tensor(rule.apply(known, arguments) if len(known) == len(shapes) and known else None)
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
    return _tensor(rule.apply(shape, arguments))


def _tensor(made: Any) -> Any:
    """What a layer gives, by its shape."""
    if isinstance(made, Several):
        return plan.ListPlan(tuple(Tensor(shape) for shape in made.shapes))
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
    if not isinstance(one, tuple) or not isinstance(two, tuple) or len(one) != len(two):
        return Tensor(None)
    return Tensor(tuple(a if a == b else SOME for a, b in zip(one, two, strict=True)))


def _rank_remedy(found: int, wanted: int) -> str:
    if found < wanted:
        return "Reshape gives a tensor more axes"
    return "Flatten() or a global pooling gives a tensor fewer axes" if wanted == 1 else "use the layer for these axes"


def _input(*lengths: Any) -> Any:
    return Tensor(tuple(None if n is None else number(n) for n in lengths))


def _list(ways: Sequence[Any]) -> Any:
    if any(w is SKIPPED for w in ways):
        return SKIPPED
    return plan.ListPlan(tuple(t for w in ways for t in (w.items if isinstance(w, plan.ListPlan) else (w,))))


def _loose(tensors: Any) -> Any:
    """Some of the tensors: what is known of all of them."""
    if not isinstance(tensors, plan.ListPlan):
        return tensors if isinstance(tensors, Sign) else UNKNOWN
    shapes = {t.shape if isinstance(t, Tensor) else None for t in tensors.items}
    return Some(shapes.pop()) if len(shapes) == 1 else UNKNOWN


@frozen
class Some:
    """Some tensors, it is not known how many, of one shape."""

    shape: Shape | None


def _merged(*ways: Any) -> Any:
    """The one way that is taken."""
    taken = [w for w in ways if w is not SKIPPED]
    if not taken:
        return SKIPPED
    return taken[0] if all(w == taken[0] for w in taken) else UNKNOWN
