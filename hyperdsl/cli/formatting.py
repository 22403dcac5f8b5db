"""``hyperdsl fmt``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from hyperdsl.cli.options import Commands, add_command
from hyperdsl.cli.output import counted, print_diagnostics
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.output import cannot_write
from hyperdsl.source import Source

STDIN = "-"

_EXAMPLES = """\
  hyperdsl fmt gbm.hyp
  hyperdsl fmt --check *.hyp
  hyperdsl fmt - < gbm.hyp"""


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "fmt", run, "write .hyp files in the one canonical layout", _EXAMPLES)
    parser.add_argument("files", metavar="FILE", nargs="+", help="a .hyp file; - reads standard input, writes output")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file would change")
    parser.add_argument("--diff", action="store_true", help="write nothing; show what would change")


def run(options: argparse.Namespace) -> int:
    """Format each file by itself; 1 when one cannot be, or with ``--check`` when one would change."""
    changed = failed = 0
    for path in options.files:
        try:
            changed += _format(path, options)
        except HypError as error:
            print_diagnostics(error.diagnostics)
            failed += 1
    if options.files != [STDIN] or options.check:
        print(_summary(options, changed, failed), file=sys.stderr)
    return 1 if failed or (changed and options.check) else 0


def _format(path: str, options: argparse.Namespace) -> bool:
    """Format one file as the options ask; whether its layout was another."""
    from hyperdsl.syntax.format import format_source
    from hyperdsl.syntax.read import read_source, read_stream

    source = read_stream(sys.stdin.buffer, "<stdin>") if path == STDIN else read_source(path)
    text = format_source(source)
    changed = text != source.text
    if options.diff:
        print(_difference(source, text), end="")
    elif options.check:
        if changed:
            print(source.name)
    elif path == STDIN:
        print(text, end="")
    elif changed:
        _replace(path, text)
        print(source.name)
    return changed


def _summary(options: argparse.Namespace, changed: int, failed: int) -> str:
    changes = "would change" if options.check or options.diff else "reformatted"
    same = len(options.files) - changed - failed
    counts = [(changed, changes), (same, "unchanged"), (failed, "with mistakes")]
    return ", ".join(f"{counted(number, 'file')} {what}" for number, what in counts if number)


def _difference(source: Source, text: str) -> str:
    from difflib import unified_diff

    lines = unified_diff(
        source.text.splitlines(keepends=True),
        text.splitlines(keepends=True),
        source.name,
        f"{source.name} (formatted)",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _replace(path: str, text: str) -> None:
    """Write a file whole or not at all, through links, with the permissions it had."""
    target = Path(path).resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.chmod(target.stat().st_mode & 0o777)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise HypError([cannot_write(path, error.strerror or str(error))]) from error
