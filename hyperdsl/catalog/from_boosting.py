"""The boosting libraries' scikit-learn classes: signatures from the library, ranges from the TOML files beside this.

The libraries declare no constraints that could be read, and two of them take their parameters as ``**kwargs``. The TOML
files say what their documentation says; what the installed version does not take is left out.
"""

from __future__ import annotations

import inspect
import tomllib
import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from hyperdsl.catalog.model import Module, Parameter
from hyperdsl.catalog.notation import parse_takes
from hyperdsl.catalog.signature import default_of, own_parameters, summary_of, takes_keywords

_FURTHER_KEYWORD = "the library's own"


def modules(library: str) -> list[Module]:
    """The classes of ``lightgbm``, ``xgboost`` or ``catboost``."""
    table = read_table(library)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = import_module(library)
    found = ((getattr(package, name, None), facts) for name, facts in table["classes"].items())
    return [_module(library, cls, facts, table) for cls, facts in found if cls is not None]


def read_table(library: str) -> dict[str, Any]:
    """The TOML file of a library."""
    return tomllib.loads(Path(__file__).with_name(f"{library}.toml").read_text(encoding="utf-8"))


def _module(library: str, cls: type, facts: Mapping[str, Any], table: Mapping[str, Any]) -> Module:
    return Module(
        name=cls.__name__,
        path=f"{library}.{cls.__name__}",
        library=library,
        roles=frozenset({facts["role"]}),
        parameters=_parameters(cls, {**table["takes"], **facts.get("takes", {})}, table["aliases"]),
        tags={"predict": True, **table["tags"], **facts["tags"]},
        summary=summary_of(cls),
    )


def _parameters(cls: type, takes: Mapping[str, str], aliases: Mapping[str, list[str]]) -> dict[str, Parameter]:
    """Those of the signature in its order, then the further keywords; aliases are no parameters of their own."""
    other_names = {alias for names in aliases.values() for alias in names}
    defaults = {n: default_of(p) for n, p in signature_of(cls).items() if n not in other_names}
    if takes_keywords(cls):
        defaults |= {n: {"default_text": _FURTHER_KEYWORD} for n in takes if n not in defaults}
    return {
        name: Parameter(
            name,
            constraints=parse_takes(takes[name]) if name in takes else (),
            aliases=tuple(aliases.get(name, ())),
            **default,
        )
        for name, default in defaults.items()
    }


def signature_of(cls: type) -> dict[str, inspect.Parameter]:
    """The named parameters of a class whose ``**kwargs`` go to its base."""
    parameters: dict[str, inspect.Parameter] = {}
    for base in inspect.getmro(cls):
        init = vars(base).get("__init__")
        if not inspect.isfunction(init):
            continue
        parameters = {**own_parameters(init), **parameters}
        if not takes_keywords(init):
            break
    parameters.pop("self", None)
    return parameters
