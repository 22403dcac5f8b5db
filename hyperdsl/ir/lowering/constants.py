"""Expressions that decide nothing, worked out where no space is asked for."""

from __future__ import annotations

from typing import Any

from hyperdsl.check.typed import Typed
from hyperdsl.diagnostics import Reporter
from hyperdsl.ir import plan
from hyperdsl.ir.lowering.environment import Stop
from hyperdsl.ir.lowering.lower import Lowering
from hyperdsl.recursion import deep_recursion
from hyperdsl.syntax import tree


class NotConstant(Exception):
    """A decision, or a fact of the data, has a part in the value."""


class Constants:
    """The values of expressions at the top of a program's main file; its ``let``s are worked out once."""

    def __init__(self, typed: Typed, reporter: Reporter) -> None:
        self._lowering = Lowering(typed, "constants", reporter)
        self._scope = self._lowering.unit_scope(typed.main)
        self._reporter = reporter

    def value(self, expr: tree.Expr) -> Any:
        """The value of an expression whose names are resolved; a list is a Python list.

        Raises
        ------
        NotConstant
            Where it is not one value.
        Stop
            Where it has none; that is reported.
        """
        before = len(self._reporter.errors)
        with deep_recursion():
            index = self._lowering.lower(expr, self._scope, "")
            if len(self._reporter.errors) > before or not self._lowering.types(index):
                raise Stop
            if not self._lowering.analysis.is_constant(index):
                raise NotConstant
            return _plain(self._lowering.constant(index))


def _plain(value: Any) -> Any:
    """Lists as Python has them, at every depth."""
    if isinstance(value, plan.ListPlan):
        return [_plain(item) for item in value.items]
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value
