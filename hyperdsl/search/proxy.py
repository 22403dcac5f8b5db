"""Proxies: cheap scores that say of a configuration, before any trial of it, what it may be worth.

Who evaluates configurations knows what there is to be said of them (:mod:`hyperdsl.experiment.proxies`), searchers
choose by it: one whose constructor takes ``proxies`` is given them by name
(:func:`hyperdsl.search.searchers.make_searcher`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import no_shared_weights
from hyperdsl.ir.domain import Code
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

INHERITED = "inherited"
"""The name of the proxy that is a :class:`SharedWeights`."""


@runtime_checkable
class SharedWeights(Proxy, Protocol):
    """One network that holds all candidates; as a proxy the score of a candidate with the weights that it inherits."""

    def single_paths(self, epochs: int) -> Proxy:
        """The score with inherited weights, after each batch of so many epochs has trained the candidate of a draw."""
        ...

    def relaxed(self, epochs: int, rate: float) -> Mapping[int, Mapping[Code, float]]:
        """The probability of each code of the decisions about the network, learned in so many epochs at a rate."""
        ...

    def decided(self, configuration: Configuration) -> Mapping[int, Code]:
        """What of a configuration is about the network; candidates with the same are scored the same."""
        ...


def shared_weights(searcher: str, proxies: Proxies | None) -> SharedWeights:
    """The network that a searcher needs.

    Raises
    ------
    HypError
        Where the search has none.
    """
    found = (proxies or {}).get(INHERITED)
    if not isinstance(found, SharedWeights):
        raise HypError([no_shared_weights(searcher)])
    return found
