"""Reads the YAML of W&B sweeps and of Katib experiments."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from hyperdsl.exchange.foreign import CannotImport, ForeignSpace, Parameter, choice, number
from hyperdsl.exchange.values import entry, real, scalar, whole

_DEEPEST = 20
_MOST = 10_000


def read_sweep(document: Mapping[str, Any], space: ForeignSpace) -> Iterator[tuple[str, str]]:
    """Fill a space from a W&B sweep; yields the parameters that cannot be read, and why."""
    space.name = str(document.get("name") or "sweep")
    for name, item in document["parameters"].items():
        try:
            space.parameters.append(Parameter(str(name), _sweep_domain(item, 0, [_MOST])))
        except CannotImport as problem:
            yield str(name), str(problem)


def _sweep_domain(item: Any, depth: int, left: list[int]) -> str | tuple[Parameter, ...]:
    left[0] -= 1
    if depth > _DEEPEST or left[0] < 0:
        raise CannotImport("it holds too many parameters")
    if not isinstance(item, dict):
        raise CannotImport("it is not a mapping")
    if isinstance(item.get("parameters"), dict):
        inner = item["parameters"]
        for name in inner:
            if not isinstance(name, str) or not (name.isascii() and name.isidentifier()):
                raise CannotImport(f"its part {name!r} is no name")
        return tuple(Parameter(name, _sweep_domain(part, depth + 1, left)) for name, part in inner.items())
    kind = item.get("distribution") or _implied(item)
    match kind:
        case "constant":
            return choice([scalar(entry(item, "value"))])
        case "categorical" | "categorical_w_probabilities":
            return _values(item)
        case "normal" | "log_normal":
            mean, deviation = real(item.get("mu", 0.0)), real(item.get("sigma", 1.0))
            return f"{'normal' if kind == 'normal' else 'lognormal'}({mean!r}, {deviation!r})"
    return _sweep_range(item, str(kind))


def _implied(item: Mapping[str, Any]) -> str:
    """What W&B takes a parameter for that names no distribution."""
    if "value" in item:
        return "constant"
    if "values" in item:
        return "categorical"
    ends = (entry(item, "min"), entry(item, "max"))
    return "int_uniform" if all(type(end) is int for end in ends) else "uniform"


def _values(item: Mapping[str, Any]) -> str:
    values = entry(item, "values")
    if not isinstance(values, list):
        raise CannotImport("its values are not a list")
    weights = item.get("probabilities")
    if weights is None:
        return choice([scalar(v) for v in values])
    if not isinstance(weights, list) or len(weights) != len(values):
        raise CannotImport("its probabilities do not fit its values")
    return choice([scalar(v) for v in values], [real(w) for w in weights])


def _sweep_range(item: Mapping[str, Any], kind: str) -> str:
    if kind == "int_uniform":
        return number(whole(entry(item, "min")), whole(entry(item, "max")))
    low, high = real(entry(item, "min")), real(entry(item, "max"))
    step = real(item.get("q", 1)) if kind.startswith("q_") else None
    if step is not None and not step > 0:
        raise CannotImport("its q is not positive")
    if step is not None and low == int(low) and high == int(high) and step == int(step):
        low, high, step = int(low), int(high), int(step)
    match kind:
        case "uniform" | "q_uniform":
            return number(low, high, step=step)
        case "log_uniform_values" | "q_log_uniform_values":
            return number(low, high, log=True, step=step)
        case "log_uniform":  # its ends are exponents of e
            return number(float(f"{math.exp(low):.12g}"), float(f"{math.exp(high):.12g}"), log=True)
    raise CannotImport(f"there is no form here for the distribution `{kind}`")


def read_katib(document: Mapping[str, Any], space: ForeignSpace) -> Iterator[tuple[str, str]]:
    """Fill a space from a Katib experiment; yields the parameters that cannot be read, and why."""
    metadata = document.get("metadata")
    space.name = str(metadata.get("name") or "experiment") if isinstance(metadata, dict) else "experiment"
    for item in document["spec"]["parameters"]:
        name = str(item.get("name")) if isinstance(item, dict) else "a parameter"
        try:
            space.parameters.append(Parameter(name, _katib_domain(item)))
        except CannotImport as problem:
            yield name, str(problem)


def _katib_domain(item: Any) -> str:
    feasible = item.get("feasibleSpace") if isinstance(item, dict) else None
    if not isinstance(feasible, dict):
        raise CannotImport("it has no `feasibleSpace`")
    kind = item.get("parameterType")
    if kind in ("categorical", "discrete"):
        values = entry(feasible, "list")
        if not isinstance(values, list):
            raise CannotImport("its list is not a list")
        return choice([str(v) for v in values] if kind == "categorical" else [_discrete(v) for v in values])
    distribution = feasible.get("distribution", "uniform")
    if kind not in ("int", "double") or distribution not in ("uniform", "logUniform"):
        raise CannotImport(f"there is no form here for `{kind}` with the distribution `{distribution}`")
    read = whole if kind == "int" else real
    step = read(feasible["step"]) if feasible.get("step") not in (None, "") else None
    if step is not None and not step > 0:
        raise CannotImport("its step is not positive")
    return number(read(entry(feasible, "min")), read(entry(feasible, "max")), distribution == "logUniform", step)


def _discrete(value: Any) -> float | int:
    found = real(value)
    return int(found) if found == int(found) and "." not in str(value) else found
