"""E085x: files that commands write, and files that hold options."""

from __future__ import annotations

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
