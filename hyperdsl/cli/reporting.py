"""``hyperdsl report``: a study as a page for a browser."""

from __future__ import annotations

import argparse

from hyperdsl.cli.options import Commands, add_allow, add_command, add_study
from hyperdsl.cli.output import require_folder, write_text

_EXAMPLES = """\
  hyperdsl report study.db
  hyperdsl report study.db -o credit.html
  hyperdsl report study.db --revision 1      before its space was first edited

The page needs no network and no other file: it can be sent, and opened in any browser."""


def add_commands(commands: Commands) -> None:
    report = add_command(
        commands, "report", run_report, "write a page about a study: the best, what matters, what failed", _EXAMPLES
    )
    add_study(report)
    report.add_argument(
        "-o", "--output", metavar="REPORT.html", default="report.html", help="write here (default: report.html)"
    )
    add_allow(report)


def run_report(options: argparse.Namespace) -> int:
    from hyperdsl.report import report_page

    require_folder(options.output)
    page = report_page(options.study, name=options.name, revision=options.revision, allow=tuple(options.allow))
    write_text(options.output, page)
    print(options.output)
    return 0
