"""Plans: the concrete program of one configuration, as plain frozen data.

``evaluate(graph, decide)`` returns one; backends build it or print it; the canonical key is made from it. A value
is a Python ``int``, ``float``, ``bool``, ``str``, ``None`` or ``tuple``, or one of the nodes here. Spans do not
take part in equality.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Union

from hyperdsl.frozen import frozen
from hyperdsl.source import Span

TRAIN = "train"
"""The path of ``train(…)``: the estimator that fits a network."""

Value = Union[int, float, bool, str, None, tuple["Value", ...], "PlanNode"]


@frozen
class PlanNode:
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class ListPlan(PlanNode):
    """A list (a tuple is a Python tuple)."""

    items: tuple[Value, ...]


@frozen
class DictPlan(PlanNode):
    """A dict; keys are constants. Also ``record(...)`` for plain data, with string keys."""

    items: tuple[tuple[int | float | bool | str | None, Value], ...]


@frozen
class Symbol(PlanNode):
    """A function or class named but not called, e.g. ``sklearn.feature_selection.f_classif``."""

    path: str


@frozen
class Call(PlanNode):
    """One module with constant arguments, e.g. ``sklearn.linear_model.Ridge(alpha=1.0)``.

    ``arguments`` are in the order of the class's signature; absent ones are left out. ``label`` is the step name
    that the author wrote (``name: expr``), None where none was.
    """

    path: str
    arguments: tuple[tuple[str, Value], ...]
    label: str | None = None


@frozen
class Seq(PlanNode):
    """``a >> b``: flat, never holds a :class:`Seq` or :class:`Pass` directly, has two or more steps."""

    steps: tuple[PlanNode, ...]
    label: str | None = None


@frozen
class Par(PlanNode):
    """``a & b``: flat, two or more branches over the same input, outputs side by side."""

    branches: tuple[PlanNode, ...]
    label: str | None = None


@frozen
class Pass(PlanNode):
    """The unchanged input."""

    label: str | None = None


@frozen
class Drop(PlanNode):
    """No output."""

    label: str | None = None


@frozen
class Selector:
    """Which columns a route takes.

    ``kind`` is one of

    - ``"kind"``: ``value`` is ``numeric``, ``categorical``, ``text``, ``boolean`` or ``datetime``
    - ``"names"``: ``value`` is a tuple of column names (or integer positions)
    - ``"regex"``: ``value`` is a pattern for the whole name
    - ``"dtype"``: ``value`` is the name of a pandas dtype selector
    - ``"rest"``: every column that no other route takes; ``value`` is None
    """

    kind: str
    value: str | tuple[str | int, ...] | None


@frozen
class RoutePlan:
    """One route: a column goes to the first route that names it, else to the first whose kind it has."""

    selectors: tuple[Selector, ...]
    body: PlanNode
    label: str
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class ColumnsPlan(PlanNode):
    """``columns { … }``."""

    routes: tuple[RoutePlan, ...]
    label: str | None = None


@frozen
class Tensor(PlanNode):
    """A tensor while a program is evaluated: the layer of this number gives it. Finished plans have none."""

    number: int


@frozen
class Tied(PlanNode):
    """A module that has the same weights wherever it is applied; equal identities are one. Not in finished plans."""

    module: PlanNode
    identity: int
    label: str | None = None


@frozen
class Layer:
    """One application of a layer, or an input.

    Parameters
    ----------
    module : PlanNode or InputPlan
        What is applied.
    inputs : tuple of int
        The layers that give its inputs, in order; by number.
    label : str or None
        The name that the author wrote.
    tied : int or None
        The earlier layer whose weights this one has.
    """

    module: PlanNode
    inputs: tuple[int, ...] = ()
    label: str | None = None
    tied: int | None = None


@frozen
class InputPlan(PlanNode):
    """An input of a network: the lengths of its axes without the batch, None where the data says them."""

    shape: tuple[Value, ...] | None
    dtype: str | None = None


@frozen
class Network(PlanNode):
    """Layers wired to a DAG; each stands after those that it takes from."""

    layers: tuple[Layer, ...]
    outputs: tuple[int, ...]
    label: str | None = None


def children(value: Value) -> Iterator[Value]:
    """The direct parts of a value, in written order."""
    match value:
        case ListPlan(items=items):
            yield from items
        case tuple():
            yield from value
        case DictPlan(items=pairs):
            yield from (v for _, v in pairs)
        case Call(arguments=arguments):
            yield from (v for _, v in arguments)
        case Seq(steps=parts) | Par(branches=parts):
            yield from parts
        case ColumnsPlan(routes=routes):
            yield from (r.body for r in routes)
        case Network(layers=layers):
            yield from (layer.module for layer in layers)
        case InputPlan(shape=shape):
            yield from shape or ()


def outline(value: Value) -> str:
    """A plan as text, a part a line, what is inside it further to the right."""
    return "\n".join(_lines("", value)) + "\n"


def _lines(name: str, value: Value) -> Iterator[str]:
    head, parts = _parts(value)
    yield f"{name}{head}"
    for inner, part in parts:
        yield from (f"  {line}" for line in _lines(inner, part))


def _parts(value: Value) -> tuple[str, list[tuple[str, Value]]]:
    """What stands in a value's own line, and what below it, under which name."""
    label = getattr(value, "label", None)
    name = f"{label}: " if label else ""
    match value:
        case Call(path=path, arguments=arguments):
            plain = [f"{k} = {_written(v)}" for k, v in arguments if not _has_parts(v)]
            return f"{name}{path}({', '.join(plain)})", [(f"{k} = ", v) for k, v in arguments if _has_parts(v)]
        case Seq(steps=parts):
            return f"{name}>>", [("", p) for p in parts]
        case Par(branches=parts):
            return f"{name}&", [("", p) for p in parts]
        case ColumnsPlan(routes=routes):
            return f"{name}columns", [(f"{r.label} => ", r.body) for r in routes]
        case Network(layers=layers, outputs=outputs):
            lines: list[tuple[str, Value]] = [(_layer_head(n, layer), layer.module) for n, layer in enumerate(layers)]
            return f"{name}network -> {', '.join(f'%{o}' for o in outputs)}", lines
        case DictPlan(items=pairs):
            return "record", [(f"{key} = ", v) for key, v in pairs]
        case ListPlan(items=items) if _has_parts(value):
            return "list", [("", v) for v in items]
    return f"{name}{_written(value)}", []


def _layer_head(number: int, layer: Layer) -> str:
    label = "" if layer.label is None else f"{layer.label}: "
    inputs = f"({', '.join(f'%{i}' for i in layer.inputs)}) >> " if layer.inputs else ""
    tied = "" if layer.tied is None else f"weights of %{layer.tied} "
    return f"%{number} = {label}{inputs}{tied}"


def _has_parts(value: Value) -> bool:
    if isinstance(value, ListPlan):
        return any(map(_has_parts, value.items))
    return isinstance(value, PlanNode) and not isinstance(value, Symbol)


def _written(value: Value) -> str:
    match value:
        case Pass():
            return "pass"
        case Drop():
            return "drop"
        case InputPlan(shape=shape, dtype=dtype):
            parts = [*map(_written, shape or ()), *([] if dtype is None else [f"dtype = {dtype!r}"])]
            return f"input({', '.join(parts)})"
        case Symbol(path=path):
            return path
        case ListPlan(items=items):
            return f"[{', '.join(map(_written, items))}]"
        case tuple():
            return f"({', '.join(map(_written, value))}{',' if len(value) == 1 else ''})"
    return repr(value)
