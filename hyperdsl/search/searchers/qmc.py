"""Quasi-random search: points that fill the space more evenly than draws do."""

from __future__ import annotations

import random
import warnings
from typing import Unpack

import numpy as np
from scipy.stats import qmc

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.search.searchers.base import Common, HistorySearcher
from hyperdsl.search.searchers.novelty import draw_from_prior
from hyperdsl.search.searchers.options import one_of
from hyperdsl.search.seeds import derive_seed
from hyperdsl.space import Configuration, Space

BITS = 30  # of a coordinate of Sobol's sequence


class QmcSearcher(HistorySearcher):
    """Trial ``n`` is point ``n`` of a scrambled sequence, with a coordinate for each decision in its prior.

    What is not active leaves its coordinate unused; where conditions narrow a decision, its coordinate is one in what
    they leave. A point that gives what is known is replaced by a draw from the prior.

    Parameters
    ----------
    sequence : {"sobol", "halton"}
    """

    startup = 0

    def __init__(
        self,
        space: Space,
        *,
        sequence: str = "sobol",
        **common: Unpack[Common],
    ) -> None:
        super().__init__(space, **common)
        self.sequence = one_of("sequence", sequence, ("sobol", "halton"))
        if self.sequence == "sobol" and len(space.decisions) > qmc.Sobol.MAXDIM:
            expected = f'"halton" for a space of more than {qmc.Sobol.MAXDIM:,} decisions'
            raise HypError([search_setting_invalid("sequence", sequence, expected)])
        self._points = np.zeros((0, len(space.decisions)))

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        if attempt:
            return draw_from_prior(self.space, seed=self.seed, number=number, attempt=attempt)
        if number >= len(self._points):
            self._points = self._sequence(max(64, 2 ** (number + 1).bit_length()))
        return self.space.draw(self._points[number].tolist())

    def _sequence(self, length: int) -> np.ndarray:
        """The first points, shape (length, decisions); a longer sequence begins with the shorter one."""
        width = len(self.space.decisions)
        if not width:
            return np.zeros((length, 0))
        seed = np.random.default_rng(derive_seed("qmc", self.seed))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # on lengths that balance better
            made = qmc.Sobol(width, bits=BITS, rng=seed) if self.sequence == "sobol" else qmc.Halton(width, rng=seed)
            points: np.ndarray = made.random(length)
        return points
