"""The tables of the boosting libraries: what they say is what the installed libraries take and do."""

from __future__ import annotations

import contextlib
import os
import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from hyperdsl.catalog import Catalog, Interval, Module, check_value, load_catalog
from hyperdsl.catalog.from_boosting import read_table, signature_of
from hyperdsl.catalog.libraries import LIBRARIES

BOOSTING = [lib for lib in LIBRARIES if lib.extra == "boosting"]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def one(catalog: Catalog, name: str) -> Module:
    (module,) = catalog.find(name)
    return module


@pytest.mark.parametrize("library", [lib.name for lib in BOOSTING])
def test_tables_and_signatures_name_the_same_parameters(library: str) -> None:
    package = import_module(library)
    table = read_table(library)
    further = {alias for names in table["aliases"].values() for alias in names}
    assert set(table["classes"]) == next(lib.names for lib in BOOSTING if lib.name == library)
    for name, facts in table["classes"].items():
        known = set(table["takes"]) | set(facts["takes"])
        signature = set(signature_of(getattr(package, name)))
        assert signature - known - further == set()
        assert set(table["aliases"]) <= known
        if library == "catboost":  # no **kwargs: nothing may be invented
            ranking_or_classes = {n for n in known | further if n.startswith(("class", "auto_class", "callback"))}
            only_classifier = {"custom_loss", "scale_pos_weight"} | ranking_or_classes
            assert (known | further) - signature <= (only_classifier if name != "CatBoostClassifier" else set())


def test_lightgbm_keywords_and_aliases_are_those_of_the_library() -> None:
    from lightgbm.basic import _ConfigAliases

    groups = [set(names) for names in _ConfigAliases._get_all_param_aliases().values()]
    table = read_table("lightgbm")
    for name in [*table["takes"], "objective"]:
        if name in ("class_weight", "importance_type"):  # of the scikit-learn classes only
            continue
        (group,) = [g for g in groups if name in g]
        assert set(table["aliases"].get(name, ())) == group - {name, "lambda"}  # a Python keyword


XGBOOST_PARTS: list[dict[str, Any]] = [
    {},
    {"booster": "dart"},
    {"booster": "gblinear", "updater": "coord_descent", "feature_selector": "greedy"},
    {"objective": "survival:aft"},
    {"objective": "rank:ndcg"},
    {"objective": "reg:quantileerror", "quantile_alpha": 0.5},
    {"objective": "reg:tweedie"},
    {"objective": "reg:pseudohubererror"},
]


def test_xgboost_keywords_are_known_to_the_library() -> None:
    import xgboost

    settings = ""
    for part in XGBOOST_PARTS:
        data = xgboost.DMatrix(np.arange(8.0).reshape(-1, 1), label=[0, 1] * 4)
        if part.get("objective") == "survival:aft":
            data.set_float_info("label_lower_bound", np.ones(8))
            data.set_float_info("label_upper_bound", np.ones(8))
        if part.get("objective") == "rank:ndcg":
            data.set_group([8])
        settings += xgboost.train({"verbosity": 0, **part}, data, num_boost_round=1).save_config()
    table = read_table("xgboost")
    keywords = set(table["takes"]) - set(signature_of(xgboost.XGBClassifier))
    further = {alias for names in table["aliases"].values() for alias in names}
    assert [k for k in sorted(keywords | further) if f'"{k}"' not in settings] == []


QUICK: dict[str, dict[str, Any]] = {
    "LGBMClassifier": {"n_estimators": 2, "verbosity": -1, "n_jobs": 1},
    "XGBClassifier": {"n_estimators": 2, "n_jobs": 1},
    "CatBoostClassifier": {"iterations": 2, "thread_count": 1, "verbose": False, "allow_writing_files": False},
}
# What a parameter needs beside it to have an effect.
BESIDE: dict[str, dict[str, dict[str, Any]]] = {
    "LGBMClassifier": {},
    "XGBClassifier": {
        "rate_drop": {"booster": "dart"},
        "skip_drop": {"booster": "dart"},
        "top_k": {"booster": "gblinear", "updater": "coord_descent", "feature_selector": "greedy"},
    },
    "CatBoostClassifier": {
        "max_leaves": {"grow_policy": "Lossguide"},
        "min_data_in_leaf": {"grow_policy": "Depthwise"},
        "bagging_temperature": {"bootstrap_type": "Bayesian"},
    },
}
# The documentation is stricter than the library, or the parameter has no effect on this data and on a CPU.
UNCHECKED_BY_LIBRARY = {
    "LGBMClassifier": {"num_grad_quant_bins"},
    "XGBClassifier": {
        *("n_estimators", "subsample", "colsample_bytree", "colsample_bylevel", "colsample_bynode", "verbosity"),
        *(
            "early_stopping_rounds",
            "tweedie_variance_power",
            "quantile_alpha",
            "expectile_alpha",
            "lambdarank_bias_norm",
        ),
        *("aft_loss_distribution_scale", "lambdarank_num_pair_per_sample"),
    },
    "CatBoostClassifier": {
        *("model_size_reg", "od_pval", "best_model_min_trees", "random_strength", "gpu_ram_part", "classes_count"),
        *("ctr_target_border_count", "eval_fraction"),
        *("depth", "max_leaves", "min_data_in_leaf"),  # below: taken by some runs, the last kills the process
    },
}
# Inside by the documentation, and too much for sixty rows or one class.
TOO_MUCH = {("CatBoostClassifier", "subsample"), ("CatBoostClassifier", "eval_fraction")}
TOO_MUCH |= {("CatBoostClassifier", "classes_count"), ("CatBoostClassifier", "ctr_target_border_count")}
TOO_MUCH |= {("XGBClassifier", "early_stopping_rounds"), ("XGBClassifier", "verbosity")}


def fits(module: Module, **arguments: Any) -> bool:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4))
    y = (x[:, 0] > 0).astype(int)
    with (
        warnings.catch_warnings(),
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        warnings.simplefilter("ignore")
        try:
            getattr(import_module(module.library), module.name)(**QUICK[module.name] | arguments).fit(x, y)
        except Exception:
            return False
    return True


@pytest.mark.parametrize("name", QUICK)
def test_ends_inside_fit_and_values_outside_fail(catalog: Catalog, name: str, capfd: Any) -> None:
    module = one(catalog, name)
    wrong = []
    for parameter_ in module.parameters.values():
        beside = BESIDE[name].get(parameter_.name, {})
        for interval in (c for c in parameter_.constraints if isinstance(c, Interval)):
            inside, outside = ends_of(interval)
            if (name, parameter_.name) not in TOO_MUCH:
                wrong += [
                    (parameter_.name, v, "fails") for v in inside if not fits(module, **beside, **{parameter_.name: v})
                ]
            if parameter_.name not in UNCHECKED_BY_LIBRARY[name]:
                wrong += [
                    (parameter_.name, v, "fits") for v in outside if fits(module, **beside, **{parameter_.name: v})
                ]
    assert wrong == []


def ends_of(interval: Interval) -> tuple[list[float], list[float]]:
    """The outermost values inside and the nearest ones outside."""
    step = 1 if interval.kind == "int" else 1e-6
    inside, outside = [], []
    if interval.low is not None:
        closed = interval.closed in ("left", "both")
        inside.append(interval.low if closed else interval.low + step)
        outside.append(interval.low - step if closed else interval.low)
    if interval.high is not None:
        closed = interval.closed in ("right", "both")
        inside.append(interval.high if closed else interval.high - step)
        outside.append(interval.high + step if closed else interval.high)
    return inside, outside


def test_aliases_lead_to_the_parameter(catalog: Catalog) -> None:
    lightgbm = one(catalog, "LGBMClassifier")
    assert lightgbm.parameter("lambda_l1") == lightgbm.parameters["reg_alpha"]
    assert lightgbm.parameter("eta") == lightgbm.parameters["learning_rate"]
    assert one(catalog, "XGBRegressor").parameter("eta") is not None
    assert one(catalog, "CatBoostClassifier").parameter("n_estimators") is not None
    assert lightgbm.parameter("num_leafs") is None


def test_objectives_belong_to_their_task(catalog: Catalog) -> None:
    objective = one(catalog, "LGBMRegressor").parameters["objective"]
    assert check_value(objective, "poisson") is None
    assert (check_value(objective, "binary") or "").startswith("must be one of 'regression'")
