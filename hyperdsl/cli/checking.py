"""``hyperdsl check``."""

from __future__ import annotations

import argparse

from hyperdsl.cli.options import Commands, add_command
from hyperdsl.cli.output import counted, print_diagnostics, print_json, say
from hyperdsl.diagnostics import HypError, Reporter

_EXAMPLES = """\
  hyperdsl check gbm.hyp
  hyperdsl check *.hyp --format json"""


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "check", run, "find the mistakes in .hyp files; runs and fits nothing", _EXAMPLES)
    parser.add_argument("files", metavar="FILE", nargs="+", help="a .hyp file")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")


def run(options: argparse.Namespace) -> int:
    """Check each file by itself; 1 when any holds an error."""
    from hyperdsl.driver import check_file

    found = Reporter()
    for path in options.files:
        reporter = Reporter()
        try:
            check_file(path, reporter, say)
        except HypError as error:
            for diagnostic in error.diagnostics:
                reporter.add(diagnostic)
        for diagnostic in reporter.diagnostics:
            found.add(diagnostic)
    if options.format == "json":
        print_json(_document(options.files, found))
    else:
        print_diagnostics(found.diagnostics)
        print(_summary(options.files, found))
    return 1 if found.errors else 0


def _document(files: list[str], found: Reporter) -> dict[str, object]:
    from hyperdsl.diagnostics.render import to_json

    errors = len(found.errors)
    return {
        "files": files,
        "errors": errors,
        "warnings": len(found.diagnostics) - errors,
        "diagnostics": [to_json(d) for d in found.diagnostics],
    }


def _summary(files: list[str], found: Reporter) -> str:
    errors = len(found.errors)
    warnings = len(found.diagnostics) - errors
    counts = ", ".join(counted(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n)
    return f"{counted(len(files), 'file')} checked: {counts or 'no mistakes found'}"
