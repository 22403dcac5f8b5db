"""What is told of configurations that fail."""

from __future__ import annotations

from hyperdsl.frozen import frozen


@frozen
class Failure:
    """Configurations that fail.

    Attributes
    ----------
    count, total : int or None
        How many fail, and how many there are; continuous ranges count as one point. None past the budget.
    witness : tuple of (str, str)
        Path and value, as text, of the decisions that make a configuration fail, in the order of the table; empty where
        nothing needs to be decided.
    node : int
        The node that fails in the witness.
    """

    count: int | None
    total: int | None
    witness: tuple[tuple[str, str], ...]
    node: int

    @property
    def where(self) -> str:
        """``in 12 of 48 configurations``, ``in every configuration`` or ``in some configurations``."""
        if self.count is None or self.total is None:
            return "in some configurations"
        if self.count == self.total:
            return "in every configuration"
        return f"in {self.count:,} of {self.total:,} configurations"

    @property
    def shown(self) -> str:
        """The witness as text: ``scale = "minmax", clf.penalty = "l1"``."""
        return ", ".join(f"{path} = {value}" for path, value in self.witness)
