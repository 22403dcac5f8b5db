"""Expressions of PyTorch code."""

from __future__ import annotations

import ast
from typing import Any

from hyperdsl.backends.pycode import Imports, call, literal

# How a path begins -> what is imported, ``nn.Linear`` of ``torch.nn``.
_ROOTS = {"nn": "torch.nn", "F": "torch.nn.functional", "torch": "torch", "math": "math"}


class Code:
    """Builds expressions; ``imports`` get what they name."""

    def __init__(self, imports: Imports) -> None:
        self.imports = imports

    def named(self, path: str) -> ast.expr:
        """``nn.init.zeros_``, ``torch.optim.Adam``, imported as people do."""
        root, *names = path.split(".")
        found = self.imports.reference(_ROOTS[root])
        for name in names:
            found = ast.Attribute(found, name)
        return found

    def made(self, path: str, *arguments: Any, **keywords: Any) -> ast.Call:
        """A call; arguments are expressions or constants."""
        return call(self.named(path), *map(expr, arguments), keywords={k: expr(v) for k, v in keywords.items()})


def expr(value: Any) -> ast.expr:
    """An expression as it is, a constant as one."""
    return value if isinstance(value, ast.expr) else literal(value)


def method(of: ast.expr, name: str, *arguments: Any, **keywords: Any) -> ast.Call:
    """``of.name(arguments)``."""
    return call(ast.Attribute(of, name), *map(expr, arguments), keywords={k: expr(v) for k, v in keywords.items()})


def binary(left: Any, sign: ast.operator, right: Any) -> ast.expr:
    """``left + right``; of two numbers the number."""
    if isinstance(left, int) and isinstance(right, int) and isinstance(sign, ast.Mult | ast.Add):
        return literal(left * right if isinstance(sign, ast.Mult) else left + right)
    return ast.BinOp(expr(left), sign, expr(right))


def item(of: ast.expr, place: Any) -> ast.Subscript:
    """``of[place]``."""
    return ast.Subscript(of, expr(place))
