"""What the backend must know of a module: which parameters it takes, what to import first."""

from __future__ import annotations

from functools import cache

from hyperdsl.catalog import load_catalog


@cache
def parameters(path: str) -> frozenset[str]:
    """The names of a module's parameters; empty for one that the catalog does not have."""
    return frozenset(name for module in load_catalog().find(path) for name in module.parameters)


@cache
def required_import(path: str) -> str:
    """What user code must import before the module, such as ``sklearn.experimental.enable_iterative_imputer``."""
    return next((module.requires for module in load_catalog().find(path)), "")
