"""Brings new data into the shape that a model was fitted on.

Columns are found by name, in any order; those that the model does not know are left out with a warning. Each gets
the dtype that it had: numbers may come as text when all of it is numeric, and text as numbers. Values that a
category never had are passed on: what becomes of them is the encoder's setting (``handle_unknown``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.diagnostics import arrays as say_arrays
from hyperdsl.diagnostics import data as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.experiment.columns import not_convertible
from hyperdsl.experiment.tables import Table
from hyperdsl.schema import Column, Schema

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def align(schema: Schema, table: Table, reporter: Reporter) -> Any:
    """The input columns of a table, named, ordered and typed as ``schema`` says; of images the array.

    Raises
    ------
    HypError
        When columns are missing, or hold text where numbers or dates belong; when the array has other rows.
    """
    import pandas as pd

    if schema.shape or table.array is not None:
        return _array(schema, table)
    frame = table.frame
    missing = [c.name for c in schema.columns if c.name not in frame.columns]
    if missing:
        near = [s for name in missing for s in did_you_mean(str(name), [str(c) for c in frame.columns])]
        raise HypError([say.columns_missing(table.name, missing, near[:3])])
    extra = [c for c in frame.columns if c not in schema.names and c != schema.target]
    if extra:
        reporter.add(say.extra_columns(table.name, extra))
    columns = {column.name: _typed(column, frame[column.name], table.name, reporter) for column in schema.columns}
    reporter.stop_on_errors()
    return pd.DataFrame(columns, index=frame.index)


def _array(schema: Schema, table: Table) -> np.ndarray[Any, Any]:
    if table.array is None or not schema.shape:
        raise HypError([say_arrays.not_such_data(table.name, schema.shape)])
    if table.array.shape[1:] != schema.shape:
        raise HypError([say_arrays.array_shape_differs(table.name, table.array.shape[1:], schema.shape)])
    return table.array


def _typed(column: Column, values: pd.Series[Any], name: str, reporter: Reporter) -> pd.Series[Any]:
    import pandas as pd

    if column.kind in ("categorical", "text"):
        return _strings(column, values)
    bad = not_convertible(values, column.kind)
    if bad is not None:
        say_bad = say.column_not_dates if column.kind == "datetime" else say.column_not_numeric
        reporter.add(say_bad(name, column.name, bad))
        return values
    if column.kind == "datetime":
        return pd.to_datetime(values, format=None if values.dtype.kind == "M" else "ISO8601")
    numbers = pd.to_numeric(values)
    if column.dtype and not numbers.isna().any():
        return numbers.astype(column.dtype)  # type: ignore[call-overload, no-any-return]
    return numbers.astype("float64")


def _strings(column: Column, values: pd.Series[Any]) -> pd.Series[Any]:
    """Text as it was; categories and numbers that stand for them in their own dtype."""
    import pandas as pd

    if column.dtype == "category":
        return values.astype("category")
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        whole = bool((values.dropna() % 1 == 0).all())
        values = values.map(lambda v: str(int(v)) if whole else str(v), na_action="ignore")
    return values.astype("object").where(values.notna(), float("nan")).astype(column.dtype or "object")  # type: ignore[call-overload, no-any-return]


def align_target(schema: Schema, encoded: bool, table: Table, target: str, reporter: Reporter) -> tuple[Table, Any]:
    """The rows of a table that have a target, and their targets as the model knows them: class numbers or floats.

    Raises
    ------
    HypError
        When the column is missing or empty, or holds labels that the model was not fitted on.
    """
    from dataclasses import replace

    names = [str(c) for c in table.frame.columns]
    if target not in names:
        raise HypError([say.column_missing(table.name, "target", target, did_you_mean(target, names), names)])
    present = table.frame[target].notna()
    if not present.any():
        raise HypError([say.target_all_missing(target)])
    if not present.all():
        reporter.add(say.rows_without_target(table.name, int((~present).sum()), len(present)))
    rows = table.frame[present].reset_index(drop=True)
    array = None if table.array is None else table.array[present.to_numpy()]
    y = (
        _numbered(rows[target], schema, encoded, target)
        if schema.task != "regression"
        else _numbers(rows[target], target)
    )
    return replace(table, frame=rows.drop(columns=target), array=array), y


def _numbers(y: pd.Series[Any], target: str) -> np.ndarray[Any, Any]:
    import pandas as pd

    bad = not_convertible(y, "numeric")
    if bad is not None:
        raise HypError([say.target_not_numeric(target, bad)])
    return pd.to_numeric(y).astype("float64").to_numpy()


def _numbered(y: pd.Series[Any], schema: Schema, encoded: bool, target: str) -> np.ndarray[Any, Any]:
    import numpy as np

    numbers = {label: i if encoded else label for i, label in enumerate(schema.classes)}
    # A column of labels may be read with another dtype here: 1.0 for 1, "1" for 1.
    by_text = {str(label): number for label, number in numbers.items()}
    found = [numbers.get(v, by_text.get(str(v))) for v in y.tolist()]
    unknown = {str(v) for v, number in zip(y.tolist(), found, strict=True) if number is None}
    if unknown:
        raise HypError([say.unknown_classes(target, sorted(unknown), schema.classes)])
    return np.asarray(found)
