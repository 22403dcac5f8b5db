"""The function that builds a network, alive: it can be called, and saved with a fitted model.

Its state is plain data. A model file may come from anyone, so what was read from one may name nothing but Keras' own
layers and what else the catalog has of Keras: no builtins, no other attribute than ``network.compile``, no dictionaries
(Keras makes objects of those). That is looked at before anything is imported or called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from hyperdsl.backends.live import Evaluator
from hyperdsl.catalog import load_catalog
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.networks import not_part_of_a_network

_PARTS = ("keras.Input", "keras.Model")  # beside what the catalog knows
_CALLS_CODE = ("keras.layers.Lambda",)
_BUILTINS = ("float",)  # of infinity, which no literal gives
_FORMS = {
    cls.__name__: cls
    for cls in (
        *(ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Expr, ast.Return),
        *(ast.Call, ast.keyword, ast.Name, ast.Attribute, ast.Constant, ast.List, ast.Tuple),
    )
}


class BuildFunction:
    """A function of generated code: assignments, calls, and a network to return.

    Parameters
    ----------
    definition : ast.FunctionDef
    imports : mapping
        Local name -> dotted path that it is imported from.
    """

    def __init__(self, definition: ast.FunctionDef, imports: Mapping[str, str]) -> None:
        named = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
        self._set(definition, {local: path for local, path in imports.items() if local in named}, is_read=False)

    def _set(self, definition: ast.FunctionDef, imports: Mapping[str, str], is_read: bool) -> None:
        self.definition = definition
        self.imports = dict(imports)
        self.is_read = is_read  # from a file, and not yet looked at

    def __deepcopy__(self, memo: object) -> BuildFunction:
        return self  # nothing changes it

    def __getstate__(self) -> dict[str, object]:
        return {"definition": to_data(self.definition), "imports": self.imports}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self._set(from_data(state["definition"]), state["imports"], is_read=True)

    def __call__(self, *arguments: object) -> object:
        """The network.

        Raises
        ------
        HypError
            It was read from a file and names something that is no part of a network.
        """
        if self.is_read:
            for foreign in self._foreign():
                raise HypError([not_part_of_a_network(foreign)])
            self.is_read = False
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

    def _foreign(self) -> Iterator[str]:
        """What the function names that is no part of a network."""
        catalog = load_catalog()
        for path in self.imports.values():
            is_known = any(m.library == "keras" and m.path == path for m in catalog.find(path))
            if path in _CALLS_CODE or not (is_known or path in _PARTS):
                yield path
        assigned = {t.id for s in self.definition.body if isinstance(s, ast.Assign) for t in s.targets}  # type: ignore[attr-defined]
        allowed = {*assigned, *self.imports, *_BUILTINS, *(a.arg for a in self.definition.args.args)}
        for node in ast.walk(self.definition):
            match node:
                case ast.Name(name) if name not in allowed:
                    yield name
                case ast.Attribute(value=owner, attr=name):
                    if not isinstance(owner, ast.Name) or (owner.id, name) != ("network", "compile"):
                        yield f".{name}"


def to_data(node: object) -> Any:
    """Generated code as lists, dictionaries and constants."""
    if isinstance(node, ast.AST):
        fields = {name: to_data(value) for name, value in ast.iter_fields(node) if name != "ctx"}
        return {"form": type(node).__name__, **fields}
    if isinstance(node, list):
        return [to_data(part) for part in node]
    return node


def from_data(data: Any) -> Any:
    """The inverse of :func:`to_data`.

    Raises
    ------
    HypError
        For what a network does not have.
    """
    if isinstance(data, dict):
        form = data.get("form")
        if form not in _FORMS:
            raise HypError([not_part_of_a_network(str(form))])
        return _FORMS[form](**{name: from_data(value) for name, value in data.items() if name != "form"})
    if isinstance(data, list):
        return [from_data(part) for part in data]
    return data
