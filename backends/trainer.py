"""What writes the estimator of a network: one for each library that networks are written in."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Protocol

from hyperdsl.backends.pycode import Imports
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Call, Value

Write = Callable[[Value], ast.expr]
Definition = ast.FunctionDef | ast.ClassDef


@frozen
class Trained:
    """What ``train(…)`` becomes.

    Parameters
    ----------
    estimator : str
        The name of its class.
    arguments, keywords
        What that is called with, but for its seed.
    definitions : mapping
        By name, what the program defines for it.
    copied : mapping
        Modules of real code, and the names of those of their definitions that a script has.
    """

    estimator: str
    arguments: tuple[ast.expr, ...]
    keywords: Mapping[str, ast.expr]
    definitions: Mapping[str, Definition]
    copied: Mapping[str, tuple[str, ...]]


class Trainer(Protocol):
    """Writes networks with one library."""

    def write(
        self, node: Call, classifies: bool, shape: tuple[int, ...] | None, imports: Imports, write: Write
    ) -> Trained:
        """The estimator of ``train(…)``.

        Parameters
        ----------
        classifies : bool
            Whether it learns classes.
        shape : tuple or None
            Of the rows that it takes, where that is known.
        imports : Imports
            Gets what is named.
        write : callable
            The expression of a value, such as the call of a layer's constructor.

        Raises
        ------
        HypError
            The library has no equal of a part.
        """
        ...

    def live(
        self, definitions: Mapping[str, Definition], known: Mapping[str, object], imports: Imports
    ) -> Mapping[str, object]:
        """By name, the definitions of a program as objects; ``known`` are those that it copies."""
        ...
