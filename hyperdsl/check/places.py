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


def meant(found: Sequence[Module], place: Place, is_text: bool) -> Sequence[Module]:
    """Those of ``found`` that suit a place best: one, or what is ambiguous there.

    A role that the place asks for decides, then the library of what is called there. Elsewhere what can be a step comes
    before what cannot, and scikit-learn's before Keras', so that installing Keras changes no program. ``is_text``: what
    is called there takes the name as a text, so that it is no part of another library.
    """
    if is_text and place.library:
        found = [m for m in found if _family(m) == place.library]
    if len({m.path for m in found}) < 2:
        return found
    best = max(_fit(m, place) for m in found)
    return [m for m in found if _fit(m, place) == best]


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
