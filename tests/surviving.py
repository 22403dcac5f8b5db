"""What must hold for every text: diagnostics that can be shown, or a program that all commands can work with."""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Callable
from unittest.mock import patch

from hyperdsl import driver
from hyperdsl.catalog import load_catalog
from hyperdsl.check import imports
from hyperdsl.diagnostics import Diagnostic, HypError, Reporter
from hyperdsl.diagnostics.render import render_text, to_json
from hyperdsl.source import Source, Span
from hyperdsl.syntax import tree
from hyperdsl.syntax.format import format_source
from hyperdsl.syntax.parse import parse
from hyperdsl.syntax.read import read_stream

SPACES = 2  # of one text that are built
LONGEST = 20_000  # characters of one message


def survives(content: str | bytes) -> str:
    """Put a text through every stage: ``refused`` or ``compiled``.

    Raises
    ------
    Exception
        Whatever is no :class:`HypError`: that, and a broken promise (AssertionError), is a bug.
    """
    try:
        source = Source("<text>", content) if isinstance(content, str) else read_stream(io.BytesIO(content), "<bytes>")
    except HypError as error:
        showable(error.diagnostics)
        return "refused"
    reporter = Reporter()
    module = parse(source, reporter)
    if not reporter.errors:
        stays(source)
    problems, reporter = reporter, Reporter()
    with (
        patch.object(driver, "load_catalog", lambda progress=None: load_once()),
        patch.object(imports, "parse", once(source, module, problems)),
    ):
        try:
            driver.check_source(source, reporter)
        except HypError as error:
            assert [d for d in error.diagnostics if d.severity == "error"], "refused without an error"
            showable(dict.fromkeys([*reporter.diagnostics, *error.diagnostics]))
            return "refused"
        showable(reporter.diagnostics)
        assert not problems.errors, "check passed what does not parse"
        spaces = [s.name for s in module.statements if isinstance(s, tree.SpaceDef)]
        for name in spaces[:SPACES]:
            works(source, name)
    return "compiled"


def load_once(catalogs: list = []) -> object:  # noqa: B006 - kept for the next call
    if not catalogs:
        catalogs.append(load_catalog())
    return catalogs[0]


def once(source: Source, module: tree.Module, problems: Reporter) -> Callable[..., tree.Module]:
    """`parse` that does not read ``source`` again."""

    def again(asked: Source, reporter: Reporter) -> tree.Module:
        if asked is not source:
            return parse(asked, reporter)
        for diagnostic in problems.diagnostics:
            reporter.add(diagnostic)
        return module

    return again


def stays(source: Source) -> None:
    """Formatting compares the trees itself, and raises where they differ."""
    once = format_source(source)
    assert format_source(Source("<text>", once)) == once, "formatting again changes the layout"


def works(source: Source, name: str) -> None:
    """Count, draw, and write as Python what ``check`` has found no mistake in."""
    try:
        space = driver.compile_source(source, Reporter(), space=name)
        space.count()
        drawn = [space.default(), *space.sample(2, seed=1)]
    except HypError as error:
        showable(error.diagnostics)
        return
    for configuration in drawn:
        again = space.configuration(json.loads(json.dumps(configuration.to_json())))
        assert space.key(again) == space.key(configuration), "a configuration changes on its way through JSON"
    for write in (lambda: space.source(drawn[1]), space.module):
        try:
            ast.parse(write())
        except HypError as error:
            showable(error.diagnostics)


def showable(diagnostics: object) -> None:
    """Each has a message of reasonable length, and places inside the text that it points to."""
    for diagnostic in diagnostics:  # type: ignore[attr-defined]
        assert isinstance(diagnostic, Diagnostic)
        assert diagnostic.message.strip()
        for span in [diagnostic.span, *(label.span for label in diagnostic.labels)]:
            assert span is None or inside(span), f"{diagnostic.code} points outside of the text"
        shown = render_text(diagnostic)
        assert len(shown) < LONGEST, f"{diagnostic.code} says {len(shown)} characters"
        json.dumps(to_json(diagnostic))


def inside(span: Span) -> bool:
    return 0 <= span.start <= span.end <= len(span.source.text)
