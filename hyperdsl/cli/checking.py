"""``hyperdsl check``."""

from __future__ import annotations

import argparse

from hyperdsl.cli.options import TABLE_HELP, Commands, add_allow, add_command, require_target
from hyperdsl.cli.output import annotation, counted, print_diagnostics, print_json, say
from hyperdsl.diagnostics import HypError, Reporter

_FORMATS = "text (the default), json for editors, github for the annotations of GitHub Actions"
_EXAMPLES = """\
  hyperdsl check gbm.hyp
  hyperdsl check *.hyp --format json
  hyperdsl check gbm.hyp --data train.csv --target income --metric roc_auc"""


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "check", run, "find the mistakes in .hyp files; runs and fits nothing", _EXAMPLES)
    parser.add_argument("files", metavar="FILE", nargs="+", help="a .hyp file")
    parser.add_argument("--format", choices=["text", "json", "github"], default="text", help=_FORMATS)
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")
    add_allow(parser)
    data = parser.add_argument_group("data: also find what fails on a table, as `search` does before its first trial")
    data.add_argument("--data", metavar="D", help=TABLE_HELP)
    data.add_argument("--target", metavar="COL", help="the column to predict (needed with --data)")
    data.add_argument("--task", choices=["binary", "multiclass", "regression"], help="default: told by the target")
    data.add_argument("--groups", metavar="COL", help="rows of one group stay in one fold; the column is no input")
    data.add_argument("--weights", metavar="COL", help="how much each row counts; the column is no input")
    data.add_argument("--metric", metavar="M", help="a scikit-learn scorer, or auc, logloss, … (default: by task)")
    data.add_argument("--cv", metavar="K", default="5", help="as for `search` (default: 5)")
    parser.set_defaults(usage_error=parser.error)


def run(options: argparse.Namespace) -> int:
    """Check each file by itself; 1 when any holds an error."""
    from hyperdsl.driver import check_file

    require_target(options)
    found = Reporter()
    for path in options.files:
        reporter = Reporter()
        try:
            check_file(path, reporter, say)
            if options.data is not None:
                _check_data(path, options, reporter)
        except HypError as error:
            for diagnostic in error.diagnostics:
                reporter.add(diagnostic)
        for diagnostic in reporter.diagnostics:
            found.add(diagnostic)
    if options.format == "json":
        print_json(_document(options.files, found))
    elif options.format == "github":
        print(*map(annotation, found.diagnostics), sep="\n")
        print(_summary(options.files, found))
    else:
        print_diagnostics(found.diagnostics)
        print(f"{_summary(options.files, found)}{_more(found)}")
    return 1 if found.errors else 0


def _check_data(path: str, options: argparse.Namespace, reporter: Reporter) -> None:
    """Check every space of a file for the table."""
    from hyperdsl.driver import load, space_names
    from hyperdsl.experiment import Experiment

    reporter.diagnostics[:] = [d for d in reporter.diagnostics if d.severity != "note"]  # the data judges them
    for name in space_names(path):
        experiment = Experiment(
            load(path, space=name, allow=tuple(options.allow)),
            options.data,
            options.target,
            task=options.task,
            groups=options.groups,
            weights=options.weights,
            metric=options.metric,
            cv=options.cv,
        )
        try:
            experiment.prepare(reporter)
        except HypError as error:
            for diagnostic in error.diagnostics:
                reporter.add(diagnostic)


def _document(files: list[str], found: Reporter) -> dict[str, object]:
    from hyperdsl.diagnostics.render import to_json

    return {
        "files": files,
        "errors": len(found.errors),
        "warnings": _number(found, "warning"),
        "notes": _number(found, "note"),
        "diagnostics": [to_json(d) for d in found.diagnostics],
    }


def _more(found: Reporter) -> str:
    """Where to read more, once for a run."""
    return f"; more: hyperdsl explain {found.errors[0].code}" if found.errors else ""


def _summary(files: list[str], found: Reporter) -> str:
    numbers = [(_number(found, severity), severity) for severity in ("error", "warning", "note")]
    counts = ", ".join(counted(n, severity) for n, severity in numbers if n)
    return f"{counted(len(files), 'file')} checked: {counts or 'no mistakes found'}"


def _number(found: Reporter, severity: str) -> int:
    return sum(d.severity == severity for d in found.diagnostics)
