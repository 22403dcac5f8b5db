"""What ``hyperdsl info`` says of networks: weights and multiply-adds over all configurations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace

_NAMES = {"params": "params", "macs": "multiply-adds"}


def cost_facts(space: HyperSpace) -> dict[str, Any]:
    """Least, median and greatest of each cost that is known; empty for a space without networks."""
    costs = space.costs()
    if not costs:
        return {}
    from hyperdsl.audit.shapes.summary import DRAWS, summarize

    found: dict[str, Any] = {}
    for name, of in summarize(space.space, costs).items():
        found[name] = {
            "least": of.least,
            "median": of.median,
            "most": of.most,
            "exact": of.ends_exact and of.median_exact,
            "drawn": {
                "number": 0 if of.ends_exact and of.median_exact else DRAWS,
                "ends": not of.ends_exact,
                "median": not of.median_exact,
                "uniform": of.uniform,
            },
        }
    return found


def costs_text(costs: Any) -> Iterator[str]:
    """A line for each cost."""
    for name, of in costs.items():
        drawn = of["drawn"]
        how = "" if drawn["uniform"] else " by weight"
        note = f" of {drawn['number']:,} drawn{how}" if drawn["number"] else ""
        least, median, most = (f"{of[k]:,}" for k in ("least", "median", "most"))
        if drawn["ends"]:
            yield f"  {_NAMES[name]:<15} {least} to {most}, median {median}{note.replace(' of', ', in', 1)}"
        else:
            yield f"  {_NAMES[name]:<15} {least} to {most}, median {'about ' if note else ''}{median}{note}"
