"""A small language for AutoML search spaces: compile a ``.hyp`` file, search it, keep the best pipeline.

Importing this package imports nothing else; each name below is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hyperdsl.version import __version__

if TYPE_CHECKING:
    from hyperdsl.diagnostics import Diagnostic, HypError
    from hyperdsl.driver import compile, load
    from hyperdsl.experiment import Experiment, load_experiment
    from hyperdsl.functions import check_data, optimize
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.search.hypermodel import HyperModel
    from hyperdsl.search.searcher import Searcher
    from hyperdsl.search.trial import Estimator, Evaluation, Trial
    from hyperdsl.sklearn_api import HyperSearchCV
    from hyperdsl.space import Configuration

__all__ = [
    "Configuration",
    "Diagnostic",
    "Estimator",
    "Evaluation",
    "Experiment",
    "HypError",
    "HyperModel",
    "HyperSearchCV",
    "HyperSpace",
    "Searcher",
    "Trial",
    "__version__",
    "check_data",
    "compile",
    "load",
    "load_experiment",
    "optimize",
]

_HOMES = {
    "Configuration": "hyperdsl.space",
    "Diagnostic": "hyperdsl.diagnostics",
    "Estimator": "hyperdsl.search.trial",
    "Evaluation": "hyperdsl.search.trial",
    "Experiment": "hyperdsl.experiment",
    "HypError": "hyperdsl.diagnostics",
    "HyperModel": "hyperdsl.search.hypermodel",
    "HyperSearchCV": "hyperdsl.sklearn_api",
    "HyperSpace": "hyperdsl.hyperspace",
    "Searcher": "hyperdsl.search.searcher",
    "Trial": "hyperdsl.search.trial",
    "check_data": "hyperdsl.functions",
    "compile": "hyperdsl.driver",
    "load": "hyperdsl.driver",
    "load_experiment": "hyperdsl.experiment",
    "optimize": "hyperdsl.functions",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'hyperdsl' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__


def load_ipython_extension(shell: object) -> None:
    """What ``%load_ext hyperdsl`` calls: the cell magic ``%%hyp``, and diagnostics in place of tracebacks."""
    import_module("hyperdsl.ipython").load(shell)
