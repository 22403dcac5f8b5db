"""The catalog: what it says of the installed libraries is what they say, and what they do."""

from __future__ import annotations

import contextlib
import inspect
import json
import math
import os
import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperdsl.catalog import (
    Catalog,
    Interval,
    Kind,
    Module,
    Options,
    Parameter,
    check_interval,
    check_kind,
    check_value,
    describe,
    load_catalog,
    read_user_class,
)
from hyperdsl.catalog.from_boosting import read_table, signature_of
from hyperdsl.catalog.libraries import LIBRARIES
from hyperdsl.catalog.notation import parse_takes
from hyperdsl.catalog.store import Shelf, read_shelf, write_shelf
from hyperdsl.diagnostics import HypError

BOOSTING = [lib for lib in LIBRARIES if lib.extra == "boosting"]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def one(catalog: Catalog, name: str) -> Module:
    (module,) = catalog.find(name)
    return module


def load(module: Module) -> Any:
    if module.requires:
        import_module(module.requires)
    package, _, name = module.path.rpartition(".")
    return getattr(import_module(package), name)


# --- scikit-learn


def test_a_module_is_found_by_its_bare_and_its_dotted_name(catalog: Catalog) -> None:
    assert one(catalog, "Ridge") == one(catalog, "sklearn.linear_model.Ridge")
    assert catalog.find("sklearn.svm.Ridge") == ()
    assert catalog.find("Rigde") == ()
    assert {"Ridge", "f_classif", "RBF", "KFold", "log1p", "LGBMClassifier"} <= catalog.names()


def test_every_estimator_is_there_with_its_signature_and_an_importable_path(catalog: Catalog) -> None:
    from sklearn.utils import all_estimators

    for name, cls in all_estimators():
        module = one(catalog, name)
        assert load(module) is cls
        assert not any(part.startswith("_") for part in module.path.split("."))
        assert list(module.parameters) == list(inspect.signature(cls).parameters)


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("StandardScaler", {"transformer"}),
        ("KMeans", {"clusterer", "transformer"}),
        ("IsolationForest", {"outlier"}),
        ("RandomForestRegressor", {"regressor"}),
        ("VotingClassifier", {"classifier", "transformer"}),
        ("mutual_info_classif", {"function"}),
        ("Matern", {"kernel"}),
        ("TimeSeriesSplit", {"splitter"}),
        ("TSNE", set()),
        ("log1p", {"function"}),
        ("CatBoostRegressor", {"regressor"}),
    ],
)
def test_roles(catalog: Catalog, name: str, roles: set[str]) -> None:
    assert one(catalog, name).roles == roles


def test_what_may_end_a_pipeline(catalog: Catalog) -> None:
    assert one(catalog, "SVC").is_estimator
    assert one(catalog, "GridSearchCV").is_estimator
    assert not one(catalog, "PCA").is_estimator
    assert not one(catalog, "DBSCAN").is_estimator  # it has fit_predict only


def test_tags(catalog: Catalog) -> None:
    assert one(catalog, "HistGradientBoostingClassifier").tags["allow_nan"]
    assert not one(catalog, "LogisticRegression").tags["allow_nan"]
    assert one(catalog, "MultinomialNB").tags["positive_only"]
    assert one(catalog, "OneHotEncoder").tags["categorical"]
    assert one(catalog, "CountVectorizer").tags["string"]
    assert not one(catalog, "StandardScaler").tags["requires_y"]
    assert "predict_proba" not in one(catalog, "SGDClassifier").tags  # its loss decides
    assert "allow_nan" not in one(catalog, "BaggingClassifier").tags  # its estimator decides


def test_experimental_classes_say_what_enables_them(catalog: Catalog) -> None:
    assert one(catalog, "IterativeImputer").requires == "sklearn.experimental.enable_iterative_imputer"
    assert one(catalog, "Ridge").requires == ""


def test_defaults_that_are_no_constants_are_kept_as_text(catalog: Catalog) -> None:
    score = one(catalog, "SelectKBest").parameters["score_func"]
    assert (score.default, score.default_text) == (None, "sklearn.feature_selection._univariate_selection.f_classif")
    assert one(catalog, "RobustScaler").parameters["quantile_range"].default == (25.0, 75.0)
    assert math.isnan(one(catalog, "SimpleImputer").parameters["missing_values"].default)  # type: ignore[arg-type]


VALUES: list[object] = [
    *(None, -1, 0, 1, 2, 3, 10**6, -1.0, 0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 1e9, math.inf, -math.inf),
    *("auto", "l2", "mean", "gini", "passthrough", "balanced", "best", "no such", "", "nan"),
    *([], [1, 2], (1, 2)),
]


def test_values_are_judged_as_the_library_judges_them(catalog: Catalog) -> None:
    from sklearn.utils import all_estimators
    from sklearn.utils._param_validation import (
        Hidden,
        InvalidParameterError,
        make_constraint,
        validate_parameter_constraints,
    )

    def library_takes(constraints: Any, value: object) -> bool:
        try:
            validate_parameter_constraints({"p": constraints}, {"p": value}, "C")
        except InvalidParameterError:
            return False
        return True

    differences = []
    for name, cls in all_estimators():
        module = one(catalog, name)
        for parameter, constraints in getattr(cls, "_parameter_constraints", {}).items():
            if parameter not in module.parameters or isinstance(constraints, str):
                continue
            open_ones = [c for c in constraints if not isinstance(c, Hidden)]
            assert all(make_constraint(c) for c in open_ones)
            for value in VALUES:
                ours = check_value(module.parameters[parameter], value) is None
                if ours != library_takes(open_ones, value):
                    differences.append((name, parameter, value))
    # Any text is a vocabulary of letters to the library, and a missing estimator is a default that it then refuses.
    explained = {"vocabulary", "estimator"}
    assert [d for d in differences if d[1] not in explained] == []


# --- values and messages


def parameter(takes: str, **fields: Any) -> Parameter:
    return Parameter("p", constraints=parse_takes(takes), **fields)


@pytest.mark.parametrize(
    ("takes", "value", "fact"),
    [
        ("real > 0", 0, "must be > 0"),
        ("real > 0", 1, None),
        ("real in (0, 1]", 1.5, "must be in (0, 1]"),
        ("int >= 1", 0.5, "takes a whole number"),
        ("int >= 1", 3.0, "takes a whole number: write 3"),
        ("int >= 1", True, "must be an int >= 1"),
        ("int >= 1 | none", 0, "must be >= 1"),
        ("int >= 1 | float in (0, 1] | 'sqrt'", 0, "must be an int >= 1 or a float in (0, 1]"),
        ("int >= 1 | float in (0, 1] | 'sqrt'", 1.0, None),
        ("'l1' | 'l2'", "l3", "must be one of 'l1', 'l2'"),
        ("'l1' | none", 3, "must be 'l1' or None"),
        ("bool", 1, "must be True or False"),
        ("random_state", -1, "must be a seed"),
        ("real", math.nan, "must be a number"),
        ("list", (1,), "must be a list"),
        ("any", object(), None),
    ],
)
def test_facts_about_values(takes: str, value: object, fact: str | None) -> None:
    assert check_value(parameter(takes), value) == fact


@pytest.mark.parametrize(
    ("takes", "low", "high", "is_int", "fact"),
    [
        ("real in (0, 1]", 0.1, 1.0, False, None),
        ("real in (0, 1]", 0.0, 1.0, False, "must be in (0, 1] (the range reaches 0.0)"),
        ("int >= 1 | none", 1, 10, True, None),
        ("int >= 1 | none", 0, 10, True, "must be >= 1 (the range reaches 0)"),
        ("int >= 1", 0.5, 2.0, False, "takes a whole number (the range reaches 0.5)"),
        ("real > 0", 1, 100, True, "takes real numbers; write 1.0..100.0"),
        ("int >= 1 | float in (0, 1]", 0.5, 1.0, False, None),
        (
            "int >= 1 | float in (0, 1]",
            0.5,
            2.0,
            False,
            "must be an int >= 1 or a float in (0, 1] (the range reaches 2.0)",
        ),
        ("'sqrt' | none", 0.5, 2.0, False, "must be 'sqrt' or None (the range reaches 0.5)"),
        ("bool | any", 0.5, 2.0, False, None),
    ],
)
def test_facts_about_ranges(takes: str, low: float, high: float, is_int: bool, fact: str | None) -> None:
    assert check_interval(parameter(takes), low, high, is_int) == fact


def test_facts_about_kinds() -> None:
    assert check_kind(parameter("callable | 'mean'"), "callable") is None
    assert check_kind(parameter("real > 0"), "int") is None
    assert check_kind(parameter("float in (0, 1)"), "int") == "must be a float in (0, 1)"
    assert check_kind(parameter("module | none"), "module") is None
    assert check_kind(parameter("int >= 1"), "module") == "must be an int >= 1"


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert check_value(Parameter("p"), object()) is None
    assert check_interval(Parameter("p"), -1.0, 1.0, False) is None
    assert describe(Parameter("p")) == "anything"


def test_a_default_is_always_taken() -> None:
    assert check_value(parameter("bool", default="warn"), "warn") is None
    assert check_value(parameter("bool", required=True), None) == "must be True or False"


def test_long_lists_of_options_are_cut() -> None:
    many = Parameter("p", constraints=(Options(tuple(f"o{i}" for i in range(40))),))
    assert describe(many).endswith("'o15', … (40 in all)")


def test_descriptions() -> None:
    assert describe(parameter("real in (0, 1] | none")) == "a number in (0, 1] or None"
    assert describe(parameter("none | int >= 1 | 'sqrt' | 'log2'")) == "one of 'sqrt', 'log2', an int >= 1 or None"


def test_the_notation_refuses_what_it_does_not_know() -> None:
    assert parse_takes("int in [1, 255) | 'a'") == (Options(("a",)), Interval("int", 1, 255, "left"))
    assert parse_takes("real <= 0.5") == (Interval("real", None, 0.5, "right"),)
    assert parse_takes("none | bool") == (Kind("none"), Kind("bool"))
    with pytest.raises(ValueError, match="whole"):
        parse_takes("whole >= 1")


# --- boosting libraries


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
            load(module)(**QUICK[module.name] | arguments).fit(x, y)
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


# --- recommended ranges


def test_recommended_ranges_name_parameters_and_a_source(catalog: Catalog) -> None:
    from hyperdsl.catalog.recommended import _table, recommended_source

    for name in _table():
        module = one(catalog, name)
        assert len(recommended_source(module)) > 10
        ranges = catalog.recommended(module)
        assert ranges
        assert set(_table()[name].get("ranges", {})) <= set(ranges)


def test_a_users_class_gets_no_ranges_of_a_namesake(catalog: Catalog) -> None:
    mine = Module("SVC", "mine.SVC", "user", frozenset({"classifier"}), {"C": Parameter("C")})
    assert catalog.recommended(mine) == {}
    assert catalog.recommended(one(catalog, "SVC"))["C"] == "0.03125..32768.0 log default 1.0"


# --- what is installed, and the cache


def test_known_names_of_libraries_that_are_absent() -> None:
    bare = Catalog({"sklearn": load_catalog().versions["sklearn"]})
    assert bare.find("LGBMClassifier") == ()
    assert "LGBMClassifier" not in bare.names()
    assert bare.missing("LGBMClassifier") == "boosting"
    assert bare.missing("lightgbm.LGBMClassifier") == "boosting"
    assert bare.missing("Dense") == "keras"
    assert bare.missing("Ridge") is None
    assert load_catalog().missing("LGBMClassifier") is None


def test_versions_are_the_installed_ones(catalog: Catalog) -> None:
    for name, version in catalog.versions.items():
        assert import_module(name).__version__ == version


PROBE = """
import json, sys
from hyperdsl.catalog import load_catalog
said = []
catalog = load_catalog(said.append)
found = [m.path for n in ("Ridge", "LGBMClassifier", "XGBClassifier", "CatBoostClassifier") for m in catalog.find(n)]
heavy = ["numpy", "sklearn", "lightgbm", "xgboost", "catboost", "importlib.metadata", "tomllib", "networkx"]
print(json.dumps({"found": found, "said": said, "loaded": [m for m in heavy if m in sys.modules]}))
"""


def probe(folder: Path) -> dict[str, Any]:
    environment = os.environ | {"HYPERDSL_CACHE_DIR": str(folder)}
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, env=environment, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_warm_cache_imports_no_library(tmp_path: Path) -> None:
    cold, warm = probe(tmp_path), probe(tmp_path)
    assert len(cold["said"]) == 4
    assert cold["said"][0].startswith("reading scikit-learn ")
    assert warm == {"found": cold["found"], "said": [], "loaded": []}


def test_the_cache_survives_damage_and_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYPERDSL_CACHE_DIR", str(tmp_path / "cache"))
    module = Module("A", "lib.A", "lib", frozenset({"transformer"}), {"x": Parameter("x", default=(1, [2.0]))})
    assert read_shelf("lib", "1") is None
    write_shelf("lib", "1", Shelf.of([module]))
    shelf = read_shelf("lib", "1")
    assert shelf is not None and shelf.find("A") == (module,) and shelf.find("B") == ()
    assert read_shelf("lib", "2") is None

    (file,) = (tmp_path / "cache").iterdir()
    for damaged in (file.read_bytes()[:-10], b"", b"{}\n", b"\xff\xfe", b"[1]\n"):
        file.write_bytes(damaged)
        assert read_shelf("lib", "1") is None

    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HYPERDSL_CACHE_DIR", str(tmp_path / "file" / "below"))
    write_shelf("lib", "1", Shelf.of([module]))
    assert read_shelf("lib", "1") is None


# --- the user's own classes


def write(folder: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return [str(folder / "nowhere"), str(folder)]


MINE = """
import os
raise SystemExit("this file must not run")
class Base(TransformerMixin, BaseEstimator):
    def __init__(self, alpha=1.0, *, columns=(0, -1), dtype=float, key, **rest): ...
    def transform(self, X): ...
class Clip(Base):
    "Cuts values."
class Forest(sklearn.ensemble.RandomForestClassifier):
    def __init__(self, depth=3): ...
class Open(Forest.Inner): ...
class Duck:
    def fit(self, X, y): ...
    def predict(self, X): ...
def score(X, y=None): "A score."
"""


def test_a_users_class_is_read_and_not_run(tmp_path: Path) -> None:
    path = write(tmp_path, {"mine/__init__.py": "from .parts import Clip as Clipper", "mine/parts.py": MINE})
    clip = read_user_class("mine.parts.Clip", path)
    assert (clip.name, clip.path, clip.library, clip.summary) == ("Clip", "mine.parts.Clip", "user", "Cuts values.")
    assert clip.roles == {"transformer"} and clip.open
    assert list(clip.parameters) == ["alpha", "columns", "dtype", "key"]
    assert clip.parameters["columns"].default == (0, -1)
    assert clip.parameters["dtype"].default_text == "float"
    assert clip.parameters["key"].required
    assert read_user_class("mine.Clipper", path).parameters == clip.parameters
    forest = read_user_class("mine.parts.Forest", path)
    assert forest.roles == {"classifier"} and not forest.open and forest.is_estimator
    assert read_user_class("mine.parts.Open", path).open
    assert read_user_class("mine.parts.Duck", path).is_estimator
    assert read_user_class("mine.parts.score", path).is_function


@pytest.mark.parametrize(
    ("dotted", "code"),
    [
        ("Clip", "E0803"),
        ("theirs.Clip", "E0804"),
        ("broken.Clip", "E0805"),
        ("mine.Clap", "E0806"),
        ("again.Ridge", "E0807"),
        ("again.Circular", "E0807"),
    ],
)
def test_what_is_wrong_with_a_use_is_said(tmp_path: Path, dotted: str, code: str) -> None:
    again = "from sklearn.linear_model import Ridge\nfrom again import Circular"
    path = write(tmp_path, {"mine.py": MINE, "broken.py": "class (", "again.py": again})
    with pytest.raises(HypError) as caught:
        read_user_class(dotted, path)
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_user_modules_are_found_beside_the_libraries(catalog: Catalog) -> None:
    mine = Module("Ridge", "mine.Ridge", "user", frozenset({"regressor"}), {})
    both = catalog.with_user([mine])
    assert [m.path for m in both.find("Ridge")] == ["mine.Ridge", "sklearn.linear_model.Ridge"]
    assert both.find("mine.Ridge") == (mine,)
    assert len(catalog.find("Ridge")) == 1
