"""Random configurations, in which something that fails is looked for."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cached_property

from hyperdsl.ir import meaning
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.space.skeleton import NONE, Skeleton

_FACTS: dict[str, int | str] = {"classes": 2, "features": 10, "rows": 100, "task": "classification"}


class Drawn:
    """A random configuration; it need not hold to the conditions of the program."""

    def __init__(self, skeleton: Skeleton, forced: Mapping[int, int], rng: random.Random) -> None:
        self.skeleton = skeleton
        self.codes: list[Code | None] = [None] * len(skeleton.nodes)

        def decide(row: int, domain: Domain) -> Code:
            return forced[row] if row in forced else domain.from_unit(rng.random())

        if skeleton.root != NONE:
            skeleton.reach(self.codes, decide)

    @cached_property
    def is_allowed(self) -> bool:
        """Whether the conditions of the program hold; facts about data have stand-ins."""
        assignment = {self.skeleton.op(r).path: c for r, c in enumerate(self.codes) if c is not None}
        try:
            return not meaning.evaluate(self.skeleton.graph, meaning.replay(assignment), _FACTS).violated
        except meaning.Undefined:
            return False
