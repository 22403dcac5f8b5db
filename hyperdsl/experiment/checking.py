"""What a space would do with a table, known before the first trial: the facts that ``hyperdsl.audit`` asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from hyperdsl.audit.facts import Facts
from hyperdsl.audit.flow import Table, TableColumn
from hyperdsl.diagnostics import Diagnostic
from hyperdsl.diagnostics import arrays as say
from hyperdsl.ir import ops
from hyperdsl.schema import Column, Schema

if TYPE_CHECKING:
    import numpy as np

    from hyperdsl.hyperspace import HyperSpace

    Fold = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]

# Less than this share of values other than 0 is surely sparse behind `columns`, where scikit-learn's limit is 0.3.
THIN = 0.25
# Values of arrays above this are too large for a network, unless it has one of these layers.
LARGE = 32
RESCALING = ("Rescaling", "Normalization", "BatchNormalization", "LayerNormalization", "UnitNormalization")
# With these, vectorizers and encoders make fewer columns than they find words or categories.
_THICKENING = frozenset(
    {"min_df", "max_df", "max_features", "vocabulary", "min_frequency", "max_categories", "categories", "analyzer"}
)


def check_table(
    space: HyperSpace,
    X: Any,
    y: np.ndarray[Any, Any],
    schema: Schema,
    folds: Sequence[Fold],
    scorer: Any = None,
    metric: str = "",
) -> tuple[Diagnostic, ...]:
    """What would fail, or be of no use, when a space is searched on these rows.

    Parameters
    ----------
    X : pandas.DataFrame, array or sparse matrix, shape (rows, columns); or an array of more axes
    y : numpy.ndarray, shape (rows,)
        Class labels, or the numbers of a regression.
    folds : sequence of (fit rows, score rows)
        Positions.
    scorer : scikit-learn scorer or None
        What models are scored with; None for their own ``score``.
    metric : str
        Its name.
    """
    if schema.shape:
        return check_arrays(space, X)
    facts = facts_of(y, schema, folds)
    return space.check(schema, table_of(X, y, schema, folds, response_methods(scorer), metric), facts)


def check_arrays(space: HyperSpace, X: np.ndarray[Any, Any]) -> tuple[Diagnostic, ...]:
    """What would fail, or learn badly, when a space is searched on images or other arrays of more than two axes."""
    called = [
        (graph_op.path, space.graph[i].span)
        for i in sorted(space.graph.reachable)
        if isinstance(graph_op := space.graph[i].op, ops.Call)
    ]
    known = {path: space.catalog().find(path) for path, _ in called}
    found = [
        say.step_takes_tables(span, path.rpartition(".")[2], X.shape[1:])
        for path, span in called
        if any(module.library not in ("keras", "user") for module in known[path])
    ]
    if not found and X.max() > LARGE and not any(path.rpartition(".")[2] in RESCALING for path, _ in called):
        found.append(say.pixels_not_rescaled(float(X.max())))
    return tuple(found)


def facts_of(y: np.ndarray[Any, Any], schema: Schema, folds: Sequence[Fold]) -> Facts:
    """Rows and classes of the smallest training part."""
    import numpy as np

    rows = min(len(fit) for fit, _ in folds)
    if schema.task == "regression":
        return Facts(n_rows=rows, n_features=schema.features)
    labels = np.unique(y)
    counts = [[int((y[fit] == label).sum()) for label in labels] for fit, _ in folds]
    return Facts(
        n_rows=rows,
        n_features=schema.features,
        n_classes=len(labels),
        smallest_class=min(map(min, counts)),
        largest_class=min(map(max, counts)),
    )


def response_methods(scorer: Any) -> tuple[str, ...]:
    """The methods of a model of which a scorer needs one; empty where ``predict`` will do."""
    asked = getattr(scorer, "_response_method", "predict")
    methods = (asked,) if isinstance(asked, str) else tuple(asked)
    return () if "predict" in methods or "default" in methods else methods


def table_of(
    X: Any,
    y: np.ndarray[Any, Any],
    schema: Schema,
    folds: Sequence[Fold],
    methods: tuple[str, ...] = (),
    metric: str = "",
) -> Table:
    """The table as the audit sees it."""
    from scipy import sparse

    is_regression = schema.task == "regression"
    series = _series(X)
    columns = tuple(_column(series(position), column, folds) for position, column in enumerate(schema.columns))
    return Table(
        columns=columns,
        routes=lambda selectors: _routes(selectors, schema),
        form="sparse" if sparse.issparse(X) else "dense",
        classes=len(schema.classes),
        smallest_class=facts_of(y, schema, folds).smallest_class,
        target=values_of(y) if is_regression else "open",
        is_continuous=is_regression and any(bool((y[fit] % 1 != 0).any()) for fit, _ in folds),
        methods=methods,
        metric=metric,
        thin=_thin(series, schema),
    )


def _series(X: Any) -> Callable[[int], Any]:
    """The values of a column by its position."""
    import pandas as pd
    from scipy import sparse

    if hasattr(X, "iloc"):
        return lambda position: X.iloc[:, position]
    if sparse.issparse(X):
        columns = X.tocsc()
        return lambda position: pd.Series(columns[:, [position]].toarray()[:, 0])
    return lambda position: pd.Series(X[:, position])


def _column(series: Any, column: Column, folds: Sequence[Fold]) -> TableColumn:
    missing = bool(series.isna().any())
    is_number = column.kind in ("numeric", "boolean")
    numbers = series.dropna().to_numpy(dtype=float) if is_number else None
    return TableColumn(
        name=str(column.name),
        kind="number" if column.kind == "categorical" and _is_convertible(series) else column.kind,
        values="open" if numbers is None else values_of(numbers),
        missing=missing,
        unseen=_has_unseen(series, folds),
        distinct=int(series.nunique()),
        least=None if numbers is None or len(numbers) == 0 else float(numbers.min()),
    )


def values_of(numbers: np.ndarray[Any, Any]) -> str:
    """``negative``, ``zero`` or ``positive`` by the least of some numbers; ``open`` where there are none."""
    if len(numbers) == 0:
        return "open"
    least = numbers.min()
    return "negative" if least < 0 else "zero" if least == 0 else "positive"


def _is_convertible(series: Any) -> bool:
    """Whether scikit-learn can read strings or categories as numbers."""
    import pandas as pd

    values = pd.Series(series.dropna().unique())
    return bool(pd.to_numeric(values.astype("object"), errors="coerce").notna().all())


def _has_unseen(series: Any, folds: Sequence[Fold]) -> bool:
    """Whether some fold scores a value that is not among those it fits to."""
    import numpy as np
    import pandas as pd

    codes, values = pd.factorize(series)  # a gap is -1
    for fit, scored in folds:
        known = np.zeros(len(values) + 1, dtype=bool)
        known[codes[fit]] = True
        known[-1] = True
        if not known[codes[scored]].all():
            return True
    return False


def _routes(selectors: Sequence[Any], schema: Schema) -> list[tuple[int, ...]]:
    from hyperdsl.backends.sklearn.columns import columns_of_routes
    from hyperdsl.ir.plan import Pass, RoutePlan, Selector

    routes = [RoutePlan(tuple(Selector(*s) for s in own), Pass(), "") for own in selectors]
    position = {name: p for p, name in enumerate(schema.names)}
    return [tuple(position[n] for n in names) for names in columns_of_routes(routes, schema)]


def _thin(series: Callable[[int], Any], schema: Schema) -> Callable[[str, frozenset[str], tuple[int, ...]], bool]:
    """Whether encoders and vectorizers give matrices of mostly zeros."""

    @cache
    def words(position: int) -> float:
        """The share of the words of a column that a text has, on average."""
        from sklearn.feature_extraction.text import CountVectorizer

        try:
            counted = CountVectorizer(binary=True).fit_transform(series(position).fillna("").astype(str))
        except ValueError:  # no words at all
            return 1.0
        return float(counted.nnz / (counted.shape[0] * counted.shape[1]))

    def thin(path: str, given: frozenset[str], columns: tuple[int, ...]) -> bool:
        if given & _THICKENING:
            return False
        match path.rpartition(".")[2]:
            case "OneHotEncoder":
                return len(columns) < THIN * sum(int(series(c).nunique()) for c in columns) and "drop" not in given
            case "CountVectorizer" | "TfidfVectorizer" | "HashingVectorizer":
                return "n_features" not in given and all(words(c) < THIN for c in columns)
        return False

    return thin
