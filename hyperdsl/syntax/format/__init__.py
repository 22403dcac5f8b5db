"""Text -> text in the one canonical layout.

``layout`` prints documents, ``stream`` hands out tokens and comments, ``documents`` lays out each form.
"""

from __future__ import annotations

from dataclasses import fields
from itertools import zip_longest

from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.recursion import deep_recursion
from hyperdsl.source import Source
from hyperdsl.syntax import tree
from hyperdsl.syntax.format.documents import CONSTANTS, Documents
from hyperdsl.syntax.format.layout import render
from hyperdsl.syntax.format.stream import Stream, all_comments
from hyperdsl.syntax.language import language
from hyperdsl.syntax.parse import parse
from hyperdsl.syntax.scan import Scanned

WIDTH = 100


def format_source(source: Source) -> str:
    """The text in canonical layout: same program, same comments.

    Raises
    ------
    HypError
        The text has syntax errors.
    RuntimeError
        The result would say something else: a bug, and the reason why the result is parsed again.
    """
    scanned = language().scanner.scan(source)
    before = _parse(source, scanned)
    with deep_recursion():
        stream = Stream(source, scanned)
        text = render(Documents(stream).module(before), WIDTH)
        if text != source.text:
            _check(source, before, scanned, Source(source.name, text))
    return text


def _parse(source: Source, scanned: Scanned) -> tree.Module:
    reporter = Reporter()
    module = parse(source, reporter, scanned)
    if reporter.errors:
        raise HypError(reporter.errors)
    return module


def _check(source: Source, before: tree.Module, scanned: Scanned, result: Source) -> None:
    """Make sure that a result says what its source says."""
    again = language().scanner.scan(result)
    for old, new in zip_longest(_meaning(scanned), _meaning(again)):
        if old != new:
            raise RuntimeError(f"formatting {source.name} would turn {old} into {new}")
    if [c.text for c in all_comments(scanned)] != [c.text for c in all_comments(again)]:
        raise RuntimeError(f"formatting {source.name} would lose or reorder comments")
    if not _same(_parse(result, again), before):
        raise RuntimeError(f"formatting {source.name} would change the program")


def _same(left: object, right: object) -> bool:
    """Whether two trees are equal; in a loop, since ``==`` of deep ones runs out of C stack in Python 3.12."""
    pending = [(left, right)]
    while pending:
        a, b = pending.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, tree.Node):
            pending.extend((getattr(a, f.name), getattr(b, f.name)) for f in fields(a) if f.compare)
        elif isinstance(a, tuple) and isinstance(b, tuple):
            if len(a) != len(b):
                return False
            pending.extend(zip(a, b, strict=True))
        elif a != b:
            return False
    return True


def _meaning(scanned: Scanned) -> list[tuple[str, object]]:
    """The tokens without what layout may change: commas at ends, the spelling of constants, quotes."""
    return [
        (kind.removeprefix("LOWER_"), value if kind == "STRING" else _spelling(kind, text))
        for kind, text, _, value, _ in scanned.tokens
        if kind != "COMMA"
    ]


def _spelling(kind: str, text: str) -> str:
    return CONSTANTS.get(text, text) if kind.startswith("LOWER_") else "" if kind == "WEIGHTED_PRESENCE" else text
