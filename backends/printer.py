"""Prints generated code: four spaces, double quotes, at most 88 columns, one item a line where a line is too short.

The layout is the one that Black and Ruff agree on, so that formatting the output changes nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from hyperdsl.backends.pycode import note_of
from hyperdsl.diagnostics.render import cells

WIDTH = 88
INDENT = "    "


def print_module(doc: str, sections: list[list[ast.stmt]]) -> str:
    """A whole file: its docstring, then sections of statements.

    Sections are set apart by one blank line; definitions by two, as PEP 8 says.
    """
    lines = docstring(doc, "")
    after_definition = False
    for section in sections:
        definition = isinstance(section[0], ast.FunctionDef | ast.ClassDef)
        lines += ["", ""] if definition or after_definition else [""]
        for statement in section:
            lines += print_statement(statement, "")
        after_definition = definition
    return "\n".join(lines) + "\n"


def docstring(text: str, indent: str) -> list[str]:
    """The lines of a docstring; long ones end on a line of their own."""
    body = text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"').split("\n")
    if len(body) == 1 and not body[0].endswith('"'):
        return [f'{indent}"""{body[0]}"""']
    return [f'{indent}"""{body[0]}', *(f"{indent}{line}".rstrip() for line in body[1:]), f'{indent}"""']


def one_line(node: ast.AST) -> str:
    """The code of a node on one line, however long."""
    return _flat(node)


# --- statements


def print_statement(node: ast.stmt, indent: str) -> list[str]:
    """The lines of one statement, broken where they are too long."""
    match node:
        case ast.ImportFrom():
            return _import_from(node, indent)
        case ast.FunctionDef():
            return _function(node, indent)
        case ast.ClassDef():
            return _class(node, indent)
        case ast.Assign(targets=[target], value=value):
            return _with_value(f"{_bare(target)} = ", value, indent)
        case ast.Return(value=ast.expr() as value):
            return _with_value("return ", value, indent)
        case ast.Expr(ast.Yield(value=None)):
            return [f"{indent}yield"]
        case ast.Expr(value):
            return _with_value("", value, indent)
        case ast.For():
            return [f"{indent}for {_bare(node.target)} in {_flat(node.iter)}:", *_block(node.body, indent)]
        case ast.With():
            items = ", ".join(_flat(item) for item in node.items)
            return [f"{indent}with {items}:", *_block(node.body, indent)]
        case ast.If():
            return _if(node, indent)
        case ast.While():
            return [f"{indent}while {_flat(node.test)}:", *_block(node.body, indent)]
        case ast.Try(handlers=[], orelse=[]):
            return [f"{indent}try:", *_block(node.body, indent), f"{indent}finally:", *_block(node.finalbody, indent)]
        case ast.Import():
            return [indent + _flat(node) + (f"  # {note_of(node)}" if note_of(node) else "")]
        case _:
            return [indent + _flat(node)]


def _import_from(node: ast.ImportFrom, indent: str) -> list[str]:
    names = [_flat(alias) for alias in node.names]
    start = f"{indent}from {node.module} import "
    comment = f"  # {note_of(node)}" if note_of(node) else ""
    if cells(start + ", ".join(names)) <= WIDTH or len(names) == 1:
        return [start + ", ".join(names) + comment]
    return [f"{start}({comment}", *(f"{indent}{INDENT}{name}," for name in names), f"{indent})"]


def _function(node: ast.FunctionDef, indent: str) -> list[str]:
    returns = f" -> {_flat(node.returns)}" if node.returns else ""
    body = list(node.body)
    lines = [f"{indent}@{_flat(decorator)}" for decorator in node.decorator_list]
    lines += _head(f"{indent}def {node.name}(", node.args, f"){returns}:", indent)
    if (doc := ast.get_docstring(node)) is not None:
        lines += docstring(doc, indent + INDENT)
        body = body[1:]
    return lines + _block(body, indent)


def _head(start: str, arguments: ast.arguments, end: str, indent: str) -> list[str]:
    """The first line of a function, its parameters one a line where it is too long."""
    line = f"{start}{_flat(arguments)}{end}"
    if cells(line) <= WIDTH or arguments.vararg or arguments.kwonlyargs or arguments.posonlyargs:
        return [line]
    plain = len(arguments.args) - len(arguments.defaults)
    parts = [a.arg for a in arguments.args[:plain]]
    parts += [f"{a.arg}={_flat(d)}" for a, d in zip(arguments.args[plain:], arguments.defaults, strict=True)]
    return [start, *(f"{indent}{INDENT}{part}," for part in parts), f"{indent}{end}"]


def _class(node: ast.ClassDef, indent: str) -> list[str]:
    bases = ", ".join(_flat(base) for base in node.bases)
    body = list(node.body)
    lines = [f"{indent}class {node.name}({bases}):" if bases else f"{indent}class {node.name}:"]
    if (doc := ast.get_docstring(node)) is not None:
        lines += docstring(doc, indent + INDENT)
        body = body[1:]
    for number, statement in enumerate(body):
        if number or doc is not None:
            lines.append("")
        lines += print_statement(statement, indent + INDENT)
    return lines


def _if(node: ast.If, indent: str) -> list[str]:
    lines = [f"{indent}if {_flat(node.test)}:", *_block(node.body, indent)]
    match node.orelse:
        case []:
            return lines
        case [ast.If() as other]:
            first, *rest = _if(other, indent)
            return [*lines, f"{indent}el{first.lstrip()}", *rest]
        case other_body:
            return [*lines, f"{indent}else:", *_block(other_body, indent)]


def _block(body: list[ast.stmt], indent: str) -> list[str]:
    return [line for statement in body for line in print_statement(statement, indent + INDENT)]


def _with_value(start: str, value: ast.expr, indent: str) -> list[str]:
    if isinstance(value, ast.Tuple) and cells(line := f"{indent}{start}{_bare(value)}") <= WIDTH:
        return [line]
    lines = _expression(value, indent, start, "")
    wraps = start and len(lines) == 1 and cells(lines[0]) > WIDTH and isinstance(value, ast.Constant)
    if wraps and cells(f"{indent}{INDENT}{_flat(value)}") <= WIDTH:
        return [f"{indent}{start}(", f"{indent}{INDENT}{_flat(value)}", f"{indent})"]
    return lines


# --- expressions


def _expression(node: ast.expr, indent: str, start: str, end: str) -> list[str]:
    """The lines of an expression with text before and after it, broken at its brackets where it is too long."""
    comments = list(dict.fromkeys(_notes(node)))
    comment = f"  # {', '.join(comments)}" if comments else ""
    line = f"{indent}{start}{_flat(node)}{end}"
    parts = _parts(node)
    if cells(line + comment) <= WIDTH or parts is None:
        return [line + comment]
    opening, items, closing = parts
    own = f"  # {note_of(node)}" if note_of(node) else ""
    lines = [f"{indent}{start}{opening}{own}"]
    for before, item, after in items:
        lines += _expression(item, indent + INDENT, before, after)
    return [*lines, f"{indent}{closing}{end}"]


Part = tuple[str, ast.expr, str]  # what stands before an item, the item, what stands after it


def _parts(node: ast.expr) -> tuple[str, list[Part], str] | None:
    """The opening text, items and closing text of what can be broken, None for the others and when it is empty."""
    match node:
        case ast.Call(function, positional, keywords) if positional or keywords:
            # A single positional argument stands for itself: no comma after it.
            comma = "" if len(positional) == 1 and not keywords else ","
            items = [("", item, comma) for item in positional]
            items += [(f"{k.arg}=" if k.arg else "**", k.value, ",") for k in keywords]
            return f"{_flat(function)}(", items, ")"
        case ast.List(items) if items:
            return "[", [("", item, ",") for item in items], "]"
        case ast.Tuple(items) if items:
            return "(", [("", item, ",") for item in items], ")"
        case ast.Dict(keys, values) if values:
            return "{", [_pair(key, value) for key, value in zip(keys, values, strict=True)], "}"
        case ast.Subscript(value, key):
            return f"{_flat(value)}[", [("", key, "")], "]"
        case ast.ListComp(item, [loop]) if not loop.ifs:
            return "[", [("", item, ""), (f"for {_bare(loop.target)} in ", loop.iter, "")], "]"
    return None


def _pair(key: ast.expr | None, value: ast.expr) -> Part:
    """A key with its value; the key is what breaks where it alone can."""
    if key is None:
        return "**", value, ","
    if _parts(key) and _parts(value) is None:
        return "", key, f": {_flat(value)},"
    return f"{_flat(key)}: ", value, ","


def _notes(node: ast.AST) -> Iterator[str]:
    """The comments of a node and its parts, in written order."""
    if note_of(node):
        yield note_of(node)
    for child in ast.iter_child_nodes(node):
        yield from _notes(child)


def _flat(node: ast.AST) -> str:
    """The code on one line, with double quotes."""
    return ast.unparse(_printable(node))


def _bare(node: ast.expr) -> str:
    """The code on one line; a tuple without its parentheses, where they are not needed."""
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        return ", ".join(_flat(item) for item in node.elts)
    return _flat(node)


def _printable(node: Any) -> Any:
    """A copy with names in place of strings and floats: the text to print, which ``ast.unparse`` leaves as it is."""
    match node:
        case ast.Constant(value=str(text)):
            return ast.Name(quoted(text))
        case ast.Constant(value=float(number)):
            return ast.Name(repr(number).replace("e+", "e"))
        case ast.JoinedStr():
            text = ast.unparse(node)
            return ast.Name(text if '"' in text else text.replace("'", '"'))
        case ast.AST():
            return type(node)(**{name: _printable(value) for name, value in ast.iter_fields(node)})
        case list():
            return [_printable(item) for item in node]
    return node


def quoted(text: str) -> str:
    """A string literal in double quotes, in single ones where that saves escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    escaped = "".join(char if char in "'\"" else repr(char)[1:-1] for char in text)
    return quote + escaped.replace(quote, "\\" + quote) + quote
