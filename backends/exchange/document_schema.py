"""The JSON Schema (draft 2020-12) of the document of a space, made from the operations themselves.

``python -m hyperdsl.backends.exchange.document_schema`` prints it; ``space.schema.json`` beside this file is that text.
What no schema can say (operands stand before their users, the decisions follow from the nodes) the reader checks.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hyperdsl.backends.exchange.document import FORMAT, VERSION
from hyperdsl.ir.ops import OPS, Op
from hyperdsl.space import Decision

_COUNT = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}
_INFINITE = {
    "description": "A float that JSON cannot hold.",
    "type": "object",
    "properties": {"float": {"enum": ["inf", "-inf", "nan"]}},
    "required": ["float"],
    "additionalProperties": False,
}
_SCALARS = {int: "integer", bool: "boolean", str: "string", NoneType: "null"}


def document_schema() -> dict[str, Any]:
    """The schema of what ``hyperdsl compile FILE --to json`` writes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A search space compiled by hyperdsl",
        "type": "object",
        "properties": {
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "name": {"description": "The space's name.", **_TEXT},
            "root": {"description": "The index of the node whose value the program is.", **_COUNT},
            "nodes": {
                "description": "Operations, operands before their users.",
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {"op": {"enum": list(OPS)}},
                    "required": ["op"],
                    "allOf": [_when(name) for name in OPS],
                },
            },
            "sources": {
                "description": "The texts that the space was compiled from.",
                "type": "array",
                "items": {"type": "object", "properties": {"name": _TEXT, "text": _TEXT}, "required": ["name", "text"]},
            },
            "modules": {
                "description": "The signatures of the user's own classes.",
                "type": "array",
                "items": {"$ref": "#/$defs/module"},
            },
            "decisions": {
                "description": "The decision table, for readers other than hyperdsl; it follows from the nodes.",
                "type": "array",
                "items": _decision(),
            },
        },
        "required": ["format", "version", "name", "root", "nodes", "sources", "modules", "decisions"],
        "$defs": {"float": _INFINITE, "module": _module(), **{f"op.{name}": _node(cls) for name, cls in OPS.items()}},
    }


def _when(operation: str) -> dict[str, Any]:
    """One branch for each operation: a validator then names the attribute at fault, not every operation."""
    chosen = {"properties": {"op": {"const": operation}}, "required": ["op"]}
    return {"if": chosen, "then": {"$ref": f"#/$defs/op.{operation}"}}


def _node(cls: type[Op]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    attributes = {f.name: _value(hints[f.name]) for f in fields(cls)}
    place = {
        "description": "Characters a to b of source s: [s, a, b].",
        "type": ["array", "null"],
        "items": _COUNT,
        "minItems": 3,
        "maxItems": 3,
    }
    return {
        "description": " ".join(str(cls.__doc__).split()),
        "properties": {"op": True, "operands": {"type": "array", "items": _COUNT}, "at": place, **attributes},
        "required": ["op", "operands", *(f.name for f in fields(cls) if f.default is MISSING)],
        "additionalProperties": False,
    }


def _value(hint: Any) -> dict[str, Any]:
    """The schema of an annotated type: scalars, unions and tuples, as the document writes them."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return {"anyOf": [_value(part) for part in parts]}
    if origin is tuple and parts[-1] is Ellipsis:
        return {"type": "array", "items": _value(parts[0])}
    if origin is tuple:
        return {"type": "array", "prefixItems": list(map(_value, parts)), "items": False, "minItems": len(parts)}
    if hint is float:
        return {"anyOf": [{"type": "number"}, {"$ref": "#/$defs/float"}]}
    return {"type": _SCALARS[hint]}


def _decision() -> dict[str, Any]:
    hints = get_type_hints(Decision)
    kinds = {"kind": {"enum": ["choice", "integer", "real", "subset", "permutation"]}}
    columns = {f.name: _value(hints[f.name]) for f in fields(Decision) if f.name != "index"}
    return {"type": "object", "properties": {**columns, **kinds}, "required": ["path", "kind"]}


def _module() -> dict[str, Any]:
    names = {"type": "array", "items": _TEXT}
    parameter = {
        "type": "object",
        "properties": {
            "name": _TEXT,
            "constraints": {"type": "array", "items": {"type": "array", "prefixItems": [_TEXT], "minItems": 2}},
            "default": True,
            "required": {"type": "boolean"},
            "default_text": _TEXT,
            "deprecated": {"type": "boolean"},
            "aliases": names,
        },
        "required": ["name", "constraints"],
    }
    return {
        "type": "object",
        "properties": {
            **dict.fromkeys(("name", "path", "library", "summary", "requires"), _TEXT),
            "roles": names,
            "parameters": {"type": "array", "items": parameter},
            "open": {"type": "boolean"},
            "tags": {"type": "object", "additionalProperties": {"type": "boolean"}},
        },
        "required": ["name", "path", "library", "roles", "parameters"],
        "additionalProperties": False,
    }


if __name__ == "__main__":
    print(json.dumps(document_schema(), indent=1))
