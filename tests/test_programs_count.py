"""How many different programs a space has, against the keys of all its configurations."""

import json

import pytest
from programs import make

import hyperdsl
from hyperdsl.cli.main import main

SPACES = {
    "steps that change nothing": "space s = StandardScaler()? >> pass >> (MaxAbsScaler() | pass | PCA()) >> Ridge()",
    "a step that repeats": "space s = SelectKBest(k = 1..3)? >> SelectKBest(k = 1..3) >> MaxAbsScaler()? >> Ridge()",
    "an identity": "space s = FunctionTransformer(func = None | numpy.log1p) >> MaxAbsScaler()? >> Ridge()",
    "values that overlap": "space s = Ridge(alpha = 1 | 2 | 3) | Ridge(alpha = 2 | 3 | 4) | Lasso(alpha = 2 | 3)",
    "equal values": "space s = Ridge(alpha = 1 | 2) | pass >> Ridge(alpha = 1 | 2) | Ridge(alpha = (1 | 2)?)",
    "an argument left out": "space s = Ridge(alpha = (1 | 2)?, tol = 0.1 | 0.2) | Ridge(tol = 0.1 | 0.3)",
    "one decision in two places": "let n = 1..5\nspace s = SelectKBest(k = n) >> KNeighborsRegressor(n_neighbors = n)",
    "decisions tied and not": (
        "let p = KBinsDiscretizer(n_bins = 2..4)\n"
        "space s = (p & p | KBinsDiscretizer(n_bins = 2..4) & KBinsDiscretizer(n_bins = 2..4)) >> Ridge()"
    ),
    "a decision that does not matter": "let n = 1..9\nspace s = Ridge() if n > 3 else Lasso(max_iter = n)",
    "conditions": (
        "let a = 1..6 let b = 1..6\nrequire a < b\n"
        "space s = record(a = a, c = 1..3, m = Ridge(max_iter = b) | Lasso(max_iter = 1..4))"
    ),
    "an argument read by a condition": (
        "let m = Ridge(alpha = 1 | 2 | 3) | Lasso(alpha = 1 | 2)\nrequire m.alpha > 1\nspace s = PCA()? >> m"
    ),
    "branches that keep their order": "space s = (PCA() & StandardScaler()? | StandardScaler()? & PCA()) >> Ridge()",
    "orders": "space s = permute(StandardScaler()?, MaxAbsScaler()?, PCA(n_components = 1..2)) >> Ridge()",
    "subsets": "space s = record(a = subset(0..2, [1, 1, 2, 3]), b = repeat(0..2, 1 | 2))",
    "pipelines in arguments": (
        "space s = BaggingRegressor(estimator = PCA(n_components = 1..2)? >> pass >> RidgeCV(cv = 2..4))"
    ),
    "routes": "space s = columns { numeric => MaxAbsScaler()? >> PCA()?, rest => drop } >> Ridge(alpha = 1 | 2)",
    "constants of several types": "space s = record(a = 1 | 1.0 | True | None, b = (1..2)?, c = [1..2, (1 | 2)?])",
}  # fmt: skip


def keys(space):
    return len({space.key(configuration) for configuration in space.enumerate()})


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("name", SPACES)
def test_programs_are_counted_as_their_keys_are(name, level):
    space = hyperdsl.compile(SPACES[name], level=level)
    count = space.count(canonical=True)
    assert count.exact and count.configurations == keys(space)


def test_generated_spaces_have_as_many_programs_as_keys():
    fewer = compared = 0
    for seed in range(120):
        space = hyperdsl.compile(make(seed), level=seed % 3)
        count = space.count()
        if not count.exact or count.configurations > 300:
            continue
        programs = space.count(canonical=True)
        assert programs.exact and programs.configurations == keys(space), seed
        compared += 1
        fewer += programs.configurations < count.configurations
    assert compared > 80 and fewer > 5


def test_equal_ranges_are_one_value_and_others_are_not():
    space = hyperdsl.compile(
        "space s = Ridge(alpha = 0.1..1.0) | Ridge(alpha = 0.1..1.0) | Ridge(alpha = 0.1..2.0) | Ridge(alpha = 1.05)"
    )
    assert space.count(canonical=True).configurations == 3


def test_what_need_not_be_enumerated_is_multiplied():
    space = hyperdsl.compile(
        "space s = columns { numeric => KBinsDiscretizer(n_bins = 2..999)? >> PCA(n_components = 2..999) } "
        ">> (KNeighborsRegressor(n_neighbors = 1..10000000) | Ridge(max_iter = 1..1000))"
    )  # fmt: skip
    tried = []
    count = space.count(canonical=True, progress=tried.append)
    assert count.exact and count.configurations == space.count().configurations == 999 * 998 * 10001000
    assert tried == list(range(1, 5))


def test_past_the_budget_there_is_a_lower_bound():
    space = hyperdsl.compile("space s = record(a = repeat(1..9, 1..9), b = 1..7)")
    count = space.count(canonical=True, budget=50)
    assert not count.exact and count.configurations is None
    assert 7 <= count.at_least <= count.at_most == space.count().configurations
    assert "50" in count.reason


def test_conditions_on_ranges_leave_a_lower_bound():
    space = hyperdsl.compile(
        "let a = 0.0..1.0\nlet b = 0.0..1.0\nspace s = record(a = a, b = b, c = 1 if a > b else (2..5))"
    )
    count = space.count(canonical=True)
    assert not count.exact and "continuous" in count.reason


def test_info_says_how_many_programs_there_are(tmp_path, capsys):
    file = tmp_path / "s.hyp"
    file.write_text("space s = Ridge(alpha = 1 | 2 | 3) | Ridge(alpha = 2 | 3 | 4)")
    assert main(["info", str(file), "--canonical"]) == 0
    assert "  programs        4 different ones\n" in capsys.readouterr().out
    assert main(["info", str(file), "--canonical", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["canonical"] == {"exact": True, "programs": "4"} and facts["configurations"] == "6"
    assert main(["info", str(file)]) == 0
    assert "programs" not in capsys.readouterr().out
