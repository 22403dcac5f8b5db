"""Which columns each route of ``columns { … }`` takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hyperdsl.catalog.from_keras import SEQUENCES
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.columns import bad_pattern, needs_schema, unknown_column
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Call, Drop, Par, PlanNode, RoutePlan, Selector, Seq, Value
from hyperdsl.schema import Column, Schema

# What a selector of pandas' ``select_dtypes`` takes, as a pattern for names of dtypes in lower case.
DTYPES = {
    "number": r"u?int\d+|float\d+|complex\d+",
    "integer": r"u?int\d+",
    "int": r"u?int\d+",
    "floating": r"float\d+",
    "float": r"float\d+",
    "datetime": r"datetime64\[\w+\]",
    "datetimetz": r"datetime64\[\w+, .*\]",
    "timedelta": r"timedelta64.*",
    "bool": r"bool|boolean",
    "boolean": r"bool|boolean",
    "object": r"object",
    "string": r"str|string.*",
    "str": r"str|string.*",
    "category": r"category",
}

# The dtypes that stand for a kind where only dtypes are known; `string` is pandas 2's and pandas 3's.
KIND_DTYPES = {
    "numeric": ("number",),
    "categorical": ("object", "category", "string"),
    "boolean": ("bool",),
    "datetime": ("datetime", "datetimetz"),
}


# These take one column as a series of texts; everything else takes a table.
_VECTORIZERS = ("CountVectorizer", "HashingVectorizer", "TfidfVectorizer")
TEXT_MODULES = frozenset({SEQUENCES, *(f"sklearn.feature_extraction.text.{name}" for name in _VECTORIZERS)})


@frozen
class ByName:
    """A list of names or positions."""

    names: tuple[str | int, ...]


@frozen
class OneColumn:
    """A single column, given to a step as a series."""

    name: str | int


@frozen
class BySelector:
    """The arguments of scikit-learn's ``make_column_selector``; empty ones are left out."""

    pattern: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


Selection = ByName | OneColumn | BySelector


@frozen
class Routed:
    """A part of a ``ColumnTransformer``.

    ``selection`` is None for all columns that no other part takes. ``key`` says what is selected, for seeds;
    ``schema`` holds the columns, where they are known.
    """

    label: str
    body: PlanNode
    key: str
    selection: Selection | None
    schema: Schema | None = None


def routes_by_schema(routes: Sequence[RoutePlan], schema: Schema) -> list[Routed]:
    """The parts that take columns of a table; dropped and empty routes are left out.

    Raises
    ------
    HypError
        A route names columns that the data does not have.
    """
    routed = []
    for route, names in zip(routes, columns_of_routes(routes, schema), strict=True):
        if not names or _is_drop(route.body):
            continue
        if _takes_one_column(route.body):
            labels = [route.label] if len(names) == 1 else [f"{route.label}_{name}" for name in names]
            routed += [
                Routed(label, route.body, repr((name,)), OneColumn(name), schema.only((name,)))
                for label, name in zip(labels, names, strict=True)
            ]
        else:
            routed.append(Routed(route.label, route.body, repr(names), ByName(names), schema.only(names)))
    return routed


def routes_by_table(routes: Sequence[RoutePlan]) -> list[Routed]:
    """The parts where only the table at hand tells which columns they take.

    Raises
    ------
    HypError
        A route mixes what one selector cannot express, or asks for text, which no dtype tells from categories.
    """
    routed = []
    for route, selection in zip(routes, selectors_of_routes(routes), strict=True):
        key = ",".join(shown(route))
        if _is_drop(route.body):
            continue
        if not _takes_one_column(route.body):
            routed.append(Routed(route.label, route.body, key, selection))
        elif isinstance(selection, ByName):
            routed += [Routed(f"{route.label}_{n}", route.body, key, OneColumn(n)) for n in selection.names]
        else:
            raise HypError([needs_schema(shown(route), route.span)])
    return routed


def _is_drop(body: PlanNode) -> bool:
    return isinstance(body, Drop) or (isinstance(body, Seq) and any(_is_drop(step) for step in body.steps))


def _takes_one_column(body: Value) -> bool:
    match body:
        case Call(path=path):
            return path in TEXT_MODULES
        case Seq(steps=steps):
            return _takes_one_column(steps[0])
        case Par(branches=branches):
            return any(_takes_one_column(branch) for branch in branches)
    return False


def columns_of_routes(routes: Sequence[RoutePlan], schema: Schema) -> list[tuple[str | int, ...]]:
    """The columns of each route, in the table's order.

    A column goes to the first route that names it, else to the first whose kind it has, else to ``rest``.

    Raises
    ------
    HypError
        A route names columns that the data does not have.
    """
    _check_names(routes, schema)
    owner: dict[str | int, int] = {}
    for kinds in (("names", "regex"), ("kind", "dtype"), ("rest",)):
        for number, route in enumerate(routes):
            for selector in route.selectors:
                if selector.kind in kinds:
                    for position, column in enumerate(schema.columns):
                        if _selects(selector, column, position):
                            owner.setdefault(column.name, number)
    return [tuple(n for n in schema.names if owner.get(n) == number) for number in range(len(routes))]


def _selects(selector: Selector, column: Column, position: int) -> bool:
    match selector:
        case Selector("names", tuple(names)):
            return any(n == (position if isinstance(n, int) else column.name) for n in names)
        case Selector("regex", str(pattern)):
            return re.fullmatch(pattern, str(column.name)) is not None
        case Selector("kind", kind):
            return column.kind == kind
        case Selector("dtype", str(dtype)):
            return re.fullmatch(DTYPES.get(dtype, re.escape(dtype)), column.dtype.lower()) is not None
        case _:
            return selector.kind == "rest"


def _check_names(routes: Sequence[RoutePlan], schema: Schema) -> None:
    problems = []
    for route in routes:
        check_patterns(route)
        for name in (n for s in route.selectors if s.kind == "names" and isinstance(s.value, tuple) for n in s.value):
            known = range(schema.features) if isinstance(name, int) else schema.names
            if name not in known:
                near = [] if isinstance(name, int) else did_you_mean(name, [str(n) for n in schema.names])
                problems.append(unknown_column(name, schema.features, near, route.span))
    if problems:
        raise HypError(problems)


def check_patterns(route: RoutePlan) -> None:
    """Raise :class:`HypError` when a pattern of a route is not a regular expression."""
    for selector in route.selectors:
        if selector.kind == "regex":
            try:
                re.compile(str(selector.value))
            except re.error as error:
                raise HypError([bad_pattern(str(selector.value), str(error), route.span)]) from None


@dataclass(slots=True)
class _Taken:
    """What earlier routes take: all names and patterns go before all dtypes, so those are known from the start."""

    names: list[str | int] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    dtypes: list[str] = field(default_factory=list)
    overlap: bool = False  # dtypes that the author wrote may overlap with those of a kind

    def pattern(self) -> str:
        """A pattern for names that are not taken."""
        parts = [*(re.escape(str(n)) for n in self.names), *(f"(?:{p})" for p in self.patterns)]
        return f"^(?!(?:{'|'.join(parts)})$)" if parts else ""


def selectors_of_routes(routes: Sequence[RoutePlan]) -> list[Selection | None]:
    """How each route selects its columns when only the table at hand tells which they are.

    None stands for ``rest``. The same columns as by :func:`columns_of_routes`, where dtypes tell the kinds.

    Raises
    ------
    HypError
        A route mixes what one selector cannot express, or asks for text, which no dtype tells from categories.
    """
    taken = _Taken()
    result: list[Selection | None] = [None] * len(routes)
    kinds = [{s.kind for s in route.selectors} for route in routes]
    for number, route in enumerate(routes):
        check_patterns(route)
        if kinds[number] <= {"names", "regex"}:
            result[number] = _by_name(route, taken)
    for number, route in enumerate(routes):
        if kinds[number] <= {"kind", "dtype"}:
            result[number] = _by_dtype(route, taken)
        elif not (kinds[number] <= {"names", "regex"} or kinds[number] == {"rest"}):
            raise HypError([needs_schema(shown(route), route.span)])
    return result


def _by_name(route: RoutePlan, taken: _Taken) -> Selection:
    names = [n for s in route.selectors if isinstance(s.value, tuple) for n in s.value if n not in taken.names]
    patterns = [str(s.value) for s in route.selectors if s.kind == "regex"]
    free = taken.pattern()
    earlier = list(taken.patterns)
    taken.names += names
    taken.patterns += patterns
    if not patterns:
        return ByName(tuple(n for n in names if not any(re.fullmatch(p, str(n)) for p in earlier)))
    wanted = [*(re.escape(str(n)) for n in names), *patterns]
    return BySelector(f"{free or '^'}(?:{'|'.join(wanted)})$")


def _by_dtype(route: RoutePlan, taken: _Taken) -> Selection:
    include: list[str] = []
    for selector in route.selectors:
        dtypes = (str(selector.value),) if selector.kind == "dtype" else KIND_DTYPES.get(str(selector.value), ())
        if not dtypes or any(isinstance(n, int) for n in taken.names):
            raise HypError([needs_schema(shown(route), route.span)])
        include += [d for d in dtypes if d not in (*include, *taken.dtypes)]
    taken.overlap |= any(s.kind == "dtype" for s in route.selectors)
    exclude = tuple(taken.dtypes) if taken.overlap else ()
    taken.dtypes += include
    if not include:  # a selector without dtypes would take all columns
        return ByName(())
    return BySelector(taken.pattern(), tuple(include), exclude)


def shown(route: RoutePlan) -> list[str]:
    """A route's selectors as they are written."""
    return [text for selector in route.selectors for text in _shown(selector)]


def _shown(selector: Selector) -> list[str]:
    match selector:
        case Selector("names", tuple(names)):
            return [f'"{n}"' if isinstance(n, str) else str(n) for n in names]
        case Selector("kind", str(kind)):
            return [kind]
        case Selector("rest"):
            return ["rest"]
        case _:
            return [f'{selector.kind}("{selector.value}")']
