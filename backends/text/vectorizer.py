"""Texts as rows of numbers of words."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted


class SequenceVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Texts as sequences of word numbers, for an embedding of ``max_tokens`` rows.

    The most frequent words of the texts that it is fitted to have numbers from 2 on; 0 fills texts that are too short,
    1 stands for all other words, gaps are texts without words.

    Parameters
    ----------
    max_tokens : int
        The numbers that it gives, 0 and 1 among them.
    length : int
        Words of a text that are kept, from its beginning.
    lowercase : bool
        Whether words that differ in capitals only are one.
    token_pattern : str
        A regular expression for a word.
    """

    def __init__(
        self,
        max_tokens: int = 10_000,
        length: int = 100,
        lowercase: bool = True,
        token_pattern: str = r"\w+",
    ) -> None:
        self.max_tokens = max_tokens
        self.length = length
        self.lowercase = lowercase
        self.token_pattern = token_pattern

    def fit(self, X: Any, y: Any = None) -> Any:
        counts = Counter(word for text in X for word in self._words(text))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        self.vocabulary_ = {word: number for number, word in enumerate(ranked[: self.max_tokens - 2], 2)}
        return self

    def transform(self, X: Any) -> Any:
        check_is_fitted(self, "vocabulary_")
        numbers = np.zeros((len(X), self.length), dtype="int32")
        for row, text in zip(numbers, X, strict=True):
            found = [self.vocabulary_.get(word, 1) for word in self._words(text)[: self.length]]
            row[: len(found)] = found
        return numbers

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        return np.array([f"word{number}" for number in range(self.length)], dtype=object)

    def _words(self, text: Any) -> list[str]:
        if text is None or text != text:
            return []
        if not isinstance(text, str):
            raise TypeError(f"SequenceVectorizer takes texts, not {text!r}")
        return re.findall(self.token_pattern, text.lower() if self.lowercase else text)
