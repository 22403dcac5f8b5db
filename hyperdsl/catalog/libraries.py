"""The target libraries: how each is found, what it is known to hold, and what reads it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module

from hyperdsl.catalog.model import Module
from hyperdsl.frozen import frozen

_KERAS_NAMES = frozenset(
    {
        *("Activation", "Add", "AveragePooling1D", "AveragePooling2D", "BatchNormalization", "Bidirectional"),
        *("Concatenate", "Conv1D", "Conv2D", "Conv2DTranspose", "Conv3D", "Dense", "DepthwiseConv2D", "Dropout"),
        *("Embedding", "Flatten", "GRU", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D"),
        *("GlobalMaxPooling2D", "LSTM", "LayerNormalization", "MaxPooling1D", "MaxPooling2D", "MultiHeadAttention"),
        *("Multiply", "Reshape", "SeparableConv2D", "SimpleRNN", "TimeDistributed", "ZeroPadding2D"),
        *("Adam", "AdamW", "RMSprop", "SGD"),
    }
)
_BOOSTING_READER = "hyperdsl.catalog.from_boosting"


@frozen
class Library:
    """One target library.

    Parameters
    ----------
    name : str
        The package to import.
    title : str
        What messages call it.
    distributions : tuple of str
        Names under which it is installed, in the form of metadata folders.
    extra : str
        The extra of this project that installs it.
    names : frozenset of str
        What it is known to hold without looking; empty where only looking tells.
    reader : str
        The module whose ``modules(library)`` reads it; empty where no backend uses it yet.
    """

    name: str
    title: str
    distributions: tuple[str, ...]
    extra: str = ""
    names: frozenset[str] = frozenset()
    reader: str = ""

    def read(self) -> list[Module]:
        """Import the library and list what programs can name of it: takes seconds."""
        read: Callable[[str], list[Module]] = import_module(self.reader).modules
        return read(self.name)


LIBRARIES = (
    Library("sklearn", "scikit-learn", ("scikit_learn",), reader="hyperdsl.catalog.from_sklearn"),
    Library(
        "lightgbm",
        "LightGBM",
        ("lightgbm",),
        "boosting",
        frozenset({"LGBMClassifier", "LGBMRanker", "LGBMRegressor"}),
        _BOOSTING_READER,
    ),
    Library(
        "xgboost",
        "XGBoost",
        ("xgboost", "xgboost_cpu"),
        "boosting",
        frozenset({"XGBClassifier", "XGBRFClassifier", "XGBRFRegressor", "XGBRanker", "XGBRegressor"}),
        _BOOSTING_READER,
    ),
    Library(
        "catboost",
        "CatBoost",
        ("catboost",),
        "boosting",
        frozenset({"CatBoostClassifier", "CatBoostRanker", "CatBoostRegressor"}),
        _BOOSTING_READER,
    ),
    Library(
        "keras",
        "Keras",
        ("keras",),
        "keras",
        _KERAS_NAMES | {"train"},
        "hyperdsl.catalog.from_keras",
    ),
)


_METADATA = re.compile(r"(.+?)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info")


def installed_versions() -> dict[str, str]:
    """Library name -> installed version, from the names of the metadata folders on ``sys.path``.

    Looking at names is a hundred times cheaper than importing ``importlib.metadata``, which is asked only where a
    library's folder stands on the path without such a neighbour. A folder is read again when it has changed.
    """
    present: set[str] = set()
    metadata: dict[str, str] = {}
    for folder in reversed(sys.path):
        found, versions = _read_folder(folder, _changed(folder))
        present |= found
        metadata |= versions
    installed: dict[str, str] = {}
    for library in LIBRARIES:
        version = next((metadata[d] for d in library.distributions if d in metadata), None)
        if version is None and library.name in present:
            version = _ask_metadata(library)
        if version is not None:
            installed[library.name] = version
    return installed


def _changed(folder: str) -> int:
    """When something was last added to a folder or removed; 0 where there is none."""
    try:
        return os.stat(folder or ".").st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=64)
def _read_folder(folder: str, changed: int) -> tuple[frozenset[str], Mapping[str, str]]:
    """The libraries whose folders stand here, and distribution -> version of the metadata; ``changed`` is a key."""
    try:
        entries = os.listdir(folder or ".")
    except OSError:
        return frozenset(), {}
    versions: dict[str, str] = {}
    for entry in entries:
        match = _METADATA.fullmatch(entry) if entry.endswith("-info") else None
        if match:
            versions.setdefault(match[1].lower().replace("-", "_").replace(".", "_"), match[2])
    return frozenset(entries) & {library.name for library in LIBRARIES}, versions


def _ask_metadata(library: Library) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    for distribution in library.distributions:
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return None
