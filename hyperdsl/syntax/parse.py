"""Text -> tree."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import fields

from hyperdsl.diagnostics import Diagnostic, HypError, Reporter, syntax
from hyperdsl.source import Source, Span
from hyperdsl.syntax import tree
from hyperdsl.syntax.brackets import begins_line, outline
from hyperdsl.syntax.language import Unexpected, language
from hyperdsl.syntax.mistakes import Mistake, explain
from hyperdsl.syntax.scan import END, Scanned, Token

# What one run shows at most; more is noise, and mostly a file that is no program.
MOST_PROBLEMS = 100
# How many nodes may lie inside each other: deep enough for any program, shallow enough to walk by recursion.
NODE_DEPTH = 1000


def parse(source: Source, reporter: Reporter, scanned: Scanned | None = None) -> tree.Module:
    """The tree of a text; faults are reported, and the statements without fault are returned.

    Parameters
    ----------
    source : Source
        The text.
    reporter : Reporter
        Receives every diagnostic (E01xx, W01xx), at most one syntax error a statement.
    scanned : Scanned or None
        The tokens of the text, where the caller has them.
    """
    tokens, starts, problems = _tokens(scanned or language().scanner.scan(source))
    if not tokens and not problems:
        problems = [syntax.nothing_here(Span(source, 0, 0))]
    statements = _statements(tokens, starts, problems)
    problems.sort(key=_offset)
    for diagnostic in problems[:MOST_PROBLEMS]:
        reporter.add(diagnostic)
    if len(problems) > MOST_PROBLEMS and (span := problems[MOST_PROBLEMS].span):
        reporter.add(syntax.too_many_problems(span, MOST_PROBLEMS))
    return tree.Module(tuple(statements), span=Span(source, 0, len(source.text)))


def parse_expression(source: Source, reporter: Reporter) -> tree.Expr:
    """The tree of a text that holds one expression.

    Raises
    ------
    HypError
        The text is no expression; ``reporter`` has the same diagnostics.
    """
    tokens, _, problems = _tokens(language().scanner.scan(source))
    for problem in problems:
        reporter.add(problem)
    reporter.stop_on_errors()
    try:
        result = _run("expression", tokens, _end(tokens, None, source))
    except HypError as error:
        for diagnostic in error.diagnostics:
            reporter.add(diagnostic)
        raise
    assert isinstance(result, tree.Expr)
    return result


def _tokens(scanned: Scanned) -> tuple[list[Token], list[int], list[Diagnostic]]:
    """The tokens, where statements begin among them, and what is wrong; no tokens where brackets nest too deep."""
    found = outline(scanned.tokens)
    problems = scanned.problems + found.problems
    return ([], [], problems) if found.too_deep else (scanned.tokens, found.starts, problems)


def _statements(tokens: Sequence[Token], starts: Sequence[int], problems: list[Diagnostic]) -> list[tree.Statement]:
    """Parse statement by statement, so that a fault in one does not hide the others.

    A statement with a fault that ``problems`` has already is not reported again.
    """
    if not tokens:
        return []
    if not starts or starts[0] > 0:
        starts = [0, *starts]
    source = tokens[0].span.source
    faults = sorted(_offset(problem) for problem in problems if problem.severity == "error")
    statements: list[tree.Statement] = []
    failed = False
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        if failed and not begins_line(tokens[start]):
            continue
        part = tokens[start:end]
        following = tokens[end] if end < len(tokens) else None
        failed = False
        try:
            module = _run("module", part, _end(part, following, source))
            assert isinstance(module, tree.Module)
            statements += module.statements
        except HypError as error:
            failed = True
            fault = bisect_left(faults, part[0].span.start)
            limit = following.span.start if following else len(source.text)
            if fault == len(faults) or faults[fault] > limit:
                problems += error.diagnostics
        if len(problems) > MOST_PROBLEMS:
            break
    return statements


def _offset(diagnostic: Diagnostic) -> int:
    return diagnostic.span.start if diagnostic.span else 0


def _end(tokens: Sequence[Token], following: Token | None, source: Source) -> Token:
    """The token after the last one; its text is what follows, empty at the end of the text."""
    if not tokens:
        return Token(END, "", Span(source, 0, 0))
    offset = tokens[-1].span.end
    return Token(END, following.text if following else "", Span(source, offset, offset))


def _run(start: str, tokens: Sequence[Token], end: Token) -> tree.Node:
    """Feed the tokens to a new parser; HypError at the first that does not fit."""
    parser = language().begin(start)
    at = 0
    try:
        for at, token in enumerate(tokens):  # noqa: B007 - read where it fails
            parser.feed(token)
        at = len(tokens)
        result: tree.Node = parser.feed(end)
    except Unexpected:
        mistake = Mistake((*tokens, end), at, _accepted(start, tokens[:at]), language().symbols)
        raise HypError([explain(mistake)]) from None
    if len(tokens) > NODE_DEPTH:
        _check_depth(result)
    return result


def _accepted(start: str, tokens: Sequence[Token]) -> frozenset[str]:
    """The terminals that may follow; from a new parser, for the failed one has reduced what it could."""
    parser = language().begin(start)
    for token in tokens:
        parser.feed(token)
    return parser.accepted()


def _check_depth(root: tree.Node) -> None:
    """Refuse a tree that is too deep to walk by recursion; every level takes at least one token."""
    level: list[object] = [root]
    for _ in range(NODE_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    deep = next(node for node in level if isinstance(node, tree.Node))
    raise HypError([syntax.expression_too_deep(deep.span, NODE_DEPTH)])


def _children(node: object) -> list[tree.Node]:
    found: list[tree.Node] = []
    waiting = [getattr(node, f.name) for f in fields(node)]  # type: ignore[arg-type]
    while waiting:
        value = waiting.pop()
        if isinstance(value, tree.Node):
            found.append(value)
        elif isinstance(value, tuple):
            waiting.extend(value)
    return found
