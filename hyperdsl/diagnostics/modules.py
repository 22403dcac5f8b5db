"""The target libraries' classes, their parameters and values (E04xx, W04xx)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic, Label
from hyperdsl.diagnostics.names import _or
from hyperdsl.source import Span

_LISTED = 12  # parameters that a message lists


def unknown_parameter(
    span: Span, module: str, parameter: str, known: Sequence[str], suggestions: Sequence[str]
) -> Diagnostic:
    """A constructor has no parameter of this name."""
    more = f", … ({len(known)} in all)" if len(known) > _LISTED else ""
    takes = f"it takes {', '.join(known[:_LISTED])}{more}" if known else "it takes no arguments"
    help = f"did you mean {_or(suggestions)}?" if suggestions else takes
    return Diagnostic("E0401", f"`{module}` has no parameter `{parameter}`", span, "not a parameter", help)


def modifier_as_argument(span: Span, module: str, name: str) -> Diagnostic:
    """``f(a = 1..5, log = True)``."""
    example = {"log": "1e-4..1e-1 log", "step": "1..9 step 2", "default": "1..9 default 3"}[name]
    return Diagnostic(
        "E0418",
        f"`{module}` has no parameter `{name}`: that belongs to a range",
        span,
        "not a parameter",
        f"write it behind the range: `{example}`",
    )


def bad_value(
    span: Span,
    module: str,
    parameter: str,
    shown: str,
    fact: str,
    takes: str,
    instead: str = "",
    use: Span | None = None,
) -> Diagnostic:
    """A value that the parameter's declared constraint does not admit; ``use`` is the call, if it is elsewhere."""
    labels = (Label(use, f"its `{parameter}`"),) if use is not None else ()
    help = f"did you mean `{instead}`? it takes {takes}" if instead else f"it takes {takes}"
    return Diagnostic("E0402", f"`{parameter}` of `{module}` cannot be {shown}", span, fact, help, labels)


def computed_value(span: Span, module: str, parameter: str, takes: str, where: str, witness: str) -> Diagnostic:
    """A value that is worked out, and that the parameter does not take in some configurations."""
    return Diagnostic(
        "E0419",
        f"`{parameter}` of `{module}` is not {takes} {where}",
        span,
        f"fails with {witness}" if witness else "whatever is decided",
        "narrow the decisions behind it, bound it with `max` or `min`, or exclude these configurations with `require`",
    )


_EXAMPLES = {
    "estimator": "DecisionTreeClassifier()",
    "estimators": "[first: RandomForestClassifier(), second: LogisticRegression()]",
    "steps": "[scale: StandardScaler(), model: Ridge()]",
    "kernel": "RBF()",
}


def missing_parameter(span: Span, module: str, parameter: str) -> Diagnostic:
    """A required constructor parameter is not given."""
    example = _EXAMPLES.get(parameter, "value")
    return Diagnostic(
        "E0403",
        f"`{module}` needs `{parameter}`",
        span,
        f"`{parameter}` is missing",
        f"write `{module}({parameter} = {example})`",
    )


def not_an_estimator(span: Span, shown: str) -> Diagnostic:
    """A program does not end in something with ``predict``."""
    return Diagnostic(
        "E0404",
        f"the pipeline ends in {shown}, which cannot predict",
        span,
        "the last step",
        "end it with a classifier or a regressor: `... >> Ridge()`; parts of one are written as `def`",
    )


def estimator_left_out(span: Span) -> Diagnostic:
    """``?`` stands behind the last step."""
    return Diagnostic(
        "E0413",
        "without this step the pipeline cannot predict, and `?` may leave it out",
        span,
        "the last step",
        "drop the `?`, or write another model as alternative: `a | b`",
    )


def not_a_transformer(span: Span, shown: str) -> Diagnostic:
    """A step before the last one that does not transform."""
    return Diagnostic(
        "E0405",
        f"{shown} is followed by another step, but it does not transform its input",
        span,
        "not a transformer",
        "a model can only be the last step; to feed its predictions to another use a StackingClassifier",
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
        "a target has classes or is a number: write a space for each",
        (Label(other, "a regressor"),),
    )


def estimator_in_parallel(span: Span, shown: str) -> Diagnostic:
    """An estimator stands under ``&``, or at the end of a branch of it."""
    return Diagnostic(
        "E0407",
        f"{shown} stands under `&`, where every branch must transform",
        span,
        "not a transformer",
        "for steps before a model write `(a & b) >> model`; to combine models use VotingClassifier",
    )


def estimator_in_columns(span: Span, shown: str) -> Diagnostic:
    """An estimator stands in a route of ``columns``."""
    return Diagnostic(
        "E0414",
        f"{shown} stands in a route of `columns`, which can only transform",
        span,
        "not a transformer",
        "put the model behind: `columns { ... } >> model`",
    )


def model_argument(span: Span, module: str, parameter: str, shown: str, needed: str) -> Diagnostic:
    """What stands where a module takes a model is none, or one of the wrong kind."""
    return Diagnostic(
        "E0415",
        f"`{parameter}` of `{module}` takes {needed}, and {shown} is none",
        span,
        f"not {needed}",
        f"write {needed} here; steps before it go in front: `StandardScaler() >> model`",
    )


def not_a_step(span: Span, shown: str) -> Diagnostic:
    """A value stands where a module belongs."""
    nothing = shown in ("`None`", '`"passthrough"`')
    return Diagnostic(
        "E0408",
        f"{shown} is a value and cannot be a step of a pipeline",
        span,
        "not a module",
        "a step that does nothing is `pass`; a `?` behind a step makes it optional: `StandardScaler()?`"
        if nothing
        else "a step is a module such as `StandardScaler()`",
    )


def function_as_step(span: Span, name: str) -> Diagnostic:
    """A function is named as a step."""
    instead = f"FunctionTransformer(func = {name})"
    return Diagnostic(
        "E0416", f"`{name}` is a function, and a step is an object", span, "a function", f"write `{instead}`"
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
        "stands for nothing here",
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


def positional_module_argument(span: Span, module: str, known: int) -> Diagnostic:
    """More positional arguments than the constructor has parameters."""
    return Diagnostic(
        "E0412",
        f"`{module}` has {known} parameter{'s' if known != 1 else ''}, and this is a further argument",
        span,
        "one too many",
        "name each argument: `parameter = value`",
    )
