"""Parts of the language that are understood, and not supported everywhere yet (E09xx)."""

from __future__ import annotations

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span


def network_in_module(span: Span | None) -> Diagnostic:
    """Tensors in the Python module of a whole space."""
    return Diagnostic(
        "E0903",
        "networks cannot be written as the Python module of a whole space yet",
        span,
        "a network",
        "`hyperdsl compile FILE --default` writes the script of one configuration, `hyperdsl sample` draws others",
    )


def no_equal_in_torch(span: Span | None, name: str, argument: str = "") -> Diagnostic:
    """A part of a network that PyTorch lacks, or means otherwise."""
    what = f"`{argument}` of `{name}`" if argument else f"`{name}`"
    return Diagnostic(
        "E0909",
        f"{what} has no equal in PyTorch",
        span,
        "cannot be written" if argument else "a part of Keras alone",
        "the script with Keras computes it with PyTorch too: leave out --to pytorch, run it with KERAS_BACKEND=torch",
    )


def unknown_length_in_torch(span: Span | None, name: str) -> Diagnostic:
    """A layer of PyTorch has to know what it takes before it is made."""
    return Diagnostic(
        "E0910",
        f"the length of what flows into `{name}` is not known, and PyTorch asks for it",
        span,
        "takes this",
        "begin the network with all lengths of its input, input(28, 28, 1), or name the data: --data, --target",
    )
