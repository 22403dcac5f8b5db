"""Real classes and functions as a script has them: without annotations, docstrings and what saving takes."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from hyperdsl.backends.pycode import Imports

_NOT_IN_SCRIPTS = ("__getstate__", "__setstate__", "state", "restore", "_variables")


ESTIMATORS = "hyperdsl.backends.keras.estimators"


def definitions_of(names: Sequence[str], imports: Imports, module: str = ESTIMATORS) -> list[ast.stmt]:
    """What a module defines by these names and all that they need, in order; ``imports`` get what it imports."""
    definitions, imported = _source(module)
    needed: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in definitions and name not in needed:
            needed.add(name)
            pending.extend(_names(definitions[name]))
    found = [copy.deepcopy(d) for n, d in definitions.items() if n in needed]
    made = [_Plain().visit(definition) for definition in found]
    for definition in made:
        for name in sorted(set(_names(definition)) & imported.keys()):
            imports.reference(imported[name])
    return made


@cache
def _source(module: str) -> tuple[dict[str, ast.stmt], dict[str, str]]:
    """The definitions of the file by name, and what its imported names are: local name -> dotted path."""
    package, _, name = module.rpartition(".")
    tree = ast.parse(files(package).joinpath(f"{name}.py").read_text("utf-8"))
    definitions: dict[str, ast.stmt] = {
        node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    imported = {a.asname or a.name: a.name for n in tree.body if isinstance(n, ast.Import) for a in n.names}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing"):
            imported |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return definitions, imported


def _names(node: ast.AST) -> Iterator[str]:
    return (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


class _Plain(ast.NodeTransformer):
    """Leaves out what is there for readers of this project."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        doc = ast.get_docstring(node)
        if doc is not None:
            node.body[0] = ast.Expr(ast.Constant(doc.split("\n")[0]))
        node.body = [n for n in node.body if getattr(n, "name", "") not in _NOT_IN_SCRIPTS]
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        assert node.value is not None
        return self.generic_visit(ast.Assign([node.target], node.value))
