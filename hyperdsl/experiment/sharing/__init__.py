"""What trials have in common is fitted once."""

from hyperdsl.experiment.sharing.store import FittedStore

__all__ = ["FittedStore"]
