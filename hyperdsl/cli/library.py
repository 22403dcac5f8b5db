"""``hyperdsl std list`` and ``std show``: the standard library, told by the comments in its files."""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from hyperdsl.cli.options import Commands, add_command, add_json
from hyperdsl.cli.output import print_json
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.files import no_such_part
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.frozen import frozen

if TYPE_CHECKING:
    from hyperdsl.syntax import tree

_EXAMPLES = """\
  hyperdsl std list
  hyperdsl std show tabular           what std.tabular has
  hyperdsl std show tabular.mixed     one definition, as it is written"""


@frozen
class Part:
    """A definition of a file.

    Parameters
    ----------
    signature : str
        Name and parameters as written.
    doc : str
        The comment above it; that of the definition right above where it has none of its own.
    text : str
        The whole definition.
    """

    name: str
    signature: str
    doc: str
    text: str


@frozen
class File:
    """A file of the library; ``doc`` is the comment at its head."""

    name: str
    doc: str
    parts: tuple[Part, ...]


def add_commands(commands: Commands) -> None:
    std = add_command(commands, "std", run_list, "show what the standard library has to import", _EXAMPLES)
    inner = std.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_json(add_command(inner, "list", run_list, "list the files and their definitions", _EXAMPLES))
    show = add_command(inner, "show", run_show, "show the documentation of a file or a definition", _EXAMPLES)
    show.add_argument(
        "name", metavar="NAME", help="as in `import`: tabular or std.tabular; tabular.mixed for one of it"
    )
    add_json(show)


def run_list(options: argparse.Namespace) -> int:
    files = [_read(path) for path in _paths().values()]
    if options.json:
        print_json({f.name: [part.name for part in f.parts] for f in files})
        return 0
    for number, file in enumerate(files):
        if number:
            print()
        print(f"{file.name}: {_first_sentence(file.doc)}.")
        print(*(f"  {part.signature}" for part in file.parts), sep="\n")
    return 0


def run_show(options: argparse.Namespace) -> int:
    head, _, rest = options.name.removeprefix("std.").partition(".")
    paths = _paths()
    if head not in paths:
        raise HypError([no_such_part(head, "std", did_you_mean(head, paths))])
    file = _read(paths[head])
    if not rest:
        print_json(_document(file)) if options.json else print(_page(file))
        return 0
    part = next((p for p in file.parts if p.name == rest), None)
    if part is None:
        near = [f"{head}.{name}" for name in did_you_mean(rest, [p.name for p in file.parts])]
        raise HypError([no_such_part(rest, file.name, near)])
    if options.json:
        print_json(_described(part))
        return 0
    print(f"import {file.name} ({part.name})\n")
    print(f"{_as_comment(part.doc)}{part.text}")
    return 0


def _paths() -> dict[str, Path]:
    from hyperdsl.check.imports import STD

    return {path.stem: path for path in sorted(STD.glob("*.hyp"))}


def _read(path: Path) -> File:
    from hyperdsl.diagnostics import Reporter
    from hyperdsl.syntax import tree
    from hyperdsl.syntax.parse import parse
    from hyperdsl.syntax.read import read_source

    source = read_source(path)
    parts: list[Part] = []
    end = 0
    for statement in parse(source, Reporter()).statements:
        if isinstance(statement, (tree.Def, tree.Let)):
            close = source.text[end : statement.span.start].count("\n") == 1
            doc = statement.doc or (parts[-1].doc if close and parts else "")
            parts.append(Part(statement.name, _signature(statement), doc, statement.span.text))
        end = statement.span.end
    return File(f"std.{path.stem}", _head(source.text), tuple(parts))


def _head(text: str) -> str:
    """The comment at the head of a file."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").removeprefix(" "))
    return "\n".join(lines)


def _signature(definition: tree.Def | tree.Let) -> str:
    """Name and parameters on one line."""
    if definition.parameters is None:
        return definition.name
    written = (" ".join(parameter.span.text.split()) for parameter in definition.parameters)
    return f"{definition.name}({', '.join(written)})"


def _first_sentence(doc: str) -> str:
    return " ".join(doc.split()).partition(". ")[0].removesuffix(".")


def _page(file: File) -> str:
    """The head, then each group of definitions above the comment that they share."""
    blocks = [f"{file.name}\n\n{file.doc}"]
    for doc, parts in groupby(file.parts, key=lambda part: part.doc):
        blocks.append("\n".join([*(part.signature for part in parts), _indented(doc)]).rstrip())
    return "\n\n".join(blocks)


def _indented(doc: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in doc.splitlines())


def _as_comment(doc: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in doc.splitlines())


def _document(file: File) -> dict[str, object]:
    return {"name": file.name, "doc": file.doc, "definitions": [_described(part) for part in file.parts]}


def _described(part: Part) -> dict[str, str]:
    return {"name": part.name, "signature": part.signature, "doc": part.doc, "text": part.text}
