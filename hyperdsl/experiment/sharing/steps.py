"""Fits steps one after the other, and takes from the store what has been fitted before.

A pipeline's steps, the steps of each route of a ``ColumnTransformer`` and those of each branch of a ``FeatureUnion``
are chains. What a chain's steps are and what they are given makes its keys: the key of a step derives from that of
the step before it. While such a composite is fitted, its parts are chains in place of the steps themselves.

Steps that draw from NumPy's global generator find it seeded by their key, so they too do the same in every trial.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np

from hyperdsl.experiment.sharing.identity import identity, leaves_input
from hyperdsl.experiment.sharing.store import Entry, FittedStore, Key
from hyperdsl.experiment.sharing.warned import first_line
from hyperdsl.frozen import frozen

# CPU seconds below which a step is cheaper to repeat than to keep: keeping costs about 0.1 ms.
LEAST_SECONDS = 0.003


@frozen
class Outline:
    """What one step is, found once for all folds: its text, None where it has none, and its parts."""

    text: str | None
    leaves_input: bool
    parts: tuple[tuple[str, tuple[Outline, ...]], ...] = ()  # what each is given of the input, and its steps


def outline_of(step: Any) -> Outline:
    """The outline of an unfitted step."""
    careful = leaves_input(step)
    # A part that writes into its input changes that of the parts after it, so then they stay together.
    parts = parts_of(step) if careful else []
    inside = tuple((given, tuple(map(outline_of, steps))) for given, steps in parts)
    return Outline(identity(step), careful, inside)


def parts_of(step: Any) -> list[tuple[str, list[Any]]]:
    """The chains within a composite step: what each is given, and its steps."""
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import FeatureUnion

    if type(step) is ColumnTransformer and step.n_jobs in (None, 1) and not step.verbose:
        given = [(identity(columns), part) for _, part, columns in step.transformers]
    elif type(step) is FeatureUnion and step.n_jobs in (None, 1) and not step.verbose:
        given = [("", part) for _, part in step.transformer_list]
    else:
        return []
    return [(text, _chain(part)) for text, part in given if text is not None and not isinstance(part, str)]


def _chain(part: Any) -> list[Any]:
    from sklearn.pipeline import Pipeline

    if type(part) is Pipeline and part.memory is None and all(not isinstance(s, str) for _, s in part.steps):
        return [step for _, step in part.steps]
    return [part]


@dataclass(slots=True)
class Session:
    """The fit of one pipeline in one fold.

    Parameters
    ----------
    store : FittedStore
    uses : tuple of str
        What rows are for, ``"fit"`` first; all of them go through each step.
    caught : list
        The warnings so far.
    """

    store: FittedStore
    uses: tuple[str, ...]
    caught: list[Any] = field(default_factory=list)
    use: str = "fit"  # the rows that are going through
    saved: float = 0.0  # CPU seconds
    shared: int = 0  # fits that were taken from the store
    fits: int = 0  # fits of steps, shared ones included
    warned: list[str] = field(default_factory=list)  # what shared fits had warned of


def derive(key: Key, *parts: str) -> Key:
    """The key of what comes after ``key``."""
    return blake2b("\0".join(parts).encode(), key=key, digest_size=16).digest()


def seed_from(key: Key) -> None:
    """Seed NumPy's global generator for a step."""
    np.random.seed(int.from_bytes(key[:4], "big"))


def private(X: Any, outline: Outline) -> Any:
    """What a step is given: a copy where it may write into it, which others must not see."""
    if isinstance(X, np.ndarray):
        return X if outline.leaves_input else X.copy(order="K")
    if hasattr(X, "iloc"):
        return X if outline.leaves_input else X.copy(deep=True)
    if hasattr(X, "tocsr"):
        return X.copy()  # libraries sort the indices of sparse matrices in place
    if outline.leaves_input:
        return X
    from copy import deepcopy

    return deepcopy(X)


@dataclass(slots=True)
class _Link:
    """One step of a chain that is fitted here."""

    step: Any
    outline: Outline
    given: Key  # of its input
    key: Key  # of its output
    session: Session
    storable: bool
    parts: list[Chain] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    saved: float = 0.0  # CPU seconds that its parts have saved
    fits: int = 1
    warnings: tuple[str, ...] = ()

    def fit(self, X: Any, y: Any) -> Any:
        if self.outline.parts:
            self.parts = _install(self.step, self.outline, self.given, self.session)
        fits, caught, warned = self.session.fits, len(self.session.caught), len(self.session.warned)
        self._run("fit", lambda X: _fit_transform(self.step, X, y), X)
        self.fits += self.session.fits - fits
        self.session.fits += 1
        told = map(first_line, self.session.caught[caught:])
        self.warnings = (*told, *self.session.warned[warned:])
        return self.outputs["fit"]

    def transform(self, X: Any) -> Any:
        self._run(self.session.use, self.step.transform, X)
        return self.outputs[self.session.use]

    def _run(self, use: str, how: Callable[[Any], Any], X: Any) -> None:
        saved = self.session.saved
        start = time.process_time()
        seed_from(self.key)
        self.outputs[use] = how(private(X, self.outline))
        self.seconds += time.process_time() - start
        self.saved += self.session.saved - saved

    def finish(self) -> float:
        """Put fitted steps in place of the parts; the seconds that are now in the store with them."""
        kept = sum(part.finish() for part in self.parts)
        if self.parts:
            _uninstall(self.step)
        return kept


class Chain:
    """Steps one after the other, as a transformer.

    Parameters
    ----------
    steps : sequence
        Unfitted; fitted in place, unless the store has them.
    key : bytes
        Of what the chain is given.
    original : pipeline or step
        What the chain stands for in a composite.
    """

    def __init__(
        self, steps: Sequence[Any], outlines: Sequence[Outline], key: Key, session: Session, original: Any = None
    ) -> None:
        self.session = session
        self._original = original
        self._links: list[_Link] = []  # what has not been fitted before
        self._done = Entry((), {}, 0.0, 0.0, 0)  # what has
        self._pending = 0.0  # CPU seconds of the last steps that no entry in the store stands for
        storable = bool(session.store.budget)
        for step, outline in zip(steps, outlines, strict=True):
            storable = storable and outline.text is not None
            given, key = key, derive(key, outline.text or type(step).__qualname__)
            self._links.append(_Link(step, outline, given, key, session, storable))
        self.key = key  # of what the chain gives

    @property
    def steps(self) -> tuple[Any, ...]:
        """The fitted steps."""
        return (*self._done.steps, *(link.step for link in self._links))

    # --- at the top of a pipeline: each step takes all rows before the next one

    def run(self, rows: Callable[[str], Any], y: Any) -> dict[str, Any]:
        """Fit, or take what is fitted, and give the outputs for the rows of each use."""
        session = self.session
        self._take()
        while self._links:
            link = self._links[0]
            with self._claim(link):
                if session.store.folder is not None and self._take():
                    continue  # another process has fitted it meanwhile
                given = self._done.outputs or {use: rows(use) for use in session.uses}
                for use in session.uses:
                    session.use = use
                    link.fit(given[use], y) if use == "fit" else link.transform(given[use])
                self._finish(link)
                del self._links[0]
        return self._done.outputs

    def _claim(self, link: _Link) -> AbstractContextManager[None]:
        folder = self.session.store.folder
        return folder.claim(link.key, type(link.step).__qualname__) if folder and link.storable else nullcontext()

    # --- within a composite, which takes one use of the rows through all its parts before the next one

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit, or take what is fitted, and give the output for the rows to fit."""
        if self._take():
            X = self._done.outputs["fit"]
        for link in self._links:
            X = link.fit(X, y)
        seed_from(self.key)  # for what comes next, in case nothing was fitted here
        return X

    def transform(self, X: Any) -> Any:
        """The output for the rows that the session says are going through."""
        if self._done.outputs:
            X = self._done.outputs[self.session.use]
        for link in self._links:
            X = link.transform(X)
        seed_from(self.key)
        return X

    def get_feature_names_out(self, names: Any = None) -> Any:
        for step in self.steps:
            names = step.get_feature_names_out(names)
        return names

    def __sklearn_clone__(self) -> Chain:
        return self

    def finish(self) -> float:
        """Hand over to the store what is worth it; the CPU seconds of what it has newly."""
        kept = sum(map(self._finish, self._links))
        self._links = []
        return kept

    def fitted(self) -> Any:
        """What the chain stands for, fitted."""
        from sklearn.pipeline import Pipeline

        if not isinstance(self._original, Pipeline):
            return self.steps[0]
        names = [name for name, _ in self._original.steps]
        self._original.steps = list(zip(names, self.steps, strict=True))
        return self._original

    # --- the store

    def _take(self) -> bool:
        """Go on behind the longest beginning that the store has; False where it has none."""
        session = self.session
        for index in reversed(range(len(self._links))):
            link = self._links[index]
            entry = session.store.get(link.key) if link.storable else None
            if entry is not None:
                session.saved += entry.total - self._done.total
                session.shared += entry.fits - self._done.fits
                session.fits += entry.fits - self._done.fits
                session.warned += entry.warnings[len(self._done.warnings) :]
                self._done, self._links, self._pending = entry, self._links[index + 1 :], 0.0
                return True
        return False

    def _finish(self, link: _Link) -> float:
        """Add a fitted step to what is done, and keep it where that is worth it."""
        kept = link.finish()
        before = self._done
        self._pending += link.seconds - kept
        self._done = Entry(
            (*before.steps, link.step),
            link.outputs,
            self._pending,
            before.total + link.seconds + link.saved,
            before.fits + link.fits,
            before.warnings + link.warnings,
        )
        store = self.session.store
        if store.folder is not None:
            store.folder.took(type(link.step).__qualname__, link.seconds)
        if link.storable and self._pending >= LEAST_SECONDS and store.put(link.key, self._done):
            kept, self._pending = kept + self._pending, 0.0
        return kept


def _fit_transform(step: Any, X: Any, y: Any) -> Any:
    """As a scikit-learn pipeline does it."""
    if hasattr(step, "fit_transform"):
        return step.fit_transform(X, y)
    return step.fit(X, y).transform(X)


def _install(step: Any, outline: Outline, key: Key, session: Session) -> list[Chain]:
    """Put chains in place of the parts of a composite."""
    chains: list[Chain] = []
    inner = iter(outline.parts)

    def chain(part: Any, columns: Any) -> Any:
        if isinstance(part, str) or (columns is not None and identity(columns) is None):
            return part
        given, outlines = next(inner)
        chains.append(Chain(_chain(part), outlines, derive(key, given), session, part))
        return chains[-1]

    if hasattr(step, "transformer_list"):
        step.transformer_list = [(name, chain(part, None)) for name, part in step.transformer_list]
    else:
        step.transformers = [(name, chain(part, columns), columns) for name, part, columns in step.transformers]
    return chains


def _uninstall(step: Any) -> None:
    """Put the fitted steps in place of the chains."""

    def plain(part: Any) -> Any:
        return part.fitted() if isinstance(part, Chain) else part

    if hasattr(step, "transformer_list"):
        step.transformer_list = [(name, plain(part)) for name, part in step.transformer_list]
        return
    step.transformers = [(name, plain(part), columns) for name, part, columns in step.transformers]
    step.transformers_ = [(name, plain(part), columns) for name, part, columns in step.transformers_]
