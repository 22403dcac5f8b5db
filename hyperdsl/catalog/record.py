"""Modules as lines of JSON and back: what the cache holds."""

from __future__ import annotations

import json
from typing import Any

from hyperdsl.catalog.model import Constraint, Interval, Items, Kind, Module, Options, Parameter


def dump_module(module: Module) -> str:
    """One line of JSON."""
    data = {
        "name": module.name,
        "path": module.path,
        "library": module.library,
        "roles": sorted(module.roles),
        "parameters": [_parameter_data(p) for p in module.parameters.values()],
        "open": module.open,
        "tags": dict(module.tags),
        "summary": module.summary,
        "requires": module.requires,
    }
    return json.dumps(data, separators=(",", ":"))


def parse_module(line: str) -> Module:
    """The module of a line that :func:`dump_module` wrote."""
    data = json.loads(line)
    parameters = [_parse_parameter(p) for p in data.pop("parameters")]
    roles = frozenset(data.pop("roles"))
    return Module(roles=roles, parameters={p.name: p for p in parameters}, **data)


def _parameter_data(parameter: Parameter) -> dict[str, Any]:
    data: dict[str, Any] = {"name": parameter.name, "constraints": [_constraint_data(c) for c in parameter.constraints]}
    if parameter.default is not None:
        data["default"] = _value_data(parameter.default)
    for key in ("required", "default_text", "deprecated", "aliases"):
        if getattr(parameter, key):
            data[key] = getattr(parameter, key)
    return data


def _parse_parameter(data: dict[str, Any]) -> Parameter:
    return Parameter(
        name=data["name"],
        required=data.get("required", False),
        default=_parse_value(data.get("default")),
        default_text=data.get("default_text", ""),
        constraints=tuple(_parse_constraint(c) for c in data["constraints"]),
        aliases=tuple(data.get("aliases", ())),
        deprecated=data.get("deprecated", False),
    )


def _constraint_data(constraint: Constraint) -> list[Any]:
    match constraint:
        case Interval(kind=kind, low=low, high=high, closed=closed, strict=strict):
            return ["interval", kind, low, high, closed, strict]
        case Options(values=values):
            return ["options", [_value_data(v) for v in values]]
        case Kind(name=name):
            return ["kind", name]
        case Items(each=each, length=length):
            return ["items", [_constraint_data(c) for c in each], length]


def _parse_constraint(data: list[Any]) -> Constraint:
    match data:
        case ["interval", *fields]:
            return Interval(*fields)
        case ["options", values]:
            return Options(tuple(_parse_value(v) for v in values))
        case ["kind", name]:
            return Kind(name)
        case ["items", each, length]:
            return Items(tuple(_parse_constraint(c) for c in each), length)
    raise ValueError(f"not a constraint: {data!r}")


def _value_data(value: object) -> Any:
    """JSON has no tuple and no dict with keys that are not strings, so both are tagged."""
    match value:
        case tuple():
            return {"tuple": [_value_data(v) for v in value]}
        case list():
            return [_value_data(v) for v in value]
        case dict():
            return {"dict": [[_value_data(k), _value_data(v)] for k, v in value.items()]}
        case _:
            return value


def _parse_value(data: Any) -> object:
    match data:
        case {"tuple": items}:
            return tuple(_parse_value(v) for v in items)
        case {"dict": pairs}:
            return {_parse_value(k): _parse_value(v) for k, v in pairs}
        case list():
            return [_parse_value(v) for v in data]
        case _:
            return data
