"""The entry point: reads the command line, runs one command, turns what went wrong into a message and an exit code.

========  ==============================================================
exit code  meaning
========  ==============================================================
0         done
1         the input is at fault: diagnostics, data, a study, a model
2         the command line is at fault
70        a bug in hyperdsl
130, 141  ended by Ctrl-C; by a reader that closed the pipe
========  ==============================================================
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from hyperdsl.cli import checking, exchange, explain, formatting, library, models, reporting, searching, spaces, studies
from hyperdsl.cli.options import Parser
from hyperdsl.cli.output import print_diagnostics
from hyperdsl.diagnostics import HypError
from hyperdsl.version import __version__

DONE, AT_FAULT, BUG, INTERRUPTED, CLOSED_PIPE = 0, 1, 70, 130, 141

_EPILOG = """\
examples:
  hyperdsl check gbm.hyp
  hyperdsl info gbm.hyp
  hyperdsl search gbm.hyp --data train.csv --target income --trials 100 --study study.db -o model
  hyperdsl predict model --data new.csv -o predictions.csv

'hyperdsl COMMAND --help' shows a command's options and examples."""


def make_parser() -> argparse.ArgumentParser:
    """The whole command line; building it imports argparse and nothing else."""
    parser = Parser(
        prog="hyperdsl",
        description="Compile .hyp search spaces to scikit-learn pipelines and search them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"hyperdsl {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an internal error")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in (checking, explain, formatting, spaces, exchange, library, searching, studies, reporting, models):
        group.add_commands(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (default: this process's) and return its exit code."""
    options = make_parser().parse_args(argv)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except HypError as error:
        print_diagnostics(error.diagnostics, as_json=getattr(options, "json", False))
        return AT_FAULT
    except BrokenPipeError:
        # What is still buffered has no reader; without this the interpreter would complain on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    except KeyboardInterrupt:
        print("hyperdsl: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        return _report_bug(error, debug=options.debug or os.environ.get("HYPERDSL_DEBUG") == "1")


def _report_bug(error: Exception, debug: bool) -> int:
    import tempfile
    import traceback

    details = "".join(traceback.format_exception(error))
    if debug:
        print(details, file=sys.stderr)
        return BUG
    with tempfile.NamedTemporaryFile("w", prefix="hyperdsl-bug-", suffix=".txt", delete=False) as file:
        file.write(f"hyperdsl {__version__}, Python {sys.version}\n{sys.argv}\n\n{details}")
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    print(f"hyperdsl: this is a bug in hyperdsl, not in your input ({what})", file=sys.stderr)
    print(f"  details: {file.name}; or run again with --debug", file=sys.stderr)
    return BUG
