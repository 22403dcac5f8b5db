"""Spaces for the tests of the search."""

import hyperdsl
from hyperdsl.space import Space

_MIXED = """
let x = 0..50
let mode = "fast" | "safe" @ 3
space mixed = record(
  x = x,
  y = 1e-3..1.0 log,
  mode = mode,
  z = 1..x + 1 if mode == "safe" else 0,
  tags = subset(2, ["a", "b", "c"]),
  size = 100 | 1 | 10,
  part = 0.0..1.0 step 0.25)
"""


def mixed_space() -> Space:
    """Every kind of decision, one that depends on others."""
    return hyperdsl.compile(_MIXED).space


def small_space() -> Space:
    """Twelve configurations."""
    return hyperdsl.compile("let x = 0..11 space small = record(x = x)").space
