"""E085x: files that commands write, and files that hold options."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic


def cannot_write(path: str, reason: str) -> Diagnostic:
    """A result could not be written where the user asked for it."""
    return Diagnostic(
        code="E0850",
        message=f"cannot write '{path}': {reason}",
        help="name a file in an existing folder that you may write to",
    )


def cannot_read(path: str, reason: str) -> Diagnostic:
    """A file named on the command line could not be read."""
    return Diagnostic(
        code="E0851", message=f"cannot read '{path}': {reason}", help="check the path and its permissions"
    )


def not_json(path: str, line: int, column: int, reason: str) -> Diagnostic:
    """A configuration file is not JSON."""
    return Diagnostic(
        code="E0852",
        message=f"'{path}' is not JSON: {reason} in line {line}, column {column}",
        help='a configuration is one object of paths and values, as a line of `hyperdsl sample FILE -n 1`: {"path": 1}',
    )


def not_an_object(path: str, kind: str) -> Diagnostic:
    """A configuration file holds JSON, but no object."""
    return Diagnostic(
        code="E0853",
        message=f"'{path}' holds a JSON {kind} where a configuration, an object of paths and values, is needed",
        help="write one line of `hyperdsl sample FILE -n 1` to the file",
    )


def no_stage(stage: str, near: Sequence[str], stages: Sequence[str], passes: Sequence[str]) -> Diagnostic:
    """``--emit`` of something that is no stage."""
    meant = f"did you mean {' or '.join(f'`{n}`' for n in near)}? " if near else ""
    return Diagnostic(
        code="E0854",
        message=f"there is no stage '{stage}'",
        help=f"{meant}stages are {', '.join(stages)}; and before:PASS or after:PASS with one of {', '.join(passes)}",
    )


def pass_not_run(name: str, level: int, needed: int) -> Diagnostic:
    """``--emit before:PASS`` or ``after:PASS`` at a level that does not run the pass."""
    return Diagnostic(
        code="E0855",
        message=f"the pass '{name}' does not run at -O{level}",
        help=f"write `-O{needed}` to see what it does",
    )


def magic_misused(line: str) -> Diagnostic:
    """The line of ``%%hyp`` in a notebook is something else than a name."""
    return Diagnostic(
        code="E0856",
        message=f"`%%hyp {line}` is not how a space is bound to a name",
        help="write `%%hyp NAME`, with the program in the lines below; `%%hyp NAME --space SPACE` where it has several",
    )


def not_a_script(path: str, kind: str, better: str, help: str) -> Diagnostic:
    """``-o`` of a script with the name of another kind of file."""
    return Diagnostic(
        code="E0857",
        message=f"'{path}' is the name of {kind}, and what is written is a Python script",
        help=f"write `-o {better}`{help}",
    )
