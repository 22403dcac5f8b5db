"""Searchers by name, with options: ``evolution(population = 50)``."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from dataclasses import field
from functools import partial

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.frozen import frozen

_LONGEST = 10_000  # characters of a name with options
_GIVEN = ("self", "space", "seed", "goals", "proxies")  # what the search itself tells a searcher


@frozen
class SearcherSpec:
    """A searcher's name and the options that it is made with.

    ``str()`` gives the text that :meth:`parse` reads back.
    """

    name: str
    options: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> SearcherSpec:
        """``auto``, ``evolution(population = 50, surrogate = True)``; values are Python's literals.

        Raises
        ------
        HypError
            Where it reads otherwise.
        """
        try:
            tree = ast.parse(text.strip()[:_LONGEST], mode="eval").body
            if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.args:
                options = {str(k.arg): ast.literal_eval(k.value) for k in tree.keywords if k.arg is not None}
                if len(options) == len(tree.keywords):
                    return cls(tree.func.id, options)
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
            pass
        if "(" in text:
            expected = 'a name, or a name with options such as "evolution(population = 50)"'
            raise HypError([search_setting_invalid("searcher", text[:200], expected)])
        return cls(text.strip())

    def __str__(self) -> str:
        shown = ", ".join(f"{name} = {value!r}" for name, value in self.options.items())
        return f"{self.name}({shown})" if shown else self.name


def options_of(factory: object) -> dict[str, object]:
    """The options that a searcher's factory takes, with their defaults; all that it can be told beside the search.

    What a class passes on to the class that it extends, ``**common``, are the options of that one.
    """
    return {name: default for name, default in _parameters(factory).items() if name not in _GIVEN}


def takes_proxies(factory: object) -> bool:
    """Whether a searcher's factory is to be told the cheap scores that a search has (:mod:`hyperdsl.search.proxy`)."""
    return "proxies" in _parameters(factory)


def _parameters(factory: object) -> dict[str, object]:
    """The parameters of a factory by name, with their defaults."""
    factory = factory.func if isinstance(factory, partial) else factory
    found: dict[str, object] = {}
    made = [factory]
    if isinstance(factory, type):
        made = [vars(cls)["__init__"] for cls in inspect.getmro(factory) if "__init__" in vars(cls)]
    for function in made:
        parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
        named = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        found = {p.name: p.default for p in parameters if p.kind in named} | found
        if not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
            break
    return found
