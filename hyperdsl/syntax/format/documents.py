"""Tree -> document: the layout of each form.

The walk over the tree takes the tokens from the stream in their order, so that none is lost and every comment comes
out where it stood. Each method returns what it has taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from hyperdsl.syntax import tree
from hyperdsl.syntax.format.layout import Align, Doc, Group, IfBroken, Indent, Line, flat_width
from hyperdsl.syntax.format.stream import Stream

# Selectors up to this width have their arrows in one column.
ALIGNED = 24
CONSTANTS = {"true": "True", "false": "False", "none": "None"}
LEVELS = {"+": 0, "-": 0, "*": 1, "/": 1, "//": 1, "%": 1, "**": 2}

Bracketed = tree.ListExpr | tree.TupleExpr | tree.DictExpr | tree.Comprehension | tree.Block
Chain = tree.Choice | tree.Parallel | tree.Sequence | tree.Conditional | tree.Boolean | tree.Compare | tree.Binary


class Documents:
    """Makes the document of a module from its tree and its tokens."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.take = stream.take
        self.forms: dict[type[tree.Node], Callable[[Any], Doc]] = {
            tree.Literal: self.literal,
            tree.Name: lambda node: self.take(),
            tree.Attribute: self.attribute,
            tree.Index: self.index,
            tree.Slice: self.slice,
            tree.Argument: self.argument,
            tree.Call: self.call,
            tree.Paren: self.paren,
            tree.ListExpr: lambda node: self.items(node.items),
            tree.TupleExpr: self.tuple_,
            tree.DictExpr: lambda node: self.items(node.items, self.pair),
            tree.Comprehension: self.comprehension,
            tree.Range: self.range,
            tree.Presence: self.presence,
            tree.Labelled: self.labelled,
            tree.Columns: self.columns,
            tree.Unary: self.unary,
            tree.Block: self.block,
            tree.Choice: self.stacked,
            tree.Parallel: self.stacked,
            tree.Sequence: self.lines,
            tree.Conditional: self.lines,
            tree.Boolean: self.lines,
            tree.Compare: self.lines,
            tree.Binary: self.lines,
            tree.SpaceDef: self.definition,
            tree.Let: self.definition,
            tree.Def: self.definition,
            tree.Import: self.import_,
            tree.Use: lambda node: [self.take(), " ", self.path(node.path)],
            tree.Require: lambda node: [self.take(), " ", Indent(self.of(node.condition))],
            tree.ExperimentDef: self.experiment,
            tree.Parameter: self.entry,
            tree.Entry: self.entry,
            tree.ImportedName: lambda node: self.take(),
        }

    def of(self, node: tree.Node) -> Doc:
        """The document of any node."""
        return self.forms[type(node)](node)

    def module(self, module: tree.Module) -> Doc:
        stream = self.stream
        parts: list[Doc] = list(stream.gap(hard=True)) if stream.has_remarks() else []
        for number, statement in enumerate(module.statements):
            if number:
                parts += stream.gap(hard=True)
            parts.append(self.of(statement))
        return [*parts, *stream.take_remarks(), Line(hard=True)]

    # --- statements

    def definition(self, node: tree.SpaceDef | tree.Let | tree.Def) -> Doc:
        parts: list[Doc] = [self.take(), " ", self.take()]
        if not isinstance(node, tree.SpaceDef) and node.parameters is not None:
            parts.append(self.items(node.parameters))
        return [*parts, " ", self.take(), self.assigned(node.value)]

    def entry(self, node: tree.Parameter | tree.Entry) -> Doc:
        """``name = value``, or a parameter's name alone."""
        value = node.default if isinstance(node, tree.Parameter) else node.value
        name = self.take()
        return name if value is None else [name, " ", self.take(), self.assigned(value)]

    def import_(self, node: tree.Import) -> Doc:
        keyword = self.take()
        target = self.string() if node.is_path else self.path(node.target)
        return [keyword, " ", target, " ", self.items(node.names)]

    def path(self, path: str) -> Doc:
        return [self.take() for _ in range(2 * path.count(".") + 1)]

    def experiment(self, node: tree.ExperimentDef) -> Doc:
        return [self.take(), " ", self.take(), " ", self.braces([partial(self.of, entry) for entry in node.entries])]

    def block(self, node: tree.Block) -> Doc:
        statements = [partial(self.of, statement) for statement in node.statements]
        return self.braces([*statements, lambda: [self.take(), self.assigned(node.value)]])

    def braces(self, lines: Sequence[Callable[[], Doc]]) -> Doc:
        """``{``, one line each, ``}``; commas between the lines go."""
        stream = self.stream
        opening = self.take()
        body: list[Doc] = []
        for number, line in enumerate(lines):
            body += [*stream.gap(hard=True, first=number == 0), line()]
            stream.drop_comma()
        body += stream.take_remarks()
        end = stream.gap(hard=True, first=True) if lines else []
        return [opening, Indent(body), *end, self.take()]

    def assigned(self, node: tree.Expr) -> Doc:
        """A value behind ``=``, ``=>`` or ``return``: on the same line, or below where it is long and has operators."""
        if _hugs(node) and not self.stream.has_remarks():
            return [" ", self.of(node)]
        return Group(Indent([*self.stream.gap(first=True), self.of(node)]))

    # --- brackets

    def items(self, nodes: Sequence[Any], write: Callable[[Any], Doc] | None = None, lone_comma: bool = False) -> Doc:
        """Items in brackets: on one line, else one a line with a comma behind the last; constants fill the lines."""
        write = write or self.of
        stream = self.stream
        opening = self.take()
        if not nodes:
            return [opening, Indent(stream.take_remarks()), self.take()]
        fill = all(isinstance(node, tree.Literal) for node in nodes)
        body: list[Doc] = []
        for number, node in enumerate(nodes):
            gap = stream.gap(" " if number else "", first=number == 0)
            item = write(node)
            stream.drop_comma()
            comma: Doc = "," if number < len(nodes) - 1 or lone_comma else IfBroken(",")
            body += [Group([*gap, item]), comma] if fill and number else [*gap, item, comma]
        body += stream.take_remarks()
        return [opening, Group([Indent(body), *stream.gap("", first=True), self.take()])]

    def tuple_(self, node: tree.TupleExpr) -> Doc:
        return self.items(node.items, lone_comma=len(node.items) == 1)

    def pair(self, pair: tuple[tree.Literal, tree.Expr]) -> Doc:
        key, value = pair
        return [self.literal(key), self.take(), " ", self.of(value)]

    def call(self, node: tree.Call) -> Doc:
        function = self.of(node.function)
        arguments = node.arguments
        if not arguments or not _hugs_last(arguments):
            return [function, self.items(arguments)]
        parts: list[Doc] = [function, self.take()]
        for number, argument in enumerate(arguments):
            parts += [",", " ", self.of(argument)] if number else [self.of(argument)]
            self.stream.drop_comma()
        return [*parts, self.take()]

    def argument(self, node: tree.Argument) -> Doc:
        if node.value is None:
            return self.take()
        if node.kind == "named":
            return [self.take(), " ", self.take(), self.assigned(node.value)]
        if node.kind == "splat":
            return [self.take(), self.of(node.value)]
        return self.of(node.value)

    def comprehension(self, node: tree.Comprehension) -> Doc:
        gap = self.stream.gap
        opening = self.take()
        body: list[Doc] = [*gap("", first=True), self.of(node.item)]
        body += [*gap(), self.take(), " ", self.take(), " ", self.take(), " ", self.of(node.source)]
        if node.condition is not None:
            body += [*gap(), self.take(), " ", self.of(node.condition)]
        body += self.stream.take_remarks()
        return [opening, Group([Indent(body), *gap("", first=True), self.take()])]

    def paren(self, node: tree.Paren) -> Doc:
        """Parentheses; around operators that break they stand in a column with the operators."""
        if not isinstance(node.value, Chain):
            return [self.take(), self.of(node.value), self.take()]
        opening = self.take()
        remarks = self.stream.take_remarks()
        pad = IfBroken("  " if remarks else " ")
        stacks = isinstance(node.value, tree.Choice | tree.Parallel)
        body: Doc = self.chain(node.value) if stacks else Align(self.chain(node.value))
        last = self.stream.take_remarks()
        end = self.stream.gap("", first=True)
        return Align([opening, Group([Indent(remarks), pad, body, Indent(last), *end, self.take()])])

    # --- chains of operators

    def stacked(self, node: tree.Choice | tree.Parallel) -> Doc:
        """Equal parts, one a line; the first stands in a column with the others."""
        return Group([IfBroken("  "), *self.chain(node)])

    def lines(self, node: Chain) -> Doc:
        return Group(self.chain(node))

    def chain(self, node: Chain) -> list[Doc]:
        """Operands with a break before each operator."""
        match node:
            case tree.Choice(alternatives):
                return self.joined(alternatives, self.alternative)
            case tree.Parallel(items) | tree.Sequence(items) | tree.Boolean(_, items):
                return self.joined(items, self.of)
            case tree.Compare(operators, operands):
                return self.joined(operands, self.of, operators)
            case tree.Conditional():
                return self.conditional(node)
            case tree.Binary():
                return self.joined(_operands(node), self.of)

    def joined(self, nodes: Sequence[Any], write: Callable[[Any], Doc], operators: Sequence[str] = ()) -> list[Doc]:
        parts: list[Doc] = [Align(write(nodes[0]))]
        for number, node in enumerate(nodes[1:]):
            self.stream.lead()
            parts += [*self.stream.gap(), self.take(), " "]
            if operators and " " in operators[number]:
                parts += [self.take(), " "]
            parts.append(Align(write(node)))
        return parts

    def alternative(self, node: tree.Alternative) -> Doc:
        value = self.of(node.value)
        return value if node.weight is None else [value, " ", self.take(), " ", self.literal(node.weight)]

    def conditional(self, node: tree.Expr) -> list[Doc]:
        """``a if c`` and each ``else`` on lines of their own."""
        parts: list[Doc] = []
        while isinstance(node, tree.Conditional):
            parts += [Align(self.of(node.then)), " ", self.take(), " ", Align(self.of(node.test))]
            parts += [*self.stream.gap(), self.take(), " "]
            node = node.other
        return [*parts, Align(self.of(node))]

    # --- ranges and arithmetic

    def range(self, node: tree.Range) -> Doc:
        parts: list[Doc] = [self.tight(node.low)]
        dots = self.stream.at
        tokens = self.stream.tokens
        apart = tokens[dots - 1].text.endswith(".") or tokens[dots + 1].text.startswith(".")
        parts += [" ", self.take(), " "] if apart else [self.take()]
        parts.append(self.tight(node.high))
        values = {"STEP": node.step, "DEFAULT": node.default}
        while (token := self.stream.next) is not None and token.type in ("LOG", "STEP", "DEFAULT"):
            parts += [" ", self.take()]
            if (value := values.get(token.type)) is not None:
                parts += [" ", self.of(value)]
        return parts

    def tight(self, node: tree.Expr) -> Doc:
        """An end of a range or slice, which binds looser than arithmetic: that is written without spaces."""
        match node:
            case tree.Binary(_, left, right):
                return [self.tight(left), self.take(), self.tight(right)]
            case tree.Unary("-" | "+", value):
                return [self.take(), self.tight(value)]
        return self.of(node)

    def unary(self, node: tree.Unary) -> Doc:
        return [self.take(), " " if node.operator == "not" else "", self.of(node.value)]

    # --- values

    def literal(self, node: tree.Literal) -> Doc:
        match node.value:
            case str():
                return self.string()
            case bool() | None:
                return self.take(CONSTANTS.get(node.text, node.text))
        sign = [self.take()] if self.stream.next_is("MINUS") else []  # the key of a dict
        return [*sign, self.take()] if sign else self.take()

    def string(self) -> Doc:
        token = self.stream.next
        return self.take(_quoted(token.text) if token else None)

    def attribute(self, node: tree.Attribute) -> Doc:
        value = self.of(node.value)
        apart = " " if self.stream.tokens[self.stream.at - 1].type in ("INT", "FLOAT") else ""
        return [value, apart, self.take(), self.take()]

    def index(self, node: tree.Index) -> Doc:
        return [self.of(node.value), self.take(), self.of(node.index), self.take()]

    def slice(self, node: tree.Slice) -> Doc:
        parts: list[Doc] = [self.of(node.value), self.take()]
        if node.lower is not None:
            parts.append(self.tight(node.lower))
        parts.append(self.take())
        if node.upper is not None:
            parts.append(self.tight(node.upper))
        if self.stream.next_is("COLON"):
            parts.append(self.take())
        if node.step is not None:
            parts.append(self.tight(node.step))
        return [*parts, self.take()]

    def presence(self, node: tree.Presence) -> Doc:
        value = self.of(node.value)
        if node.weight is None:
            return [value, self.take()]
        return [value, self.take("? @"), " ", self.literal(node.weight)]

    def labelled(self, node: tree.Labelled) -> Doc:
        return [self.take(), self.take(), " ", self.of(node.value)]

    def columns(self, node: tree.Columns) -> Doc:
        """Routes, the arrows behind short selectors in one column."""
        keyword = self.take()
        spaces: list[tuple[list[Doc], int]] = []
        routes = self.braces([partial(self.route, route, spaces) for route in node.routes])
        widest = max((width for _, width in spaces), default=0)
        for space, width in spaces:
            space[0] = " " * (1 + widest - width)
        return [keyword, " ", routes]

    def route(self, node: tree.Route, spaces: list[tuple[list[Doc], int]]) -> Doc:
        """One route; notes in ``spaces`` the space before its arrow, and the width before that."""
        parts: list[Doc] = [self.of(node.selectors[0])]
        for selector in node.selectors[1:]:
            self.stream.drop_comma()
            parts += [",", Group([*self.stream.gap(), self.of(selector)])]
        space: list[Doc] = [" "]
        width = flat_width(parts)
        if width is not None and width <= ALIGNED:
            spaces.append((space, width))
        return [Indent(parts), space, self.take(), self.assigned(node.value)]


def _hugs(node: tree.Expr) -> bool:
    """Whether a value that is too long breaks inside brackets, behind what begins it."""
    match node:
        case tree.Labelled(value=value) | tree.Presence(value=value) | tree.Attribute(value=value):
            return _hugs(value)
        case tree.Call(function):
            return isinstance(function, tree.Name | tree.Attribute) or _hugs(function)
        case tree.Paren(value):
            return not isinstance(value, Chain) and _hugs(value)
        case tree.Unary(_, value) | tree.Index(value):
            return _hugs(value)
    return isinstance(node, Bracketed | tree.Columns)


def _hugs_last(arguments: Sequence[tree.Argument]) -> bool:
    """Whether only the last argument may break: something in brackets behind nothing but short values."""
    *others, last = arguments
    if last.kind != "positional" or not isinstance(last.value, Bracketed):
        return False
    return all(argument.kind == "positional" and _short(argument.value) for argument in others)


def _short(node: tree.Expr | None) -> bool:
    if isinstance(node, tree.Range):
        return _short(node.low) and _short(node.high)
    return isinstance(node, tree.Literal | tree.Name) and len(node.span.text) <= 20


def _operands(node: tree.Binary) -> list[tree.Expr]:
    """The operands of operators of one level, which group from the left; a power's are two."""
    level = LEVELS[node.operator]
    operands = [node.right]
    left = node.left
    while isinstance(left, tree.Binary) and LEVELS[left.operator] == level and level < LEVELS["**"]:
        operands.append(left.right)
        left = left.left
    return [left, *operands[::-1]] if operands else [left]


def _quoted(written: str) -> str:
    """A string in double quotes where that takes no further escapes."""
    body = written[1:-1]
    return written if '"' in body or "\\'" in body else f'"{body}"'
