"""What only some places of a program mean by a name: words in entries of experiments, selectors of columns."""

from __future__ import annotations

from collections.abc import Iterator

from hyperdsl.check import builtins
from hyperdsl.check.scopes import Scope
from hyperdsl.check.walk import children, dotted
from hyperdsl.diagnostics import Diagnostic, kinds
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.syntax import tree


def take_words(expr: tree.Expr | None, scope: Scope, words: set[int]) -> Iterator[tree.Expr]:
    """Put what is a word of an entry, such as ``roc_auc``, into ``words``; give the expressions that are left."""
    match expr:
        case None:
            return
        case tree.Name() | tree.Attribute() if _is_unknown(expr, scope):
            words.add(id(expr))
        case tree.Call(function=tree.Name(id=name) as function) if _is_word(name, scope):
            words.add(id(function))
            for argument in expr.arguments:
                yield from take_words(argument.value, scope, words)
        case tree.ListExpr() | tree.TupleExpr() | tree.Paren():
            for child in children(expr):
                yield from take_words(child, scope, words)
        case _:
            yield expr


def _is_unknown(expr: tree.Expr, scope: Scope) -> bool:
    parts = dotted(expr) or [""]
    is_fact = parts[0] == "data" and parts[1:2] and parts[1] in builtins.DATA_FACTS
    return parts[0] != "" and scope.find(parts[0]) is None and not is_fact


def _is_word(name: str, scope: Scope) -> bool:
    return name not in builtins.FUNCTIONS and scope.find(name) is None


def selector_problem(selector: tree.Expr, scope: Scope) -> Diagnostic | None:
    """Why something is no selector of columns; None where it is one by itself."""
    match selector:
        case tree.Literal(value=str()) | tree.Call(function=tree.Name(id="regex" | "dtype")):
            return None
        case tree.Name(id=name) if name in builtins.COLUMN_KINDS | {"rest"}:
            return None
        case tree.Name(id=name):
            known = did_you_mean(name, {*builtins.COLUMN_KINDS, "rest", *scope.names()})
            usual = builtins.SELECTORS_ELSEWHERE.get(name)
            return kinds.bad_selector(selector.span, [usual] if usual else [*known, f'"{name}"'])
        case _:
            return kinds.bad_selector(selector.span, [])
