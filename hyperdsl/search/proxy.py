"""Proxies: cheap scores that say of a configuration, before any trial of it, what it may be worth.

Who evaluates configurations knows what there is to be said of them (:mod:`hyperdsl.experiment.proxies`), searchers
choose by it: one whose constructor takes ``proxies`` is given them by name
(:func:`hyperdsl.search.searchers.make_searcher`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hyperdsl.space import Configuration


class Proxy(Protocol):
    """A number for a configuration; more is better.

    It is a pure function of the configuration's program, so that a search that goes on is the same search. What it
    takes to say anything, such as training a network that all configurations share, is done when it is first called.
    """

    def __call__(self, configuration: Configuration) -> float | None:
        """The number, minus infinity for what will not work; None where nothing can be said of this kind of program."""
        ...


Proxies = Mapping[str, Proxy]
