"""Reading program files (E0170 to E0179)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic


def file_missing(path: str, suggestions: Sequence[str]) -> Diagnostic:
    """A program file that does not exist."""
    near = " or ".join(f"`{name}`" for name in suggestions)
    return Diagnostic("E0170", f"there is no file `{path}`", help=f"did you mean {near}?" if near else "check the path")


def is_directory(path: str) -> Diagnostic:
    """A directory where a program file is expected."""
    return Diagnostic("E0171", f"`{path}` is a directory", help="name a `.hyp` file in it")


def file_unreadable(path: str, reason: str) -> Diagnostic:
    """A program file that the system does not let us read."""
    return Diagnostic("E0172", f"cannot read `{path}`: {reason}", help="check the path and its permissions")


def file_too_large(path: str, limit: int) -> Diagnostic:
    """A file far too large for a program."""
    return Diagnostic(
        "E0173", f"`{path}` is larger than {limit // 1_000_000} MB", help="is it a data file? those go to `--data`"
    )


def not_utf8(path: str, line: int, byte: int) -> Diagnostic:
    """A file that is not text in UTF-8."""
    return Diagnostic(
        "E0174",
        f"`{path}` is not UTF-8 text: byte 0x{byte:02x} in line {line}",
        help="save the file as UTF-8 in your editor",
    )


def no_such_part(name: str, where: str, suggestions: Sequence[str]) -> Diagnostic:
    """A file or a definition that the standard library does not have."""
    near = " or ".join(f"`{suggestion}`" for suggestion in suggestions)
    return Diagnostic(
        "E0175",
        f"`{where}` has no `{name}`",
        help=f"did you mean {near}?" if near else "`hyperdsl std list` shows all that it has",
    )


def not_a_program(path: str, kind: str) -> Diagnostic:
    """A file of Python where a program of hyperdsl is expected."""
    return Diagnostic(
        "E0176",
        f"`{path}` is {kind}, and what is read here is a `.hyp` file",
        help="write the space in a `.hyp` file; a class of yours is named in it, `use my_file.MyClass`",
    )
