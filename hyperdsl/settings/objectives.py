"""The metrics of an experiment, checked by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hyperdsl.catalog.user import find_module_file, require_user_name
from hyperdsl.check.walk import shown
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import experiments as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.schema import Task
from hyperdsl.search.goals import Constraint
from hyperdsl.search.units import UNITS
from hyperdsl.settings import metrics
from hyperdsl.settings.values import Entries, Takes
from hyperdsl.source import Span
from hyperdsl.syntax import tree

_DIRECTIONS = ("maximize", "minimize")
_USUAL = ("roc_auc", "log_loss", "accuracy", "f1_macro", "r2", "rmse", "mae", "predict_time", "…")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(value)
    return value


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [_text(value)]
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError(value)
    return [_text(item) for item in value]


def _bound(value: Any) -> list[Constraint]:
    return [Constraint.parse(_text(value))]


def _bounds(value: Any) -> list[Constraint]:
    return [Constraint.parse(text) for text in _texts(value)]


_EXAMPLE = "roc_auc, minimize(log_loss), or a list of several"
_METRICS = Takes("a metric", _EXAMPLE, _texts)
_METRIC = Takes("a metric", _EXAMPLE, _text)
_BOUNDS = Takes("bounds of metrics and costs", f'["predict_time < 5 ms"]; units are {", ".join(UNITS)}', _bounds)
_BOUND = Takes("a bound", f'"predict_time < 5 ms"; units are {", ".join(UNITS)}', _bound)


def read_metric(entries: Entries, name: str, expr: tree.Expr) -> Mapping[str, object]:
    """``roc_auc``, ``maximize(roc_auc)``, or a list of such: the score, then further objectives and costs."""

    def read(numbered: tuple[int, tree.Expr]) -> list[str]:
        number, part = numbered
        found = _metrics(entries, name, part)
        return entries.each(
            enumerate(found), lambda item: _checked(entries, part.span, item[1], first=number == item[0] == 0)
        )

    if isinstance(expr, tree.ListExpr) and not expr.items:
        entries.value(name, expr, _METRICS)
    texts = [text for texts in entries.each(enumerate(_items(expr)), read) for text in texts]
    return {"metric": texts if len(texts) > 1 else texts[0]}


def read_constraints(entries: Entries, name: str, expr: tree.Expr) -> Mapping[str, object]:
    """Bounds of metrics and costs; none at all are written ``[]``."""

    def read(part: tree.Expr) -> list[str]:
        found = entries.value(name, part, _BOUND if isinstance(expr, tree.ListExpr) else _BOUNDS)
        for bound in found:
            if metrics.MetricText(bound.name).is_own:
                _check_own(entries, part.span, bound.name)
            elif bound.name not in (*metrics.COSTS, *metrics.PROXIES):
                _scorer(entries, part.span, bound.name)
        return [str(bound) for bound in found]

    return {"constraints": [bound for bounds in entries.each(_items(expr), read) for bound in bounds]}


def check_task(entries: Entries, span: Span, written: str | Sequence[str], task: Task) -> None:
    """Report metrics of an experiment that are not for its task."""
    for name in [written] if isinstance(written, str) else written:
        of = metrics.task_of(name)
        if of is not None and (of == "regression") != (task == "regression"):
            entries.reporter.add(say.metric_for_other_task(span, name, of, task, metrics.USUAL[task]))


def _items(expr: tree.Expr) -> Sequence[tree.Expr]:
    return expr.items if isinstance(expr, tree.ListExpr) else (expr,)


def _metrics(entries: Entries, name: str, expr: tree.Expr) -> list[str]:
    """A word, a directed word, or a constant that holds one or several."""
    word, call = entries.word(expr), entries.called(expr)
    if word is not None:
        return [word]
    if call is None:
        return list(entries.value(name, expr, _METRICS))
    direction, arguments = call[0], call[1].arguments
    inner = arguments[0].value if len(arguments) == 1 and arguments[0].kind == "positional" else None
    if direction not in _DIRECTIONS or inner is None:
        entries.fail(say.bad_value(expr.span, name, shown(expr), "a metric", _EXAMPLE))
    metric = entries.word(inner) or entries.value(name, inner, _METRIC)
    return [f"{direction}({metric})"]


def _checked(entries: Entries, span: Span, text: str, first: bool) -> str:
    """The metric as ``hyperdsl.Experiment`` takes it."""
    metric = metrics.parse_metric(text)
    if metric.is_own:
        _check_own(entries, span, metric.name)
        return str(metric)
    if metric.name in metrics.COSTS or metric.name in metrics.PROXIES:
        if first:
            entries.fail(say.cost_is_no_score(span, metric.name))
        better: metrics.Direction = metrics.PROXIES.get(metric.name, "minimize")
    else:
        better = metrics.direction_of(metric.name, _scorer(entries, span, metric.name))
    if metric.direction not in (None, better):
        entries.fail(say.metric_direction(span, metric.name, str(metric.direction)))
    return metric.name


def _check_own(entries: Entries, span: Span, name: str) -> None:
    """Report what can be seen of a metric in the files of the program, none of which is run."""
    module, _, function = name.partition(":")
    if find_module_file(module.partition(".")[0], entries.search_path) is None:
        return  # of an installed package: only importing tells
    try:
        require_user_name(f"{module}.{function}", entries.search_path, span)
    except HypError as error:
        for diagnostic in error.diagnostics[:-1]:
            entries.reporter.add(diagnostic)
        entries.fail(error.diagnostics[-1])


def _scorer(entries: Entries, span: Span, name: str) -> str:
    scorer = metrics.scorer_name(name)
    if scorer is None:
        module, dot, function = name.rpartition(".")
        near = [f'"{module}:{function}"'] if dot else did_you_mean(name, metrics.known_names())
        entries.fail(say.unknown_word(span, "metric", name, near, _USUAL))
    return scorer
