"""Spaces from and for other systems (E095x, W095x)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span

# --- reading


def not_a_space(path: str, reason: str) -> Diagnostic:
    """A file that is said to hold a compiled space, and does not."""
    return Diagnostic(
        "E0950",
        f"'{path}' holds no space of hyperdsl: {reason}",
        help="write the file with `hyperdsl compile FILE --to json`",
    )


def no_stages(stage: str) -> Diagnostic:
    """``--emit`` of a space that is compiled already."""
    return Diagnostic(
        "E0960", f"a compiled space has no {stage} to show", help="use `--emit` with the .hyp file that it came from"
    )


def unknown_module(span: Span | None, path: str) -> Diagnostic:
    """A compiled space names a class or function that no installed library has."""
    return Diagnostic(
        "E0951",
        f"the space uses `{path}`, which no installed library has",
        span,
        "used here",
        "install the version of the library that the space was written with",
    )


def not_text_data(path: str, kind: str, line: int, reason: str) -> Diagnostic:
    """A file to import that is neither JSON nor YAML."""
    return Diagnostic(
        "E0952",
        f"'{path}' is not {kind}: {reason} in line {line}",
        help="`hyperdsl import` reads ConfigSpace JSON, W&B sweeps, Katib experiments and Optuna's SQLite files",
    )


def unknown_format(path: str) -> Diagnostic:
    """A file to import that is of no system we know."""
    return Diagnostic(
        "E0953",
        f"'{path}' is of no format that can be imported",
        help="it needs `hyperparameters` (ConfigSpace), `parameters` (W&B sweep) or `spec: parameters:` (Katib), "
        "or is an SQLite file of Optuna",
    )


def no_study(path: str, studies: Sequence[str]) -> Diagnostic:
    """An Optuna file without the study, or without one that says what its parameters are."""
    if not studies:
        return Diagnostic("E0954", f"'{path}' holds no study", help="import a file that Optuna has written trials to")
    return Diagnostic(
        "E0954",
        f"'{path}' holds {len(studies)} studies: {', '.join(studies)}",
        help="say which one with `--study NAME`",
    )


def empty_study(path: str, study: str) -> Diagnostic:
    """A study without trials: Optuna keeps distributions with trials."""
    return Diagnostic(
        "E0955",
        f"the study '{study}' of '{path}' has no trial with parameters",
        help="Optuna stores distributions with trials: run one, then import",
    )


def foreign_parameter(path: str, parameter: str, reason: str) -> Diagnostic:
    """A parameter of a foreign space that is broken, or that the language cannot say."""
    return Diagnostic(
        "E0956", f"cannot import `{parameter}` of '{path}': {reason}", help="remove it or change it, then import again"
    )


def foreign_lost(path: str, what: str, reason: str) -> Diagnostic:
    """A part of a foreign space that the file leaves out."""
    return Diagnostic(
        "W0956", f"{what} of '{path}' is left out: {reason}", help="add it by hand to the file that was written"
    )


# --- writing


def cannot_say(target: str, path: str, reason: str, span: Span | None, instead: str) -> Diagnostic:
    """A decision that the target system has no form for."""
    return Diagnostic("E0958", f"{target} cannot say `{path}`: {reason}", span, "decided here", instead)


def conditions_lost(target: str, span: Span | None) -> Diagnostic:
    """A ``require`` or ``forbid``, for a system that has no form for it."""
    return Diagnostic(
        "E0959",
        f"{target} cannot say this condition",
        span,
        "a condition",
        "use `--to json`, or draw configurations with `hyperdsl sample`",
    )


def prior_lost(target: str, paths: Sequence[str]) -> Diagnostic:
    """Weights that the target system has no form for."""
    shown = ", ".join(f"`{p}`" for p in paths[:3]) + (", …" if len(paths) > 3 else "")
    return Diagnostic(
        "W0958",
        f"{target} takes all alternatives to be equally likely: the weights of {shown} are left out",
        help="they shape what is tried first; its search learns from results after that",
    )
