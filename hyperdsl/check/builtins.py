"""Names that mean something in every program. A definition of the same name wins."""

from __future__ import annotations

CONSTANTS = frozenset({"pass", "drop"})
STRUCTURE = frozenset({"repeat", "permute", "pick", "subset"})
DISTRIBUTIONS = frozenset({"normal", "lognormal"})
AGGREGATES = frozenset({"len", "sum", "min", "max", "any", "all"})
NEURAL = frozenset({"input", "loose", "tied"})
COSTS = frozenset({"params", "macs"})
FUNCTIONS = STRUCTURE | DISTRIBUTIONS | AGGREGATES | NEURAL | COSTS | {"record"}
COLUMN_KINDS = frozenset({"numeric", "categorical", "text", "boolean", "datetime"})
DATA_FACTS = frozenset({"classes", "features", "rows", "task"})
NAMES = CONSTANTS | FUNCTIONS | {"data"}
# How each function is called, for messages.
EXAMPLES = {
    "repeat": "repeat(1..3, part)",
    "permute": "permute(first, second)",
    "pick": "pick(1..2, [a, b, c])",
    "subset": "subset(1..2, [a, b, c])",
    "normal": "normal(0.0, 1.0)",
    "lognormal": "lognormal(0.0, 1.0)",
    "record": "record(x = 1..10, y = 0.0..1.0)",
    "len": "len(items)",
    "sum": "sum([a, b])",
    "min": "min(a, b)",
    "max": "max(a, b)",
    "any": "any([a, b])",
    "all": "all([a, b])",
    "input": "input(28, 28, 1)",
    "loose": "loose([a, b])",
    "tied": "tied(layer)",
    "params": "params(net)",
    "macs": "macs(net)",
}
# How columns are called elsewhere -> here.
SELECTORS_ELSEWHERE = {
    **dict.fromkeys(("all", "others", "other", "remainder", "default", "everything"), "rest"),
    **dict.fromkeys(("numerical", "number", "numbers", "num", "float", "int"), "numeric"),
    **dict.fromkeys(("category", "cat", "categories", "object", "string", "str"), "categorical"),
    **dict.fromkeys(("bool", "booleans"), "boolean"),
    **dict.fromkeys(("date", "time", "timestamp"), "datetime"),
}
