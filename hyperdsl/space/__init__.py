"""The flat decision space: the table of decisions, sampling, counting, ranking, keys."""

from hyperdsl.space.space import Space
from hyperdsl.space.table import Configuration, Count, Decision

__all__ = ["Configuration", "Count", "Decision", "Space"]
