"""What kind of thing each column of a table is, and the plain dtype that pipelines get it in.

======================================================  ===========  =====================================
values                                                  kind         dtype in the pipeline
======================================================  ===========  =====================================
numbers                                                 numeric      ``int64``, ``float64``, …; nullable and
                                                                     Arrow numbers become ``float64``
true and false                                          boolean      ``bool``; ``float64`` with gaps
dates (dtype, or text all ``2024-12-31[ 23:59[:59]]``)  datetime     ``datetime64``
a pandas category                                       categorical  unchanged
text: long, mostly different (see :func:`_is_text`)     text         ``str`` or ``object``, a gap is NaN
any other strings                                       categorical  ``str`` or ``object``, a gap is NaN
======================================================  ===========  =====================================
"""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import Reporter
from hyperdsl.diagnostics import data as say
from hyperdsl.schema import Column, ColumnKind

if TYPE_CHECKING:
    import pandas as pd

    AnySeries = pd.Series[Any]

_DATE = r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
TEXT_LENGTH = 20  # characters, on average
TEXT_DISTINCT = 0.5  # share of rows with a text of their own
TEXT_LEAST = 20  # fewer different values are always categories
IDENTIFIER_DISTINCT = 0.9
IDENTIFIER_ROWS = 50


def infer_columns(
    frame: pd.DataFrame, reporter: Reporter
) -> tuple[pd.DataFrame, tuple[Column, ...], tuple[tuple[str, str], ...]]:
    """The frame in plain dtypes, its columns, and the conversions that were made, as ``(column, dtype)``.

    Columns of dtypes that no kind describes (time differences, complex numbers) are left out with a warning.

    Raises
    ------
    HypError
        When columns hold lists or other objects, or text and numbers at once.
    """
    series, columns, conversions = {}, [], []
    for name in frame.columns:
        kind, dtype = _kind(frame[name], reporter)
        if kind is None:
            continue
        plain = frame[name] if dtype is None else convert(frame[name], dtype)
        if dtype is not None:
            conversions.append((str(name), dtype))
        distinct = int(plain.nunique()) if kind in ("categorical", "text", "boolean") else None
        series[name] = plain
        columns.append(Column(str(name), kind, str(plain.dtype), int(plain.isna().sum()), distinct))
        if columns[-1].missing == len(frame):
            reporter.add(say.column_without_values(name))
        if kind == "categorical" and distinct and _is_identifier(distinct, len(frame)):
            reporter.add(say.identifier_column(name, distinct, len(frame)))
    reporter.stop_on_errors()
    import pandas as pd

    return pd.DataFrame(series, index=frame.index), tuple(columns), tuple(conversions)


def _is_identifier(distinct: int, rows: int) -> bool:
    return rows >= IDENTIFIER_ROWS and distinct > IDENTIFIER_DISTINCT * rows


def convert(column: AnySeries, dtype: str) -> AnySeries:
    """``astype``, with every mark of a missing value as NaN."""
    if dtype == "object":
        return column.astype("object").where(column.notna(), float("nan"))
    if dtype == "float64":
        import pandas as pd

        return pd.to_numeric(column).astype("float64")
    return column.astype(dtype)  # type: ignore[call-overload, no-any-return]


def _kind(column: AnySeries, reporter: Reporter) -> tuple[ColumnKind | None, str | None]:
    """The kind, and the dtype to convert to where the column's own will not do."""
    import pandas as pd

    dtype = column.dtype
    extension = isinstance(dtype, pd.api.extensions.ExtensionDtype)
    if isinstance(dtype, pd.CategoricalDtype):
        return "categorical", None
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean", ("float64" if column.isna().any() else "bool") if extension else None
    if pd.api.types.is_complex_dtype(dtype) or pd.api.types.is_timedelta64_dtype(dtype):
        reporter.add(say.unused_column(column.name, str(dtype)))
        return None, None
    if pd.api.types.is_numeric_dtype(dtype):
        return "numeric", "float64" if extension else None
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "datetime", None
    if pd.api.types.is_object_dtype(dtype) or pd.api.types.is_string_dtype(dtype):
        return _kind_of_objects(column, reporter)
    reporter.add(say.unsupported_values(column.name, str(dtype)))
    return None, None


def _kind_of_objects(column: AnySeries, reporter: Reporter) -> tuple[ColumnKind | None, str | None]:
    values = column.dropna()
    if values.empty:
        return "numeric", "float64"
    kinds = _value_kinds(values)
    if len(kinds) > 1:
        reporter.add(say.mixed_column(column.name, list(kinds.values())))
        return None, None
    match next(iter(kinds)):
        case "boolean":
            return "boolean", "float64" if len(values) < len(column) else "bool"
        case "number":
            return "numeric", "float64"
        case "text":
            return _kind_of_strings(column)
        case other:
            reporter.add(say.unsupported_values(column.name, other))
            return None, None


def _value_kinds(values: AnySeries) -> Mapping[str, object]:
    """The kinds among some values, each with one of them."""
    import pandas as pd

    if not pd.api.types.is_object_dtype(values.dtype):
        return {"text": values.iloc[0]}
    return {_value_kind(found): values[values.map(type) == found].iloc[0] for found in values.map(type).unique()}


def _value_kind(found: type) -> str:
    from decimal import Decimal

    import numpy as np

    if issubclass(found, str):
        return "text"
    if issubclass(found, (bool, np.bool_)):
        return "boolean"
    if issubclass(found, (numbers.Number, Decimal)):
        return "number"
    return found.__qualname__


def _kind_of_strings(column: AnySeries) -> tuple[ColumnKind, str | None]:
    import pandas as pd

    values = column.dropna()
    if values.str.fullmatch(_DATE).all() and pd.to_datetime(values, errors="coerce", format="ISO8601").notna().all():
        return "datetime", "datetime64[ns]"
    gaps = column[column.isna()]
    marked_by_nan = all(
        isinstance(gap, float) for gap in gaps.unique()
    )  # else None or pandas.NA, unknown to many steps
    plain = "str" if int(pd.__version__.partition(".")[0]) >= 3 else "object"
    return ("text" if _is_text(values) else "categorical"), None if marked_by_nan else plain


def _is_text(values: AnySeries) -> bool:
    """Long and mostly different: over 20 characters on average, at least 20 texts, over half of the rows their own."""
    distinct = values.unique()
    if len(distinct) < TEXT_LEAST or len(distinct) <= TEXT_DISTINCT * len(values):
        return False
    return sum(map(len, distinct)) > TEXT_LENGTH * len(distinct)


def not_convertible(column: AnySeries, kind: ColumnKind) -> object | None:
    """A value that is no number (or, of kind ``datetime``, no date); None when there is none."""
    import pandas as pd

    if kind != "datetime":
        converted = pd.to_numeric(column, errors="coerce")
    elif pd.api.types.is_numeric_dtype(column.dtype):
        converted = column.where(column.isna())
    else:
        converted = pd.to_datetime(column, errors="coerce", format="ISO8601")
    lost = column[converted.isna() & column.notna()]
    return None if lost.empty else lost.iloc[0]
