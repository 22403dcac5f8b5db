"""Adds functions to the module of a whole space: how a script for another system is made of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from io import StringIO
from token import NAME
from tokenize import generate_tokens

from hyperdsl.backends.pycode import parameters, unique

_IMPORTS = {
    "Callable": "from collections.abc import Callable",
    "Mapping": "from collections.abc import Mapping",
    "Any": "from typing import Any",
}


def functions_of(module: str) -> dict[str, ast.FunctionDef]:
    """The functions of a module by name."""
    return {node.name: node for node in ast.parse(module).body if isinstance(node, ast.FunctionDef)}


def noun_of(module: str) -> str:
    """What a module builds: ``pipeline`` or ``value``."""
    doc = ast.get_docstring(functions_of(module)["build"]) or ""
    return "pipeline" if doc.startswith("The unfitted pipeline") else "value"


def is_constrained(module: str) -> bool:
    """Whether the configurations of a module must hold to conditions."""
    return "check_conditions" in functions_of(module)


def deciding_by(
    module: str, name: str, argument: str, decide: str, doc: str, refuse: Sequence[ast.stmt] = ()
) -> ast.FunctionDef:
    """A function that decides by ``decide(argument)`` and gives the configuration.

    ``refuse`` stands before its end in a module with conditions; ``d.violated()`` are those that do not hold.
    """
    body = functions_of(module)["sample"].body[1:]
    if isinstance(body[0], ast.For):  # which draws until the conditions hold
        body = [*body[0].body[:2], *refuse, ast.Return(ast.parse("d.config()", mode="eval").body)]
    decided = body[0]
    assert isinstance(decided, ast.Assign) and isinstance(decided.value, ast.Call)
    decided.value.args[0] = ast.Call(ast.Name(decide), [ast.Name(argument)], [])
    return ast.FunctionDef(name, parameters([argument]), [ast.Expr(ast.Constant(doc)), *body], [])


def runtime_functions(file: str, names: Iterable[str]) -> list[str]:
    """The texts of functions of a runtime file of this folder."""
    text = files("hyperdsl.backends.exchange").joinpath(file).read_text(encoding="utf-8")
    found = functions_of(text)
    return [(ast.get_source_segment(text, found[name]) or "") + "\n" for name in names]


def appended(module: str, doc: str, parts: Sequence[str]) -> str:
    """The module with more in its docstring and at its end; names that it has already are changed in what is new."""
    text = "\n\n".join(parts).replace("NOUN", noun_of(module))
    doc = doc.replace("NOUN", noun_of(module))
    taken = set(_top_level(ast.parse(module)))
    for name in _top_level(ast.parse(text)):
        if name in taken:
            other = unique(name, taken)
            text, doc = _renamed(text, name, other), re.sub(rf"\b{name}\b", other, doc)
    imports = "".join(f"{line}\n" for name, line in _IMPORTS.items() if name not in taken and name in text)
    head = module.replace('\n"""\n\n', f'\n\n{doc}\n"""\n\n{imports}', 1)
    return head.rstrip("\n") + "\n\n\n" + text


def _renamed(text: str, name: str, other: str) -> str:
    """The code with another name for one; strings are left as they are."""
    lines = text.splitlines(keepends=True)
    for token in reversed(list(generate_tokens(StringIO(text).readline))):
        if token.type == NAME and token.string == name:
            row, column = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:column] + other + line[column + len(name) :]
    return "".join(lines)


def _top_level(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name for alias in names)
