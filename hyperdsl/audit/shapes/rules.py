"""What a rule for the shape of a layer is made of.

A shape is a tuple of lengths without the batch: numbers, polynomials over decisions (``hyperdsl.audit.lengths``),
``SOME`` for what is not known, None for an axis that is not fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

from hyperdsl.audit.lengths import is_number
from hyperdsl.frozen import frozen

Shape = tuple[Any, ...]
Arguments = Mapping[str, Any]


@frozen
class Misfit:
    """Why a layer cannot take what flows into it; ``remedy`` says what to do."""

    says: str
    remedy: str


@frozen
class Wrapped:
    """A layer that another one is given: the name of its class and its arguments, defaults included."""

    name: str
    arguments: tuple[tuple[str, Any], ...]


@frozen
class Several:
    """The shapes of a layer that gives several tensors."""

    shapes: tuple[Shape | None, ...]


Made = Union[Shape, Misfit, Several, None]  # noqa: UP007  # None: not even the number of axes is known


@frozen
class LayerRule:
    """The rule of one class.

    Parameters
    ----------
    apply : callable
        ``(shape, arguments)``, or for a layer that takes several tensors ``(shapes, arguments)``; gives the shape of
        the output, :class:`Several`, or a :class:`Misfit`; None where it is not known.
    reads : tuple of str
        The arguments that the shape depends on.
    rank : int or None
        Axes of the input, the batch left out; None takes any.
    several : bool
        Whether it takes a list of tensors.
    alone : bool
        Whether a layer that takes a list also takes one tensor, which is then all that it asks for.
    """

    apply: Callable[..., Made]
    reads: tuple[str, ...] = ()
    rank: int | None = None
    several: bool = False
    alone: bool = False


def shown(shape: Sequence[Any]) -> str:
    """A shape as people write it, ``(28, 28, ?)``."""
    inner = ", ".join(str(n) if type(n) is int else "?" for n in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


SOME = "some"  # the length of an axis that is fixed, it is not known to what; None is one that is not fixed


def number(value: Any) -> Any:
    """A length, ``SOME`` where it is not known."""
    return value if is_number(value) else SOME


def each(value: Any, rank: int) -> tuple[int, ...] | None:
    """A number for each axis; None where it is not known."""
    if type(value) is int:
        return (value,) * rank
    if isinstance(value, tuple) and len(value) == rank and all(type(n) is int for n in value):
        return value
    return None
