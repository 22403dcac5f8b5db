"""The fit of one pipeline in one fold."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline

from hyperdsl.experiment.sharing import steps as chains
from hyperdsl.experiment.sharing.identity import identity
from hyperdsl.experiment.sharing.steps import Chain, Outline, Session, outline_of, private
from hyperdsl.experiment.sharing.store import Entry, Key
from hyperdsl.frozen import frozen


@frozen
class Sketch:
    """What a pipeline is, found once for all folds.

    Attributes
    ----------
    steps : tuple of Outline
        Those before the model.
    model : Outline
    copies : bool
        Whether a copy of the unfitted pipeline is as good as one built anew: all that it holds is known.
    """

    steps: tuple[Outline, ...]
    model: Outline
    copies: bool


def sketch(pipeline: Any) -> Sketch:
    """What an unfitted pipeline is."""
    steps, model = split(pipeline)
    outlines = tuple(map(outline_of, steps))
    last = Outline(identity(model), outline_of(model).leaves_input)
    return Sketch(outlines, last, all(outline.text is not None for outline in (*outlines, last)))


def split(pipeline: Any) -> tuple[Sequence[Any], Any]:
    """The steps before the model, and the model."""
    if isinstance(pipeline, Pipeline):
        *steps, model = (step for _, step in pipeline.steps if not isinstance(step, str))
        return steps, model
    return (), pipeline


def prepare(
    pipeline: Any, drawn: Sketch, key: Key, rows: Mapping[str, Callable[[], Any]], y: Any, session: Session
) -> tuple[Key, dict[str, Any]]:
    """Fit the steps before the model, in place, and take all rows through them.

    Parameters
    ----------
    pipeline : estimator
        Unfitted.
    drawn : Sketch
        Of the pipeline.
    key : bytes
        Of the rows.
    rows : mapping
        What gives the rows of each use.
    y : array
        Of the rows to fit.

    Returns
    -------
    key : bytes
        Of what the model is given.
    outputs : dict
        What the model is given, by use.
    """
    given = _Rows(key, rows, session)
    steps, _ = split(pipeline)
    if not steps:
        return key, {use: private(given.of(use), drawn.model) for use in session.uses}
    chain = Chain(steps, drawn.steps, key, session)
    outputs = chain.run(given.of, y)
    fitted = iter(chain.steps)
    pipeline.steps = [
        (name, step if isinstance(step, str) else next(fitted)) for name, step in pipeline.steps[:-1]
    ] + pipeline.steps[-1:]
    return chain.key, {use: private(X, drawn.model) for use, X in outputs.items()}


class _Rows:
    """The rows of a fold, taken from the table when they are first asked for."""

    def __init__(self, key: Key, rows: Mapping[str, Callable[[], Any]], session: Session) -> None:
        self._key, self._rows, self._session = key, rows, session
        self._taken: dict[str, Any] = {}

    def of(self, use: str) -> Any:
        if not self._taken:
            entry = self._session.store.get(self._key)
            self._taken = entry.outputs if entry else self._take()
        return self._taken[use]

    def _take(self) -> dict[str, Any]:
        start = time.process_time()
        taken = {use: self._rows[use]() for use in self._session.uses}
        seconds = time.process_time() - start
        if seconds >= chains.LEAST_SECONDS:
            self._session.store.put(self._key, Entry((), taken, seconds, seconds, 0))
        return taken


def serving(pipeline: Any, X: Any, transformed: Any) -> Any:
    """A fitted pipeline that need not transform ``X`` again; for scorers, which only predict."""
    if not isinstance(pipeline, Pipeline):
        return pipeline
    return Pipeline([("steps", _Transformed(pipeline[:-1], X, transformed)), ("model", pipeline[-1])])


class _Transformed(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Fitted steps that know their output for one table."""

    def __init__(self, steps: Any, X: Any, transformed: Any) -> None:
        self.steps = steps
        self.X = X
        self.transformed = transformed

    def fit(self, X: Any, y: Any = None) -> _Transformed:
        return self

    def transform(self, X: Any) -> Any:
        return self.transformed if X is self.X else self.steps.transform(X)

    def __sklearn_is_fitted__(self) -> bool:
        return True
