"""The catalog: what it says of the installed libraries is what they say, and what they do."""

from __future__ import annotations

import inspect
import json
import math
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

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
    check_module,
    check_value,
    describe,
    load_catalog,
)
from hyperdsl.catalog.notation import parse_takes
from hyperdsl.catalog.store import Shelf, read_shelf, write_shelf


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
        ("int >= 1 | 2 of int >= 1", (3, 3), None),
        ("int >= 1 | 2 of int >= 1", [3, 0], "must be an int >= 1 or a tuple of 2, each an int >= 1"),
        ("2 of int", (1, 2, 3), "must be a tuple of 2, each an int"),
        ("2 of 2 of int >= 0", ((0, 1), (2, 3)), None),
        ("some of (int >= 1 | none)", (None, 4, 0), "must be a tuple, each item an int >= 1 or None"),
        ("some of real in (0, 1] | none", (0.5, 1), None),
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
    assert check_kind(parameter("int | 2 of int"), "tuple") is None
    assert check_kind(parameter("initializer"), "module") is None
    assert check_kind(parameter("initializer"), "callable") == "must be an initializer"


@pytest.mark.parametrize(
    ("takes", "library", "roles", "fact"),
    [
        ("'zeros' | initializer", "keras", {"initializer"}, None),
        ("'zeros' | initializer", "keras", {"regularizer"}, "a regularizer"),
        ("'zeros' | initializer", "sklearn", {"classifier"}, "a module"),
        ("none | activation | layer", "keras", {"activation", "function"}, None),
        ("none | activation | layer", "keras", {"layer", "merge"}, None),
        ("none | activation | layer", "numpy", {"function"}, "a function"),
        ("none | activation", "user", {"function"}, None),
        ("none | activation", "user", {"optimizer"}, "an optimizer"),
        ("callable", "numpy", {"function"}, None),
        ("module", "sklearn", {"classifier"}, None),
        ("int >= 1", "numpy", {"function"}, "a function"),
    ],
)
def test_a_module_is_judged_by_its_role(takes: str, library: str, roles: set[str], fact: str | None) -> None:
    module = Module("M", "m.M", library, frozenset(roles), {})
    assert check_module(parameter(takes), module) == fact


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


# --- recommended ranges


def test_recommended_ranges_name_parameters_and_a_source(catalog: Catalog) -> None:
    from hyperdsl.catalog.recommended import _table, recommended_names, recommended_source

    for name in recommended_names():
        module = one(catalog, name)
        assert len(recommended_source(module)) > 10
        ranges = catalog.recommended(module)
        assert ranges
        assert set(_table()["tables"][name].get("ranges", {})) <= set(ranges)


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
    assert bare.missing("Dense") == "keras-jax"
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
    known = parameter("2 of int | initializer | 'a'", default=(1, [2.0]))
    module = Module("A", "lib.A", "lib", frozenset({"transformer"}), {"p": known})
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


def test_user_modules_are_found_beside_the_libraries(catalog: Catalog) -> None:
    mine = Module("Ridge", "mine.Ridge", "user", frozenset({"regressor"}), {})
    both = catalog.with_user([mine])
    assert [m.path for m in both.find("Ridge")] == ["mine.Ridge", "sklearn.linear_model.Ridge"]
    assert both.find("mine.Ridge") == (mine,)
    assert len(catalog.find("Ridge")) == 1
