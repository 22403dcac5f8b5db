"""Metrics of the user's own: ``my_pkg.metrics:profit``, or a function that is given in Python.

One is a function ``(y_true, y_pred) -> float``, which gets the labels of the table, or a scorer of scikit-learn,
``(estimator, X, y) -> float``, which gets a model that predicts these labels. More is better unless
``minimize(…)`` says otherwise.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from importlib import import_module
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import data as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.frozen import frozen
from hyperdsl.settings.metrics import MetricText

if TYPE_CHECKING:
    import numpy as np

    Label = str | int | float | bool

OwnMetric = Callable[..., float]


@frozen
class OwnCode:
    """Whose code may run, and what metrics of it are told.

    Parameters
    ----------
    allow : tuple of str
        Packages of the user's own that may be imported.
    root : str or None
        The folder that they are looked for in, before the working folder and the installed packages.
    labels : tuple
        What the numbers of an encoded target stand for; empty where the target is as in the table.
    """

    allow: tuple[str, ...] = ()
    root: str | None = None
    labels: tuple[Label, ...] = ()


def import_metric(asked: MetricText, code: OwnCode) -> OwnMetric:
    """The function or scorer that a text names.

    Raises
    ------
    HypError
        When its package is not allowed, cannot be imported, or has no such function.
    """
    module, _, name = asked.name.partition(":")
    package = module.partition(".")[0]
    if package not in code.allow:
        raise HypError([say.metric_not_allowed(asked.name, package)])
    _make_importable(code.root)
    try:
        found = getattr(import_module(module), name, None)
    except Exception as error:  # whatever the user's module does
        what = f"{module!r} cannot be imported: {_described(error)}"
        raise HypError([say.own_metric_unusable(asked.name, what, "mend it, or check the name")]) from error
    if found is None:
        near = did_you_mean(name, [n for n, v in vars(sys.modules[module]).items() if callable(v)])
        instead = f"did you mean {module}:{near[0]}?" if near else "check the name"
        raise HypError([say.own_metric_unusable(asked.name, f"{module!r} has no {name!r}", instead)])
    return checked(found, asked)


def checked(own: Any, asked: MetricText) -> OwnMetric:
    """The metric, where it can be called as one.

    Raises
    ------
    HypError
        Where it cannot.
    """
    write = "write `def metric(y_true, y_pred): return …`, or give a scorer of scikit-learn"
    if not callable(own) or isinstance(own, type):
        what = "it is a class" if isinstance(own, type) else f"it is of type {type(own).__name__}, and cannot be called"
        raise HypError([say.own_metric_unusable(asked.name, what, write)])
    if is_scorer(own):
        if asked.direction == "minimize":
            raise HypError([say.metric_direction(asked.name, "maximize")])
        return own  # type: ignore[no-any-return]
    try:
        inspect.signature(own).bind(None, None)
    except TypeError:
        what = f"it takes {inspect.signature(own)}, not (y_true, y_pred)"
        raise HypError([say.own_metric_unusable(asked.name, what, write)]) from None
    except ValueError:
        pass  # built in, without a signature
    return own  # type: ignore[no-any-return]


def is_scorer(own: OwnMetric) -> bool:
    """Whether it takes a model and its input, as scikit-learn's scorers do."""
    try:
        return next(iter(inspect.signature(own).parameters), "") == "estimator"
    except ValueError:
        return False


def name_of(own: OwnMetric) -> str:
    return str(getattr(getattr(own, "_score_func", own), "__name__", type(own).__name__))


def path_of(own: OwnMetric) -> str:
    """``module:name``, where that imports it again, from the outermost package that has it; else empty."""
    name = getattr(own, "__qualname__", "")
    parts = (getattr(own, "__module__", None) or "__main__").split(".")
    packages = [".".join(parts[: i + 1]) for i in range(len(parts))]
    found = (p for p in packages if p != "__main__" and getattr(sys.modules.get(p), name, None) is own)
    return next((f"{package}:{name}" for package in found), "")


def value_of(own: Callable[..., Any], labels: tuple[Label, ...], estimator: Any, X: Any, y: Any) -> float:
    """What a metric says of a fitted model.

    Raises
    ------
    TypeError
        When it gives no number.
    """
    import numpy as np

    if is_scorer(own):
        value = own(_labelling(estimator, labels), X, _labelled(y, labels))
    else:
        predicted = np.ravel(estimator.predict(X))
        value = own(_labelled(y, labels), _labelled(predicted, labels))
    if not isinstance(value, (Real, np.number, np.bool_)):
        raise TypeError(f"it returned {value!r:.100}, not a number")
    return float(value)


def _labelling(estimator: Any, labels: tuple[Label, ...]) -> Any:
    """A fitted model of numbered classes as one of their labels."""
    if not labels:
        return estimator
    import numpy as np

    from hyperdsl.experiment.labels import NumberedClasses

    model = NumberedClasses(estimator)
    model.classes_ = np.array(labels)
    return model


def _labelled(values: Any, labels: tuple[Label, ...]) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.array(labels)[np.asarray(values).astype(int)] if labels else np.asarray(values)


def _make_importable(root: str | None) -> None:
    """Put the folder of the program before all others, and the working folder behind them."""
    if root is not None and root not in sys.path:
        sys.path.insert(0, root)
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.append(here)


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
