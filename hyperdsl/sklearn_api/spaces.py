"""The space of a search, before it has seen a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import ClassifierTags, RegressorTags, TransformerTags, check_random_state, get_tags

from hyperdsl.diagnostics import HypError

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace


class SearchError(HypError, ValueError):
    """A user's mistake, as scikit-learn's tools expect it."""


@contextmanager
def as_value_errors() -> Iterator[None]:
    try:
        yield
    except HypError as error:
        raise SearchError(error.diagnostics) from None


def compiled(space: HyperSpace | str) -> HyperSpace:
    return _compile_text(space) if isinstance(space, str) else space


@lru_cache(maxsize=16)
def _compile_text(text: str) -> HyperSpace:
    from hyperdsl.driver import compile

    return compile(text)


@lru_cache(maxsize=16)
def pattern_of(space: HyperSpace | str) -> Any:
    """The pipeline of the defaults; None where it takes a table to make it, or the space is wrong."""
    try:
        made = compiled(space)
        return made.build(made.default())
    except HypError:
        return None


def fill_tags(tags: Any, space: HyperSpace | str) -> None:
    """What scikit-learn is told of a search: what its pipelines take, and whether they are of classes or numbers."""
    try:
        task = compiled(space).task
    except HypError:  # tags are asked for before fit, which then says what is wrong with the space
        return
    pattern = pattern_of(space)
    if pattern is not None:
        inner = get_tags(pattern)
        tags.input_tags = inner.input_tags
        tags.transformer_tags = TransformerTags() if hasattr(pattern, "transform") else None
        tags.classifier_tags, tags.regressor_tags = inner.classifier_tags, inner.regressor_tags
    if task == "classification":
        tags.estimator_type, tags.classifier_tags = "classifier", tags.classifier_tags or ClassifierTags()
    elif task == "regression":
        tags.estimator_type, tags.regressor_tags = "regressor", tags.regressor_tags or RegressorTags()


def seed_of(random_state: Any) -> int:
    """An integer as it is; from anything else one is drawn, as scikit-learn does."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
