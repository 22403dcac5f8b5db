"""What flows through a pipeline and what its steps take of it (E0430 to E0448, W0430 to W0432, N0433).

``where`` is ``in 12 of 48 configurations`` or the like, ``witness`` the decisions of one that fails, ``origins`` what
brings about what is refused: steps, or columns of the table.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic, Label
from hyperdsl.source import Span

Places = Sequence[tuple[Span, str]]  # steps that fail for one reason: where they stand, and their classes

_SHOWN = 3
_NO_NEGATIVE = "use `MinMaxScaler(clip = True)` before it, or exclude what gives them with `forbid`"
_SELECT = "select columns before it"
_OTHER_CLASS = "use another class for this target"


def sparse_refused(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """A sparse matrix for a class that takes arrays only."""
    help = "make what comes before it dense (`OneHotEncoder(sparse_output = False)`), or exclude it with `forbid`"
    return _refused("E0430", places, where, "no sparse matrix", _from("gets one", witness, origins), help)


def negative_refused(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """Negative numbers for a class that refuses them."""
    return _refused("E0431", places, where, "no negative numbers", _from("gets some", witness, origins), _NO_NEGATIVE)


def perhaps_negative(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """Negative numbers that may reach a class that refuses them: what stands between may leave them out."""
    label = _from("gets negative numbers", witness, origins) + ", unless their columns are left out before it"
    (span, first), *others = places
    modules = list(dict.fromkeys([f"`{first}`", *(f"`{name}`" for _, name in others)]))
    takes = "it takes" if len(modules) == 1 else "they take"
    message = f"{_listed(modules)} may fail {where}: {takes} no negative numbers"
    labels = tuple(Label(own, "here too") for own, _ in others[: _SHOWN - 1])
    return Diagnostic("N0433", message, span, label, _NO_NEGATIVE, labels)


def zero_refused(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """Zeros for a class that takes logarithms."""
    help = 'use `method = "yeo-johnson"`, which takes all numbers'
    return _refused("E0432", places, where, "only numbers above 0", _from("gets zeros", witness, origins), help)


def missing_refused(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """Gaps for a class that needs every value."""
    help = "put `SimpleImputer()` before it"
    return _refused("E0433", places, where, "no missing values (NaN)", _from("gets some", witness, origins), help)


def text_refused(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """Strings for a class that computes."""
    help = "encode them before it: `columns { categorical => OneHotEncoder()  rest => pass }`"
    return _refused("E0434", places, where, "numbers, not text", _from("gets text", witness, origins), help)


def dates_refused(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """Dates for a class that computes."""
    help = "leave them out: `columns { datetime => drop  rest => pass }`"
    return _refused("E0435", places, where, "no dates beside numbers", _from("gets dates", witness, origins), help)


def unseen_refused(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """Categories that only the rows to predict have."""
    help = 'write `handle_unknown = "ignore"`, or for `OrdinalEncoder` `"use_encoded_value"` with `unknown_value = -1`'
    what = "no categories that the rows it is fitted to lack"
    return _refused("E0436", places, where, what, _from("gets rare ones", witness, origins), help)


def pair_refused(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """Two arrays, as partial least squares give them when they know the target."""
    help = "leave it out of the steps before the last one; `PCA` gives one array"
    return _refused("E0446", places, where, "one array, not two", _from("gets two", witness, origins), help)


def wide_refused(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """A sparse matrix whose positions are numbers of 64 bits."""
    help = "put `MaxAbsScaler()` between them, which makes the positions small again, or exclude it with `forbid`"
    what = "no sparse matrix with positions of 64 bits"
    return _refused("E0447", places, where, what, _from("gets one", witness, origins), help)


def constant_refused(places: Places, where: str, witness: str, origins: Sequence[str]) -> Diagnostic:
    """Columns that are the same in every row."""
    help = "leave out what makes every row the same, or exclude it with `forbid`"
    what = "no table in which every column has one value only"
    return _refused("E0448", places, where, what, _from("gets one", witness, origins), help)


def _refused(code: str, places: Places, where: str, takes: str, label: str, help: str) -> Diagnostic:
    """One message for all steps that fail for one reason; the first few are pointed to."""
    (span, first), *others = places
    modules = list(dict.fromkeys([f"`{first}`", *(f"`{name}`" for _, name in others)]))
    verbs = ("fails", "it takes") if len(modules) == 1 else ("fail", "they take")
    message = f"{_listed(modules)} {verbs[0]} {where}: {verbs[1]} {takes}"
    labels = tuple(Label(own, "here too") for own, _ in others[: _SHOWN - 1])
    return Diagnostic(code, message, span, label, help, labels)


def too_few_columns(span: Span, module: str, where: str, witness: str, least: str) -> Diagnostic:
    """Fewer columns than a class needs."""
    fact = "it needs a column, and none is left" if least == "1" else f"it needs at least {least} columns"
    help = "select or make more columns before it"
    return _fails("E0437", span, module, where, fact, _from("gets fewer", witness), help)


def too_many_columns(span: Span, module: str, where: str, witness: str, most: str) -> Diagnostic:
    """More columns than a class takes."""
    fact = f"it takes at most {most} column"
    return _fails("E0438", span, module, where, fact, _from("gets more", witness), _SELECT)


def unfit_step(span: Span, module: str, where: str, witness: str, reason: str) -> Diagnostic:
    """A class that cannot be fitted to a table with one target."""
    return _fails("E0439", span, module, where, reason, _from("fits no table", witness), "use another class")


def needs_one_text(span: Span, module: str, where: str, witness: str) -> Diagnostic:
    """A vectorizer that gets a table."""
    fact = "it takes one column of texts, not a table"
    help = f"give it one: `columns {{ text => {module}()  rest => drop }}`"
    return _fails("E0440", span, module, where, fact, _from("gets a table", witness), help)


def names_gone(span: Span, where: str, witness: str) -> Diagnostic:
    """Columns selected by name or kind behind a step that gives an array."""
    fact = "what comes before it gives columns without names and kinds"
    help = "move the step before it into the routes"
    return _fails("E0441", span, "columns", where, fact, _from("gets an array", witness), help)


def method_missing(span: Span, module: str, where: str, witness: str, asks: str) -> Diagnostic:
    """A model without the scores or probabilities that a metric, or the class around it, needs."""
    fact = f"{asks}, which it does not have"
    is_metric = asks.startswith("the metric")
    other = "use a metric of predictions (`accuracy`), " if is_metric else ""
    help = f"{other}wrap it in `CalibratedClassifierCV`, or leave it out"
    if "`coef_" in asks:
        help = 'write `kernel = "linear"`, or use a model that tells the importance of columns'
    return _fails("E0442", span, module, where, fact, _from("has no such method", witness), help)


def target_refused(span: Span, module: str, where: str, witness: str, needed: str) -> Diagnostic:
    """A target outside of what a loss is defined for."""
    fact = f"it takes only {needed} targets"
    return _fails("E0443", span, module, where, fact, _from("the target has others", witness), _OTHER_CLASS)


def classes_refused(span: Span, module: str, where: str, witness: str, most: str) -> Diagnostic:
    """More classes than a class can tell apart."""
    fact = f"it takes at most {most} classes"
    return _fails("E0444", span, module, where, fact, _from("the target has more", witness), _OTHER_CLASS)


def too_few_rows_of_a_class(span: Span, module: str, where: str, witness: str, rows: str) -> Diagnostic:
    """A covariance of each class, and a class with fewer rows than columns."""
    fact = f"each class needs more rows than there are columns, and one has {rows} at most"
    return _fails("E0445", span, module, where, fact, _from("gets more columns", witness), _SELECT)


def _fails(code: str, span: Span, module: str, where: str, fact: str, label: str, help: str) -> Diagnostic:
    return Diagnostic(code, f"`{module}` fails {where}: {fact}", span, label, help)


def empty_route(span: Span, shown: str) -> Diagnostic:
    """A route that takes no column of the table."""
    help = "leave the route out, or check its selector"
    return Diagnostic("W0430", f"no column of the table is {shown}", span, "never used with this table", help)


def nothing_missing(span: Span, module: str) -> Diagnostic:
    """An imputer where no value is missing."""
    message = f"`{module}` has nothing to fill in: no value is missing in its columns"
    return Diagnostic("W0431", message, span, "changes nothing", "leave it out, or keep it for new data")


def numbers_encoded(span: Span, module: str, columns: Sequence[str]) -> Diagnostic:
    """An encoder of categories where columns hold numbers."""
    message = f"`{module}` encodes columns of numbers as categories: {_listed(columns)}"
    help = "route it: `columns { categorical => … }`, or use `KBinsDiscretizer` for numbers"
    return Diagnostic("W0432", message, span, "each number becomes a category of its own", help)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _from(fact: str, witness: str, origins: Sequence[str] = ()) -> str:
    source = f" from {_listed(origins)}" if origins else ""
    return f"{fact}{source}" + (f", with {witness}" if witness else "")
