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
}
# Names from Python that have a form of their own here.
FOREIGN = {
    "make_pipeline": "a >> b",
    "make_union": "a & b",
    "make_column_transformer": "columns { numeric => a   categorical => b }",
    "make_column_selector": "columns { numeric => a   categorical => b }",
    "choice": "a | b",
    "Choice": "a | b",
    "Categorical": "a | b",
    "Integer": "1..10",
    "Real": "0.0..1.0",
    "randint": "1..10",
    "range": "1..10",
    "uniform": "0.0..1.0",
    "quniform": "0.0..1.0 step 0.1",
    "loguniform": "1e-3..1e3 log",
    "log_uniform": "1e-3..1e3 log",
    "dict": "record(a = 1)",
    "yes": "True",
    "no": "False",
    "null": "None",
    "TRUE": "True",
    "FALSE": "False",
    "NONE": "None",
}
