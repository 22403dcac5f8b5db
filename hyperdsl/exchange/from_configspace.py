"""Reads the JSON that ConfigSpace 0.6 to 1.x write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hyperdsl.exchange.foreign import (
    CannotImport,
    Conjunction,
    ForeignSpace,
    Parameter,
    Test,
    choice,
    number,
    with_default,
)
from hyperdsl.exchange.values import entry, real, scalar, whole

_OPERATORS = {"EQ": "==", "NEQ": "!=", "LT": "<", "GT": ">"}
_DEVIATIONS = 8  # bounds this far out cut nothing that is ever drawn
_MOST_TERMS = 64


def read_configspace(document: Mapping[str, Any], space: ForeignSpace) -> Iterator[tuple[str, str]]:
    """Fill a space; yields the parameters that cannot be read, and why."""
    space.name = str(document.get("name") or "")
    active: dict[str, list[Conjunction]] = {}
    for condition in document.get("conditions") or []:
        child = str(condition.get("child")) if isinstance(condition, dict) else "a condition"
        try:
            terms = _terms(condition)
            known = active.get(child)
            active[child] = terms if known is None else [(*a, *b) for a in known for b in terms]
        except CannotImport as problem:
            yield child, str(problem)
    names = [str(item.get("name")) for item in document["hyperparameters"] if isinstance(item, dict)]
    for item in document["hyperparameters"]:
        name = str(item.get("name")) if isinstance(item, dict) else "a hyperparameter"
        try:
            terms = active.get(name, [])
            for test in (test for term in terms for test in term):
                if test.parent not in names:
                    raise CannotImport(f"it depends on `{test.parent}`, which is not there")
            space.parameters.append(Parameter(name, _domain(item, space), tuple(terms)))
        except CannotImport as problem:
            yield name, str(problem)
    forbidden = document.get("forbiddens") or []
    if forbidden:
        space.lost.append((f"{len(forbidden)} forbidden clauses", "an imported file has no constraints"))


def _domain(item: Any, space: ForeignSpace) -> str:
    if not isinstance(item, dict):
        raise CannotImport("it is not an object")
    default = item.get("default_value", item.get("default"))
    log = bool(item.get("log"))
    match item.get("type"):
        case "uniform_int":
            low, high = whole(entry(item, "lower")), whole(entry(item, "upper"))
            return with_default(number(low, high, log), low, high, log, default)
        case "uniform_float":
            lower, upper = real(entry(item, "lower")), real(entry(item, "upper"))
            return with_default(number(lower, upper, log), lower, upper, log, default)
        case "normal_float" if not log:
            return _normal(item, space)
        case "categorical":
            return _categorical(item, default)
        case "ordinal":
            return choice([scalar(v) for v in _list(entry(item, "sequence"))], default=default)
        case "constant" | "unparametrized":
            return choice([scalar(entry(item, "value"))])
    raise CannotImport(f"there is no form here for `{item.get('type')}`{' with log' if log else ''}")


def _normal(item: Mapping[str, Any], space: ForeignSpace) -> str:
    mean, deviation = real(entry(item, "mu")), real(entry(item, "sigma"))
    if not deviation > 0:
        raise CannotImport("its sigma is not positive")
    for end in (item.get("lower"), item.get("upper")):
        if end is not None and abs(real(end) - mean) < _DEVIATIONS * deviation:
            ends = f"the bounds {item.get('lower')} to {item.get('upper')} of `{item.get('name')}`"
            space.lost.append((ends, "normal numbers have no bounds here"))
            break
    return f"normal({mean!r}, {deviation!r})"


def _categorical(item: Mapping[str, Any], default: Any) -> str:
    values = [scalar(v) for v in _list(entry(item, "choices"))]
    weights = item.get("weights", item.get("probabilities"))
    if weights is None:
        return choice(values, default=default)
    numbers = [_tidy(real(w)) for w in _list(weights)]
    if len(numbers) != len(values) or not any(w > 0 for w in numbers):
        raise CannotImport("its weights do not fit its choices")
    return choice(values, numbers, default)


def _tidy(weight: float) -> float:
    return int(weight) if weight == int(weight) else weight


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise CannotImport(f"{value!r} is not a list")
    return value


def _terms(condition: Any) -> list[Conjunction]:
    """A condition as conjunctions, any of which makes it true."""
    if not isinstance(condition, dict):
        raise CannotImport("its condition is not an object")
    kind = condition.get("type")
    if kind == "IN":
        return [
            (Test(str(condition.get("parent")), "in", tuple(scalar(v) for v in _list(entry(condition, "values")))),)
        ]
    if kind in _OPERATORS:
        return [(Test(str(condition.get("parent")), _OPERATORS[kind], scalar(entry(condition, "value"))),)]
    if kind not in ("AND", "OR"):
        raise CannotImport(f"there is no form here for a condition of type {kind!r}")
    parts = [_terms(part) for part in _list(entry(condition, "conditions"))]
    if kind == "OR":
        return [term for part in parts for term in part]
    terms: list[Conjunction] = [()]
    for part in parts:
        terms = [(*a, *b) for a in terms for b in part]
        if len(terms) > _MOST_TERMS:
            raise CannotImport("its conditions are too many")
    return terms
