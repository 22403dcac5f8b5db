"""What modules exist in the target libraries and what they take.

``load_catalog()`` finds the installed libraries; a module's parameters come from the library itself, by
``from_sklearn`` and ``from_boosting``, and are cached. ``check_value`` and its neighbours compare arguments with them.
"""

from hyperdsl.catalog.catalog import Catalog, load_catalog
from hyperdsl.catalog.model import Constraint, Interval, Items, Kind, Module, Options, Parameter
from hyperdsl.catalog.user import read_user_class
from hyperdsl.catalog.values import check_interval, check_kind, check_module, check_value, describe

__all__ = [
    "Catalog",
    "Constraint",
    "Interval",
    "Items",
    "Kind",
    "Module",
    "Options",
    "Parameter",
    "check_interval",
    "check_kind",
    "check_module",
    "check_value",
    "describe",
    "load_catalog",
    "read_user_class",
]
