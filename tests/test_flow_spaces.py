"""Spaces checked for what flows through them: exact counts, no false alarm, and what the check lets pass fits."""

from __future__ import annotations

import re
from pathlib import Path

import failure_spaces as spaces
import pandas as pd
import pytest

import hyperdsl
from hyperdsl.audit import audit_wiring
from hyperdsl.audit.flow import audit_flow
from hyperdsl.audit.witness import Failures
from hyperdsl.catalog import load_catalog
from hyperdsl.catalog.needs import find_needs
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import Diagnostic, HypError, Reporter
from hyperdsl.driver import text_to_typed, typed_to_graph
from hyperdsl.hyperspace import HyperSpace
from hyperdsl.sklearn_api import HyperSearchCV
from hyperdsl.source import Source

TABLES = spaces.tables()


def unchecked(text: str) -> HyperSpace:
    """A space that compiling would refuse."""
    catalog, reporter = load_catalog(), Reporter()
    typed = text_to_typed(Source("<text>", text), catalog, reporter)
    graph = typed_to_graph(typed, next(iter(typed.spaces.values())), reporter)
    return HyperSpace(graph, graph, text, audit_wiring(graph, catalog, reporter))


def flow_errors(space: HyperSpace) -> list[Diagnostic]:
    reporter = Reporter()
    audit_flow(Failures(space.graph), load_catalog(), reporter)
    return reporter.diagnostics


# Spaces without data, each with what counts as a failure: a sequence of classes in the program that it builds.
COUNTED = {
    "scale": (
        "space s = (StandardScaler() | MinMaxScaler())? >> (PCA(n_components = 2..4) | SelectKBest(k = 2))? "
        ">> (MultinomialNB(alpha = 0.1 | 1.0) | GaussianNB())",
        r"(StandardScaler\(\).*|PCA\(.*)MultinomialNB",
    ),
    "order": (
        "space s = permute(OneHotEncoder(), StandardScaler(), MaxAbsScaler()) >> SVC()",
        r"OneHotEncoder\(\).*StandardScaler",
    ),
    "repeated": (
        "let n = 0..2\nspace s = repeat(n, PCA(n_components = 1 | 3)) >> TruncatedSVD(n_components = 1) >> Ridge()",
        r"PCA\(n_components=1\)\)?,?[^P]*TruncatedSVD",
    ),
    "shared": (
        "let scale = StandardScaler() | MaxAbsScaler()\nlet centre = True | False\n"
        "space s = OneHotEncoder(sparse_output = centre) >> scale >> (SVC() | GaussianNB())",
        r"OneHotEncoder\(\).*(StandardScaler|GaussianNB)",
    ),
    "beside": (
        "space s = pick(1..2, [StandardScaler(), MinMaxScaler(), MaxAbsScaler()]) >> (MultinomialNB() | SVC())",
        r"StandardScaler.*MultinomialNB",
    ),
    "conditions": (
        "let scale = StandardScaler() | pass\nlet model = MultinomialNB() | SVC()\n"
        "forbid scale is StandardScaler and model is MultinomialNB\nspace s = scale >> model",
        r"StandardScaler.*MultinomialNB",
    ),
}


@pytest.mark.parametrize("name", COUNTED)
def test_the_configurations_that_fail_are_counted_one_by_one(name: str) -> None:
    text, failing = COUNTED[name]
    space = unchecked(text)
    programs = [str(space.build(c)).replace("\n", "") for c in space.enumerate()]
    expected = sum(re.search(failing, p) is not None for p in programs)
    found = [re.search(r"in (\d+) of (\d+)|in every", d.message) for d in flow_errors(space)]
    counted = sum(int(m[1]) if m[1] else len(programs) for m in found if m is not None)
    assert counted == expected
    assert all(int(m[2]) == len(programs) for m in found if m is not None and m[1])


def test_a_witness_fails_and_its_opposite_does_not() -> None:
    space = unchecked("space s = (StandardScaler() | MinMaxScaler(clip = True)) >> (MultinomialNB() | GaussianNB())")
    (error,) = flow_errors(space)
    assert 's = "StandardScaler", s[1] = "MultinomialNB"' in error.label
    _, made, _ = spaces.usual("dense")
    for first, second, fails in (("StandardScaler", "MultinomialNB", True), ("MinMaxScaler", "MultinomialNB", False)):
        error_text = spaces.failure(space, made, space.configuration({"s": first, "s[1]": second}))
        assert bool(error_text) == fails


def test_columns_counted_on_one_way_to_a_step_say_nothing_of_the_other() -> None:
    text = "space s = (PCA(n_components = 3) | SelectFdr(alpha = 0.9)) >> PCA(n_components = 5) >> SVC()"
    assert "in 1 of 2 configurations" in said(text, TABLES["dense"])["E0420"]


@pytest.mark.parametrize("name", ["dense", "mixed", "amounts"])
def test_what_is_said_to_fail_does_fail(name: str) -> None:
    _, made, _ = spaces.usual(name)
    space = spaces.naive_space("regressor" if name in spaces.NUMBERS else "classifier")
    verdicts = spaces.verdicts(space, made)
    told = [(c, v) for c in space.sample(25, seed=5) if (v := verdicts.of(c))]
    assert told
    assert [(c.to_json(), v) for c, v in told if not spaces.failure(space, made, c)] == []


@pytest.mark.parametrize("name", TABLES)
def test_what_the_check_lets_pass_fits(name: str) -> None:
    space, made, _ = spaces.usual(name)
    errors = [(c.to_json(), error) for c, error in spaces.trials(space, made, 6, seed=11) if error]
    assert errors == []


# Classes of scikit-learn that fit a table and are in no space of the benchmark.
LEFT_OUT = {
    "ColumnTransformer": "`columns { … }` makes it",
    "FeatureUnion": "`&` makes it",
    "FrozenEstimator": "it holds a model that is fitted already",
    "GridSearchCV": "the space is what is searched",
    "HalvingGridSearchCV": "the space is what is searched",
    "HalvingRandomSearchCV": "the space is what is searched",
    "PLSSVD": "with a target it gives two arrays, and it predicts nothing",
    "Pipeline": "`>>` makes it",
    "RandomizedSearchCV": "the space is what is searched",
}


def test_the_broad_spaces_hold_every_class_that_can_be_a_step() -> None:
    text = "".join((spaces.FOLDER / f"{file}.hyp").read_text() for file in ("broad", "regression"))
    written, catalog = set(re.findall(r"\b([A-Z]\w+)\(", text)), load_catalog()
    steps = set()
    for module in (m for name in catalog.names() for m in catalog.find(name) if m.library == "sklearn"):
        needs = find_needs("sklearn", module.name)
        fits = needs is None or not (needs.behaviour.fails or (needs.behaviour.asks and not needs.cases))
        if fits and module.roles & {"transformer", "classifier", "regressor"}:
            steps.add(module.name)
    assert steps - written == LEFT_OUT.keys()


def test_columns_kept_by_a_selector_are_counted() -> None:
    selectors = """
      SelectKBest(k = 1..3, score_func = f_regression)
    | SelectPercentile(percentile = 12.0, score_func = f_regression)
    | GenericUnivariateSelect(mode = "k_best", param = 1 | 2, score_func = f_regression)
    | RFE(estimator = Ridge(), n_features_to_select = 1..3)
    | RFE(estimator = Ridge(), n_features_to_select = 0.2)
    | RFECV(estimator = Ridge(), min_features_to_select = 2)
    | SequentialFeatureSelector(estimator = Ridge(), n_features_to_select = 0.2 | "auto")
    | SelectFromModel(estimator = Ridge(), threshold = "median")"""
    text = f"space s = ({selectors}) >> OrthogonalMatchingPursuitCV()"
    assert "fails in 6 of 14 configurations" in said(text, TABLES["amounts"], task="regression")["E0437"]
    _, made, _ = spaces.usual("amounts")
    space = unchecked(text)
    failing = [spaces.failure(space, made, c) for c in space.enumerate()]
    assert sum("minimum of 2 is required" in error for error in failing) == 6


def test_a_kernel_tells_no_importance_of_columns() -> None:
    text = 'space s = RFE(estimator = SVC(kernel = "linear" | "rbf")) >> (GaussianNB() | SVC())'
    assert "in 2 of 4 configurations: `RFE` needs `coef_" in said(text, TABLES["dense"])["E0442"]


# --- with data


def said(text: str, frame: pd.DataFrame, **options: str) -> dict[str, str]:
    return {d.code: f"{d.message}; {d.label}" for d in hyperdsl.check_data(text, frame, "y", **options)}


def test_data_brings_gaps_strings_and_signs() -> None:
    found = said("space s = LogisticRegression() | HistGradientBoostingClassifier()", TABLES["gaps"])
    assert "`LogisticRegression` fails in 1 of 2 configurations" in found["E0433"]
    assert 'column "x0"' in found["E0433"]
    assert "E0434" in said("space s = LogisticRegression() | SVC()", TABLES["mixed"])
    assert "E0431" in said("space s = MultinomialNB()", TABLES["dense"])
    assert not said("space s = MinMaxScaler(clip = True) >> MultinomialNB()", TABLES["dense"])


def test_columns_that_are_not_there_are_named() -> None:
    routes = 'columns { "x0", "x99" => StandardScaler()  rest => drop }'
    assert 'no column "x99"' in said(f"space s = {routes} >> SVC()", TABLES["dense"])["E0650"]


def test_what_is_of_no_use_with_a_table_is_a_warning() -> None:
    text = """space s = columns {
      numeric  => SimpleImputer() >> OrdinalEncoder(handle_unknown = "use_encoded_value", unknown_value = -1)
      datetime => drop
      text     => TfidfVectorizer()
      rest     => drop
    } >> SVC()"""
    found = said(text, TABLES["dense"])
    assert "nothing to fill in" in found["W0431"]
    assert "no column of the table is text" in found["W0430"]
    numbers = 'OrdinalEncoder(handle_unknown = "use_encoded_value", unknown_value = -1)'
    assert "x0, x1, x2 and 4 more" in said(f"space s = {numbers} >> SVC()", TABLES["dense"])["W0432"]


def test_rare_categories_are_known_from_the_folds() -> None:
    frame = TABLES["mixed"][["city", "y"]].assign(city=lambda f: f["city"].where(f.index != 17, "Nome"))
    assert "rare" in said("space s = OneHotEncoder() >> SVC()", frame)["E0436"]
    assert "E0436" not in said('space s = OneHotEncoder(handle_unknown = "ignore") >> SVC()', frame)


def test_a_metric_asks_for_its_method() -> None:
    text = 'space s = SVC() | SGDClassifier(loss = "hinge" | "log_loss") | LogisticRegression()'
    found = said(text, TABLES["dense"], metric="logloss")
    assert "needs `predict_proba`" in found["E0442"]
    assert "E0442" not in said(text, TABLES["dense"], metric="roc_auc")


def test_the_target_is_looked_at() -> None:
    below = TABLES["dense"].assign(y=TABLES["dense"]["x0"])
    assert "positive targets" in said("space s = GammaRegressor() | Ridge()", below)["E0443"]
    inside = "space s = VotingRegressor(estimators = [a: Ridge(), b: GammaRegressor() | Ridge()])"
    assert "in 1 of 2 configurations" in said(inside, below)["E0443"]
    assert not said(inside.replace("VotingRegressor", "StackingRegressor"), below.assign(y=below["y"].abs() + 0.1))
    text = "space s = TunedThresholdClassifierCV(estimator = LogisticRegression())"
    assert "at most 2 classes" in said(text, TABLES["tiny"], task="multiclass")["E0444"]
    ranks = "space s = QuadraticDiscriminantAnalysis()"
    assert "one has 4 at most" in said(ranks, TABLES["tiny"], task="multiclass", cv="3")["E0445"]


@pytest.mark.parametrize(("norm", "fails"), [("l2", True), ("max", False)])
def test_a_dictionary_codes_rows_no_longer_than_one_as_zeros(norm: str, fails: bool) -> None:
    code = 'DictionaryLearning(n_components = 2, max_iter = 3, transform_algorithm = "threshold")'
    text = f'space s = Normalizer(norm = "{norm}") >> {code} >> NearestCentroid()'
    assert ("E0448" in said(text, TABLES["dense"])) == fails
    _, made, _ = spaces.usual("dense")
    space = unchecked(text)
    assert ("zero variance" in spaces.failure(space, made, space.default())) == fails


def test_whole_numbers_are_classes_to_scikit_learn_and_others_are_not() -> None:
    text, frame = "space s = NeighborhoodComponentsAnalysis() >> Ridge()", TABLES["amounts"]
    assert "E0439" in said(text, frame, task="regression")
    assert "E0439" not in said(text, frame.assign(y=frame["y"].round()), task="regression")


def test_dates_beside_numbers_are_refused() -> None:
    frame = TABLES["dense"].assign(day=pd.date_range("2024-01-01", periods=len(TABLES["dense"])))
    assert 'column "day"' in said("space s = LogisticRegression()", frame)["E0435"]


def test_a_search_stops_before_its_first_trial() -> None:
    space = "space s = LogisticRegression() | HistGradientBoostingClassifier()"
    with pytest.raises(HypError, match="takes no missing values"):
        hyperdsl.Experiment(hyperdsl.compile(space), TABLES["gaps"], "y", n_trials=1).run()
    X, y = TABLES["gaps"].drop(columns="y"), TABLES["gaps"]["y"]
    with pytest.raises(HypError, match="takes no missing values"):
        HyperSearchCV(space, n_iter=1).fit(X, y)


def test_check_takes_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, table = tmp_path / "a.hyp", tmp_path / "t.csv"
    file.write_text("space one = LogisticRegression()\nspace two = HistGradientBoostingClassifier()\n")
    TABLES["gaps"].to_csv(table, index=False)
    assert main(["check", str(file), "--data", str(table), "--target", "y"]) == 1
    shown = capsys.readouterr()
    assert "E0433" in shown.err and "1 error" in shown.out
    assert main(["check", str(file)]) == 0
    with pytest.raises(SystemExit):
        main(["check", str(file), "--data", str(table)])
