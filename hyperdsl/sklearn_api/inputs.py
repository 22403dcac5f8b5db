"""What ``fit`` and ``predict`` are given, as the search needs it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from hyperdsl.diagnostics import Reporter
from hyperdsl.experiment.columns import infer_columns
from hyperdsl.experiment.data import fingerprint, infer_task
from hyperdsl.ir.facts import has_tensors
from hyperdsl.schema import Column, Schema
from hyperdsl.sklearn_api.spaces import compiled


def rows_of(estimator: Any, X: Any, *, reset: bool) -> Any:
    """A pandas frame, a CSR matrix, or an array; with ``reset`` its columns are remembered, else compared.

    Gaps are let through: whether they may be is up to the pipelines. Networks may get more axes than two.

    Raises
    ------
    ValueError
        When it is no table, or has other columns than the one fitted on.
    """
    if not hasattr(X, "iloc") and hasattr(X, "to_pandas"):
        X = X.to_pandas()
    if not hasattr(X, "iloc"):
        nd = getattr(X, "ndim", 2) > 2 and takes_arrays(estimator.space)
        X = check_array(X, accept_sparse="csr", dtype=None, ensure_all_finite=False, estimator=estimator, allow_nd=nd)
    elif X.ndim != 2:
        raise ValueError("X is one column: give a frame, such as X.to_frame()")
    elif reset and min(X.shape) == 0:
        what = "sample(s)" if X.shape[0] == 0 else "feature(s)"
        raise ValueError(f"Found array with 0 {what} (shape={X.shape}) while a minimum of 1 is required")
    if not hasattr(X, "iloc") and X.dtype.kind == "O":
        _check_cells(X)
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    return X


def takes_arrays(space: Any) -> bool:
    """Whether there are networks in a space, which take more than tables."""
    return has_tensors(compiled(space).graph)


def _check_cells(X: np.ndarray[Any, Any]) -> None:
    """Numbers, texts, dates and gaps are values; anything else is a mistake."""
    for value in X.flat:
        if not (
            value is None
            or isinstance(value, (str, bytes, int, float, complex, np.generic))
            or pd.api.types.is_scalar(value)
        ):
            raise TypeError(
                f"argument must be a string or a number, not {type(value).__name__!r}: one cell of X is {value!r}"
            )


def targets_of(X: Any, y: Any, classification: bool | None) -> np.ndarray[Any, Any]:
    """The targets as an array, of one column where there is one.

    Raises
    ------
    ValueError
        When they are missing, or not finite, or not as many as there are rows.
    """
    if y is None:
        raise ValueError("y cannot be None: a search requires y to be passed, but the target y is None")
    y = np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y)
    if y.ndim != 2 or y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    if y.dtype.kind in "fc":
        y = check_array(y, ensure_2d=False, dtype=None, input_name="y")
    check_consistent_length(X, y)
    if classification:
        check_classification_targets(y)
    return np.asarray(y)


def weights_of(sample_weight: Any, X: Any) -> np.ndarray[Any, Any] | None:
    """Sample weights as numbers, one of each row.

    Raises
    ------
    ValueError
        When they are not numbers, not finite, or not as many as there are rows.
    """
    if sample_weight is None:
        return None
    weights = check_array(sample_weight, ensure_2d=False, dtype=float, input_name="sample_weight")
    weights = column_or_1d(weights)
    check_consistent_length(X, weights)
    return np.asarray(weights)


def schema_of(X: Any, y: np.ndarray[Any, Any], space_task: str | None) -> Schema:
    """Columns and task; an array's columns are named by position and numeric, or told from the values of objects."""
    task = infer_task(pd.Series(y.reshape(len(y), -1)[:, 0]), space_task)
    shape = X.shape[1:] if X.ndim > 2 else ()
    columns: tuple[Column, ...] = () if shape else tuple(Column(i, "numeric") for i in range(X.shape[1]))
    if hasattr(X, "iloc") or (X.dtype == object and not shape):
        frame = X if hasattr(X, "iloc") else pd.DataFrame(X)
        names = {str(name): name for name in frame.columns}
        columns = tuple(replace(c, name=names[str(c.name)]) for c in infer_columns(frame, Reporter())[1])
    classes = () if task == "regression" else tuple(np.unique(y).tolist())
    return Schema(columns, task, len(y), classes, shape=shape)


def fingerprint_of(X: Any, y: np.ndarray[Any, Any], weights: np.ndarray[Any, Any] | None) -> str:
    """A hash of all values that scores depend on."""
    array = X if X.ndim > 2 else None
    frame = X if hasattr(X, "iloc") else pd.DataFrame(X.toarray() if sparse.issparse(X) else X if array is None else {})
    targets = y.reshape(len(y), -1)
    added = {f"<target {i}>" if i else "<target>": targets[:, i] for i in range(targets.shape[1])}
    if weights is not None:
        added["<weight>"] = weights
    return fingerprint(frame.rename(columns=str).assign(**added), array)


def digest_of(settings: str, folds: Iterable[tuple[Any, Any]]) -> str:
    """A hash of what scores depend on beside the values: settings, and which rows are fitted and scored."""
    digest = hashlib.sha256(settings.encode())
    for fold in folds:
        for rows in fold:
            digest.update(np.asarray(rows).tobytes())
    return digest.hexdigest()
