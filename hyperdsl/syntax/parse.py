"""Text -> tree."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import fields

from hyperdsl.diagnostics import Diagnostic, HypError, Reporter, syntax
from hyperdsl.source import Source, Span
from hyperdsl.syntax import tree
from hyperdsl.syntax.brackets import begins_line, outline
from hyperdsl.syntax.language import Unexpected, language
from hyperdsl.syntax.mistake import Mistake
from hyperdsl.syntax.mistakes import explain
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
    statements, broken = _statements(tokens, starts, problems)
    problems.sort(key=_offset)
    for diagnostic in problems[:MOST_PROBLEMS]:
        reporter.add(diagnostic)
    if len(problems) > MOST_PROBLEMS and (span := problems[MOST_PROBLEMS].span):
        reporter.add(syntax.too_many_problems(span, MOST_PROBLEMS))
    return tree.Module(tuple(statements), frozenset(broken), span=Span(source, 0, len(source.text)))


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
    swallowed = {bisect_right(found.offsets, _offset(p)) for p in scanned.problems if p.code == "E0154"}
    brackets = [p for p in found.problems if bisect_right(found.offsets, _offset(p)) not in swallowed]
    problems = scanned.problems + brackets  # a string that is not closed has taken the closing bracket
    return ([], [], problems) if found.too_deep else (scanned.tokens, found.starts, problems)


def _statements(
    tokens: Sequence[Token], starts: Sequence[int], problems: list[Diagnostic]
) -> tuple[list[tree.Statement], set[str]]:
    """Parse statement by statement, so that a fault in one does not hide the others.

    A statement with a fault that ``problems`` has already is not reported again. The names are those that the
    statements with a fault may have been meant to define.
    """
    broken: set[str] = set()
    if not tokens:
        return [], broken
    if not starts or starts[0] > 0:
        starts = [0, *starts]
    source = tokens[0].span.source
    faults = sorted(_offset(problem) for problem in problems if problem.severity == "error")
    statements: list[tree.Statement] = []
    failed = False
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        part = tokens[start:end]
        if failed and not begins_line(tokens[start]):
            broken |= _heads(part)
            continue
        following = tokens[end] if end < len(tokens) else None
        fault = bisect_left(faults, part[0].span.start)
        has_fault = fault < len(faults) and faults[fault] <= (following.span.start if following else len(source.text))
        failed = False
        try:
            module = _run("module", part, _end(part, following, source))
            assert isinstance(module, tree.Module)
            if has_fault:
                broken |= _heads(part)
            else:
                statements += module.statements
        except HypError as error:
            failed = True
            broken |= _heads(part)
            if not has_fault:
                problems += error.diagnostics
        if len(problems) > MOST_PROBLEMS:
            break
    return statements, broken


def _heads(part: Sequence[Token]) -> set[str]:
    """The names before the first ``=`` of each line: those that a broken statement may define or import."""
    names: set[str] = set()
    in_head = True
    for token in part:
        in_head = in_head or begins_line(token)
        in_head = in_head and token.text not in ("=", ":", ")", "{")
        if in_head and token.type == "NAME":
            names.add(token.text)
    return names


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
