"""``hyperdsl compile --to`` and ``hyperdsl import``: spaces for and from other systems."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from hyperdsl.cli.options import Commands, add_command
from hyperdsl.cli.output import print_diagnostics, write_text
from hyperdsl.diagnostics import Reporter

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace

TARGETS = ("optuna", "configspace", "ray", "json", "dot", "mermaid", "svg")
SCRIPTS = ("pytorch",)  # of one configuration

_EXAMPLES = """\
  hyperdsl import space.json -o space.hyp              a ConfigSpace space
  hyperdsl import sweep.yaml                           a W&B sweep or a Katib experiment
  hyperdsl import study.db --study mine -o space.hyp   the distributions of an Optuna study"""


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "import", run_import, "turn another system's space into a .hyp file", _EXAMPLES)
    parser.add_argument("file", metavar="FILE", help="ConfigSpace JSON, W&B or Katib YAML, or an SQLite file of Optuna")
    parser.add_argument("-o", "--output", metavar="OUT.hyp", help="write here (default: standard output)")
    parser.add_argument("--study", metavar="NAME", help="which study of an Optuna file (needed where it holds several)")


def run_import(options: argparse.Namespace) -> int:
    from hyperdsl.driver import check_source
    from hyperdsl.exchange.reading import read_foreign
    from hyperdsl.source import Source

    reporter = Reporter()
    text = read_foreign(options.file, reporter, study=options.study)
    check_source(Source(options.output or "<imported>", text), reporter)
    print_diagnostics(reporter.diagnostics)
    if options.output:
        write_text(options.output, text)
    else:
        sys.stdout.write(text)
    return 0


def text_for(target: str, space: HyperSpace) -> str:
    """A space in another system's terms; what that system cannot say is a diagnostic."""
    from hyperdsl.backends import exchange

    reporter = Reporter()
    text = exchange.export(target, space.space, reporter, user=space.user, module=space.module)
    print_diagnostics(reporter.diagnostics)
    return text
