"""Seeds for what draws random numbers: which parameter takes one, and how it is derived.

Models, transformers and splitters take theirs as ``random_state``, or as their library calls it. Functions are given
theirs by ``functools.partial``. ``TargetEncoder`` of scikit-learn 1.9 and later takes none for its folds: it is given
the splitter that it would make, with a seed. What its library gives a fixed seed is left alone. ``Isomap`` on more
than 200 rows draws where its iteration begins and has no parameter for it: it repeats up to rounding, not to the last
digit.
"""

from __future__ import annotations

from enum import Enum
from hashlib import blake2b

from hyperdsl.backends.sklearn.defaults import seed_setting
from hyperdsl.catalog import Module

STRATIFIED = "sklearn.model_selection.StratifiedKFold"
UNSTRATIFIED = "sklearn.model_selection.KFold"
FOLDS = 5  # that ``cv=None`` stands for


class Draws(Enum):
    """How a class or function that draws random numbers takes its seed."""

    never = "it draws none, or takes no seed"
    always = "as a parameter"
    shuffled = "as a parameter, which is an error unless it shuffles"
    folds = "in the splitter that stands for a number of folds, ``cv``"


def draws(module: Module | None) -> Draws:
    """How a class or function takes its seed, where its author gives none."""
    if module is None:
        return Draws.never
    parameters = module.parameters
    parameter = parameters.get(seed_setting(module.path).parameter)
    if parameter is None or parameter.required:
        return Draws.never
    if parameter.deprecated:
        return Draws.folds if {"cv", "shuffle"} <= parameters.keys() else Draws.never
    if parameter.default is not None or parameter.default_text:
        return Draws.never
    is_optional = "splitter" in module.roles and "shuffle" in parameters
    return Draws.shuffled if is_optional else Draws.always


def splitter(classifies: bool) -> str:
    """The class whose shuffled folds scikit-learn takes for a number of folds."""
    return STRATIFIED if classifies else UNSTRATIFIED


def predicts_classes(models: list[Module | None]) -> bool:
    """Whether all that may end a program predict classes and nothing else."""
    return bool(models) and all(
        m is not None and m.roles & {"classifier", "regressor"} == {"classifier"} for m in models
    )


def derive(seed: int, key: str, occurrence: int = 0) -> int:
    """A step's ``random_state``: the first 31 bits of BLAKE2b over the study's seed and the step's key.

    Parameters
    ----------
    seed : int
        The study's seed.
    key : str
        The canonical text of all that the step's input goes through, and of the step.
    occurrence : int
        How many steps of the same key come before it in the program, so that equal members of an ensemble differ.
    """
    digest = blake2b(f"{seed}\n{occurrence}\n{key}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") >> 1
