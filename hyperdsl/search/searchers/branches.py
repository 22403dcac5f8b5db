"""The branches of a space at their defaults: a first look at each family of programs."""

from __future__ import annotations

from itertools import islice

from hyperdsl.space import Configuration, Decision, Space

MOST_LOOKED_AT = 300  # alternatives, so that a space of thousands of choices costs no more than a moment
LEAST_SWITCHED = 2  # decisions that a choice switches on or off, for its alternatives to count as branches


def branch_defaults(space: Space, most: int) -> list[Configuration]:
    """Defaults of the branches that the space's default does not take, those of the choice that switches most first.

    Parameters
    ----------
    space : Space
    most : int
        How many at most.
    """
    default = space.default()
    choices = [d for d in space.decisions if d.kind == "choice" and default.codes[d.index] is not None]
    others = ((d, code) for d in choices for code in range(len(d.labels)) if code != default.codes[d.index])
    taken: dict[int, list[Configuration]] = {}
    for decision, code in islice(others, MOST_LOOKED_AT):
        branch = space.default({decision.index: code})
        if branch.codes[decision.index] == code and not space.violated(branch):
            taken.setdefault(decision.index, []).append(branch)
    widths = {index: _switched(space.decisions[index], [default, *found]) for index, found in taken.items()}
    order = sorted((i for i in taken if widths[i] >= LEAST_SWITCHED), key=lambda i: -widths[i])
    found = {branch.codes: branch for index in order for branch in taken[index] if _active(branch) != _active(default)}
    return list(found.values())[:most]


def _switched(decision: Decision, branches: list[Configuration]) -> int:
    """How many decisions are made in some of the branches and not in all."""
    active = [_active(branch) - {decision.index} for branch in branches]
    return len(frozenset.union(*active) - frozenset.intersection(*active))


def _active(configuration: Configuration) -> frozenset[int]:
    return frozenset(i for i, code in enumerate(configuration.codes) if code is not None)
