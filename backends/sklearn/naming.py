"""Names of steps, routes and constants in generated code."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hyperdsl.backends.pycode import unique
from hyperdsl.ir.plan import Call, ColumnsPlan, Drop, Par, Pass, PlanNode, Seq, Value

# scikit-learn rejects a step name that is also a parameter of the object that holds it.
HOLDER_PARAMETERS = frozenset(
    {
        *("steps", "memory", "verbose", "transform_input"),
        *("transformer_list", "transformer_weights", "n_jobs", "verbose_feature_names_out"),
        *("transformers", "remainder", "sparse_threshold", "force_int_remainder_cols"),
        *(
            "estimators",
            "final_estimator",
            "voting",
            "weights",
            "flatten_transform",
            "cv",
            "stack_method",
            "passthrough",
        ),
    }
)


def flat_steps(sequence: Seq) -> tuple[PlanNode, ...]:
    """The steps of a sequence; a labelled sequence at its end is taken apart, so that it ends in the model itself."""
    *first, last = sequence.steps
    return (*first, *flat_steps(last)) if isinstance(last, Seq) else sequence.steps


def step_names(parts: Iterable[Value]) -> list[str]:
    """One name for each part: its label, else its class in snake case; ``_2``, ``_3``, … where that is taken."""
    names: list[str] = []
    for part in parts:
        name = _step_name(part)
        names.append(unique(f"{name}_step" if name in HOLDER_PARAMETERS else name, names))
    return names


def _step_name(part: Value) -> str:
    label = getattr(part, "label", None)
    if label:
        return clean(label)
    match part:
        case Call(path=path):
            return snake_case(path.rpartition(".")[2])
        case Seq():
            return "pipeline"
        case Par():
            return "feature_union"
        case ColumnsPlan():
            return "columns"
        case Pass():
            return "unchanged"
        case Drop():
            return "dropped"
        case _:
            return "step"


def snake_case(name: str) -> str:
    """``LGBMClassifier -> lgbm_classifier``, ``KBinsDiscretizer -> k_bins_discretizer``, ``Conv2D -> conv2d``."""
    name = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return clean(re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])", "_", name).lower())


def clean(text: str) -> str:
    """Any text as part of a name: no signs, and no ``__``, which scikit-learn keeps for parameters of steps."""
    return re.sub(r"[\W_]+", "_", text).strip("_") or "step"


def constant_name(label: str) -> str:
    """The upper-case name of a constant: ``numeric -> NUMERIC``."""
    name = clean(label).upper()
    return name if name.isidentifier() else f"COLUMNS_{name}"
