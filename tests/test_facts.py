"""Decisions, branches and conditions that depend on facts of the data: ``data.rows`` and the like."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.experiment import Experiment, bind_to_table, export_script
from hyperdsl.schema import Column, Schema

KBEST = "space s = SelectKBest(k = 1..data.features) >> GaussianNB()"
BRANCHES = "space s = RandomForestClassifier() if data.rows > 400 else KNeighborsClassifier(n_neighbors = 1..30)"
LIMITED = """
let n = 2..20
require n <= data.features
space s = PCA(n_components = n) >> GaussianNB()
"""
BY_TASK = """
space s = LogisticRegression(C = 0.1..10.0 log) if data.task == "classification" else Ridge(alpha = 0.1 | 1.0 | 10.0)
"""


def schema(features: int, rows: int = 200, classes: int = 2) -> Schema:
    task = {0: "regression", 2: "binary"}.get(classes, "multiclass")
    return Schema(tuple(Column(f"x{i}", "numeric") for i in range(features)), task, rows, tuple(range(classes)))  # type: ignore[arg-type]


def bound(text: str, data: str) -> hyperdsl.HyperSpace:
    return bind_to_table(hyperdsl.compile(text), data, "target", Reporter())


def codes(error: pytest.ExceptionInfo[HypError]) -> list[str]:
    return [d.code for d in error.value.diagnostics]


def test_a_range_ends_at_a_fact_of_the_table() -> None:
    assert bound(KBEST, "sklearn:wine").count().configurations == 13
    assert bound(KBEST, "sklearn:breast_cancer").count().configurations == 30


def test_branches_are_taken_by_facts_and_the_others_decide_nothing() -> None:
    assert [d.path for d in bound(BRANCHES, "sklearn:wine").decisions] == ["s.KNeighborsClassifier.n_neighbors"]
    assert bound(BRANCHES, "sklearn:breast_cancer").decisions == ()


def test_conditions_read_facts() -> None:
    space = bound(LIMITED, "sklearn:wine")
    assert space.count().configurations == 12
    assert max(c.to_json()["n"] for c in space.enumerate()) == 13


def test_the_task_of_a_bound_space_is_that_of_the_branch_that_is_taken() -> None:
    assert hyperdsl.compile(BY_TASK).warnings == ()
    assert bound(BY_TASK, "sklearn:wine").task == "classification"
    regression = bound(BY_TASK, "sklearn:diabetes")
    assert (regression.task, regression.count().configurations) == ("regression", 3)


def test_a_bound_space_is_the_one_written_with_numbers() -> None:
    written = hyperdsl.compile(KBEST.replace("data.features", "7"))
    space = hyperdsl.compile(KBEST).bind(schema(7))
    assert [c.to_json() for c in space.sample(9, seed=3)] == [c.to_json() for c in written.sample(9, seed=3)]
    assert [space.key(c) for c in space.enumerate()] == [written.key(c) for c in written.enumerate()]
    assert space.module() == written.module()


def test_a_space_without_facts_is_left_as_it_is() -> None:
    space = hyperdsl.compile("space s = Ridge(alpha = 0.1..1.0)")
    assert space.bind(schema(3)) is space


def test_a_bound_space_can_be_pickled() -> None:
    space = pickle.loads(pickle.dumps(hyperdsl.compile(KBEST).bind(schema(5))))
    assert space.count().configurations == 5


def test_without_data_it_is_said_that_data_is_needed() -> None:
    for text in (KBEST, BRANCHES, LIMITED):
        space = hyperdsl.compile(text)
        for ask in (space.count, space.default, space.sample, space.module, lambda s=space: list(s.enumerate())):
            with pytest.raises(HypError, match="no data is given") as error:
                ask()
            assert codes(error) == ["E0905"]


def test_an_argument_alone_may_be_a_fact_without_data() -> None:
    space = hyperdsl.compile("space s = SelectKBest(k = data.features) >> GaussianNB(var_smoothing = 1e-9 | 1e-8)")
    assert space.count().configurations == 2
    assert "k=4" in space.source(space.default(), schema=schema(4))


def test_a_fact_in_an_argument_that_no_condition_reads_needs_no_data() -> None:
    text = """
    let m = SelectKBest(k = data.features) | SelectPercentile(percentile = 10.0..20.0 step 2)
    require m is SelectKBest or m.percentile > 15.0
    space s = m >> GaussianNB()
    """
    assert hyperdsl.compile(text).count().configurations == 4


def test_what_makes_no_sense_for_a_table_is_said_where_it_stands() -> None:
    space = hyperdsl.compile("space s = PCA(n_components = 5..data.features) >> GaussianNB()")
    with pytest.raises(HypError) as error:
        space.bind(schema(3))
    assert "5" in str(error.value) and "3" in str(error.value)


def test_a_table_that_does_not_meet_a_condition_is_refused() -> None:
    space = hyperdsl.compile("require data.rows >= 1000\nspace s = GaussianNB(var_smoothing = 1e-9..1e-8)")
    assert space.bind(schema(3, rows=1000)).count().continuous == 1
    with pytest.raises(HypError, match=r"`data\.rows` is 178") as error:
        bind_to_table(space, "sklearn:wine", "target", Reporter())
    assert codes(error) == ["E0906"]


def test_a_regression_has_no_classes_unless_nothing_needs_them() -> None:
    with pytest.raises(HypError, match="a regression has no classes") as error:
        hyperdsl.compile("space s = Ridge(alpha = 1.0..1.0 * data.classes)").bind(schema(3, classes=0))
    assert codes(error) == ["E0907"]
    guarded = 'space s = record(n = 1..(data.classes if data.task == "classification" else 4))'
    assert hyperdsl.compile(guarded).bind(schema(3, classes=0)).count().configurations == 4
    assert hyperdsl.compile(guarded).bind(schema(3, classes=3)).count().configurations == 3


def test_a_task_that_there_is_not_is_a_mistake() -> None:
    with pytest.raises(HypError, match="never 'binary'") as error:
        hyperdsl.compile('space s = LogisticRegression() if data.task == "binary" else Ridge()')
    assert codes(error) == ["E0908"]


def test_a_search_goes_on_with_the_same_data_and_not_with_other(tmp_path: Path) -> None:
    study = tmp_path / "study.db"

    def search(data: str, trials: int) -> hyperdsl.ExperimentResult:
        return Experiment(
            hyperdsl.compile(KBEST), data, "target", n_trials=trials, cv=3, study=study, searcher="random"
        ).run()

    assert len(search("sklearn:wine", 3).history.trials) == 3
    result = search("sklearn:wine", 5)
    assert len(result.history.trials) == 5
    with pytest.raises(HypError, match="data"):
        search("sklearn:breast_cancer", 6)
    assert export_script(study) == result.script
    assert "data." not in result.script.replace("data.frame", "")


def test_rows_are_those_of_the_table_before_any_are_held_out(tmp_path: Path) -> None:
    text = "space s = DecisionTreeClassifier(min_samples_leaf = data.rows // 10, max_depth = 1..data.rows)"
    study = tmp_path / "study.db"
    result = Experiment(hyperdsl.compile(text), "sklearn:wine", "target", n_trials=2, cv=3, study=study).run()
    assert "min_samples_leaf=17" in result.script
    assert export_script(study) == result.script
    assert bound(text, "sklearn:wine").decisions[0].high == 178


def test_hyper_search_cv_takes_the_facts_of_what_it_is_fitted_to() -> None:
    for load, task in ((load_wine, "classification"), (load_diabetes, "regression")):
        X, y = load(return_X_y=True)
        search = hyperdsl.HyperSearchCV(BY_TASK, n_iter=2, cv=2, random_state=1).fit(X, y)
        assert ("LogisticRegression" in search.source()) == (task == "classification")
    X, y = load_breast_cancer(return_X_y=True)
    search = hyperdsl.HyperSearchCV(KBEST, n_iter=2, cv=2, random_state=1)
    assert search.fit(X[:, :3], y).best_params_["s.SelectKBest.k"] <= 3
    assert search.fit(X, y).n_features_in_ == 30


def test_commands_take_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "k.hyp"
    file.write_text(KBEST + "\n", encoding="utf-8")
    table = ["--data", "sklearn:wine", "--target", "target"]
    assert main(["check", str(file)]) == 0
    assert "N0905" in capsys.readouterr().err
    assert main(["check", str(file), *table]) == 0
    assert main(["info", str(file)]) == 1
    assert "--data FILE --target COLUMN" in capsys.readouterr().err
    assert main(["info", str(file), *table]) == 0
    assert "1..13" in capsys.readouterr().out
    assert main(["sample", str(file), "-n", "2", *table]) == 0
    assert main(["compile", str(file), "--default", *table]) == 0
    assert "SelectKBest" in capsys.readouterr().out
    assert main(["compile", str(file), "--emit", "space", *table]) == 0


def test_a_space_for_any_table_goes_through_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, saved = tmp_path / "k.hyp", tmp_path / "k.json"
    source.write_text(KBEST + "\n", encoding="utf-8")
    assert main(["compile", str(source), "--to", "json", "-o", str(saved)]) == 0
    assert main(["info", str(saved), "--from", "json", "--data", "sklearn:wine", "--target", "target"]) == 0
    assert "1..13" in capsys.readouterr().out


def test_a_script_that_needs_the_table_asks_for_it() -> None:
    space = hyperdsl.compile("space s = Ridge(max_iter = data.rows)")
    with pytest.raises(HypError, match="--data FILE"):
        space.source(space.default())


@pytest.mark.parametrize(
    "text",
    [
        "forbid Ridge[1]\nspace s = record(x = data.rows)",
        "let n = 0..3\nforbid 6 // n == 1\nspace s = record(x = n, y = data.rows)",
        "let n = 0..3\nspace s = record(x = data.rows, y = 6 // n)",
    ],
)
def test_what_has_no_value_whatever_the_data_is_told_without_them(text: str) -> None:
    with pytest.raises(hyperdsl.HypError) as caught:
        hyperdsl.compile(text)
    assert "E0301" in [d.code for d in caught.value.diagnostics]


def test_what_some_data_may_save_is_left_to_them() -> None:
    hyperdsl.compile("let n = 0..3\nspace s = record(x = 6 // n if data.rows < 5 else n)")
    hyperdsl.compile("let n = 0..3\nspace s = record(x = 6 // (n - data.rows))")
