"""Reductions of the grammar -> nodes of the tree.

The parser calls the method that a rule or alias of ``hyp.lark`` names with the list of the rule's children: nodes and
:class:`~hyperdsl.syntax.scan.Token`, punctuation included, so that the first and last child give the span.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hyperdsl.diagnostics import HypError, syntax
from hyperdsl.frozen import frozen
from hyperdsl.source import Span
from hyperdsl.syntax import tree
from hyperdsl.syntax.scan import Token

# Calls whose arguments are items, which may carry labels as the items of a list may.
TAKES_ITEMS = frozenset({"permute", "pick", "subset", "repeat", "loose"})

CONSTANTS = {"True": True, "true": True, "False": False, "false": False, "None": None, "none": None}


@frozen
class Modifier:
    """``log``, ``step s`` or ``default d`` after a range."""

    name: str
    value: tree.Expr | None
    span: Span


def span_of(children: list[Any]) -> Span:
    return children[0].span.to(children[-1].span)  # type: ignore[no-any-return]


def nodes(children: Iterable[Any]) -> tuple[Any, ...]:
    """The children without punctuation."""
    return tuple(child for child in children if not isinstance(child, Token))


class Builder:
    """One method per rule; no state."""

    # --- statements

    def module(self, children: list[Any]) -> tree.Module:
        return tree.Module(tuple(children), span=span_of(children))

    def expression(self, children: list[Any]) -> tree.Expr:
        return children[0]  # type: ignore[no-any-return]

    def space_def(self, children: list[Any]) -> tree.SpaceDef:
        keyword, name, _, value = children
        return tree.SpaceDef(name.text, value, doc=keyword.doc, name_span=name.span, span=span_of(children))

    def let(self, children: list[Any]) -> tree.Let:
        keyword, name, *parameters, _, value = children
        given = parameters[0] if parameters else None
        return tree.Let(name.text, given, value, doc=keyword.doc, name_span=name.span, span=span_of(children))

    def def_(self, children: list[Any]) -> tree.Def:
        keyword, name, parameters, _, value = children
        return tree.Def(name.text, parameters, value, doc=keyword.doc, name_span=name.span, span=span_of(children))

    def parameters(self, children: list[Any]) -> tuple[tree.Parameter, ...]:
        return nodes(children)

    def parameter(self, children: list[Any]) -> tree.Parameter:
        default = children[2] if len(children) > 1 else None
        return tree.Parameter(children[0].text, default, span=span_of(children))

    def import_(self, children: list[Any]) -> tree.Import:
        target = children[1]
        is_path = target.type == "STRING"
        return tree.Import(
            target.value if is_path else target.text,
            is_path,
            nodes(children),
            target_span=target.span,
            span=span_of(children),
        )

    def use(self, children: list[Any]) -> tree.Use:
        return tree.Use(children[1].text, span=span_of(children))

    def path(self, children: list[Any]) -> Token:
        return Token("PATH", "".join(child.text for child in children), span_of(children))

    def word(self, children: list[Token]) -> Token:
        return children[0]

    def name(self, children: list[Token]) -> tree.ImportedName:
        return tree.ImportedName(children[0].text, span=children[0].span)

    def require(self, children: list[Any]) -> tree.Require:
        return tree.Require(children[1], children[0].type == "FORBID", span=span_of(children))

    def experiment(self, children: list[Any]) -> tree.ExperimentDef:
        keyword, name, *rest = children
        return tree.ExperimentDef(name.text, nodes(rest), doc=keyword.doc, name_span=name.span, span=span_of(children))

    def entry(self, children: list[Any]) -> tree.Entry:
        name, _, value = children
        return tree.Entry(name.text, value, name_span=name.span, span=span_of(children))

    # --- operators

    def conditional(self, children: list[Any]) -> tree.Conditional:
        then, _, test, _, other = children
        return tree.Conditional(test, then, other, span=span_of(children))

    def choice(self, children: list[Any]) -> tree.Choice:
        return tree.Choice(nodes(children), span=span_of(children))

    def alternative(self, children: list[Any]) -> tree.Alternative:
        weight = children[2] if len(children) > 1 else None
        return tree.Alternative(children[0], weight, span=span_of(children))

    def weight(self, children: list[Token]) -> tree.Literal:
        return self.number(children)

    def parallel(self, children: list[Any]) -> tree.Parallel:
        return tree.Parallel(nodes(children), span=span_of(children))

    def sequence(self, children: list[Any]) -> tree.Sequence:
        return tree.Sequence(nodes(children), span=span_of(children))

    def labelled(self, children: list[Any]) -> tree.Labelled:
        return tree.Labelled(children[0].text, children[2], span=span_of(children))

    def disjunction(self, children: list[Any]) -> tree.Boolean:
        return tree.Boolean("or", nodes(children), span=span_of(children))

    def conjunction(self, children: list[Any]) -> tree.Boolean:
        return tree.Boolean("and", nodes(children), span=span_of(children))

    def unary(self, children: list[Any]) -> tree.Unary:
        return tree.Unary(children[0].text, children[1], span=span_of(children))

    def binary(self, children: list[Any]) -> tree.Binary:
        left, operator, right = children
        return tree.Binary(operator.text, left, right, span=span_of(children))

    def comparison(self, children: list[Any]) -> tree.Compare:
        operators = tuple(child.text for child in children[1::2])
        return tree.Compare(operators, tuple(children[::2]), span=span_of(children))

    def comparator(self, children: list[Token]) -> Token:
        return Token("COMPARATOR", " ".join(child.text for child in children), span_of(children))

    def range(self, children: list[Any]) -> tree.Range:
        low, _, high, *modifiers = children
        given: dict[str, Modifier] = {}
        for modifier in modifiers:
            if modifier.name in given:
                raise HypError([syntax.repeated_modifier(modifier.span, modifier.name, given[modifier.name].span)])
            given[modifier.name] = modifier
        step, default = given.get("step"), given.get("default")
        return tree.Range(
            low,
            high,
            "log" in given,
            step.value if step else None,
            default.value if default else None,
            span=span_of(children),
        )

    def modifier(self, children: list[Any]) -> Modifier:
        return Modifier(children[0].text, children[1] if len(children) > 1 else None, span_of(children))

    # --- postfix

    def presence(self, children: list[Any]) -> tree.Presence:
        weight = children[2] if len(children) > 2 else None
        return tree.Presence(children[0], weight, span=span_of(children))

    def call(self, children: list[Any]) -> tree.Call:
        function, *rest = children
        arguments = nodes(rest)
        takes_items = isinstance(function, tree.Name) and function.id in TAKES_ITEMS
        for argument in arguments:
            if isinstance(argument.value, tree.Labelled) and argument.kind == "positional" and not takes_items:
                raise HypError([syntax.colon_in_argument(argument.span, argument.value.label)])
        return tree.Call(function, arguments, span=span_of(children))

    def selector_call(self, children: list[Any]) -> tree.Call:
        return self.call([self.reference(children[:1]), *children[1:]])

    def argument(self, children: list[Any]) -> tree.Argument:
        span = span_of(children)
        if len(children) == 3:
            word, _, value = children
            return tree.Argument("named", word.text, value, word.span, span=span)
        if len(children) == 2:
            return tree.Argument("splat", None, children[1], span=span)
        if isinstance(children[0], Token):
            return tree.Argument("recommended", None, None, span=span)
        return tree.Argument("positional", None, children[0], span=span)

    def attribute(self, children: list[Any]) -> tree.Attribute:
        return tree.Attribute(children[0], children[2].text, span=span_of(children))

    def index(self, children: list[Any]) -> tree.Index:
        return tree.Index(children[0], children[2], span=span_of(children))

    def slice(self, children: list[Any]) -> tree.Slice:
        parts: list[tree.Expr | None] = [None, None, None]
        place = 0
        for child in children[2:-1]:
            if isinstance(child, Token):
                place += 1
            else:
                parts[place] = child
        return tree.Slice(children[0], *parts, span=span_of(children))

    # --- atoms

    def number(self, children: list[Token]) -> tree.Literal:
        token = children[0]
        return tree.Literal(token.value, token.text, span=token.span)

    string = number

    def constant(self, children: list[Token]) -> tree.Literal:
        token = children[0]
        return tree.Literal(CONSTANTS[token.text], token.text, span=token.span)

    def reference(self, children: list[Token]) -> tree.Name:
        return tree.Name(children[0].text, span=children[0].span)

    def paren(self, children: list[Any]) -> tree.Paren:
        return tree.Paren(children[1], span=span_of(children))

    def tuple_(self, children: list[Any]) -> tree.TupleExpr:
        return tree.TupleExpr(nodes(children), span=span_of(children))

    def list_(self, children: list[Any]) -> tree.ListExpr:
        return tree.ListExpr(nodes(children), span=span_of(children))

    def comprehension(self, children: list[Any]) -> tree.Comprehension:
        _, item, _, name, _, source, *rest = children
        condition = rest[1] if len(rest) > 1 else None
        return tree.Comprehension(item, name.text, source, condition, span=span_of(children))

    def dict_(self, children: list[Any]) -> tree.DictExpr:
        return tree.DictExpr(nodes(children), span=span_of(children))

    def pair(self, children: list[Any]) -> tuple[tree.Literal, tree.Expr]:
        return children[0], children[2]

    def key(self, children: list[Any]) -> tree.Literal:
        last = children[-1]
        if isinstance(last, tree.Literal):
            return last
        if len(children) == 1:
            return tree.Literal(last.value, last.text, span=last.span)
        return tree.Literal(-last.value, "-" + last.text, span=span_of(children))

    def block(self, children: list[Any]) -> tree.Block:
        *statements, value = nodes(children)
        return tree.Block(tuple(statements), value, span=span_of(children))

    def columns(self, children: list[Any]) -> tree.Columns:
        return tree.Columns(nodes(children), span=span_of(children))

    def route(self, children: list[Any]) -> tree.Route:
        *selectors, value = nodes(children)
        return tree.Route(tuple(selectors), value, span=span_of(children))
