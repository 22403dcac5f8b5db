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
from typing import Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.environment import user_module_not_found
from hyperdsl.diagnostics.networks import not_part_of_a_network
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


class Function:
    """A function of generated code that can be called: assignments, calls, and a value to return at the end.

    Its state is plain data, so that a fitted model that holds one can be saved; what it may name is looked at before
    anything is imported, since a file may come from anyone.

    Parameters
    ----------
    definition : ast.FunctionDef
    imports : mapping
        Local name -> dotted path that it is imported from.
    allowed : tuple of str
        What the paths must begin with.
    """

    def __init__(self, definition: ast.FunctionDef, imports: Mapping[str, str], allowed: tuple[str, ...]) -> None:
        self.definition = definition
        named = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
        self.imports = {local: path for local, path in imports.items() if local in named}
        self.allowed = allowed

    def __getstate__(self) -> dict[str, object]:
        return {"definition": to_data(self.definition), "imports": self.imports, "allowed": list(self.allowed)}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        definition = from_data(state["definition"])
        assert isinstance(definition, ast.FunctionDef)
        self.__init__(definition, state["imports"], tuple(state["allowed"]))  # type: ignore[misc]

    def __call__(self, *arguments: object) -> object:
        for path in self.imports.values():
            if not path.startswith(self.allowed):
                raise HypError([not_part_of_a_network(path)])
        known = dict(zip((a.arg for a in self.definition.args.args), arguments, strict=True))
        for statement in self.definition.body:
            scope = Evaluator(self.imports, {}, known)
            match statement:
                case ast.Assign([ast.Name(name)], value):
                    known[name] = scope.value(value)
                case ast.Expr(value):
                    scope.value(value)
                case ast.Return(ast.expr() as value):
                    return scope.value(value)
                case _:
                    raise TypeError(f"not a form of generated code: {ast.dump(statement)}")
        return None


_FORMS = {
    cls.__name__: cls
    for cls in (
        *(ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Expr, ast.Return),
        *(ast.Call, ast.keyword, ast.Name, ast.Attribute, ast.Constant, ast.List, ast.Tuple, ast.Dict),
    )
}


def to_data(node: object) -> Any:
    """Generated code as lists, dictionaries and constants."""
    if isinstance(node, ast.AST):
        fields = {name: to_data(value) for name, value in ast.iter_fields(node) if name != "ctx"}
        return {"form": type(node).__name__, **fields}
    if isinstance(node, list):
        return [to_data(part) for part in node]
    return node


def from_data(data: Any) -> Any:
    """The inverse of :func:`to_data`; ``KeyError`` for what generated code does not have."""
    if isinstance(data, dict):
        fields = {name: from_data(value) for name, value in data.items() if name != "form"}
        return _FORMS[data["form"]](**fields)
    if isinstance(data, list):
        return [from_data(part) for part in data]
    return data


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
