"""What an ``experiment`` says of a search (E092x, E093x)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic, Label
from hyperdsl.source import Span


def _or(names: Sequence[str]) -> str:
    quoted = [f"`{n}`" for n in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _near(suggestions: Sequence[str], otherwise: str, known: Sequence[str]) -> str:
    return f"did you mean {_or(suggestions)}?" if suggestions else f"{otherwise} {', '.join(known)}"


# --- entries


def unknown_entry(span: Span, name: str, suggestions: Sequence[str], known: Sequence[str]) -> Diagnostic:
    """An experiment has no such entry."""
    return Diagnostic(
        "E0920",
        f"an experiment has no entry `{name}`",
        span,
        "not an entry",
        _near(suggestions, "its entries are", known),
    )


def entry_twice(span: Span, name: str, first: Span) -> Diagnostic:
    """One experiment says the same thing twice."""
    return Diagnostic(
        "E0921",
        f"the entry `{name}` is given twice",
        span,
        "again here",
        "remove one of them",
        (Label(first, "first here"),),
    )


def entry_decides(span: Span, name: str) -> Diagnostic:
    """A choice or range where a search needs one value."""
    return Diagnostic(
        "E0922",
        f"`{name}` must be one value that is known before the search",
        span,
        "decided by the search, or told by the data",
        "write a constant; what is to be searched belongs in the space",
    )


def bad_value(span: Span, name: str, shown: str, expected: str, example: str) -> Diagnostic:
    """An entry, or an argument in it, with a value that it does not take."""
    return Diagnostic("E0923", f"`{name}` cannot be {shown}", span, f"expected {expected}", f"write {example}")


def unknown_word(span: Span, what: str, name: str, suggestions: Sequence[str], known: Sequence[str]) -> Diagnostic:
    """A metric, a searcher or a way to split that there is not."""
    return Diagnostic(
        "E0924", f"there is no {what} `{name}`", span, f"not a {what}", _near(suggestions, "there are", known)
    )


def unknown_setting(span: Span, form: str, name: str, suggestions: Sequence[str], known: Sequence[str]) -> Diagnostic:
    """An argument that a form of an entry does not take."""
    return Diagnostic(
        "E0928", f"`{form}` has no argument `{name}`", span, "not an argument", _near(suggestions, "it takes", known)
    )


# --- metrics


def metric_direction(span: Span, name: str, direction: str) -> Diagnostic:
    """A score that is to be minimized, or a loss or cost that is to be maximized."""
    other, way = ("maximize", "greater") if direction == "minimize" else ("minimize", "less")
    return Diagnostic(
        "E0925",
        f"`{name}` is better when it is {way}, so that a search cannot {direction} it",
        span,
        f"{way} is better",
        f"write `{other}({name})`, or `{name}` alone",
    )


def cost_is_no_score(span: Span, name: str) -> Diagnostic:
    """A cost as the only objective or the first."""
    return Diagnostic(
        "E0926",
        f"`{name}` is a cost, and the first metric is the score",
        span,
        "a cost",
        f'put a metric before it: `metric = [roc_auc, {name}]`; or bound it: `constraints = ["{name} < …"]`',
    )


def metric_for_other_task(span: Span, name: str, of: str, task: str, suggestions: Sequence[str]) -> Diagnostic:
    """A metric of numbers for classes, or the reverse."""
    return Diagnostic(
        "E0927",
        f"`{name}` is a metric for {of}, but the task is {task}",
        span,
        f"for {of}",
        f"write {_or(suggestions)}",
    )


# --- spaces


def no_such_space(span: Span, shown: str, known: Sequence[str], suggestions: Sequence[str]) -> Diagnostic:
    """``space`` names something that is no space of the file."""
    help = f"did you mean {_or(suggestions)}?" if suggestions else f"this file has {_or(known)}" if known else ""
    return Diagnostic(
        "E0929", f"there is no space `{shown}` in this file", span, "not a space", help or "add one: space name = ..."
    )


def space_not_said(span: Span, name: str, known: Sequence[str]) -> Diagnostic:
    """An experiment without ``space`` in a file that has none, or several."""
    found = f"{len(known)} spaces: {', '.join(known)}" if known else "no space"
    help = f"say which one: `space = {known[0]}`" if known else "add one: space name = ..."
    return Diagnostic("E0930", f"the experiment `{name}` has no `space`, and this file has {found}", span, "", help)


# --- places


def place_outside(span: Span, name: str, path: str, root: str, option: str) -> Diagnostic:
    """A file that an entry names lies outside of the program's folder."""
    return Diagnostic(
        "E0931",
        f"the path `{path}` of `{name}` leads outside of the program's folder",
        span,
        f"not below {root}",
        f"move it there, or leave the entry out and give it with {option} on the command line",
    )


def study_is_a_url(span: Span) -> Diagnostic:
    """A database, which a file cannot choose for who runs it."""
    return Diagnostic(
        "E0932",
        "`study` of a file cannot be a database",
        span,
        "a URL",
        'write the path of a file, `"study.db"`; give a database with --study URL on the command line',
    )


# --- which experiment


def which_experiment(known: Sequence[str]) -> Diagnostic:
    """Several experiments and none was named."""
    return Diagnostic(
        "E0933",
        f"this file has {len(known)} experiments: {', '.join(known)}",
        help='say which one with --experiment NAME (in Python: load_experiment(path, "NAME"))',
    )


def no_experiment(path: str) -> Diagnostic:
    """A file without an experiment was to be run as one."""
    return Diagnostic(
        "E0936",
        f"{path!r} has no experiment",
        help='add one: experiment name { data = "train.csv" target = "income" }; or use hyperdsl.Experiment(space, …)',
    )


def unknown_experiment(name: str, known: Sequence[str], suggestions: Sequence[str]) -> Diagnostic:
    """An experiment was asked for that the file does not have."""
    has = f"it has {_or(known)}" if known else 'add one: experiment name { data = "train.csv" target = "income" }'
    help = f"did you mean {_or(suggestions)}?" if suggestions else has
    return Diagnostic("E0934", f"there is no experiment `{name}` in this file", help=help)


def entry_missing(name: str, missing: Sequence[str]) -> Diagnostic:
    """A search needs what neither the experiment nor the caller says."""
    return Diagnostic(
        "E0935",
        f"the experiment `{name}` does not say its {_or(missing)}",
        help=f"add `{missing[0]} = …` to it, or give it: load_experiment(path, {missing[0]}=…)",
    )
