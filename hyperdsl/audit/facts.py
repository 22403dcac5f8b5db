"""What is known of the table that a space is checked for."""

from __future__ import annotations

import math

from hyperdsl.frozen import frozen


@frozen
class Facts:
    """Numbers about the training data; None where not known. Rules of libraries read them by the names of ``names``.

    Parameters
    ----------
    n_rows : int or None
        Rows that a pipeline is fitted to: of the smallest training part, where the data is split.
    n_features : int or None
        Input columns of the pipeline.
    n_classes : int or None
        Different labels of the target; None in regression.
    smallest_class : int or None
        Rows of the rarest label, in the training part where they are fewest.
    largest_class : int or None
        Rows of the most frequent label, in the training part where they are fewest.
    """

    n_rows: int | None = None
    n_features: int | None = None
    n_classes: int | None = None
    smallest_class: int | None = None
    largest_class: int | None = None

    @property
    def names(self) -> dict[str, int | float | None]:
        """The facts as rules name them; the head of ``hyperdsl/catalog/rulebook.py`` lists them."""
        return {
            "rows": self.n_rows,
            "log_rows": math.log(self.n_rows) if self.n_rows else None,
            "features": self.n_features,
            "classes": self.n_classes,
            "smallest_class": self.smallest_class,
            "largest_class": self.largest_class,
        }
