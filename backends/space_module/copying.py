"""Copies what the module of a space needs at run time, as it stands in ``domains``, ``deciding`` and ``wiring``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files

from hyperdsl.backends.pycode import Imports

FILES = ("domains.py", "deciding.py", "wiring.py")
_GIVEN = ("DECISIONS", "ROWS", "KINDS", "STATES")  # each module has its own


@dataclass(frozen=True)
class Definition:
    """A top-level definition of a runtime file: its text and the names that it uses."""

    text: str
    node: ast.stmt

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(_names([self.node]))

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The names of its methods, and of the attributes that it reads or sets."""
        parts = list(ast.walk(self.node))
        methods = {part.name for part in parts if isinstance(part, ast.FunctionDef)}
        return frozenset(methods | {part.attr for part in parts if isinstance(part, ast.Attribute)})


@dataclass(frozen=True)
class Runtime:
    """The runtime files, read.

    Attributes
    ----------
    names : dict of str to Definition
        In the order in which they stand.
    imports : dict of str to str
        Dotted path -> local name.
    """

    names: dict[str, Definition]
    imports: dict[str, str]

    def texts(self, users: list[ast.stmt], kinds: Iterable[str], imports: Imports) -> list[str]:
        """The definitions that ``users`` need, and the table of domain classes; drops the imports of the others."""
        classes = _kinds(self.names["KINDS"].node)
        used_kinds = {kind: classes[kind] for kind in kinds}
        attributes = {n.attr for s in users for n in ast.walk(s) if isinstance(n, ast.Attribute)}
        if any(isinstance(n, ast.Subscript) and _is_d(n.value) for s in users for n in ast.walk(s)):
            attributes.add("__getitem__")
        whole = self.names["Decisions"]
        decisions = without_unused(whole, whole.attributes & attributes)
        wanted = {*_names(users), *used_kinds.values(), *(("domain_of",) if used_kinds else ())}
        parts = self.names | {"Decisions": decisions}
        used = _closure(wanted, parts)
        texts, needed = [], set(_names(users))
        for name in self.names:
            if name not in used or name in _GIVEN:
                continue
            if name == "domain_of" or (name == "Decisions" and "domain_of" not in used):
                texts.append(_kinds_text(used_kinds))
            texts.append(parts[name].text)
            needed |= parts[name].names
        imports.paths = {path: local for path, local in imports.paths.items() if local in needed}
        return [t for t in texts if t]


def _closure(names: Iterable[str], definitions: dict[str, Definition]) -> set[str]:
    """The names that names need, their own included."""
    found: set[str] = set()
    pending = [name for name in names if name in definitions]
    while pending:
        name = pending.pop()
        if name not in found and name not in _GIVEN:
            found.add(name)
            pending += [n for n in definitions[name].names if n in definitions]
    return found


def _is_d(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "d"


def _names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    return (part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name))


def _kinds(node: ast.stmt) -> dict[str, str]:
    """Kind -> the name of its class."""
    assert isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
    pairs = zip(node.value.keys, node.value.values, strict=True)
    return {str(k.value): v.id for k, v in pairs if isinstance(k, ast.Constant) and isinstance(v, ast.Name)}


def _kinds_text(kinds: dict[str, str]) -> str:
    lines = "".join(f'    "{kind}": {name},\n' for kind, name in kinds.items())
    return f"KINDS = {{\n{lines}}}" if lines else "KINDS = {}"


@cache
def read_runtime() -> Runtime:
    """The runtime files of this package, as text: they are not imported."""
    names: dict[str, Definition] = {}
    imports: dict[str, str] = {}
    for file in FILES:
        text = files("hyperdsl.backends.space_module").joinpath(file).read_text("utf-8")
        lines = text.split("\n")
        for node in ast.parse(text).body:
            match node:
                case ast.Import(names=aliases):
                    imports |= {a.name: a.asname or a.name for a in aliases}
                case ast.ImportFrom(module=str(module), names=aliases) if not module.startswith("hyperdsl"):
                    imports |= {f"{module}.{a.name}": a.asname or a.name for a in aliases}
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    names[name] = Definition(_text(lines, node), node)
                case ast.AnnAssign(target=ast.Name(id=name)):
                    names[name] = Definition(_text(lines, node), node)
    return Runtime(names, imports)


def _text(lines: list[str], node: ast.stmt) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)])
    return "\n".join(lines[first - 1 : node.end_lineno])


@lru_cache(maxsize=64)
def without_unused(whole: Definition, attributes: frozenset[str]) -> Definition:
    """A class without the methods that nobody calls and the attributes that nobody reads."""
    definition = ast.parse(whole.text).body[0]
    assert isinstance(definition, ast.ClassDef)
    methods = {n.name: n for n in definition.body if isinstance(n, ast.FunctionDef)}
    kept = {"__init__"}
    pending = [name for name in methods if name in attributes]
    while pending:
        name = pending.pop()
        if name not in kept:
            kept.add(name)
            read = {n.attr for n in ast.walk(methods[name]) if isinstance(n, ast.Attribute)}
            attributes = attributes | read
            pending += [n for n in methods if n in read]
    dropped: set[int] = set()
    for name, method in methods.items():
        if name not in kept:
            dropped.update(range(method.lineno - 1, (method.end_lineno or 0) + 1))
    for statement in methods["__init__"].body:
        if (attribute := _set_attribute(statement)) and attribute not in attributes:
            dropped.update(range(statement.lineno, (statement.end_lineno or 0) + 1))
    lines = [line for number, line in enumerate(whole.text.split("\n"), 1) if number not in dropped]
    text = "\n".join(lines).rstrip()
    return Definition(text, ast.parse(text).body[0])


def _set_attribute(statement: ast.stmt) -> str:
    """The attribute that a statement of a constructor sets."""
    match statement:
        case ast.AnnAssign(target=ast.Attribute(attr=name)) | ast.Assign(targets=[ast.Attribute(attr=name)]):
            return name
    return ""
