"""All that draws random numbers gets a seed: a script repeats its score to the last digit, in another process."""

import subprocess
import sys
import warnings
from functools import partial

import numpy as np
import pandas as pd
import probes
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import KFold, StratifiedKFold

import hyperdsl
from hyperdsl.backends.sklearn import BACKEND
from hyperdsl.backends.sklearn.seeds import Draws, draws
from hyperdsl.catalog import load_catalog
from hyperdsl.experiment import Experiment, export_script, load_model, save_model
from hyperdsl.ir.plan import Call, ListPlan, Seq, Symbol

CLASSES = """
space classes =
  columns {
    categorical => TargetEncoder(cv = 3 | KFold(n_splits = 4, shuffle = True)) | TargetEncoder()
    numeric     => QuantileTransformer(n_quantiles = 20) >> SelectKBest(score_func = mutual_info_classif, k = 2..3)
  }
  >> SelectFromModel(estimator = ExtraTreesClassifier(n_estimators = 5), threshold = "median")
  >> RFE(estimator = RandomForestClassifier(n_estimators = 5), n_features_to_select = 2)
  >> ( BaggingClassifier(estimator = DecisionTreeClassifier(max_features = 1), n_estimators = 3)
     | StackingClassifier(
         estimators = [ExtraTreesClassifier(n_estimators = 3), ExtraTreesClassifier(n_estimators = 3)],
         cv = StratifiedKFold(n_splits = 3, shuffle = True | False),
       )
     )
"""

NUMBERS = """
space numbers =
  columns {
    categorical => TargetEncoder()
    numeric     => SelectPercentile(score_func = mutual_info_regression | f_regression, percentile = 60)
  }
  >> ( BaggingRegressor(estimator = ExtraTreeRegressor(), n_estimators = 3)
     | TransformedTargetRegressor(regressor = RandomForestRegressor(n_estimators = 4))
     )
"""

RUN = """
import runpy, sys
scripts, sys.argv[1:] = sys.argv[1:], []
for script in scripts:
    runpy.run_path(script, run_name="__main__")
"""


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = 150
    frame = pd.DataFrame(rng.normal(size=(rows, 4)), columns=list("abcd"))
    frame["city"] = rng.choice(["Rome", "Oslo", "Bern", "Kyiv"], rows)
    frame["y"] = frame.a + frame.b * frame.c + (frame.city == "Oslo") + 0.3 * rng.normal(size=rows)
    return frame


@pytest.mark.parametrize("text", [CLASSES, NUMBERS])
def test_scripts_repeat_scores_to_the_last_digit(text, tmp_path):
    frame = table()
    if text is CLASSES:
        frame["y"] = np.where(frame.y > 0, "yes", "no")
    frame.to_csv(tmp_path / "t.csv", index=False)
    space, study = hyperdsl.compile(text), tmp_path / "s.db"
    shared = Experiment(space, str(tmp_path / "t.csv"), "y", n_trials=3, cv=2, seed=2, study=study).run()
    alone = Experiment(space, str(tmp_path / "t.csv"), "y", n_trials=3, cv=2, seed=2, cache=0).run()
    trials = shared.history.trials
    assert [t.evaluation.fold_scores for t in trials] == [t.evaluation.fold_scores for t in alone.history.trials]
    for trial in trials:
        (tmp_path / f"{trial.number}.py").write_text(export_script(study, trial=trial.number))
    run = subprocess.run(
        [sys.executable, "-I", "-c", RUN, *(f"{t.number}.py" for t in trials)],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert not run.stderr
    printed = [line.split()[1:] for line in run.stdout.splitlines()]
    assert [list(map(float, line)) for line in printed[::2]] == [list(t.evaluation.fold_scores) for t in trials]
    assert [float(line[0]) for line in printed[1::2]] == [t.evaluation.score for t in trials]
    save_model(shared.model, tmp_path / "m.hypmodel")
    assert np.array_equal(load_model(tmp_path / "m.hypmodel").predict(frame), shared.model.predict(frame))


TREES = {kind: f"sklearn.tree.DecisionTree{kind}" for kind in ("Classifier", "Regressor")}
CATALOG = load_catalog()
CLASSES_OF_SKLEARN = sorted(
    module.path
    for name in CATALOG.names()
    for module in CATALOG.find(name)
    if module.library == "sklearn" and module.roles & {"transformer", "classifier", "regressor", "clusterer", "outlier"}
)


def made(path, seed=1, **arguments):
    (module,) = CATALOG.find(path)
    tree = Call(TREES["Regressor" if "regressor" in module.roles else "Classifier"], (("max_features", 1),))
    inner = {"estimator": tree, "regressor": tree, "estimators": ListPlan((tree, tree))}
    given = {n: v for n, v in inner.items() if n in module.parameters and module.name != "IterativeImputer"}
    given |= probes.CHEAP.get(module.name, {})
    return BACKEND.build(Call(path, tuple((given | arguments).items())), seed=seed)


def results(path, state):
    """What a class makes of a table, and whether NumPy's global generator was asked for anything."""
    (module,) = CATALOG.find(path)
    table, _ = probes.TABLES["counts"]
    y = probes.TARGET if "regressor" in module.roles and "classifier" not in module.roles else probes.LABELS % 2
    step = made(path)
    np.random.seed(state)
    before = np.random.get_state()
    is_transformer = "transformer" in module.roles and hasattr(step, "fit_transform")
    given = step.fit_transform(table, y) if is_transformer else step.fit(table, y)
    if hasattr(step, "predict"):
        given = step.predict(table)
    is_untouched = all(map(np.array_equal, before[1:3], np.random.get_state()[1:3]))
    return given if isinstance(given, np.ndarray) else 0, is_untouched


def test_classes_leave_nothing_to_the_global_generator():
    fitted, random = 0, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in CLASSES_OF_SKLEARN:
            try:
                first, is_untouched = results(path, state=1)
            except (ValueError, TypeError, AttributeError, IndexError, NotFittedError, FloatingPointError):
                continue  # not made for such a table
            fitted += 1
            if not is_untouched and not np.array_equal(first, results(path, state=2)[0], equal_nan=True):
                random.append(path)
    assert fitted > 120
    assert not random


def test_a_splitter_gets_a_seed_where_it_shuffles():
    path = "sklearn.model_selection.KFold"
    assert made(path).random_state is None and made(path, shuffle=False).random_state is None
    assert made(path, shuffle=True).random_state == made(path, shuffle=True).random_state is not None
    assert made(path, shuffle=True, random_state=4).random_state == 4
    assert made("sklearn.model_selection.ShuffleSplit").random_state is not None


def test_a_function_that_draws_gets_a_seed():
    score = BACKEND.build(Symbol("sklearn.feature_selection.mutual_info_classif"), seed=1)
    assert isinstance(score, partial) and score.keywords["random_state"] is not None
    assert BACKEND.build(Symbol("sklearn.feature_selection.f_classif"), seed=1).__name__ == "f_classif"
    assert BACKEND.build(Symbol("sklearn.feature_selection.mutual_info_classif")).__name__ == "mutual_info_classif"


def test_folds_of_a_target_encoder_have_a_seed_where_its_author_gives_none():
    path = "sklearn.preprocessing.TargetEncoder"
    if draws(CATALOG.find(path)[0]) is Draws.always:
        pytest.skip("before scikit-learn 1.9 it takes a seed as others do")
    assert made(path, seed=None).cv == 5
    for cv, folds in ((None, 5), (3, 3)):
        splitter = made(path, cv=cv).cv
        assert type(splitter) is KFold and splitter.n_splits == folds and splitter.shuffle
    own = Call("sklearn.model_selection.KFold", (("n_splits", 4),))
    assert made(path, cv=own).cv.get_n_splits() == 4 and made(path, cv=own).cv.random_state is None
    assert made(path, shuffle=False).cv == made(path, random_state=1).cv == 5
    model = Call("sklearn.linear_model.LogisticRegression", ())
    assert type(BACKEND.build(Seq((Call(path, ()), model)), seed=1)[0].cv) is StratifiedKFold


def test_what_a_library_gives_a_fixed_seed_is_left_alone():
    assert made("sklearn.linear_model.Perceptron").random_state == 0


def test_the_module_of_a_space_seeds_the_same_things():
    space = hyperdsl.compile(CLASSES)
    names = {"__name__": __name__}
    exec(compile(space.module(), "module", "exec", dont_inherit=True), names)
    for number in range(8):
        configuration = space.sample(8, seed=3)[number]
        seeded = seeds(names["build"](configuration.to_json(), seed=5))
        assert seeded and seeded == seeds(space.build(configuration, seed=5))
        assert not seeds(names["build"](configuration.to_json()))


def seeds(pipeline):
    """The places of all seeds in a pipeline."""
    found = dict(pipeline.get_params())
    for name, value in pipeline.get_params().items():
        if isinstance(value, partial):
            found[f"{name}__random_state"] = value.keywords["random_state"]
        elif hasattr(value, "split") and hasattr(value, "random_state"):
            found[f"{name}__random_state"] = value.random_state
    return {name for name, value in found.items() if name.endswith("random_state") and isinstance(value, int)}
