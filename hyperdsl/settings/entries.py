"""The table of an experiment's entries: what each takes, and which argument of ``hyperdsl.Experiment`` it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hyperdsl.check.walk import shown
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import experiments as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.settings.amounts import parse_size, parse_time
from hyperdsl.settings.folds import FUNCTIONS, HOLDOUT, checked_folds, parse_folds
from hyperdsl.settings.objectives import read_constraints, read_metric
from hyperdsl.settings.places import data_place, study_place
from hyperdsl.settings.values import Entries, Takes
from hyperdsl.syntax import tree

# Gives the arguments of `hyperdsl.Experiment` that an entry sets.
Reader = Callable[[Entries, str, tree.Expr], Mapping[str, object]]


def check(value: Any, holds: bool) -> Any:
    """The value, where it is one.

    Raises
    ------
    ValueError
        Where it is none.
    """
    if not holds:
        raise ValueError(value)
    return value


def text(value: Any) -> str:
    return str(check(value, isinstance(value, str) and value != ""))


def whole_from(least: int) -> Callable[[Any], int]:
    return lambda value: int(check(value, type(value) is int and value >= least))


def one_of(options: Sequence[object]) -> Callable[[Any], object]:
    """One of the options; `1`, `1.0` and `True` differ."""
    return lambda value: check(value, any(type(value) is type(o) and value == o for o in options))


def seconds(value: Any) -> float:
    """Seconds, as a number or with a unit."""
    if isinstance(value, str):
        return parse_time(value)
    return float(check(value, type(value) in (int, float) and value > 0))


def size(value: Any) -> int:
    """Bytes, as a number or with a unit."""
    return parse_size(value) if isinstance(value, str) else whole_from(0)(value)


def folds(value: Any) -> str:
    """A number of folds, or what ``--cv`` takes."""
    return str(checked_folds(None, value) if type(value) is int else parse_folds(text(value)))


def early(value: Any) -> bool | int:
    return value if type(value) is bool else whole_from(1)(value)


def trials(value: Any) -> bool | int:
    return value if type(value) is bool else whole_from(0)(value)


_TASKS = ("binary", "multiclass", "regression")

COLUMN = Takes("the name of a column", '"income"', text)
TASK = Takes("a task", '"binary", "multiclass" or "regression"', one_of(_TASKS), words=True)
TIME = Takes("a time", '"90 s", "10 min" or "1h30m"', seconds)
COUNT = Takes("a whole number >= 1", "10", whole_from(1))
JOBS = Takes('a whole number >= 1, or "auto"', "2", lambda n: n if n == "auto" else whole_from(1)(n), words=True)
SEED = Takes("a whole number >= 0", "7", whole_from(0))
FOLDS = Takes("a way to split rows", 'stratified_kfold(5), holdout(0.2) or "timeseries:5"', folds)

_SEARCH = {
    "trials": COUNT,
    "timeout": TIME,
    "trial_timeout": TIME,
    "trial_memory": Takes("a size in memory", '"2 GB"', size),
    "seed": SEED,
    "jobs": JOBS,
    "batch": COUNT,
}


def one(argument: str, takes: Takes) -> Reader:
    """An entry with one value."""
    return lambda entries, name, expr: {argument: entries.value(name, expr, takes)}


def read_validate(entries: Entries, name: str, expr: tree.Expr) -> Mapping[str, object]:
    """``stratified_kfold(5)``, ``"timeseries:5"``, ``5``."""
    word, call = entries.word(expr), entries.called(expr)
    function = word or (call[0] if call else None)
    if function is None:
        return {"cv": entries.value(name, expr, FOLDS)}
    if function not in FUNCTIONS:
        wanted = _snake(function)
        near = [wanted] if wanted in FUNCTIONS else did_you_mean(function, FUNCTIONS)
        entries.fail(say.unknown_word(_place(expr), "way to split rows", function, near, list(FUNCTIONS)))
    kind = FUNCTIONS[function]
    takes = {"share": _SHARE} if kind == HOLDOUT else {"folds": _FOLDS}
    given = entries.arguments(function, call[1], takes, first=True) if call else {}
    return {"cv": str(checked_folds(kind, next(iter(given.values()), None)))}


_FOLDS = Takes("a number of folds, 2 or more", "5", whole_from(2))
_SHARE = Takes("a share of the rows, between 0 and 1", "0.2", lambda v: check(v, type(v) is float and 0 < v < 1))


def read_search(entries: Entries, name: str, expr: tree.Expr) -> Mapping[str, object]:
    """``auto``, ``tpe(trials = 200)``, ``evolution(population = 50, timeout = "10 min")``."""
    from hyperdsl.search.searchers import searcher_names
    from hyperdsl.search.searchers.naming import SearcherSpec

    call = entries.called(expr)
    searcher = entries.word(expr) or (call[0] if call else None)
    if searcher is None:
        searcher = entries.value(name, expr, Takes("a searcher", "auto(trials = 100)", text))
    known = searcher_names()
    if "(" in searcher:
        entries.fail(say.bad_value(expr.span, name, shown(expr), "a searcher", searcher))
    if searcher not in known:
        near = did_you_mean(searcher, known)
        entries.fail(say.unknown_word(_place(expr), "searcher", searcher, near, known))
    given: dict[str, Any] = {}
    if call is not None:
        names = [a.name for a in call[1].arguments if a.name is not None]
        given = entries.arguments(searcher, call[1], {**_SEARCH, **_options(searcher, names)})
    options = {option: given.pop(option) for option in list(given) if option not in _SEARCH}
    if "trials" in given:
        given["n_trials"] = given.pop("trials")
    return {"searcher": str(SearcherSpec(searcher, options)), **given}


def _options(searcher: str, names: Sequence[str]) -> dict[str, Takes]:
    """The searcher's own options among some names; their values are checked by the searcher, when it is made.

    A searcher of another package is not imported to be asked.
    """
    from hyperdsl.search.searchers import is_own, searcher_options

    if all(name in _SEARCH for name in names):
        return {}
    found = searcher_options(searcher) if is_own(searcher) else dict.fromkeys(names)
    return {name: Takes("a constant", repr(default), _literal, words=True) for name, default in found.items()}


def _literal(value: Any) -> Any:
    return check(value, value is None or type(value) in (bool, int, float, str, list, tuple))


def read_fidelity(entries: Entries, name: str, expr: tree.Expr) -> Mapping[str, object]:
    """``fidelity(rows = 0.1..1.0)``, ``fidelity(n_estimators = 16..512)``, or what ``--fidelity`` takes, in quotes."""
    call = entries.called(expr)
    if call is None:
        return {"fidelity": entries.value(name, expr, FIDELITY)}
    arguments = call[1].arguments
    amounts = arguments[0].value if len(arguments) == 1 and arguments[0].name else None
    if call[0] != "fidelity" or not isinstance(amounts, tree.Range) or amounts.log or amounts.step or amounts.default:
        entries.fail(say.bad_value(expr.span, name, shown(expr), FIDELITY.expected, FIDELITY.example))
    low, high = (entries.value(str(arguments[0].name), end, AMOUNT) for end in (amounts.low, amounts.high))
    try:
        return {"fidelity": fidelity(f"{arguments[0].name}={low!r}..{high!r}")}
    except ValueError:
        entries.fail(say.bad_value(expr.span, name, shown(expr), FIDELITY.expected, FIDELITY.example))


def fidelity(value: Any) -> str:
    from hyperdsl.search.fidelity import Fidelity

    try:
        return str(Fidelity.of(text(value)))
    except HypError as error:
        raise ValueError(value) from error


FIDELITY = Takes(
    "what cheap trials have less of", "fidelity(rows = 0.1..1.0) or fidelity(n_estimators = 16..512)", fidelity
)
AMOUNT = Takes("a number above 0", "16", lambda v: check(v, type(v) in (int, float) and v > 0))


def read_space(entries: Entries, name: str, expr: tree.Expr) -> Mapping[str, object]:
    """A space of the file, by name."""
    spaces = list(entries.typed.spaces)
    if isinstance(expr, tree.Name) and expr.id in spaces:
        return {"space": expr.id}
    written = shown(expr)
    entries.fail(say.no_such_space(expr.span, written, spaces, did_you_mean(written.strip("\"'"), spaces)))


def _place(expr: tree.Expr) -> Any:
    return expr.function.span if isinstance(expr, tree.Call) else expr.span


def _snake(name: str) -> str:
    """``StratifiedKFold`` as a function of the language is called."""
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name)).replace("k_f", "kf")


ENTRIES: dict[str, Reader] = {
    "space": read_space,
    "data": data_place("data", "--data"),
    "target": one("target", COLUMN),
    "test": data_place("test", "--test"),
    "task": one("task", TASK),
    "groups": one("groups", COLUMN),
    "weights": one("weights", COLUMN),
    "metric": read_metric,
    "constraints": read_constraints,
    "validate": read_validate,
    "search": read_search,
    "early_stopping": one("early_stopping", Takes("True, False, or a number of rounds", "50", early)),
    "racing": one("racing", Takes("True or False", "False", one_of((True, False)))),
    "fidelity": read_fidelity,
    "inherit": one("inherit", Takes("True or False", "True", one_of((True, False)))),
    "ensemble": one("ensemble", Takes("True, False, or a number of trials", "20", trials)),
    "cache": one("cache", Takes("a size in memory, or 0 for none", '"500 MB"', size)),
    "study": study_place,
    "level": one("level", Takes("a level of optimization", "0, 1 or 2", one_of((0, 1, 2)))),
}
