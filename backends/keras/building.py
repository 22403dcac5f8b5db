"""The function that builds a network, alive: it can be called, and saved with a fitted model.

Its state is plain data. A model file may come from anyone, so what was read from one may name nothing but Keras' own
layers and what else the catalog has of Keras: no builtins, no other attribute than ``network.compile``, no dictionaries
(Keras makes objects of those). That is looked at before anything is imported or called. Layers of a user's own have to
be allowed, and may then only be what their package itself defines.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from hyperdsl.backends.live import Evaluator, find
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

_allowed: ContextVar[tuple[str, ...]] = ContextVar("allowed", default=())
_saved: ContextVar[set[str] | None] = ContextVar("saved", default=None)


@contextmanager
def allowing(packages: Iterable[str]) -> Iterator[None]:
    """Let networks that are read within name what these packages define."""
    token = _allowed.set(tuple(packages))
    try:
        yield
    finally:
        _allowed.reset(token)


@contextmanager
def noting_foreign() -> Iterator[set[str]]:
    """Collects what networks that are saved within name beside Keras: what has to be allowed when they are read."""
    named: set[str] = set()
    token = _saved.set(named)
    try:
        yield named
    finally:
        _saved.reset(token)


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
        self.allowed = _allowed.get()

    def __deepcopy__(self, memo: object) -> BuildFunction:
        return self  # nothing changes it

    def __reduce_ex__(self, protocol: Any) -> Any:
        """For pickle, whose files can run any code by themselves: nothing is looked at."""
        return _unpickled, (to_data(self.definition), self.imports)

    def __getstate__(self) -> dict[str, object]:
        if (saved := _saved.get()) is not None:
            saved.update(self._foreign_imports())
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
            self._look()
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

    def without_compiling(self) -> BuildFunction:
        """The same network, which is not told how it is trained: no variable of it needs a value."""
        made = self.definition
        body = [statement for statement in made.body if not isinstance(statement, ast.Expr)]
        return BuildFunction(ast.FunctionDef(made.name, made.args, body, []), self.imports)

    def _look(self) -> None:
        """Raise where the function names what is no part of a network, or what is not allowed."""
        packages = tuple(f"{package}." for package in self.allowed)
        own = [path for path in self._foreign_imports() if path not in _CALLS_CODE]
        for foreign in (*self._foreign_code(), *(p for p in self._foreign_imports() if not p.startswith(packages))):
            raise HypError([not_part_of_a_network(foreign, foreign in own)])
        for path in own:
            defined = str(getattr(find(path), "__module__", None))
            if not f"{defined}.".startswith(packages):
                raise HypError([not_part_of_a_network(path, is_own=False)])

    def _foreign_imports(self) -> list[str]:
        """What the function imports that the catalog does not have of Keras, or that would run code."""
        catalog = load_catalog()
        paths = set(self.imports.values())
        known = {p for p in paths if any((m.library, m.path) == ("keras", p) for m in catalog.find(p))}
        return sorted(paths - {*_PARTS} - known.difference(_CALLS_CODE))

    def _foreign_code(self) -> Iterator[str]:
        """What the function names that it neither imports nor makes itself."""
        assigned = {t.id for s in self.definition.body if isinstance(s, ast.Assign) for t in s.targets}  # type: ignore[attr-defined]
        allowed = {*assigned, *self.imports, *_BUILTINS, *(a.arg for a in self.definition.args.args)}
        for node in ast.walk(self.definition):
            match node:
                case ast.Name(name) if name not in allowed:
                    yield name
                case ast.Attribute(value=owner, attr=name):
                    if not isinstance(owner, ast.Name) or (owner.id, name) != ("network", "compile"):
                        yield f".{name}"


def _unpickled(definition: Any, imports: Mapping[str, str]) -> BuildFunction:
    return BuildFunction(from_data(definition), imports)


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
            raise HypError([not_part_of_a_network(str(form), is_own=False)])
        return _FORMS[form](**{name: from_data(value) for name, value in data.items() if name != "form"})
    if isinstance(data, list):
        return [from_data(part) for part in data]
    return data
