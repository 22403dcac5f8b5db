"""Makes the live object of an expression of generated code.

The object and the printed script come from one tree. Only the few forms that a plan can give are understood.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Mapping
from dataclasses import field
from importlib import import_module

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.environment import user_module_not_found
from hyperdsl.frozen import frozen


@frozen
class Evaluator:
    """Evaluates expressions.

    Parameters
    ----------
    imports : mapping
        Local name -> dotted path that it is imported from.
    variables : mapping
        Names that the program itself assigns, with their expressions.
    known : mapping
        Names that have a value.
    """

    imports: Mapping[str, str]
    variables: Mapping[str, ast.expr]
    known: Mapping[str, object] = field(default_factory=dict)

    def value(self, node: ast.expr) -> object:
        """The value of an expression; ``TypeError`` for a form that generated code does not have."""
        match node:
            case ast.Constant():
                return node.value
            case ast.Name(name):
                return self.named(name)
            case ast.Attribute(value=owner, attr=attribute):
                return getattr(self.value(owner), attribute)
            case ast.List(items):
                return [self.value(item) for item in items]
            case ast.Tuple(items):
                return tuple(self.value(item) for item in items)
            case ast.Dict(keys, values):
                return {self.value(k): self.value(v) for k, v in zip(keys, values, strict=True) if k is not None}
            case ast.Call():
                return self.called(node)
            case _:
                raise TypeError(f"not a form of generated code: {ast.dump(node)}")

    def named(self, name: str) -> object:
        if name in self.known:
            return self.known[name]
        if name in self.variables:
            return self.value(self.variables[name])
        if name in self.imports:
            return find(self.imports[name])
        return getattr(builtins, name)

    def called(self, node: ast.Call) -> object:
        positional = [self.value(argument) for argument in node.args]
        named = {k.arg: self.value(k.value) for k in node.keywords if k.arg is not None}
        return self.value(node.func)(*positional, **named)  # type: ignore[operator]


def find(path: str) -> object:
    """What a dotted path names, imported: a module, or a member of one.

    Raises
    ------
    HypError
        There is no such module. What the module itself fails to import is its own error.
    """
    module, _, name = path.rpartition(".")
    if not module:
        return import_module(path)
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise HypError([user_module_not_found(None, module, sys.path)]) from error
