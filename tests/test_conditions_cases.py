"""Conditions that users have: the sizes of trees, penalty and solver, heads and width, a budget for parts."""

from __future__ import annotations

from collections import Counter
from itertools import product

import hyperdsl

HYPERGBM = """
import std.hypergbm (prepared, rate, alpha, lambda_, xgboost, catboost)
let depth = 3 | 5 | 7 | 10
let leaves = 15..513 step 5
require leaves <= 2 ** depth
space gbm = prepared() >> (
    LGBMClassifier(n_estimators = 200, boosting_type = "gbdt" | "dart" | "goss", num_leaves = leaves, max_depth = depth,
      learning_rate = rate(), reg_alpha = alpha(), reg_lambda = lambda_())
  | XGBClassifier(**xgboost()) | CatBoostClassifier(**catboost()))
"""


def test_leaves_fit_into_the_depth_over_hypergbms_space() -> None:
    space = hyperdsl.compile(HYPERGBM)
    pairs = sum(leaves <= 2**depth for depth in (3, 5, 7, 10) for leaves in range(15, 514, 5))
    others = 4 * 4 * 3 * 5 * 6 * 5 + 4 * 4 * 5
    assert space.count().configurations == 4 * 6 * (3 * pairs * 4 * 6 * 5 + others)
    for configuration in space.sample(300, seed=1):
        if "leaves" in configuration:
            assert configuration["leaves"] <= 2 ** configuration["depth"]


def test_leaves_and_depth_are_those_of_brute_force_on_a_smaller_space() -> None:
    space = hyperdsl.compile(
        """let depth = 3 | 5 | 7
        let leaves = 8..64 step 8
        require leaves <= 2 ** depth
        space s = DecisionTreeClassifier()
          | LGBMClassifier(max_depth = depth, num_leaves = leaves, boosting_type = "gbdt" | "dart")"""
    )
    trees = [(d, n, b) for d, n, b in product((3, 5, 7), range(8, 65, 8), ("gbdt", "dart")) if n <= 2**d]
    listed = list(space.enumerate())
    found = [(c["depth"], c["leaves"], c["s.LGBMClassifier.boosting_type"]) for c in listed if "leaves" in c]
    assert Counter(found) == Counter(trees) and len(listed) == len(trees) + 1 == space.count().configurations


def test_a_solver_gets_the_penalties_that_it_knows() -> None:
    knows = {
        "lbfgs": ["l2", None],
        "newton-cholesky": ["l2", None],
        "liblinear": ["l1", "l2"],
        "saga": ["l1", "l2", "elasticnet", None],
    }
    space = hyperdsl.compile(
        """let solver = "lbfgs" | "newton-cholesky" | "liblinear" | "saga"
        let penalty = "l1" | "l2" | "elasticnet" | None
        forbid penalty == "l1" and solver not in ["liblinear", "saga"]
        forbid penalty == "elasticnet" and solver != "saga"
        forbid penalty == None and solver == "liblinear"
        space s = LogisticRegression(solver = solver, penalty = penalty,
          l1_ratio = 0.25 | 0.5 | 0.75 if penalty == "elasticnet" else None)"""
    )
    pairs = {(solver, penalty) for solver, penalties in knows.items() for penalty in penalties}
    assert {(c["solver"], c["penalty"]) for c in space.enumerate()} == pairs
    assert space.count().configurations == len(pairs) + 2


def test_heads_divide_the_width() -> None:
    space = hyperdsl.compile(
        """let heads = 1..16
        let width = 8..256 step 8
        require width % heads == 0
        space s = record(heads = heads, width = width)"""
    )
    pairs = [(h, w) for h in range(1, 17) for w in range(8, 257, 8) if w % h == 0]
    assert Counter((c["heads"], c["width"]) for c in space.enumerate()) == Counter(pairs)
    assert space.count().configurations == len(pairs)


def test_twenty_parts_within_a_budget() -> None:
    costs = [(i * 7) % 13 + 1 for i in range(20)]
    terms = " + ".join(f"({cost} if p{i} else 0)" for i, cost in enumerate(costs))
    lets = "\n".join(f"let p{i} = True | False" for i in range(20))
    parts = ", ".join(f"p{i} = p{i}" for i in range(20))
    space = hyperdsl.compile(f"{lets}\nrequire {terms} <= 40\nspace s = record({parts})")
    ways = [1] + [0] * 40
    for cost in costs:
        ways = [n + (ways[total - cost] if total >= cost else 0) for total, n in enumerate(ways)]
    assert space.count().configurations == sum(ways)
    assert sum(ways) == 83_185
    drawn = [space.build(c) for c in space.sample(500, seed=1)]
    assert all(sum(cost for i, cost in enumerate(costs) if d[f"p{i}"]) <= 40 for d in drawn)


def test_a_wide_range_is_counted_by_what_tells_its_values_apart() -> None:
    space = hyperdsl.compile(
        """let n = 1..30000
        let m = 0..9
        forbid n > 20000 and m < 3 or n == 7
        space s = record(
          n = n, m = m, a = (1..4 if n > 30 else 0), b = (1..2 if n % 7 == 3 or n >= 25000 else 0),
        )"""
    )

    def beside(n: int) -> int:
        return (4 if n > 30 else 1) * (2 if n % 7 == 3 or n >= 25000 else 1) * (7 if n > 20000 else 10)

    total = sum(beside(n) for n in range(1, 30001) if n != 7)
    assert space.count().configurations == total
    for rank in range(0, total, total // 200):
        configuration = space.unrank(rank)
        n, m = configuration["n"], configuration["m"]
        assert n != 7 and (n <= 20000 or m >= 3) and space.rank(configuration) == rank
        assert ("s.a" in configuration) == (n > 30) and ("s.b" in configuration) == (n % 7 == 3 or n >= 25000)
