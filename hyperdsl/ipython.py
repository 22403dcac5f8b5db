"""``%load_ext hyperdsl``: spaces written in cells of a notebook, mistakes in them shown as diagnostics."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics.output import magic_misused


def load(shell: Any) -> None:
    """Add the magic to a shell, and have it show diagnostics where a :class:`HypError` comes out of a cell."""
    shell.register_magic_function(lambda line, cell: hyp(shell, line, cell), "cell", "hyp")
    shell.set_custom_exc((HypError,), _show_error)


def hyp(shell: Any, line: str, cell: str) -> Any:
    """``%%hyp [NAME] [--space SPACE]``: compile the cell, and bind what it is to NAME.

    NAME is the space's own name where none is given; ``--space`` says which, where the cell has several.

    Raises
    ------
    HypError
        With every mistake in the cell; nothing is bound then.
    """
    from hyperdsl.diagnostics import Reporter
    from hyperdsl.driver import compile_source
    from hyperdsl.source import Source

    name, chosen = _words(line)
    reporter = Reporter()
    space = compile_source(Source("<cell>", cell), reporter, space=chosen)
    show(reporter.diagnostics)
    shell.user_ns[name or space.name] = space
    return space


def _words(line: str) -> tuple[str, str | None]:
    """The name to bind, empty where none is given, and the space that is chosen."""
    words = shlex.split(line)
    chosen = None
    if "--space" in words[:-1]:
        position = words.index("--space")
        chosen = words[position + 1]
        del words[position : position + 2]
    if len(words) > 1 or (words and not words[0].isidentifier()):
        raise HypError([magic_misused(line)])
    return (words[0] if words else ""), chosen


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Diagnostics on standard error, in colors."""
    from hyperdsl.diagnostics.render import render_text

    for diagnostic in diagnostics:
        print(render_text(diagnostic, color=True), end="\n\n", file=sys.stderr)


def _show_error(
    shell: Any, kind: type[BaseException], error: HypError, trace: TracebackType, tb_offset: int | None = None
) -> list[str]:
    show(error.diagnostics)
    return []
