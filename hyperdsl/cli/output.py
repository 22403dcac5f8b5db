"""Printing: facts go to standard output, messages to standard error, JSON instead of both where it was asked for."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics.output import cannot_write, not_a_script
from hyperdsl.diagnostics.render import render_text, to_json

MAX_SHOWN = 100  # nobody reads further down a terminal


def use_color(stream: TextIO) -> bool:
    """Colors only on a terminal, and not where the user asked for none (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_json(value: object, indent: int | None = 2) -> None:
    """One JSON document on standard output; ``indent=None`` keeps it on one line."""
    print(json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False))


def print_diagnostics(diagnostics: Iterable[Diagnostic], as_json: bool = False) -> None:
    """Diagnostics as text on standard error, or as one line of JSON on standard output."""
    if as_json:
        print_json({"diagnostics": [to_json(d) for d in diagnostics]}, indent=None)
        return
    sys.stdout.flush()
    color = use_color(sys.stderr)
    found = list(diagnostics)
    for diagnostic in found[:MAX_SHOWN]:
        print(render_text(diagnostic, color=color), end="\n\n", file=sys.stderr)
    if len(found) > MAX_SHOWN:
        print(f"... and {len(found) - MAX_SHOWN:,} more like these; --json lists all\n", file=sys.stderr)


def annotation(diagnostic: Diagnostic) -> str:
    """A workflow command of GitHub Actions, which shows the diagnostic at its line of a pull request."""
    kind = {"error": "error", "warning": "warning"}.get(diagnostic.severity, "notice")
    properties = {"title": diagnostic.code}
    if diagnostic.span is not None:
        line, column = diagnostic.span.source.position(diagnostic.span.start)
        last, end = diagnostic.span.source.position(diagnostic.span.end)
        properties |= {"file": diagnostic.span.source.name, "line": str(line), "endLine": str(last), "col": str(column)}
        if last == line:  # columns are for one line only
            properties["endColumn"] = str(end)
    text = diagnostic.message + (f"\nhelp: {diagnostic.help}" if diagnostic.help else "")
    shown = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{kind} {shown}::{_escaped(text)}"


def _escaped(text: str, further: str = "") -> str:
    """What would end a workflow command, by its code."""
    for character in "%\r\n" + further:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def say(text: str) -> None:
    """What takes a while, on standard error."""
    print(text, file=sys.stderr, flush=True)


def write_text(path: str, text: str) -> None:
    """Write a file whole or not at all; a folder that is missing or closed is the user's to mend."""
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise HypError([cannot_write(path, error.strerror or str(error))]) from error


_OTHER_KINDS = {
    ".ipynb": ("a notebook", "; `%load` puts it into a cell of a notebook"),
    ".hyp": ("a program in hyperdsl", ""),
    ".svg": ("a picture", "; `hyperdsl compile FILE --to svg` draws a space"),
    ".json": ("a JSON file", "; `hyperdsl compile FILE --to json` writes a space as one"),
    ".html": ("a web page", "; `hyperdsl report STUDY` makes a page of a study"),
    ".db": ("a database", "; `hyperdsl export STUDY --to optuna` writes one"),
}


def require_script(path: str | None) -> None:
    """Make sure that a script is not written under the name of another kind of file."""
    target = Path(path or "")
    if path and target.suffix in _OTHER_KINDS:
        kind, help = _OTHER_KINDS[target.suffix]
        raise HypError([not_a_script(path, kind, str(target.with_suffix(".py")), help)])


def require_folder(path: str) -> None:
    """Make sure that a file can be written later: its folder is there and open."""
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise HypError([cannot_write(path, f"there is no folder '{folder}'")])
    if not os.access(folder, os.W_OK):
        raise HypError([cannot_write(path, f"the folder '{folder}' may not be written to")])


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Rows under a header, columns padded to their widest cell; columns in ``right`` end flush."""
    lines = [tuple(header), *map(tuple, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]

    def layout(line: Sequence[str]) -> str:
        cells = (c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True)))
        return "  ".join(cells).rstrip()

    return "\n".join(map(layout, lines))


def counted(number: int, noun: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
