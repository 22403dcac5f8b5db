"""HyperSearchCV in the place of RandomizedSearchCV: scikit-learn's own checks, and what its users rely on."""

import json
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import (
    GroupKFold,
    RandomizedSearchCV,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from hyperdsl import HyperSearchCV

LOGISTIC = "space s = StandardScaler()? >> LogisticRegression(C = 0.1..10.0 log)"
RIDGE = "space s = Ridge(alpha = 0.1..10.0 log)"
TREE = "space s = DecisionTreeClassifier(max_depth = 1..6, min_samples_leaf = 1..20 log)"
MIXED = """
    space mixed = StandardScaler()
      >> (LogisticRegression(C = 0.01..10.0 log) | KNeighborsClassifier(n_neighbors = 3..15)
          | DecisionTreeClassifier(max_depth = 2..6))
"""


def search(space=TREE, **options):
    return HyperSearchCV(space, **{"n_iter": 4, "random_state": 0, "cv": 3, **options})


@parametrize_with_checks([search(LOGISTIC, n_iter=2, cv=2), search(RIDGE, n_iter=2, cv=2)])
def test_scikit_learn_agrees(estimator, check):
    check(estimator)


def test_results_have_the_columns_of_scikit_learn():
    X, y = load_iris(return_X_y=True)
    theirs = RandomizedSearchCV(
        DecisionTreeClassifier(), {"max_depth": range(1, 7)}, n_iter=4, cv=3, return_train_score=True, random_state=0
    ).fit(X, y)
    ours = search("space s = DecisionTreeClassifier(max_depth = 1..6)", return_train_score=True).fit(X, y)
    expected = {name for name in theirs.cv_results_ if not name.startswith("param_")}
    assert expected == {name for name in ours.cv_results_ if not name.startswith("param_")}
    assert set(vars(theirs)) - set(vars(ours)) - {"estimator", "param_distributions", "pre_dispatch"} <= {
        name for name in vars(theirs) if name.startswith("_") or name.endswith("checked_cv_orig")
    }
    results = ours.cv_results_
    table = np.array([results[f"split{i}_test_score"] for i in range(3)])
    assert np.allclose(table.mean(axis=0), results["mean_test_score"])
    assert results["rank_test_score"][ours.best_index_] == 1
    assert results["params"][ours.best_index_] == ours.best_params_
    assert ours.best_score_ == results["mean_test_score"].max()
    depths = next(column for name, column in results.items() if name.startswith("param_"))
    deepest = int(np.argmax(depths.filled(0)))
    assert results["mean_train_score"][deepest] >= results["mean_test_score"][deepest]
    assert pd.DataFrame(results).shape[0] == len(ours.trials_)


def test_several_metrics():
    X, y = load_breast_cancer(return_X_y=True)
    found = search(scoring=["accuracy", "roc_auc"], refit="roc_auc", return_train_score=True).fit(X, y)
    assert found.multimetric_ and found.best_score_ == found.cv_results_["mean_test_roc_auc"].max()
    assert found.cv_results_["split0_train_accuracy"].shape == (4,)
    assert found.score(X, y) == found.scorer_["roc_auc"](found.best_estimator_, X, y)
    only = search(scoring={"acc": "accuracy", "auc": "roc_auc"}, refit=False).fit(X, y)
    assert not hasattr(only, "best_params_") and "rank_test_auc" in only.cv_results_
    last = search(scoring=("accuracy", "roc_auc"), refit=lambda results: len(results["params"]) - 1).fit(X, y)
    assert last.best_index_ == 3 and not hasattr(last, "best_score_") and last.predict(X).shape == y.shape
    with pytest.raises(IndexError):
        search(refit=lambda results: 99).fit(X, y)


def test_an_ensemble_is_no_worse_in_the_folds_and_its_source_makes_it(tmp_path):
    X, y = load_breast_cancer(return_X_y=True)
    labels = np.array(["malignant", "benign"])[y]
    options = {"space": MIXED, "n_iter": 10, "scoring": "neg_log_loss"}
    one, all_ = search(**options).fit(X, labels), search(refit="ensemble", **options).fit(X, labels)
    assert 1 < len(all_.ensemble_) <= sum(weight for _, weight in all_.ensemble_) <= 20
    assert all_.classes_.tolist() == ["benign", "malignant"] and set(all_.predict(X)) == {"benign", "malignant"}
    (tmp_path / "model.py").write_text(all_.source())
    script = "import model; from sklearn.datasets import load_breast_cancer as load; X, y = load(return_X_y=True)\n"
    script += "print(model.build_pipeline().fit(X, 1 - y).predict_proba(X[:3]).tolist())"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert np.allclose(json.loads(run.stdout), all_.predict_proba(X[:3]))
    assert all_.score(X, labels) > -0.2 and one.best_score_ == all_.best_score_
    assert pickle.loads(pickle.dumps(all_)).predict(X).tolist() == all_.predict(X).tolist()


def test_models_without_probabilities_vote():
    X, y = load_iris(return_X_y=True)
    found = search("space s = RidgeClassifier(alpha = 0.1..10.0) | LinearSVC(C = 0.1..1.0)", refit="ensemble").fit(X, y)
    assert found.score(X, y) > 0.8 and not hasattr(found, "predict_proba")
    assert 'voting="soft"' not in found.source()


def test_an_ensemble_of_numbers():
    X, y = load_diabetes(return_X_y=True)
    space = "space s = Ridge(alpha = 0.1..10.0) | KNeighborsRegressor(n_neighbors = 5..30)"
    found = search(space, refit="ensemble", n_iter=8, scoring="neg_root_mean_squared_error").fit(X, y)
    assert "VotingRegressor" in found.source() and found.score(X, y) > -60


@pytest.mark.parametrize("model", ["LogisticRegression", "LGBMClassifier", "XGBClassifier", "CatBoostClassifier"])
def test_rows_of_no_weight_do_not_matter(model):
    X, y = load_breast_cancer(return_X_y=True)
    given = np.random.default_rng(1).uniform(size=len(y)) < 0.5
    options = "iterations = 20" if model == "CatBoostClassifier" else "n_estimators = 20"
    options = "max_iter = 50" if model == "LogisticRegression" else options
    found = search(f"space s = MinMaxScaler() >> {model}({options})", n_iter=1, early_stopping=5)
    wrong = np.where(given, y, 1 - y)
    plain, weighed = clone(found).fit(X, wrong), clone(found).fit(X, wrong, sample_weight=given.astype(float))
    assert accuracy_score(y, weighed.predict(X)) > 0.9 > accuracy_score(y, plain.predict(X))
    assert weighed.best_score_ > 0.85 > plain.best_score_  # the scorer weighs too


def test_weights_are_those_of_scikit_learn():
    X, y = load_iris(return_X_y=True)
    weights = np.random.default_rng(0).uniform(0.1, 5, 150)
    found = search("space s = StandardScaler() >> LogisticRegression(C = 2.0)", n_iter=1).fit(
        X, y, sample_weight=weights
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(C=2.0))
    model.fit(X, y, logisticregression__sample_weight=weights)
    assert np.allclose(found.predict_proba(X), model.predict_proba(X))
    with pytest.warns(UserWarning, match="KNeighborsClassifier is best and takes no sample weights"):
        search("space s = KNeighborsClassifier(n_neighbors = 5)", n_iter=1).fit(X, y, sample_weight=weights)
    for wrong in (weights[:5], np.full(150, np.nan)):
        with pytest.raises(ValueError):
            search().fit(X, y, sample_weight=wrong)


def test_metadata_is_routed():
    X, y = load_iris(return_X_y=True)
    weights, groups = np.arange(150) % 3 + 1.0, np.arange(150) % 10
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = make_scorer(accuracy_score).set_score_request(sample_weight=True)
        found = search(cv=GroupKFold(4), scoring=scorer).set_fit_request(sample_weight=True)
        params = {"sample_weight": weights, "groups": groups}
        scores = cross_validate(found, X, y, cv=GroupKFold(3), params=params, scoring=scorer)["test_score"]
        assert scores.min() > 0.7
        found.fit(X, y, **params)
        assert found.n_splits_ == 4
        with pytest.raises(TypeError, match="colour"):
            found.fit(X, y, colour=weights)


def test_frames_of_polars_and_chosen_outputs():
    polars = pytest.importorskip("polars")
    frame = load_iris(as_frame=True)
    X, y = frame.data, frame.target
    found = search(LOGISTIC).fit(polars.from_pandas(X), polars.from_pandas(y))
    assert found.feature_names_in_.tolist() == list(X)
    assert np.array_equal(found.predict(polars.from_pandas(X)), found.predict(X))
    with sklearn.config_context(transform_output="pandas"):
        same = search(LOGISTIC).fit(X, y)
    assert same.best_score_ == found.best_score_
    reduced = search("space s = StandardScaler() >> LinearDiscriminantAnalysis(n_components = 1..2)")
    assert reduced.set_output(transform="polars").fit(X, y).transform(X).columns[0].startswith("lineardisc")
    assert reduced.set_output(transform="pandas").transform(X).shape[0] == 150


def test_a_warm_start_goes_on():
    X, y = load_iris(return_X_y=True)
    found = search(n_iter=3, warm_start=True, searcher="random").fit(X, y)
    first = found.trials_
    found.set_params(n_iter=6).fit(X, y)
    assert found.trials_[:3] == first and len(found.trials_) == 6
    whole = search(n_iter=6, searcher="random").fit(X, y)
    assert [t.key for t in whole.trials_] == [t.key for t in found.trials_]
    found.fit(X[::2], y[::2])
    assert found.trials_[0].evaluation.fold_scores != first[0].evaluation.fold_scores


def test_a_configuration_that_fails_is_said_or_scored():
    X, y = load_iris(return_X_y=True)

    def fussy(model, X, y):
        if model.get_params()["max_depth"] > 3:
            raise RuntimeError("too deep")
        return model.score(X, y)

    space = "space s = DecisionTreeClassifier(max_depth = 1..6)"
    found = search(space, scoring=fussy, n_iter=6).fit(X, y)
    assert np.isnan(found.cv_results_["mean_test_score"]).sum() == 3
    assert search(space, scoring=fussy, n_iter=6, error_score=-1).fit(X, y).cv_results_["mean_test_score"].min() == -1
    with pytest.raises(RuntimeError, match="too deep"):
        search(space, scoring=fussy, n_iter=6, error_score="raise").fit(X, y)


def test_it_is_nested_in_cross_validation():
    X, y = load_iris(return_X_y=True, as_frame=True)
    labels = cross_val_predict(make_pipeline(search(LOGISTIC, n_jobs=1)), X, y, cv=3)
    assert accuracy_score(y, labels) > 0.9


def test_a_fidelity_has_most_trials_cheap():
    X, y = load_breast_cancer(return_X_y=True)
    space = "space s = LGBMClassifier(n_estimators = 81, num_leaves = 2..15, learning_rate = 0.01..0.3 log)"
    options = {"space": space, "n_iter": 12, "searcher": "asha(base = 'random')", "early_stopping": False}
    found = search(fidelity="n_estimators=9..81", **options).fit(X, y)
    results = found.cv_results_
    amounts = results["fidelity"]
    assert set(amounts) == {9, 27, 81} and (amounts == 9).sum() > (amounts == 81).sum()
    full = amounts == 81
    assert np.isnan(results["mean_test_score"][~full]).all() and np.isfinite(results["mean_test_score"][full]).all()
    assert full[found.best_index_] and results["rank_test_score"][found.best_index_] == 1
    assert found.best_estimator_.n_estimators == 81
    with pytest.raises(ValueError, match="E0732"):
        search(fidelity="n_trees=9..81", **options).fit(X, y)
