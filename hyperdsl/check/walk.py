"""Walks over expressions that need no scope."""

from __future__ import annotations

from collections.abc import Iterator

from hyperdsl.syntax import tree


def dotted(expr: tree.Expr) -> list[str] | None:
    """The parts of ``a.b.c``, None for anything else."""
    parts: list[str] = []
    while isinstance(expr, tree.Attribute):
        parts.append(expr.name)
        expr = expr.value
    return [expr.id, *reversed(parts)] if isinstance(expr, tree.Name) else None


def children(expr: tree.Node) -> list[tree.Expr]:
    """The direct sub-expressions of an expression without a scope of its own."""
    match expr:
        case tree.Call(function=function, arguments=arguments):
            return [function, *(a.value for a in arguments if a.value is not None)]
        case tree.Paren(value=value) | tree.Labelled(value=value) | tree.Presence(value=value):
            return [value]
        case tree.Unary(value=value) | tree.Attribute(value=value):
            return [value]
        case tree.Index(value=value, index=index):
            return [value, index]
        case tree.Slice(value=value, lower=lower, upper=upper, step=step):
            return [value, *(e for e in (lower, upper, step) if e is not None)]
        case tree.Range(low=low, high=high, step=step, default=default):
            return [low, high, *(e for e in (step, default) if e is not None)]
        case tree.ListExpr(items=items) | tree.TupleExpr(items=items) | tree.Boolean(items=items):
            return list(items)
        case tree.Sequence(items=items) | tree.Parallel(items=items):
            return list(items)
        case tree.DictExpr(items=pairs):
            return [v for _, v in pairs]
        case tree.Choice(alternatives=alternatives):
            return [a.value for a in alternatives]
        case tree.Binary(left=left, right=right):
            return [left, right]
        case tree.Compare(operands=operands):
            return list(operands)
        case tree.Conditional(test=test, then=then, other=other):
            return [test, then, other]
        case tree.Comprehension(item=item, source=source, condition=condition):
            return [item, source, *([condition] if condition is not None else [])]
        case tree.Columns(routes=routes):
            return [r.value for r in routes]
        case tree.Block(value=value):
            return [value]
    return []


def looks_into_items(module: tree.Module) -> bool:
    """Whether a file reads the class or an argument of an item of a list: ``xs[0] is C``, ``[x.p for x in xs]``."""
    read: list[tree.Expr] = []
    items: set[str] = set()
    for node in nodes(module):
        match node:
            case tree.Compare(operators=operators, operands=operands):
                read += [o for o, operator in zip(operands, operators, strict=False) if operator.startswith("is")]
            case tree.Attribute(value=value):
                read.append(value)
            case tree.Comprehension(name=name):
                items.add(name)
    while any(isinstance(e, tree.Paren) for e in read):
        read = [e.value if isinstance(e, tree.Paren) else e for e in read]
    return any(isinstance(e, tree.Index) or (isinstance(e, tree.Name) and e.id in items) for e in read)


def nodes(root: tree.Node) -> Iterator[tree.Node]:
    """A node and all that it is made of, statements and parameters too."""
    pending: list[object] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(item)
        elif isinstance(item, tree.Node):
            yield item
            fields: tuple[str, ...] = item.__match_args__
            pending.extend(getattr(item, field) for field in fields)


def names_in(expr: tree.Expr) -> list[str]:
    """Every name that an expression reads; names of inner scopes included, which only costs a missed cycle."""
    found: list[str] = []
    pending: list[tree.Expr] = [expr]
    while pending:
        item = pending.pop()
        if isinstance(item, tree.Name):
            found.append(item.id)
        if isinstance(item, tree.Block):
            hidden = {s.name for s in item.statements if isinstance(s, (tree.Let, tree.Def))}
            found.extend(n for n in names_in(item.value) if n not in hidden)
        else:
            pending.extend(children(item))
    return found


def bare_names(expr: tree.Expr | None) -> Iterator[tree.Name]:
    """The names that an expression is, or that are alternatives of it."""
    match expr:
        case tree.Name():
            yield expr
        case tree.Paren(value=value):
            yield from bare_names(value)
        case tree.Choice(alternatives=alternatives):
            for alternative in alternatives:
                yield from bare_names(alternative.value)


def shown(expr: tree.Expr, width: int = 40) -> str:
    """The source text of an expression on one line, cut at ``width`` characters."""
    flat = " ".join(expr.span.text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"
