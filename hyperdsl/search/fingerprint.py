"""Whether two spaces are the same as far as a search can tell."""

from __future__ import annotations

from hashlib import blake2b

from hyperdsl.space import Space

SAMPLES = 16


def space_fingerprint(space: Space) -> str:
    """A hash of the decision table, and of the programs that the default and some samples build.

    Spaces that differ only in layout, comments or names of what is not decided have the same.
    """
    table = [
        (d.path, d.kind, d.labels, d.ordinal, d.weights, d.low, d.high, d.log, d.step, d.default, d.dependent, d.size)
        for d in space.decisions
    ]
    keys = [space.key(configuration) for configuration in (space.default(), *space.sample(SAMPLES, seed=0))]
    return blake2b(repr((table, keys)).encode(), digest_size=16).hexdigest()
