"""Makes the live object of an expression of generated code.

The object and the printed script come from one tree. Only the few forms that a plan can give are understood.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from importlib import import_module


def evaluate(node: ast.expr, names: Mapping[str, str], constants: Mapping[str, ast.expr]) -> object:
    """The value of an expression.

    Parameters
    ----------
    names : mapping
        Local name -> dotted path that it is imported from.
    constants : mapping
        Names that the program itself assigns, with their expressions.
    """

    def value(node: ast.expr) -> object:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name(id) if id in constants:
                return value(constants[id])
            case ast.Name(id) if id in names:
                return find(names[id])
            case ast.Name(id):
                return getattr(builtins, id)
            case ast.Attribute(value=owner, attr=attr):
                return getattr(value(owner), attr)
            case ast.List(items):
                return [value(item) for item in items]
            case ast.Tuple(items):
                return tuple(value(item) for item in items)
            case ast.Dict(keys, values):
                return {value(k): value(v) for k, v in zip(keys, values, strict=True) if k is not None}
            case ast.Call(function, positional, keywords):
                arguments = {k.arg: value(k.value) for k in keywords if k.arg is not None}
                return value(function)(*(value(a) for a in positional), **arguments)  # type: ignore[operator]
            case _:
                raise TypeError(f"not a form of generated code: {ast.dump(node)}")

    return value(node)


def find(path: str) -> object:
    """What a dotted path names, imported: a module, or a member of one."""
    module, _, name = path.rpartition(".")
    if not module:
        return import_module(path)
    return getattr(import_module(module), name)
