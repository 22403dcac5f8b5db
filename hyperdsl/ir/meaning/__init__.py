"""The meaning of a graph: the definition that the passes, the flat space and the backends must agree with.

``evaluate(graph, decide)`` walks from the root and decides what it reaches: with a random ``decide`` it samples, with
an assignment it replays, with a tape (``enumeration.py``) it enumerates. A node is evaluated once, so a shared
decision is decided once; what is not reached decides nothing.

``evaluation`` has the walk, ``rules`` a rule for each operation, ``values`` what operators give, ``modules`` the normal
forms of wirings, ``networks`` tensors and what computes them, ``decisions`` the domain of each decision.
"""

from hyperdsl.ir.meaning.decisions import (
    Decide,
    default_code,
    integer_domain,
    normal_domain,
    real_domain,
    replay,
    subset_domain,
)
from hyperdsl.ir.meaning.evaluation import Evaluation, Outcome, evaluate
from hyperdsl.ir.meaning.modules import as_step, is_module, parallel, sequence
from hyperdsl.ir.meaning.values import (
    MAX_ITEMS,
    NOTHING,
    UNKNOWN,
    Absent,
    Inactive,
    Undefined,
    aggregate,
    arithmetic,
    compare,
    known,
    same,
)

__all__ = [
    "MAX_ITEMS",
    "NOTHING",
    "UNKNOWN",
    "Absent",
    "Decide",
    "Evaluation",
    "Inactive",
    "Outcome",
    "Undefined",
    "aggregate",
    "arithmetic",
    "as_step",
    "compare",
    "default_code",
    "evaluate",
    "integer_domain",
    "is_module",
    "known",
    "normal_domain",
    "parallel",
    "real_domain",
    "replay",
    "same",
    "sequence",
    "subset_domain",
]
