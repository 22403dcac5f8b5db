"""Names that mean something in every program. A definition of the same name wins."""

from __future__ import annotations

CONSTANTS = frozenset({"pass", "drop"})
STRUCTURE = frozenset({"repeat", "permute", "pick", "subset"})
DISTRIBUTIONS = frozenset({"normal", "lognormal"})
AGGREGATES = frozenset({"len", "sum", "min", "max", "any", "all"})
NEURAL = frozenset({"input", "train", "loose", "tied"})
FUNCTIONS = STRUCTURE | DISTRIBUTIONS | AGGREGATES | {"record"}
COLUMN_KINDS = frozenset({"numeric", "categorical", "text", "boolean", "datetime"})
DATA_FACTS = frozenset({"classes", "features", "rows"})
NAMES = CONSTANTS | FUNCTIONS | NEURAL | {"data"}
