"""What a layer of Keras becomes in PyTorch."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from hyperdsl.backends.torch.code import Code
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.unsupported import no_equal_in_torch, unknown_length_in_torch
from hyperdsl.frozen import frozen
from hyperdsl.ir import plan
from hyperdsl.source import Span

Size = int | ast.expr  # of an axis; an expression where the rows of the data say it
Line = Callable[[ast.expr], ast.expr]  # what is done with a weight
Apply = Callable[[ast.expr, Sequence[ast.expr]], ast.expr]  # of the module and the tensors

# What means nothing here: names, seeds of single layers, how a layer is computed.
_NO_MATTER = frozenset({"name", "seed", "use_cudnn", "unroll", "flash_attention"})


@frozen
class Part:
    """A module.

    Parameters
    ----------
    made : ast.expr
        Its constructor's call.
    initial : tuple of (str, callable)
        Weights that begin as the defaults of Keras do not say, each with the call that fills it.
    fixed : tuple of str
        Weights that are not trained.
    penalties : tuple of (str, float, float)
        Weights with factors for the sums of their absolute values and squares, which the loss gets.
    begins : str
        The method that gives the module its first weights, empty for those of PyTorch's own classes.
    """

    made: ast.expr
    initial: tuple[tuple[str, Line], ...] = ()
    fixed: tuple[str, ...] = ()
    penalties: tuple[tuple[str, float, float], ...] = ()
    begins: str = ""


@frozen
class Made:
    """Modules that are applied one after the other, and an expression around the last of them.

    Parameters
    ----------
    parts : tuple of Part
        None of them: the tensor itself.
    apply : callable or None
        Where calling the modules is not all.
    first : bool or None
        Whether channels must stand first in what it takes, or last; None takes both and keeps them.
    gives_first : bool or None
        The same of what it gives; None for as it is taken.
    """

    parts: tuple[Part, ...] = ()
    apply: Apply | None = None
    first: bool | None = None
    gives_first: bool | None = None


@frozen(slots=False)
class Asked:
    """One layer of Keras, to be written.

    Parameters
    ----------
    arguments : mapping
        All of its class, those that are not given have their defaults.
    taken : tuple of shapes
        Of the tensors that it takes, lengths without the batch.
    sizes : tuple of sizes
        Their last axes.
    given : shape or None
        Of what it gives.
    first : bool
        Whether channels stand first in what it takes, as that comes.
    """

    name: str
    span: Span | None
    arguments: Mapping[str, Any]
    defaults: Mapping[str, Any]
    taken: tuple[tuple[Any, ...], ...]
    sizes: tuple[Size | None, ...]
    given: tuple[Any, ...] | None
    first: bool
    code: Code
    read: set[str] = field(default_factory=set)

    def get(self, name: str) -> Any:
        """An argument, which is accounted for with that."""
        self.read.add(name)
        return self.arguments.get(name)

    def get_number(self, name: str) -> Any:
        """An argument that has to be a number or text here."""
        value = self.get(name)
        return self.refuse(name) if isinstance(value, plan.PlanNode) else value

    @property
    def rank(self) -> int:
        return len(self.taken[0])

    @property
    def size(self) -> Size:
        """The last axis of what it takes."""
        found = self.sizes[0]
        if found is None:
            raise HypError([unknown_length_in_torch(self.span, self.name)])
        return found

    def lengths(self) -> tuple[int, ...]:
        """The axes of what it takes but the last."""
        if not all(type(n) is int for n in self.taken[0][:-1]):
            raise HypError([unknown_length_in_torch(self.span, self.name)])
        return self.taken[0][:-1]

    def each(self, name: str) -> tuple[int, ...]:
        """An argument with a number for each axis but the last."""
        value = self.get_number(name)
        return (value,) * (self.rank - 1) if isinstance(value, int) else tuple(value)

    def refuse(self, name: str = "") -> Any:
        """Say that PyTorch has no equal of the layer, or of an argument."""
        raise HypError([no_equal_in_torch(self.span, self.name, name)])

    def check_all_read(self) -> None:
        """Refuse an argument that was not asked for, unless it has its default."""
        for name, value in self.arguments.items():
            if name not in self.read | _NO_MATTER and value != self.defaults.get(name):
                self.refuse(name)
