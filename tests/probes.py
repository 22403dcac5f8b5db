"""Fits classes of the libraries to small tables of different kinds, to compare what they do with what is said."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from hyperdsl.audit.flow.frame import Flow, Frame
from hyperdsl.catalog.model import Module

ROWS, FITTED = 48, 36
_rng = np.random.default_rng(7)
_signed = _rng.normal(size=(ROWS, 5))
_counts = _rng.integers(0, 4, (ROWS, 5)).astype(float)
_words = np.array(["red", "green", "blue"], dtype=object)[_rng.integers(0, 3, (ROWS, 5))]
_gaps = np.where(_rng.random((ROWS, 5)) < 0.1, np.nan, _signed)
LABELS = np.arange(ROWS) % 3
TARGET = np.exp(_signed[:, 0] + 0.1 * _rng.normal(size=ROWS))


def _frame(values: Any) -> pd.DataFrame:
    return pd.DataFrame(values, columns=[f"c{i}" for i in range(values.shape[1])])


def _text_frame(values: Any) -> pd.DataFrame:
    return _frame(values).astype("str")


_KNOWN: dict[str, Any] = {"missing": "none", "text": "none", "dates": "none", "unseen": "none"}
_NEW = {**_KNOWN, "unseen": "some"}  # each row has values of its own

# What each table is, as the audit sees it.
TABLES: dict[str, tuple[Any, Frame]] = {
    "positive": (_frame(np.abs(_signed) + 0.5), Frame(form="dense", values="positive", **_NEW)),
    "counts": (_frame(_counts), Frame(form="dense", values="zero", **_KNOWN)),
    "signed": (_frame(_signed), Frame(form="dense", values="negative", **_NEW)),
    "gaps": (_frame(_gaps), Frame(form="dense", values="negative", **{**_NEW, "missing": "some"})),
    "sparse": (sparse.csr_matrix(_counts), Frame(form="sparse", values="zero", **_KNOWN)),
    "signed sparse": (
        sparse.csr_matrix(np.where(_counts > 1, _signed, 0)),
        Frame(form="sparse", values="negative", **_KNOWN),
    ),
    "text": (_text_frame(_words), Frame(form="dense", **{**_KNOWN, "text": "some"})),
    "none": (_frame(_signed[:, :0]), Frame(form="dense", **_KNOWN)),
    "one": (_frame(_signed[:, :1]), Frame(form="dense", values="negative", **_NEW)),
}


def flow_of(name: str) -> Flow:
    """The table's facts; its columns are not those of a route."""
    table, frame = TABLES[name]
    return Flow(Frame(**{f: getattr(frame, f) for f in frame.__slots__} | {"columns": ()}), ("c", table.shape[1]))


def fit(module: Module, arguments: dict[str, Any], name: str) -> tuple[str, Any]:
    """The error that fitting and using a class gives, and what a transformer makes of the rows that it is fitted to."""
    table, _ = TABLES[name]
    y = TARGET if "regressor" in module.roles and "classifier" not in module.roles else LABELS
    if arguments.get("kernel") == "chi2" and hasattr(table, "iloc"):
        table = table.to_numpy().copy()  # scikit-learn 1.9 cannot compute it on the read-only values of a frame
    y = y % 2 if module.name == "TunedThresholdClassifierCV" else y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = instance(module, arguments)
            given = _use(made, table, y, "transformer" in module.roles)
        except Exception as error:
            return f"{type(error).__name__}: {error}".splitlines()[0], None
    if given is not None and given.shape[0] != FITTED:
        return f"{given.shape[0]} rows come out of {FITTED}", None
    return "", given


def _use(made: Any, table: Any, y: Any, transforms: bool) -> Any:
    fitted, scored = (
        (table.iloc[:FITTED], table.iloc[FITTED:]) if hasattr(table, "iloc") else (table[:FITTED], table[FITTED:])
    )
    if transforms and hasattr(made, "transform"):
        given = made.fit_transform(fitted, y[:FITTED])
        made.transform(scored)
        return given if hasattr(given, "shape") else None
    made.fit(fitted, y[:FITTED]).predict(scored)
    return None


def instance(module: Module, arguments: dict[str, Any]) -> Any:
    """An object with some arguments and what its class needs beside them."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if module.requires:
        import_module(module.requires)
    cls = getattr(import_module(module.path.rpartition(".")[0]), module.name)
    inner: Any = DecisionTreeRegressor(max_depth=3) if "Regress" in module.name else DecisionTreeClassifier(max_depth=3)
    stand_ins = {
        "estimator": inner,
        "regressor": inner,
        "estimators": [("a", inner)],
        "transformers": [("a", "passthrough", [0])],
        "transformer_list": [("a", "passthrough")],
    }
    given = {n: v for n, v in stand_ins.items() if n in module.parameters and module.name != "IterativeImputer"}
    return cls(**{**given, **_SMALL.get(module.library, {}), **CHEAP.get(module.name, {}), **arguments})


_SMALL: dict[str, dict[str, Any]] = {
    "catboost": {"iterations": 2, "verbose": 0, "allow_writing_files": False, "thread_count": 1},
    "lightgbm": {"n_estimators": 2, "verbose": -1, "n_jobs": 1},
    "xgboost": {"n_estimators": 2, "n_jobs": 1},
}
# What a class cannot do without on tables this small, and what keeps it fast.
CHEAP: dict[str, dict[str, Any]] = {
    "GaussianRandomProjection": {"n_components": 3},
    "SparseRandomProjection": {"n_components": 3},
    "RandomForestClassifier": {"n_estimators": 3},
    "RandomForestRegressor": {"n_estimators": 3},
    "ExtraTreesClassifier": {"n_estimators": 3},
    "ExtraTreesRegressor": {"n_estimators": 3},
    "RandomTreesEmbedding": {"n_estimators": 3},
    "GradientBoostingClassifier": {"n_estimators": 2},
    "GradientBoostingRegressor": {"n_estimators": 2},
    "HistGradientBoostingClassifier": {"max_iter": 2},
    "HistGradientBoostingRegressor": {"max_iter": 2},
    "AdaBoostClassifier": {"n_estimators": 2},
    "AdaBoostRegressor": {"n_estimators": 2},
    "MLPClassifier": {"max_iter": 5},
    "MLPRegressor": {"max_iter": 5},
    "BernoulliRBM": {"n_iter": 1, "n_components": 4},
    "DictionaryLearning": {"max_iter": 5},
    "MiniBatchDictionaryLearning": {"max_iter": 5},
    "MiniBatchSparsePCA": {"max_iter": 5},
    "SparsePCA": {"max_iter": 5},
    "LatentDirichletAllocation": {"max_iter": 2},
    "IterativeImputer": {"max_iter": 2},
    "NeighborhoodComponentsAnalysis": {"max_iter": 5},
    "RANSACRegressor": {"min_samples": 10, "max_trials": 5},
    "SequentialFeatureSelector": {"cv": 2, "n_features_to_select": 1},
    "CalibratedClassifierCV": {"cv": 2},
    "TunedThresholdClassifierCV": {"cv": 2, "thresholds": 5},
    "BaggingClassifier": {"n_estimators": 2},
    "BaggingRegressor": {"n_estimators": 2},
    "TheilSenRegressor": {"max_subpopulation": 50},
    "RadiusNeighborsClassifier": {"radius": 50.0},
    "RadiusNeighborsRegressor": {"radius": 50.0},
    "LogisticRegressionCV": {"Cs": 2},
    "NuSVC": {"nu": 0.3},
    "KernelRidge": {"gamma": 0.1},
    "PLSRegression": {"n_components": 1},
    "SelectFdr": {"alpha": 0.999},
    "SelectFpr": {"alpha": 0.999},
    "SelectFwe": {"alpha": 0.999},
    "SelectPercentile": {"percentile": 60},
    "GenericUnivariateSelect": {"param": 60},
}
