"""Where an expression stands, and which of several modules of one name are meant there."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.catalog.model import PART_ROLES, Kind, Module, Parameter
from hyperdsl.frozen import frozen
from hyperdsl.syntax import tree

_STEPS = frozenset({"transformer", "classifier", "regressor", "clusterer", "outlier", "density", "layer"})


@frozen
class Place:
    """An argument of a call: the roles that it asks for, and the library of what is called, ``""`` where unknown."""

    roles: frozenset[str] = frozenset()
    library: str = ""


def argument_place(module: Module, argument: tree.Argument, index: int) -> Place:
    """The place of an argument of a module's call, ``index`` being its number."""
    parameter: Parameter | None = None
    if argument.name is not None:
        parameter = module.parameter(argument.name)
    elif index < len(module.parameters):
        parameter = list(module.parameters.values())[index]
    constraints = parameter.constraints if parameter is not None else ()
    asked = frozenset(c.name for c in constraints if isinstance(c, Kind))
    return Place(asked & PART_ROLES, _family(module))


def meant(found: Sequence[Module], place: Place) -> list[Module]:
    """Those of ``found`` that suit a place best: one, or what is ambiguous there.

    A role that the place asks for decides, then the library of what is called there. Elsewhere what can be a step comes
    before what cannot, and scikit-learn's before Keras', so that installing Keras changes no program.
    """
    best = max(_fit(m, place) for m in found)
    return [m for m in found if _fit(m, place) == best]


def of_library(found: Sequence[Module], place: Place) -> tuple[Module, ...]:
    """Those of the library of what is called at a place."""
    return tuple(m for m in found if not place.library or _family(m) == place.library)


def _fit(module: Module, place: Place) -> tuple[bool, bool, bool, bool]:
    return (
        bool(place.roles & module.roles),
        _family(module) == place.library,
        bool(_STEPS & module.roles),
        module.library != "keras",
    )


def _family(module: Module) -> str:
    """NumPy's functions and the boosting libraries belong to scikit-learn's."""
    return "keras" if module.library == "keras" else "sklearn"
