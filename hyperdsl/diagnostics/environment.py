"""What is installed, where the user's own classes are, permissions, budgets (E08xx, W08xx)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span


def library_not_installed(span: Span | None, name: str, library: str, extra: str) -> Diagnostic:
    """A class of a known library is named, and the library is not installed."""
    return Diagnostic(
        "E0801",
        f"`{name}` belongs to {library}, which is not installed",
        span,
        f"needs {library}",
        f'install it: pip install "hyperdsl[{extra}]"',
    )


def library_does_not_load(library: str, version: str, error: BaseException) -> Diagnostic:
    """A target library is installed, and importing it fails."""
    return Diagnostic(
        "E0802",
        f"{library} {version} is installed but cannot be imported: {error}",
        help=f"reinstall {library}, or make `python -c 'import …'` of it work first",
    )


def user_path_incomplete(span: Span | None, dotted: str) -> Diagnostic:
    """``use`` names a class without the module it is in."""
    return Diagnostic(
        "E0803",
        f"`{dotted}` names no module",
        span,
        "a class alone",
        f"write where it is defined: use my_module.{dotted}",
    )


def user_module_not_found(span: Span | None, module: str, searched: Sequence[str]) -> Diagnostic:
    """The file of the module that ``use`` names is not found."""
    places = ", ".join(repr(p) for p in searched) or "no folder"
    return Diagnostic(
        "E0804",
        f"there is no module `{module}`",
        span,
        "not found",
        f"looked for {module.replace('.', '/')}.py in {places}",
    )


def user_module_unreadable(span: Span | None, file: str, reason: str) -> Diagnostic:
    """The file that ``use`` names is not readable as Python."""
    return Diagnostic("E0805", f"cannot read {file!r} as Python: {reason}", span, "read from there", "mend that file")


def user_class_not_found(
    span: Span | None, name: str, file: str, defined: Sequence[str], suggestions: Sequence[str]
) -> Diagnostic:
    """The module that ``use`` names defines no such class or function."""
    near = f"did you mean `{suggestions[0]}`?" if suggestions else ""
    has = f"it defines {', '.join(defined)}" if defined else "it defines no class or function at its top level"
    return Diagnostic("E0806", f"{file!r} defines no `{name}`", span, "not defined there", near or has)


def user_class_imported(span: Span | None, name: str, file: str, origin: str) -> Diagnostic:
    """The module that ``use`` names imports the class from elsewhere, in a way that cannot be followed by reading."""
    return Diagnostic(
        "E0807",
        f"{file!r} does not define `{name}`, it imports it from `{origin}`",
        span,
        "imported there",
        "name the module that defines it",
    )


def not_allowed(span: Span | None, path: str) -> Diagnostic:
    """A class of the user's own would have to be imported, and its package is not allowed."""
    package = path.partition(".")[0]
    return Diagnostic(
        "E0809",
        f"building `{path}` runs code of the package `{package}`, which is not allowed",
        span,
        "the user's own class",
        f'if you trust it: --allow {package} (in Python: allow=("{package}",))',
    )
