"""What is known of the numbers between two steps of a pipeline, and of the table at its start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

from hyperdsl.frozen import frozen
from hyperdsl.space.expressions import OPEN, Expression

Form = Literal["dense", "sparse", "thin", "pair", "open"]
Some = Literal["none", "some", "open"]
Selectors = tuple[tuple[str, Any], ...]

_ORDER = ("positive", "nonnegative", "zero")


@frozen
class Frame:
    """Facts that hold whatever is decided later; ``open`` where it may be so or not.

    Parameters
    ----------
    form : {"dense", "sparse", "thin", "pair", "open"}
        Sparse matrices or not; ``thin`` is sparse with less than a quarter of other values than 0, ``pair`` two arrays.
    values : str
        ``negative`` (in every column), ``some negative``, ``left negative`` (some, unless just these columns were left
        out), ``zero`` (none negative, some 0), ``nonnegative``,
        ``positive``, ``open``.
    missing, text, dates : {"none", "some", "open"}
        Values without a number, strings, dates beside other columns.
    unseen : {"none", "some", "open"}
        Categories that are missing among the rows fitted to and present among those that are scored.
    named : bool
        Whether columns can be selected by what they are called.
    alone : bool
        Right behind a route of ``columns``: a step that takes texts gets one column.
    columns : tuple of int or None
        Positions in the table, while the columns are the table's own.
    wide, unit, constant : bool
        Whether for certain: the positions of a sparse matrix take 64 bits; no row is longer than 1; every column has
        one value only.
    least : float or None
        The least value, where it is known.
    """

    form: Form = "open"
    values: str = "open"
    missing: Some = "open"
    text: Some = "open"
    dates: Some = "open"
    unseen: Some = "open"
    named: bool = True
    alone: bool = False
    columns: tuple[int, ...] | None = None
    wide: bool = False
    unit: bool = False
    constant: bool = False
    least: float | None = None


UNKNOWN = Frame(named=False)


@frozen
class Flow:
    """A frame, how many columns it has, and what brought what some models refuse.

    ``origins`` holds pairs such as ``("negative", "`StandardScaler`")``.
    """

    frame: Frame
    count: Expression = OPEN
    origins: frozenset[tuple[str, str]] = frozenset()


@frozen
class TableColumn:
    """What is known of one column of the table."""

    name: str
    kind: str
    values: str = "open"
    missing: bool = False
    unseen: bool = False
    distinct: int | None = None
    infinite: bool = False
    least: float | None = None


@frozen(slots=False)
class Table:
    """The table that a space is checked for.

    Parameters
    ----------
    columns : tuple of TableColumn
    routes : callable
        The positions of the columns that each route of ``columns { … }`` takes, from the routes' selectors.
    form : {"dense", "sparse"}
        How it comes.
    classes : int
        Labels of the target; 0 in regression.
    smallest_class : int or None
        Rows of the rarest label among those fitted to, where they are least; None in regression.
    target : str
        Of regression: as the values of a column.
    is_continuous : bool
        Whether it has other numbers than whole ones, which scikit-learn takes for no classes.
    methods : tuple of str
        What the metric asks of a model, any one of them; empty where ``predict`` will do.
    metric : str
        Its name.
    thin : callable
        Whether a step that makes sparse matrices, with these parameters given, makes less than a quarter of other
        values than 0 from some columns.
    """

    columns: tuple[TableColumn, ...]
    routes: Callable[[Sequence[Selectors]], list[tuple[int, ...]]]
    form: Form = "dense"
    classes: int = 0
    smallest_class: int | None = None
    target: str = "open"
    is_continuous: bool = False
    methods: tuple[str, ...] = ()
    metric: str = ""
    thin: Callable[[str, frozenset[str], tuple[int, ...]], bool] = lambda path, given, columns: False

    def flow(self, positions: tuple[int, ...], *, alone: bool = False) -> Flow:
        """What some of the columns are, as they come."""
        columns = [self.columns[p] for p in positions]
        texts = [c.name for c in columns if c.kind in ("categorical", "text")]
        dates = [c.name for c in columns if c.kind == "datetime"]
        gaps = [c.name for c in columns if c.missing or c.infinite]
        negative = [c.name for c in columns if c.values == "negative"]
        least = [c.least for c in columns if c.least is not None]
        frame = Frame(
            form=self.form,
            values=together([c.values for c in columns]),
            missing="some" if gaps else "none",
            text="some" if texts else "none",
            dates="none" if not dates else "some" if len(dates) < len(columns) else "open",
            unseen="some" if any(c.unseen for c in columns) else "none",
            alone=alone,
            columns=positions,
            constant=bool(columns) and all(c.distinct == 1 and not c.missing and not texts for c in columns),
            least=min(least, default=None),
        )
        unseen = [c.name for c in columns if c.unseen]
        facts = (("negative", negative), ("missing", gaps), ("text", texts), ("dates", dates), ("unseen", unseen))
        origins = frozenset((fact, f'column "{name}"') for fact, names in facts for name in names[:3])
        return Flow(frame, ("c", len(columns)), origins)

    @property
    def whole(self) -> tuple[int, ...]:
        return tuple(range(len(self.columns)))


def of_kind(selectors: Selectors) -> Frame:
    """The columns of a route, where no table is known."""
    kinds = {value for kind, value in selectors if kind == "kind"} if all(k == "kind" for k, _ in selectors) else set()
    if kinds and kinds <= {"numeric", "boolean"}:
        values = "nonnegative" if kinds == {"boolean"} else "open"
        return Frame(form="dense", values=values, text="none", dates="none", alone=True)
    return Frame(form="dense", alone=True)


def together(values: Sequence[str]) -> str:
    """The values of several blocks of columns side by side."""
    if not values:
        return "open"
    if all(v == values[0] for v in values):
        return values[0]
    if any(v in ("negative", "some negative") for v in values):
        return "some negative"
    for uncertain in ("left negative", "open"):
        if uncertain in values:
            return uncertain
    return max(values, key=_ORDER.index)


def beside(left: Flow, right: Flow, count: Expression, *, union: bool) -> Flow:
    """Two blocks of columns side by side, so many in all: as a union does it, or as routes do."""
    a, b = left.frame, right.frame
    frame = Frame(
        form=_form(a.form, b.form, union),
        values=together([a.values, b.values]),
        missing=_either(a.missing, b.missing),
        text=_either(a.text, b.text),
        dates="open" if "some" in (a.dates, b.dates) or "open" in (a.dates, b.dates) else "none",
        unseen="open",
        named=False,
        constant=a.constant and b.constant,
    )
    return Flow(frame, count, left.origins | right.origins)


def _form(a: Form, b: Form, union: bool) -> Form:
    """A union is sparse as soon as one part is; routes are where most values are 0, which the data decides."""
    if a == b:
        return a
    if not union:
        return "open" if {a, b} != {"dense"} else "dense"
    return "sparse" if {a, b} & {"sparse", "thin"} else "open"


def _either(a: Some, b: Some) -> Some:
    if "some" in (a, b):
        return "some"
    return "open" if "open" in (a, b) else "none"


def behind_routes(flow: Flow) -> Flow:
    """What comes out of ``columns``: sparse only if it is for certain thin."""
    form = flow.frame.form if flow.frame.form in ("dense", "thin") else "open"
    frame = replace(flow.frame, form=form, named=False, alone=False, columns=None, wide=False)
    return Flow(frame, flow.count, flow.origins)


def shared_by(flows: Sequence[Flow]) -> Flow:
    """What holds of all of some flows."""
    frames = [f.frame for f in flows]

    def same(values: list[Any], otherwise: Any = "open") -> Any:
        return values[0] if all(v == values[0] for v in values) else otherwise

    shared = Frame(
        form=same([f.form for f in frames]),
        values=same([f.values for f in frames]),
        missing=same([f.missing for f in frames]),
        text=same([f.text for f in frames]),
        dates=same([f.dates for f in frames]),
        unseen=same([f.unseen for f in frames]),
        named=any(f.named for f in frames),
        alone=any(f.alone for f in frames),
        columns=same([f.columns for f in frames], None),
        wide=all(f.wide for f in frames),
        unit=all(f.unit for f in frames),
        constant=all(f.constant for f in frames),
        least=same([f.least for f in frames], None),
    )
    count = same([f.count for f in flows], OPEN)
    return Flow(shared, count, frozenset().union(*(f.origins for f in flows)))
