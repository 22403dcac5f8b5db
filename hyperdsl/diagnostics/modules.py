"""The target libraries' classes, their parameters and values (E04xx, W04xx)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic, Label
from hyperdsl.diagnostics.names import _or
from hyperdsl.source import Span


def unknown_parameter(span: Span, module: str, parameter: str, suggestions: Sequence[str]) -> Diagnostic:
    """A constructor has no parameter of this name."""
    help = (
        f"did you mean {_or(suggestions)}?" if suggestions else f"see the parameters in the documentation of {module}"
    )
    return Diagnostic("E0401", f"`{module}` has no parameter `{parameter}`", span, "not a parameter", help)


def bad_value(
    span: Span, module: str, parameter: str, shown: str, fact: str, takes: str, origin: Span | None = None
) -> Diagnostic:
    """A value that the parameter's declared constraint does not admit."""
    labels = (Label(origin, f"given to `{parameter}` here"),) if origin is not None and origin != span else ()
    return Diagnostic(
        "E0402", f"`{parameter}` of `{module}` {fact}, got {shown}", span, fact, f"it takes {takes}", labels
    )


def missing_parameter(span: Span, module: str, parameter: str) -> Diagnostic:
    """A required constructor parameter is not given."""
    return Diagnostic(
        "E0403",
        f"`{module}` needs `{parameter}`",
        span,
        f"`{parameter}` is missing",
        f"write `{parameter} = ...` among the arguments",
    )


def not_an_estimator(span: Span, shown: str, entry: Span | None) -> Diagnostic:
    """A program does not end in something with ``predict``."""
    labels = (Label(entry, "this space"),) if entry is not None and entry != span else ()
    return Diagnostic(
        "E0404",
        f"the pipeline ends in {shown}, which cannot predict",
        span,
        "the last step",
        "end it with a classifier or a regressor; parts of one are written as `def`",
        labels,
    )


def not_a_transformer(span: Span, shown: str) -> Diagnostic:
    """A step before the last one that does not transform."""
    return Diagnostic(
        "E0405",
        f"{shown} is followed by another step, but it does not transform its input",
        span,
        "not a transformer",
        "an estimator can only be the last step",
    )


def wrong_task(span: Span, shown: str, is_a: str, task: str) -> Diagnostic:
    """A classifier in a regression, or the reverse."""
    return Diagnostic(
        "E0406", f"{shown} is a {is_a}, and the task is {task}", span, f"a {is_a}", f"use its counterpart for {task}"
    )


def mixed_tasks(span: Span, classifier: str, regressor: str, other: Span) -> Diagnostic:
    """One space with classifiers and regressors."""
    return Diagnostic(
        "W0401",
        f"this space has classifiers ({classifier}) and regressors ({regressor})",
        span,
        "a classifier",
        "one target can only be one of the two",
        (Label(other, "a regressor"),),
    )


def estimator_in_parallel(span: Span, shown: str) -> Diagnostic:
    """An estimator stands under ``&``."""
    return Diagnostic(
        "E0407",
        f"{shown} stands under `&`, where only transformers can",
        span,
        "not a transformer",
        "combine estimators with VotingClassifier or StackingClassifier",
    )


def not_a_step(span: Span, shown: str) -> Diagnostic:
    """A value stands where a module belongs."""
    return Diagnostic(
        "E0408",
        f"{shown} is a value and cannot be a step of a pipeline",
        span,
        "not a module",
        "a step is a module such as `StandardScaler()`",
    )


def module_not_called(span: Span, name: str) -> Diagnostic:
    """A class is named as a step without its parentheses."""
    return Diagnostic(
        "E0409", f"`{name}` is a class; a step needs an object of it", span, "not called", f"write `{name}()`"
    )


def nothing_recommended(span: Span, module: str) -> Diagnostic:
    """``...`` for a module without recommended ranges."""
    return Diagnostic(
        "E0410",
        f"there are no recommended ranges for `{module}`",
        span,
        "`...` stands for nothing",
        "write the parameters you want to search, for instance `alpha = 1e-3..1e3 log`",
    )


def integer_range_for_real(span: Span, module: str, parameter: str, low: float, high: float) -> Diagnostic:
    """Whole numbers only, where the catalog takes reals."""
    return Diagnostic(
        "E0411",
        f"`{parameter}` of `{module}` takes real numbers, and this range holds only whole ones",
        span,
        "whole numbers only",
        f"write `{float(low)}..{float(high)}`",
    )


def positional_module_argument(span: Span, module: str) -> Diagnostic:
    """More positional arguments than the constructor has parameters."""
    return Diagnostic(
        "E0412",
        f"`{module}` takes no further arguments without a name",
        span,
        "which parameter?",
        "name it: parameter = value",
    )
