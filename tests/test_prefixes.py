"""What configurations have in common: starts of pipelines and how many configurations share them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import hyperdsl
from hyperdsl.ir import plan
from hyperdsl.space.prefixes import Start, describe, starts

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def found(text: str, level: int = 1) -> list[Start]:
    space = hyperdsl.compile(text, level=level)
    return starts(space.graph, space.program)


def shown(text: str) -> list[tuple[int, str, int | None, int | None]]:
    return [(s.depth, s.step, None if s.whole else s.forms, s.configurations) for s in found(text)]


def test_alternatives_are_sorted_by_what_they_begin_with() -> None:
    text = """
        let fill = SimpleImputer(strategy = "mean" | "median")
        space s =
          fill >> PCA() >> Ridge()
          | StandardScaler() >> Lasso()
          | fill >> PCA() >> Lasso(alpha = 1.0 | 2.0)
          | fill >> Ridge()
    """
    assert shown(text) == [
        (0, 'SimpleImputer(strategy = "mean" | "median")', 2, 8),
        (1, "PCA()", 2, 6),
        (2, "Ridge()", None, 2),
        (2, "Lasso(alpha = 1.0 | 2.0)", None, 4),
        (1, "Ridge()", None, 2),
        (0, "StandardScaler()", 1, 1),
        (0, "Lasso()", None, 1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        """space s =
             SimpleImputer(strategy = "mean" | "median")
             >> (StandardScaler() >> PCA(n_components = 2..4) >> (Ridge() | Lasso(alpha = 1.0 | 2.0)) | LinearSVR())
        """,
        """let n = 2..6
           require n <= 4
           space s = PCA(n_components = n) >> (Ridge() | RandomForestRegressor(max_depth = 1..4, n_estimators = n))""",
        """let scale = StandardScaler() | MinMaxScaler(clip = true | false)
           let model = Ridge() | Lasso() | KNeighborsRegressor(n_neighbors = 1..3)
           forbid model is Lasso
           space s = (scale >> PCA() >> model) | (scale >> model)""",
        """let k = 1 | 2 | 3
           space s = (PCA(n_components = k) if k > 1 else StandardScaler()) >> (Ridge() | Lasso())""",
    ],
)
@pytest.mark.parametrize("level", [0, 1, 2])
def test_counts_are_those_of_trying_all_configurations(text: str, level: int) -> None:
    space = hyperdsl.compile(text, level=level)
    begun: Counter[tuple[plan.Value, ...]] = Counter()
    for configuration in space.enumerate():
        made = space.plan(configuration)
        assert isinstance(made, plan.Seq)
        begun.update(made.steps[:length] for length in range(1, len(made.steps)))
    counted = [s for s in found(text, max(level, 1)) if not s.whole]
    assert all(s.exact for s in counted)
    assert sum(s.forms or 0 for s in counted) == len(begun)
    assert sum(s.configurations or 0 for s in counted) == sum(begun.values())


def test_conditions_that_tie_a_step_to_later_ones_leave_a_bound() -> None:
    text = """space s = {
      let n = 1..5
      let m = 1..5
      require n + m == 6
      require n != 2
      return PCA(n_components = n) >> RandomForestRegressor(max_depth = m)
    }"""
    first, model = found(text)
    assert (first.exact, first.configurations, model.configurations) == (False, 4, 4)
    assert first.forms is not None and first.forms >= 4


def test_continuous_ranges_are_told() -> None:
    first, *_ = found("space s = TruncatedSVD(tol = 0.0..1.0) >> Ridge(alpha = 0.1..1.0)")
    assert (first.forms, first.ranges, first.configurations) == (1, 1, 1)
    space = hyperdsl.compile("space s = TruncatedSVD(tol = 0.0..1.0) >> Ridge(alpha = 0.1..1.0)")
    assert "1 x 1 range " in describe(space.graph, space.program)


@pytest.mark.parametrize("text", ["space s = record(x = 1..3)", "space s = Ridge() | Lasso()"])
def test_a_space_without_steps_before_others_says_so(text: str) -> None:
    space = hyperdsl.compile(text)
    assert "no step stands before others" in describe(space.graph, space.program)


def test_choices_that_double_at_every_level_end() -> None:
    lets = [f"let m{n} = (PCA() >> m{n - 1}) | (StandardScaler() >> m{n - 1})" for n in range(1, 25)]
    text = "\n".join(["let m0 = Ridge() | Lasso()", *lets, "space s = m24"])
    table = found(text)
    assert len(table) < 2000
    assert sum(s.configurations or 0 for s in table if s.whole) == hyperdsl.compile(text).count().configurations


def test_an_example_shows_what_its_configurations_share() -> None:
    space = hyperdsl.load(EXAMPLES / "hypergbm.hyp")
    first, *models = starts(space.graph, space.program)
    total = space.count().configurations
    assert (first.forms, first.configurations) == (24, total)
    assert sum(model.configurations or 0 for model in models) == total
    assert all(model.whole for model in models)
