"""The data of one experiment: input, target, groups, and what they say about the task.

The task, where the user does not name it:

- text, truth values and categories are classes: ``binary`` for two, ``multiclass`` for more;
- numbers with fractions are ``regression``;
- whole numbers are ``binary`` when there are two different ones, ``multiclass`` up to :data:`MOST_CLASSES`,
  else ``regression``;
- a space that can only end in regressors makes numbers ``regression``, one that can only end in classifiers makes
  whole numbers classes up to :data:`MOST_CLASSES_OF_CLASSIFIERS`.

Labels other than 0, 1, … are replaced by their position in sorted order, so that every metric and every library
takes them; the positive class of a binary metric is thus the label that sorts last.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.diagnostics import data as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.experiment.columns import infer_columns, not_convertible
from hyperdsl.experiment.tables import Table
from hyperdsl.frozen import frozen
from hyperdsl.schema import Column, Schema, Task

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_CLASSES = 20
MOST_CLASSES_OF_CLASSIFIERS = 100
# Labels of a classification target beyond which it looks like an identifier: this share of the rows, at least 50.
LABELS_SHARE = 0.5
LABELS_LEAST = 50


@frozen(slots=False)
class Data:
    """Input, target and groups, row by row.

    Parameters
    ----------
    X : pandas.DataFrame or numpy.ndarray
        The input columns in plain dtypes, rows numbered from 0; an array of more than two axes where it is no table.
    y : numpy.ndarray
        The target: floats or integers in regression, class numbers 0, 1, … in classification.
    schema : Schema
        Columns, task, and the class labels in the order of their numbers.
    encoded : bool
        Whether ``y`` holds other values than the table.
    groups : numpy.ndarray or None
        The group of each row.
    groups_column : str or None
        Where they came from.
    astype : tuple of pairs
        Conversions of columns, ``(column, dtype)``.
    weights : numpy.ndarray or None
        How much each row counts.
    """

    X: Any
    y: np.ndarray[Any, Any]
    schema: Schema
    table: Table
    encoded: bool = False
    groups: np.ndarray[Any, Any] | None = None
    groups_column: str | None = None
    astype: tuple[tuple[str, str], ...] = ()
    weights: np.ndarray[Any, Any] | None = None

    @property
    def task(self) -> Task:
        assert self.schema.task is not None
        return self.schema.task

    @property
    def is_classification(self) -> bool:
        return self.task != "regression"

    @cached_property
    def fingerprint(self) -> str:
        """A hash of names, dtypes and values, the same for the same rows on every machine."""
        weights = {} if self.weights is None else {"weights:": self.weights}
        beside = {f"target:{self.schema.target}": self.y, **weights}
        if not self.schema.shape:
            return fingerprint(self.X.assign(**beside))
        import pandas as pd

        return fingerprint(pd.DataFrame(beside), self.X)

    def take(self, rows: np.ndarray[Any, Any]) -> Data:
        """Some of the rows, in the order of the given positions."""
        groups = None if self.groups is None else self.groups[rows]
        weights = None if self.weights is None else self.weights[rows]
        X = self.X[rows] if self.schema.shape else self.X.iloc[rows].reset_index(drop=True)
        return replace(
            self, X=X, y=self.y[rows], groups=groups, weights=weights, schema=replace(self.schema, rows=len(rows))
        )


def prepare(
    table: Table,
    target: object,
    reporter: Reporter,
    *,
    task: Task | None = None,
    space_task: str | None = None,
    groups: str | None = None,
    weights: str | None = None,
) -> Data:
    """Input and target of a table.

    Parameters
    ----------
    target : str or array-like
        A column, or one value for each row.
    task : str or None
        As the user says; None infers it.
    space_task : str or None
        ``"classification"`` or ``"regression"`` where the space allows one only.
    groups, weights : str or None
        Columns that are no input.

    Raises
    ------
    HypError
        When target, groups or weights are missing, or the target does not fit the task.
    """
    frame, y, name = _split_target(table, target)
    present = y.notna()
    if not present.any():
        raise HypError([say.target_all_missing(name)])
    array = table.array
    if not present.all():
        reporter.add(say.rows_without_target(table.name, int((~present).sum()), len(y)))
        frame, y = frame[present].reset_index(drop=True), y[present].reset_index(drop=True)
        array = None if array is None else array[present.to_numpy()]
    aside = {"groups": groups, "weights": weights}
    for role, column in aside.items():
        if column is not None:
            column_of(table, role, column)
    inputs: Any = array
    columns: tuple[Column, ...] = ()
    astype: tuple[tuple[str, str], ...] = ()
    if array is None:
        left = frame.drop(columns=[column for column in aside.values() if column is not None])
        inputs, columns, astype = infer_columns(left, reporter)
        if not columns:
            raise HypError([say.no_input_columns(table.name)])
    found = task or infer_task(y, space_task)
    values, classes, encoded = _regression_target(y, name) if found == "regression" else _labels(y, name, found)
    schema = Schema(columns, found, len(inputs), classes, name, () if array is None else array.shape[1:])
    group_values = None if groups is None else frame[groups].to_numpy()
    weight_values = None if weights is None else weights_of(frame[weights])
    return Data(inputs, values, schema, table, encoded, group_values, groups, astype, weight_values)


def weights_of(column: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """How much each row counts.

    Raises
    ------
    HypError
        Where these are no numbers, or some are below zero or all zero.
    """
    import numpy as np
    import pandas as pd

    name, bad = str(column.name), not_convertible(column, "numeric")
    if bad is not None:
        raise HypError([say.weights_invalid(name, f"{bad!r} is no number")])
    weights = pd.to_numeric(column).astype("float64").to_numpy()
    if not np.isfinite(weights).all():
        raise HypError([say.weights_invalid(name, f"it has no number in {int((~np.isfinite(weights)).sum())} rows")])
    if (weights < 0).any() or not (weights > 0).any():
        raise HypError([say.weights_invalid(name, f"they are {weights.min():g} to {weights.max():g}")])
    return weights


def _split_target(table: Table, target: object) -> tuple[pd.DataFrame, pd.Series[Any], str]:
    import pandas as pd

    if isinstance(target, str):
        y = column_of(table, "target", target)
        return table.frame.drop(columns=target), y, target
    values = pd.Series(target).reset_index(drop=True)
    if len(values) != len(table.frame):
        raise HypError([say.target_length(len(table.frame), len(values))])
    return table.frame, values, str(values.name) if values.name is not None else "target"


def column_of(table: Table, role: str, column: str) -> pd.Series[Any]:
    """A column that the user has named for a role.

    Raises
    ------
    HypError
        Where the table has none of the name.
    """
    names = [str(c) for c in table.frame.columns]
    if column not in names:
        raise HypError([say.column_missing(table.name, role, column, did_you_mean(column, names), names)])
    return table.frame[column]


def infer_task(y: pd.Series[Any], space_task: str | None = None) -> Task:
    """The task that a target without gaps suggests; the rule stands at the top of this file."""
    import pandas as pd

    classes: Task = "binary" if y.nunique() <= 2 else "multiclass"
    if not pd.api.types.is_numeric_dtype(y.dtype) or pd.api.types.is_bool_dtype(y.dtype):
        numeric = y.dtype == object and not y.map(lambda v: isinstance(v, (str, bool))).any()
        if not numeric:
            return classes
    if space_task == "regression":
        return "regression"
    most = MOST_CLASSES_OF_CLASSIFIERS if space_task == "classification" else MOST_CLASSES
    numbers = pd.to_numeric(y).astype("float64")
    whole = bool((numbers % 1 == 0).all())
    return classes if whole and numbers.nunique() <= most else "regression"


def _regression_target(y: pd.Series[Any], name: str) -> tuple[np.ndarray[Any, Any], tuple[()], bool]:
    import numpy as np
    import pandas as pd

    bad = not_convertible(y, "numeric")
    if bad is not None or pd.api.types.is_datetime64_any_dtype(y.dtype):
        raise HypError([say.target_not_numeric(name, bad if bad is not None else y.iloc[0])])
    plain = isinstance(y.dtype, np.dtype) and y.dtype.kind in "iuf"
    values = y.to_numpy() if plain else pd.to_numeric(y).astype("float64").to_numpy()
    infinite = int((~np.isfinite(values)).sum())
    if infinite:
        raise HypError([say.target_not_finite(name, infinite)])
    if (values == values[0]).all():
        raise HypError([say.target_constant(name, values[0].item())])
    return values, (), False


def _labels(
    y: pd.Series[Any], name: str, task: Task
) -> tuple[np.ndarray[Any, Any], tuple[str | int | float | bool, ...], bool]:
    import numpy as np
    import pandas as pd
    from sklearn.preprocessing import LabelEncoder

    # A pandas category or an extension array as plain values: strings, numbers or truth values.
    values = np.asarray(y.astype("object")) if not isinstance(y.dtype, np.dtype) else y.to_numpy()
    if values.dtype == object:
        values = np.asarray(values.tolist()) if len({type(v) for v in values}) == 1 else values.astype(str)
    encoder = LabelEncoder().fit(values)
    labels = tuple(c.item() if isinstance(c, np.generic) else c for c in encoder.classes_)
    if len(labels) < 2:
        raise HypError([say.target_constant(name, labels[0])])
    if (len(labels) == 2) != (task == "binary"):
        raise HypError([say.task_mismatch(name, task, len(labels))])
    if len(labels) > max(LABELS_LEAST, LABELS_SHARE * len(y)):
        raise HypError([say.target_too_many_classes(name, len(labels), len(y))])
    encoded = not (pd.api.types.is_integer_dtype(values.dtype) and labels == tuple(range(len(labels))))
    return encoder.transform(values) if encoded else values, labels, encoded


def fingerprint(frame: pd.DataFrame, array: np.ndarray[Any, Any] | None = None) -> str:
    """A hash of a table's names and values, and of an array beside it, 32 hexadecimal digits.

    Numbers enter as little-endian bytes, all else as positions in the list of its different values and those values
    as text: that does not depend on how pandas stores strings.
    """
    import numpy as np
    import pandas as pd

    digest = blake2b(digest_size=16)
    if array is not None:
        digest.update(f"{array.shape}\x1f{array.dtype.kind}\x1f".encode())
        digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
    for name in frame.columns:
        column = frame[name]
        values = column.to_numpy() if isinstance(column.dtype, np.dtype) else None
        if values is not None and values.dtype.kind == "M":
            values = values.astype("datetime64[ns]")  # the unit is pandas' choice
        digest.update(f"{name}\x1f{len(column)}\x1f".encode())
        if values is not None and values.dtype.kind in "biufM":
            digest.update(values.dtype.kind.encode())
            digest.update(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes())
        else:
            codes, different = pd.factorize(column)
            digest.update(codes.astype("<i8").tobytes())
            digest.update("\x1f".join(map(str, different)).encode())
    return digest.hexdigest()
