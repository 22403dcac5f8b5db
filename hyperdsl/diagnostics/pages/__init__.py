"""A page for each diagnostic: what it means, why it is one, an example and the example mended.

The pages stand in the Markdown files beside this module, one file for each group of texts. A page begins with
``## CODE title``; its first ``hyp`` block gives the diagnostic, the second one does not; its last line may name related
codes. The tests hold that every code has a page and that the examples do what they say.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from hyperdsl.frozen import frozen

_PAGE = re.compile(r"^## ([EWN]\d{4}) (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"^```hyp\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RELATED = re.compile(r"^See also (.+)\.$", re.MULTILINE)


@frozen
class Page:
    """What there is to say about a diagnostic.

    Parameters
    ----------
    group : str
        The module that holds its text, ``syntax``.
    heading : str
        What the group is about.
    why : str
        What it means, and why it is an error or a warning.
    bad, mended : str
        A program that gives it, and one that does not; empty where it takes more than a program.
    related : tuple of str
        Codes of related pages.
    """

    code: str
    title: str
    group: str
    heading: str
    why: str
    bad: str
    mended: str
    related: tuple[str, ...]


@cache
def pages() -> dict[str, Page]:
    """All pages by code, in the order of the codes within each group."""
    found: dict[str, Page] = {}
    for path in sorted(Path(__file__).parent.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        heading = text.partition("\n")[0].removeprefix("# ")
        for code, title, body in _PAGE.findall(text):
            found[code] = _page(code, title, path.stem, heading, body)
    return found


def _page(code: str, title: str, group: str, heading: str, body: str) -> Page:
    examples = [*(example.rstrip("\n") for example in _EXAMPLE.findall(body)), "", ""]
    related = _RELATED.search(body)
    why = re.split(r"^(?:```|See also )", body, maxsplit=1, flags=re.MULTILINE)[0]
    codes = tuple(related[1].split(", ")) if related else ()
    return Page(code, title, group, heading, " ".join(why.split()), examples[0], examples[1], codes)
