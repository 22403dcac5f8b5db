"""Arguments that decisions work out, against what scikit-learn itself says of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import pytest
from lightgbm import LGBMClassifier
from lightgbm.basic import LightGBMError
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingRegressor, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import hyperdsl
from hyperdsl.diagnostics import HypError

N = range(1, 6)
R = range(1, 4)
CASES: dict[str, tuple[str, Callable[[], Iterable[Any]]]] = {
    "let n = 1..5 space s = Ridge(max_iter = n - 3)": ("", lambda: (Ridge(max_iter=n - 3) for n in N)),
    "let n = 1..5 require n != 2 space s = Ridge(max_iter = n - 3)": (
        "",
        lambda: (Ridge(max_iter=n - 3) for n in N if n != 2),
    ),
    "let n = 1..5 space s = Ridge(max_iter = n - 3 if n > 2 else None) | Lasso(max_iter = n - 1, alpha = n / 2)": (
        "Ridge",
        lambda: [
            *(Ridge(max_iter=n - 3 if n > 2 else None) for n in N),
            *(Lasso(max_iter=100, alpha=n / 2) for n in N),
        ],
    ),
    "let n = 1..5 space s = Lasso(max_iter = (n - 2)..6)": (
        "",
        lambda: (Lasso(max_iter=m) for n in N for m in range(n - 2, 7)),
    ),
    "let n = 1..4 let m = 1..4 space s = KNeighborsClassifier(n_neighbors = n * m - 3, p = max(n - m, 0))": (
        "n_neighbors",
        lambda: (KNeighborsClassifier(n_neighbors=n * m - 3) for n, m in product(range(1, 5), repeat=2)),
    ),
    "let n = 0..8 space s = ElasticNet(l1_ratio = n / 4)": ("", lambda: (ElasticNet(l1_ratio=n / 4) for n in range(9))),
    "let n = 1..5 space s = PCA(n_components = n / 4) >> Ridge()": ("", lambda: (PCA(n_components=n / 4) for n in N)),
    "let xs = [1..2, 0..1, -1..0] let i = 0..2 space s = Ridge(alpha = xs[i])": (
        "",
        lambda: (Ridge(alpha=xs[i]) for *xs, i in product((1, 2), (0, 1), (-1, 0), range(3))),
    ),
    "let n = 1..5 space s = SVC(kernel = n + 1)": ("", lambda: (SVC(kernel=n + 1) for n in N)),
    "let n = 1..5 space s = Ridge(max_iter = n / 2)": ("", lambda: (Ridge(max_iter=n / 2) for n in N)),
    "let n = 1..5 space s = Ridge(solver = n > 2, fit_intercept = n > 2)": (
        "",
        lambda: (Ridge(solver=n > 2) for n in N),
    ),
    "let n = 1..5 space s = BaggingRegressor(estimator = max(n, 2))": (
        "",
        lambda: (BaggingRegressor(estimator=max(n, 2)) for n in N),
    ),
}


FITTED: dict[str, tuple[str, Callable[[], Iterable[Any]]]] = {  # what only `fit` looks at
    "let a = 1..3 let b = 1..3 space s = TfidfVectorizer(ngram_range = (a, b)) >> LogisticRegression()": (
        "E0420",
        lambda: (TfidfVectorizer(ngram_range=(a, b)) for a, b in product(R, R)),
    ),
    "space s = MinMaxScaler(feature_range = (1.0 | 2.0, 0.5 | 1.5)) >> Ridge()": (
        "E0420",
        lambda: (MinMaxScaler(feature_range=(a, b)) for a, b in product((1.0, 2.0), (0.5, 1.5))),
    ),
    "let n = 1..3 space s = MLPClassifier(max_iter = 1, hidden_layer_sizes = (n, n // 2))": (
        "E0419",
        lambda: (MLPClassifier(max_iter=1, hidden_layer_sizes=(n, n // 2)) for n in R),
    ),
    "let n = 1..3 space s = MLPClassifier(max_iter = 1, hidden_layer_sizes = repeat(1..2, n - 2))": (
        "E0419",
        lambda: (MLPClassifier(max_iter=1, hidden_layer_sizes=[n - 2] * k) for n in R for k in (1, 2)),
    ),
    "space s = VotingClassifier(estimators = [LogisticRegression()?, DecisionTreeClassifier()?])": (
        "E0419",
        lambda: (
            VotingClassifier([(type(m).__name__, m) for m in (LogisticRegression(), DecisionTreeClassifier())[a:b]])
            for a, b in ((0, 0), (0, 1), (1, 2), (0, 2))
        ),
    ),
    "space s = VotingClassifier(estimators = subset(0..2, [LogisticRegression(), DecisionTreeClassifier()]))": (
        "E0419",
        lambda: (
            VotingClassifier([(type(m).__name__, m) for m in (LogisticRegression(), DecisionTreeClassifier())[a:b]])
            for a, b in ((0, 0), (0, 1), (1, 2), (0, 2))
        ),
    ),
    'let f = 0..1 space s = LGBMClassifier(boosting_type = "goss" | "gbdt", subsample = 0.5, subsample_freq = f)': (
        "E0420",
        lambda: (
            LGBMClassifier(boosting_type=b, subsample=0.5, subsample_freq=f, n_estimators=2, verbose=-1)
            for b, f in product(("goss", "gbdt"), (0, 1))
        ),
    ),
}


def is_refused(estimator: Any) -> bool:
    try:
        estimator._validate_params()
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("text", CASES)
def test_as_many_configurations_are_said_to_fail_as_scikit_learn_refuses(text: str) -> None:
    word, made = CASES[text]
    verdicts = [is_refused(estimator) for estimator in made()]
    with pytest.raises(HypError) as error:
        hyperdsl.compile(text)
    messages = [d.message for d in error.value.diagnostics if d.code == "E0419" and word in d.message]
    assert len(messages) == 1
    found = re.search(r"in ([\d,]+) of ([\d,]+) configurations", messages[0])
    told = (int(found[1]), int(found[2])) if found else (len(verdicts), len(verdicts))
    assert told == (sum(verdicts), len(verdicts)) or ("in every configuration" in messages[0] and all(verdicts))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", FITTED)
def test_as_many_configurations_are_said_to_fail_as_fit_refuses(text: str) -> None:
    code, made = FITTED[text]
    X, y = load_iris(return_X_y=True)
    verdicts = []
    for estimator in made():
        try:
            estimator.fit(["one two three four"] * 2 if hasattr(estimator, "ngram_range") else X, y)
            verdicts.append(False)
        except (ValueError, LightGBMError):
            verdicts.append(True)
    with pytest.raises(HypError) as error:
        hyperdsl.compile(text)
    (message,) = (d.message for d in error.value.diagnostics if d.code == code)
    assert f"in {sum(verdicts)} of {len(verdicts)} configurations" in message


@pytest.mark.parametrize(
    "text",
    [
        'space s = LGBMClassifier(boosting_type = "goss" | "gbdt", subsample = 0.5..1.0, subsample_freq = 1)',
        "let a = 0.0..1.0 let b = 0.0..1.0 space s = MinMaxScaler(feature_range = (a, b)) >> Ridge()",
    ],
)
def test_a_rule_that_a_part_of_a_continuous_range_breaks_is_a_mistake(text: str) -> None:
    with pytest.raises(HypError) as error:
        hyperdsl.compile(text)
    assert [d.code for d in error.value.diagnostics] == ["E0420"]
    assert "in some configurations" in error.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("argument", "witness"),
    [("alpha = x - 1", "x = "), ("alpha = 1 - x", "x = "), ("alpha = -1 - x", ""), ("max_iter = x", "")],
)
def test_numbers_of_a_continuous_range_are_judged_by_bounds_and_by_drawing(argument: str, witness: str) -> None:
    with pytest.raises(HypError) as error:
        hyperdsl.compile(f"let x = 0.0..4.0\nspace s = Ridge({argument})")
    assert [d.code for d in error.value.diagnostics] == ["E0419" if " - " in argument else "E0402"]
    assert f"with {witness}" in error.value.diagnostics[0].label if witness else True


@pytest.mark.parametrize(
    "text",
    [
        "let n = 1..5 require n > 3 space s = Ridge(max_iter = n - 3)",
        "let x = 0.0..4.0 require x > 1 space s = Ridge(alpha = x - 1)",
        "let x = 0.0..1.0 space s = SGDClassifier(l1_ratio = 1 - x)",
        "let n = 1..5 space s = Lasso(max_iter = 10 * n, alpha = n / 2, tol = n / 1000, copy_X = n > 2)",
        "let n = 1..5 space s = Lasso(max_iter = n - 3 if n > 3 else 5)",
        "let p = 2 | True space s = Ridge(alpha = 1.0 * p)",
        "let a = 0.0..1.0 let b = 0.0..1.0 require a < b space s = MinMaxScaler(feature_range = (a, b)) >> Ridge()",
        "let n = 1..5 space s = MLPClassifier(hidden_layer_sizes = repeat(1..3, n + 1) | (n, 3) | 5)",
    ],
)
def test_what_scikit_learn_takes_is_no_mistake(text: str) -> None:
    hyperdsl.compile(text)
