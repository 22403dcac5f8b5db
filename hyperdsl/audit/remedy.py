"""What to write so that a rule holds: a ``forbid`` line, or which alternatives to leave out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hyperdsl.audit.hints import source_of
from hyperdsl.audit.lifting import Lifting, Names, can_be
from hyperdsl.audit.witness import TRUE
from hyperdsl.catalog.rulebook import FACTS
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph
from hyperdsl.space.expressions import Expression
from hyperdsl.syntax import tree


def remedy(graph: Graph, lifting: Lifting, call: int, condition: tree.Expr, names: Names) -> str:
    """The help for a call that a condition makes fail."""
    node = graph[call]
    assert isinstance(node.op, ops.Call)
    given = dict(zip(node.op.parameters, node.operands, strict=True))
    open_names = [n for n in _names(condition) if n in given and lifting.conditions.rows(names[n])]
    if not open_names:
        written = [n for n in _names(condition) if n in given]
        return (
            f"change or leave out {_listed(written, 'or')}"
            if written
            else "take another model, or change its parameters"
        )
    if len(open_names) == 1:
        bad = _bad_alternatives(graph, lifting, given[open_names[0]], condition, names, open_names[0])
        if bad:
            return f"leave {_listed(bad, 'and')} out of `{open_names[0]}`"
    bound = {n: text for n in open_names if (text := _bound_name(graph, given[n])) is not None}
    model = None if len(bound) == len(open_names) else _model_name(graph, call)
    shown = {n: bound.get(n, f"{model or 'model'}.{n}") for n in open_names}
    try:
        line = f"`forbid {_Writer(lifting, names, shown).write(condition)}`"
    except _Unwritable:
        return f"change the alternatives of {_listed(open_names, 'or')}"
    if model is None and len(bound) < len(open_names):
        name = node.op.path.rpartition(".")[2]
        return f"name it, `let model = {name}(…)`, and write {line}"
    return f"write {line}"


def _listed(parts: list[str], word: str) -> str:
    quoted = [f"`{p}`" for p in parts]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {word} {quoted[-1]}"


def _names(expr: object) -> list[str]:
    """The names in an expression, each once, as they are met."""
    found: dict[str, None] = {}
    pending: list[object] = [expr]
    while pending:
        here = pending.pop(0)
        match here:
            case tree.Name(id=name):
                found[name] = None
            case tree.Boolean(items=items) | tree.ListExpr(items=items) | tree.TupleExpr(items=items):
                pending[:0] = items
            case tree.Compare(operands=operands):
                pending[:0] = operands
            case tree.Unary(value=value) | tree.Paren(value=value) | tree.Index(value=value):
                pending[:0] = [value]
            case tree.Binary(left=left, right=right):
                pending[:0] = [left, right]
            case tree.Range(low=low, high=high):
                pending[:0] = [low, high]
    return list(found)


def _bad_alternatives(
    graph: Graph, lifting: Lifting, index: int, condition: tree.Expr, names: Names, name: str
) -> list[str]:
    """The written alternatives of one argument that fail whatever else is decided; empty where that is not the form."""
    while isinstance(graph[index].op, ops.Named | ops.Label):
        index = graph[index].operands[0]
    node = graph[index]
    if not isinstance(node.op, ops.Choose):
        return []
    bad = []
    for operand in node.operands:
        span = graph[operand].span
        verdict = lifting.truth(condition, {**names, name: lifting.argument(operand)})
        if verdict[0] != "c" or span is None:
            return []
        if verdict[1]:
            bad.append(span.text)
    return bad if len(bad) < len(node.operands) else []


def _bound_name(graph: Graph, index: int) -> str | None:
    """The name under which an argument has been bound by ``let``."""
    node = graph[index]
    if isinstance(node.op, ops.Named) and node.span is not None and node.span.text == node.op.definition:
        return node.op.definition
    return None


def _model_name(graph: Graph, call: int) -> str | None:
    """The name under which a call itself has been bound by ``let``; the space's own name cannot be read."""
    for user in graph.users[call]:
        name = _bound_name(graph, user)
        if name is not None and not (name == graph.name and user not in _operands_of_others(graph, user)):
            return name
    return None


def _operands_of_others(graph: Graph, index: int) -> list[int]:
    """The node itself, where something other than the program's root uses it."""
    return [index] if any(not isinstance(graph[u].op, ops.Where) for u in graph.users[index]) else []


class _Unwritable(Exception):
    """The language has no condition for it: it compares no numbers with texts, and does not know a step's input."""


class _Writer:
    """Writes a condition with what is known put in: parts that are always true are left out of an ``and``."""

    def __init__(self, lifting: Lifting, names: Names, shown: Mapping[str, str]) -> None:
        self.lifting = lifting
        self.names = names
        self.shown = shown

    def write(self, expr: tree.Expr, inside: str = "") -> str:
        match expr:
            case tree.Boolean(operator=operator, items=items):
                kept = [i for i in items if self._matters(i, operator)]
                joined = f" {operator} ".join(self.write(i, operator if len(kept) > 1 else inside) for i in kept)
                return f"({joined})" if len(kept) > 1 and inside not in ("", operator) else joined
            case tree.Paren(value=value):
                return self.write(value, inside)
            case tree.Unary(operator=operator, value=value):
                return f"{operator}{' ' if operator == 'not' else ''}{self.write(value, 'not')}"
            case tree.Compare(operators=("in",), operands=(left, tree.ListExpr(items=items))):
                possible = [i for i in items if self._is_possible(left, i)]
                if len(possible) == 1:
                    text = f"{self._operand(left)} == {self._operand(possible[0])}"
                else:
                    text = f"{self._operand(left)} in [{', '.join(self._operand(i) for i in possible)}]"
                return f"({text})" if inside == "not" else text
            case tree.Compare(operators=operators) if not set(operators) <= {"==", "!=", "is", "is not"}:
                return self._ordered(expr)
            case tree.Compare(operators=operators, operands=operands):
                text = self._chain(operators, operands)
                return f"({text})" if inside == "not" else text
        return self._operand(expr)

    def _chain(self, operators: Sequence[str], operands: Sequence[tree.Expr]) -> str:
        text = self._operand(operands[0])
        for symbol, operand in zip(operators, operands[1:], strict=True):
            # the language compares with None; `is` is for classes
            shown = {"is": "==", "is not": "!="}.get(symbol, symbol) if isinstance(operand, tree.Literal) else symbol
            text += f" {shown} {self._operand(operand)}"
        return text

    def _ordered(self, expr: tree.Compare) -> str:
        """A comparison of sizes; where some alternatives are no numbers, those numbers that it is true of."""
        mixed = [n for n in _names(expr) if n in self.shown and not _is_numeric(self.names[n])]
        if not mixed:
            return self._chain(expr.operators, expr.operands)
        name = mixed[0]
        ends = set(_ends(self.names[name]))
        if len(mixed) > 1 or len(self.shown.keys() & _names(expr)) > 1 or any(end[0] not in "cm" for end in ends):
            raise _Unwritable
        true = [e for e in ends if self.lifting.truth(expr, {**self.names, name: e}) == ("c", True)]
        texts = sorted(source_of(e[1]) for e in true)
        return f"{self.shown[name]} == {texts[0]}" if len(texts) == 1 else f"{self.shown[name]} in [{', '.join(texts)}]"

    def _matters(self, item: tree.Expr, operator: str) -> bool:
        verdict = self.lifting.truth(item, self.names)
        return verdict != TRUE if operator == "and" else can_be(verdict, True)

    def _is_possible(self, left: tree.Expr, item: tree.Expr) -> bool:
        equal = tree.Compare(("==",), (left, item), span=left.span)
        return can_be(self.lifting.truth(equal, self.names), True)

    def _operand(self, expr: tree.Expr) -> str:
        match expr:
            case tree.Name(id=name) if name in self.shown:
                return self.shown[name]
            case tree.Name(id=name):
                known: Expression = self.names.get(name, ("m", name))
                if name in FACTS and known[0] != "c":
                    raise _Unwritable
                return source_of(known[1]) if known[0] == "c" else name
            case tree.Literal(value=value):
                return source_of(value)
            case tree.ListExpr(items=items):
                return f"[{', '.join(self._operand(i) for i in items)}]"
            case tree.Binary(operator=operator, left=left, right=right):
                return f"{self._operand(left)} {operator} {self._operand(right)}"
            case tree.Range(low=low, high=high):
                return f"{self._operand(low)}..{self._operand(high)}"
            case tree.Unary(operator="-", value=value):
                return f"-{self._operand(value)}"
            case tree.Paren(value=value):
                return f"({self._operand(value)})"
            case tree.Index(value=value, index=index):
                return f"{self._operand(value)}[{self._operand(index)}]"
        raise TypeError(f"not part of a rule: {expr}")


def _ends(value: Expression) -> Iterator[Expression]:
    match value:
        case ("t", _, parts):
            for part in parts:
                yield from _ends(part)
        case ("if", _, then, other):
            yield from _ends(then)
            yield from _ends(other)
        case _:
            yield value


def _is_numeric(value: Expression) -> bool:
    return all(type(e[1]) in (int, float) if e[0] == "c" else e[0] != "m" for e in _ends(value))
