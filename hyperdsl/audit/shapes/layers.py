"""The rules of all layers: the arithmetic of the libraries' own ``compute_output_shape``, for Keras 3.

``tests/test_shapes.py`` compares every rule with the layer itself.
"""

from __future__ import annotations

from hyperdsl.audit.shapes import dense, merges, sequences, windows
from hyperdsl.audit.shapes.rules import LayerRule

RULES: dict[str, LayerRule] = {**dense.RULES, **windows.RULES, **sequences.RULES, **merges.RULES}
