"""What the passes claim of results, on real tables: -O1 changes no bit of a prediction, -O2 what it says it changes."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import Binarizer, FunctionTransformer, MaxAbsScaler, Normalizer

import hyperdsl
from hyperdsl.experiment import Experiment
from hyperdsl.experiment.export import export_script
from hyperdsl.ir import canonical, neutral
from hyperdsl.search.history import Stop

TABLES = {"diabetes": load_diabetes, "wine": load_wine, "breast_cancer": load_breast_cancer}


def rows(name: str, gaps: bool = False) -> tuple[Any, Any, Any, Any]:
    """Training and test inputs and targets, on scales of their own; with a tenth of the values missing."""
    X, y = TABLES[name](return_X_y=True)
    rng = np.random.default_rng(0)
    X = X * 10.0 ** rng.integers(-3, 4, X.shape[1]) - rng.normal(size=X.shape[1])
    if gaps:
        X[rng.random(X.shape) < 0.1] = np.nan
    return tuple(train_test_split(X, y, random_state=0))


IDEMPOTENT = [
    MaxAbsScaler(),
    Binarizer(),
    Binarizer(threshold=0.5),
    Normalizer(norm="max"),
    SelectKBest(f_regression, k=3),
    SelectKBest(f_regression, k="all"),
    SimpleImputer(),
    SimpleImputer(strategy="most_frequent"),
    SimpleImputer(strategy="constant", fill_value=-1.0),
]


@pytest.mark.parametrize("step", IDEMPOTENT, ids=lambda step: type(step).__name__)
@pytest.mark.parametrize("table", TABLES)
def test_an_idempotent_step_changes_no_bit_behind_an_equal_one(step: Any, table: str) -> None:
    path = f"{type(step).__module__.rpartition('.')[0]}.{type(step).__name__}"
    usual = type(step)().get_params()
    given = {k: v for k, v in step.get_params().items() if repr(v) != repr(usual[k])}
    assert neutral.is_idempotent(path, given)
    X, other, y, _ = rows(table, gaps=isinstance(step, SimpleImputer))
    if isinstance(step, Normalizer):
        X, other = X[:, ::2], other[:, ::2]
    first = clone(step).fit(X, y)
    second = clone(step).fit(first.transform(X), y)
    for part in (X, other):
        once = first.transform(part)
        assert np.array_equal(second.transform(once), once)


def test_a_function_transformer_without_a_function_gives_its_input() -> None:
    X, other, _, _ = rows("wine")
    step = FunctionTransformer().fit(X)
    assert step.transform(other) is other


FOREST = "RandomForestRegressor(n_estimators = 5)"  # seeded by what its input has gone through


@pytest.mark.parametrize(
    "written",
    [
        "MaxAbsScaler() >> MaxAbsScaler()? >> KNeighborsRegressor()",
        "SimpleImputer() >> SimpleImputer() >> (FunctionTransformer() & PCA(n_components = 2)) >> Ridge()",
        f"(SimpleImputer() >> PCA() >> Ridge()) | (SimpleImputer() >> FunctionTransformer() >> {FOREST})",
        f'SimpleImputer() >> (MaxAbsScaler() | Normalizer(norm = "max")) >> MaxAbsScaler() >> {FOREST}',
        "{ let n = 1..4 require n > 2 return PCA(n_components = n) >> (Ridge() if n > 1 else Lasso()) }",
    ],
)
def test_the_first_level_changes_no_bit_of_a_prediction(written: str) -> None:
    X, other, y, _ = rows("diabetes", gaps="SimpleImputer" in written)
    plain, better = (hyperdsl.compile(f"space s = {written}", level=level) for level in (0, 1))
    for configuration in plain.enumerate():
        before, after = (space.build(configuration, seed=3) for space in (plain, better))
        predicted = [pipeline.fit(X, y).predict(other) for pipeline in (before, after)]
        assert np.array_equal(*predicted)
        assert plain.key(configuration) == better.key(configuration)


TREES = ("DecisionTreeClassifier(random_state = 0)", "RandomForestClassifier(n_estimators = 20, random_state = 0)")


@pytest.mark.parametrize("model", TREES)
@pytest.mark.parametrize("scale", ["StandardScaler()", "MinMaxScaler()", "RobustScaler()", "PowerTransformer()"])
def test_the_second_level_keeps_what_a_tree_learns_of_its_training_rows(model: str, scale: str) -> None:
    X, other, y, truth = rows("breast_cancer")
    plain, better = (hyperdsl.compile(f"space s = {scale} >> {model}", level=level) for level in (0, 2))
    configuration = plain.default()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, after = (space.build(configuration).fit(X, y) for space in (plain, better))
    assert "Scaler" not in repr(after) and "Power" not in repr(after)
    assert np.mean(before.predict(X) == after.predict(X)) > 0.99
    scores = [np.mean(pipeline.predict(other) == truth) for pipeline in (before, after)]
    assert abs(scores[0] - scores[1]) < 0.05


def test_the_second_level_changes_scales_by_rounding_only() -> None:
    X, other, y, _ = rows("diabetes")
    plain, better = (
        hyperdsl.compile("space s = MinMaxScaler() >> StandardScaler() >> Ridge()", level=level) for level in (0, 2)
    )
    before, after = (space.build(space.default()).fit(X, y) for space in (plain, better))
    assert len(after.steps) == 2 < len(before.steps)
    np.testing.assert_allclose(before.predict(other), after.predict(other), rtol=1e-10)
    assert canonical.text(plain.plan(plain.default())) != canonical.text(better.plan(plain.default()))


def test_a_search_tries_once_what_its_table_and_its_level_make_the_same(tmp_path: Path) -> None:
    text = """space s = columns {
      numeric     => StandardScaler()?
      categorical => OneHotEncoder(min_frequency = 1..3)
    } >> (LogisticRegression() | DecisionTreeClassifier())"""
    X, y = load_wine(return_X_y=True, as_frame=True)
    study = tmp_path / "study.db"
    space = hyperdsl.compile(text, level=2)
    result = Experiment(space, X.assign(kind=y), "kind", n_trials=20, searcher="random", study=study).run()
    assert space.count().configurations == 12
    assert result.history.stopped is Stop.exhausted
    assert len(result.history.trials) == 3, "with and without the scaler, and a tree"
    assert result.best.key in export_script(study)
