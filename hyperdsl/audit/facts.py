"""What is known of the table that a space is checked for."""

from __future__ import annotations

from dataclasses import fields

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
        Rows of the rarest label among the ``n_rows``.
    """

    n_rows: int | None = None
    n_features: int | None = None
    n_classes: int | None = None
    smallest_class: int | None = None

    @property
    def names(self) -> dict[str, int | None]:
        """The facts as rules name them: ``rows``, ``features``, ``classes``, ``smallest_class``."""
        return {f.name.removeprefix("n_"): getattr(self, f.name) for f in fields(self)}
