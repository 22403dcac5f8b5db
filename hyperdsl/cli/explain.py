"""``hyperdsl explain``: the page of a diagnostic, or the list of all."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import asdict
from itertools import groupby
from textwrap import fill, indent
from typing import TYPE_CHECKING

from hyperdsl.cli.options import Commands, add_command, add_json
from hyperdsl.cli.output import print_json

if TYPE_CHECKING:
    from hyperdsl.diagnostics.pages import Page

USAGE = 2
WIDTH = 100
LONGEST = 400  # of an example: past that only its beginning is shown

_EXAMPLES = """\
  hyperdsl explain E0110              what it means, an example, and the example mended
  hyperdsl explain                    all codes, a line for each"""


def add_commands(commands: Commands) -> None:
    parser = add_command(commands, "explain", run, "explain a diagnostic by its code", _EXAMPLES)
    parser.add_argument("codes", metavar="CODE", nargs="*", help="as in error[E0110]; without any: the list of all")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Show the pages that were asked for; 2 where there is no such code."""
    from hyperdsl.diagnostics.pages import pages

    known = pages()
    codes = [_plain(written) for written in options.codes]
    unknown = [code for code in codes if code not in known]
    if unknown:
        for code in unknown:
            print(f"hyperdsl explain: there is no diagnostic {code!r}{_meant(code, known)}", file=sys.stderr)
        return USAGE
    chosen = [known[code] for code in codes] if codes else list(known.values())
    if options.json:
        print_json([asdict(page) for page in chosen])
    elif codes:
        print("\n\n".join(map(_shown, chosen)))
    else:
        print(_listed(chosen))
    return 0


def _plain(written: str) -> str:
    """``[e0110]`` or ``error[E0110]:`` -> ``E0110``."""
    found = re.search(r"[ewn]\d{4}", written.lower())
    return found[0].upper() if found else written


def _meant(code: str, known: dict[str, Page]) -> str:
    from hyperdsl.diagnostics.suggest import did_you_mean

    same_number = [k for k in known if k[1:] == code[-4:]]
    near = same_number or did_you_mean(code, known)
    return f"; did you mean {' or '.join(near)}?" if near else "; `hyperdsl explain` lists all"


def _listed(chosen: list[Page]) -> str:
    """A line for each code, under the headings of the groups."""
    blocks = []
    for heading, group in groupby(chosen, key=lambda page: page.heading):
        blocks.append("\n".join([heading, *(f"  {page.code}  {page.title}" for page in group)]))
    return "\n\n".join(blocks)


def _shown(page: Page) -> str:
    """One page as text."""
    parts = [f"{page.code}: {page.title}", fill(page.why, WIDTH)]
    if page.bad:
        parts.append(indent(_cut(page.bad), "    "))
    if page.mended:
        parts += ["Instead:", indent(_cut(page.mended), "    ")]
    if page.related:
        parts.append(f"See also {', '.join(page.related)}.")
    return "\n\n".join(parts)


def _cut(example: str) -> str:
    return example if len(example) <= LONGEST else f"{example[: LONGEST // 4]}…"
