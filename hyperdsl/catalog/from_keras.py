"""Keras's modules, read from the installed library."""

from __future__ import annotations

import inspect

from hyperdsl.catalog.model import Interval, Kind, Module, Parameter
from hyperdsl.catalog.signature import default_of, own_parameters, summary_of, takes_keywords


def modules(library: str = "keras") -> list[Module]:
    import keras

    found = [TRAIN]
    for package, role in (("layers", "layer"), ("optimizers", "optimizer"), ("losses", "loss")):
        for name, cls in vars(getattr(keras, package)).items():
            if inspect.isclass(cls):
                found.append(
                    Module(
                        name,
                        f"keras.{package}.{name}",
                        "keras",
                        frozenset({role}),
                        {n: Parameter(n, **default_of(p)) for n, p in own_parameters(cls).items()},
                        open=takes_keywords(cls),
                        summary=summary_of(cls),
                    )
                )
    return found


TRAIN = Module(
    "train",
    "train",
    "keras",
    frozenset({"classifier", "regressor"}),
    {
        p.name: p
        for p in (
            Parameter("network", required=True, constraints=(Kind("module"),)),
            Parameter("optimizer", default="adam", constraints=(Kind("module"), Kind("str"))),
            Parameter("loss", default=None, constraints=(Kind("module"), Kind("str"), Kind("none"))),
            Parameter("batch_size", default=32, constraints=(Interval("int", 1, None),)),
            Parameter("epochs", default=10, constraints=(Interval("int", 1, None),)),
        )
    },
)
