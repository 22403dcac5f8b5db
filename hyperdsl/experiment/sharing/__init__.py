"""What trials have in common is fitted once: see :mod:`~hyperdsl.experiment.sharing.steps`."""

from hyperdsl.experiment.sharing.folder import search_store
from hyperdsl.experiment.sharing.store import FittedStore

__all__ = ["FittedStore", "search_store"]
