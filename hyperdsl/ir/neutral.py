"""Steps that change nothing where they stand: what the canonical key leaves out, and the pass ``neutral`` removes.

Both claims are exact, to the last bit, on the rows that a step is fitted to and on any others:

- An identity gives its input: ``FunctionTransformer()`` without a function.
- An idempotent step changes nothing right behind an equal one, fitted to what that one gives.

=======================  ==============================================================================================
idempotent               because
=======================  ==============================================================================================
``MaxAbsScaler``         the largest absolute value is ``x / x == 1.0`` then, and dividing by 1.0 is exact
``Binarizer``            0 and 1 stay 0 and 1 while the threshold is in [0, 1)
``Normalizer("max")``    as ``MaxAbsScaler``, for rows
``SimpleImputer``        nothing is missing any more, with ``nan`` for what is missing, and no indicator
``SelectKBest``          there are k columns left, and it keeps k
=======================  ==============================================================================================

Not among them: ``StandardScaler``, ``MinMaxScaler``, ``RobustScaler``, ``Normalizer("l1" | "l2")`` (a second run rounds
once more), ``VarianceThreshold`` (variances are summed in another order when columns are gone), ``PCA`` (rotates anew,
signs may turn), ``QuantileTransformer``, ``PowerTransformer`` and ``KBinsDiscretizer`` (fitted anew to other values),
``SelectPercentile`` and ``SelectFromModel`` (select among what is left), encoders (take other input than they give).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

IDENTITY = "sklearn.preprocessing.FunctionTransformer"
FREE = object()  # the value of an argument that a decision may change

Arguments = Mapping[str, object]


def is_identity(path: str, arguments: Arguments) -> bool:
    """Whether a module gives its input unchanged, names and types of columns included."""
    if path != IDENTITY or not arguments.keys() <= {"func", "validate"}:
        return False
    return arguments.get("func") is None and arguments.get("validate", False) is False


def is_idempotent(path: str, arguments: Arguments) -> bool:
    """Whether a module changes nothing right behind an equal one."""
    holds = _IDEMPOTENT.get(path)
    return holds is not None and holds(arguments)


def may_change_nothing(path: str) -> bool:
    """Whether it depends on a module's arguments, or on those of the step before it, that it changes anything."""
    return path == IDENTITY or path in _IDEMPOTENT


def _binarizer(arguments: Arguments) -> bool:
    threshold = arguments.get("threshold", 0.0)
    return isinstance(threshold, (int, float)) and 0 <= threshold < 1


def _normalizer(arguments: Arguments) -> bool:
    return arguments.get("norm") == "max"


def _imputer(arguments: Arguments) -> bool:
    if "missing_values" in arguments or arguments.get("add_indicator", False) is not False:
        return False
    fill = arguments.get("fill_value")
    is_nan = fill is FREE or (isinstance(fill, float) and math.isnan(fill))
    return not is_nan and isinstance(arguments.get("strategy", "mean"), str)


def _always(arguments: Arguments) -> bool:
    return True


_IDEMPOTENT: Mapping[str, Callable[[Arguments], bool]] = {
    "sklearn.preprocessing.MaxAbsScaler": _always,
    "sklearn.preprocessing.Binarizer": _binarizer,
    "sklearn.preprocessing.Normalizer": _normalizer,
    "sklearn.impute.SimpleImputer": _imputer,
    "sklearn.feature_selection.SelectKBest": _always,
}
