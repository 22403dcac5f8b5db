"""``require`` and ``forbid``: counted, sampled and explained; equal to brute force on every small case."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_conditions import make_conditions
from programs import make

import hyperdsl
from hyperdsl import HypError
from hyperdsl.ir.enumeration import distribution
from hyperdsl.search.searchers import make_searcher
from hyperdsl.search.trial import Evaluation, State, Trial
from hyperdsl.space.explanation import Explanation
from hyperdsl.space.expressions import by_text

CASES = {
    "divides": "let h = 1..8 let w = 8..32 step 8 require w % h == 0 space s = record(h = h, w = w)",
    "penalty": """let p = "l1" | "l2" @ 2 | None let s1 = "lbfgs" | "saga" forbid p == "l1" and s1 == "lbfgs"
        space s = record(p = p, s = s1)""",
    "inactive is unknown": """let a = (1..4) | None let b = 1..4 require b < 4
        space s = record(a = a, c = b if b > 2 else 0)""",
    "across branches": "let a = 1..4 let b = 1..4 require a < b space s = record(x = [a] | [b] | [a, b])",
    "negated": "let a = 1..4 let b = 1..4 forbid a > 2 space s = record(x = [a]?, y = b)",
    "implication": """let m = Ridge(alpha = 0.5 | 1.5) | Lasso() let k = 1..3 require not (m is Ridge) or k == 2
        space s = PCA(n_components = k) >> m""",
    "argument": """let m = Ridge(alpha = 0.5 | 1.5) | Lasso() let k = 1..3 require m.alpha > 1 or k == 2
        space s = PCA(n_components = k) >> m""",
    "repeat count": "let n = 1..3 require n != 2 space s = record(a = repeat(n, 1..2))",
    "subset": "let xs = subset(1..2, [1, 2, 3]) require 2 in xs or sum(xs) > 3 space s = record(a = xs)",
    "permutation": "let p = permute(1, 2, 3) require p[0] < p[2] space s = record(a = p)",
    "block": "space s = record(v = (1..3) | { let a = 1..3 let b = 1..3 require a < b return [a, b] })",
    "per call": """def pair() = { let a = 1..3 let b = 1..3 require a < b return [a, b] }
        space s = record(x = pair(), y = pair())""",
    "all and any": """let x = [1..5, 1..5, 1..5] require all([x[i] < x[i + 1] for i in 0..1])
        require any([v == 3 for v in x]) space s = record(x = x)""",
    "all of what may be absent": """let x = [record(a = 1..3) | record(b = 1..2) for i in 0..1]
        require all([m.a > 2 for m in x]) space s = record(x = x)""",
    "all of a repeat": """let n = 0..3 let x = repeat(n, 1..4) require all([v * v > 3 for v in x])
        space s = record(n = n, x = x)""",
    "any of a repeat": "let x = repeat(0..3, 1..4) require any([v == 4 for v in x]) space s = record(x = x)",
    "sums and lengths of a repeat": """let x = repeat(1..3, 1..4) require sum(x) <= 6 or len(x) == 1
        space s = record(x = x)""",
    "extremes": """let x = repeat(1..3, 1..5) let a = 1..5 require max(x) - min(x) <= 1 require max(a, x[0]) == 4
        space s = record(x = x, a = a)""",
    "extremes of reals": """let a = 0.0..1.0 step 0.25 let b = 1..3 require max(a, b / 4, 0.5) <= 0.5
        space s = record(a = a, b = b)""",
    "a block's list taken apart": """space s = { let x = { let a = 1..3 let b = 1..3 require a < b return [a, b] }
        return record(x = [v * 2 for v in x]) }""",
    "a block's list put in order": """space s = { let x = { let a = 1..3 let b = 1..3 require a < b return [a, b] }
        return record(x = permute(x)) }""",
    "a block's record spread": """space s = {
        let x = { let a = 1..3 let b = 1..3 require a < b return record(a = a, b = b) }
        return record(**x) }""",
    "a block's record read": """space s = {
        let x = { let a = 1..3 let b = 1..3 require a < b return record(a = a, b = b) }
        return record(y = x.a, z = x.b) }""",
    "a block in a branch, read": """space s = {
          let x = { let a = 1..3 let b = 1..3 require a < b return record(a = a, b = b) } | record(a = 7)
          return record(y = x.a) }""",
    "dependent end": "let a = 1..4 let b = a..5 require a + b == 6 space s = record(a = a, b = b)",
    "log prior": "let a = 1..16 log let b = 1..16 log require a * b <= 20 space s = record(a = a, b = b)",
    "stepped reals": """let a = 0.0..1.0 step 0.25 let b = 0.0..1.0 step 0.25 require a + b <= 1.0
        space s = record(a = a, b = b)""",
    "knapsack": "\n".join(f"let p{i} = True | False" for i in range(8))
    + "\nrequire " + " + ".join(f"({i + 1} if p{i} else 0)" for i in range(8)) + " <= 12"
    + "\nspace s = record(" + ", ".join(f"p{i} = p{i}" for i in range(8)) + ")",
}  # fmt: skip


def compare_with_brute_force(space: hyperdsl.HyperSpace) -> None:
    expected = {repr(key[0]): float(p) for key, p in distribution(space.graph).items()}
    assert space.count().configurations == len(expected)
    listed = list(space.enumerate())
    assert Counter(repr(tuple(sorted(c.assignment().items()))) for c in listed) == Counter(expected.keys())
    assert all(space.rank(c) == rank for rank, c in enumerate(listed))
    n = 20_000
    drawn = Counter(repr(tuple(sorted(c.assignment().items()))) for c in space.sample(n, 3))
    assert set(drawn) <= set(expected)
    statistic = sum((drawn[k] - n * p) ** 2 / (n * p) for k, p in expected.items())
    freedom = len(expected) - 1
    assert statistic < freedom + 6 * max(2 * freedom, 1) ** 0.5  # chi-square, six standard deviations
    assert repr(tuple(sorted(space.default().assignment().items()))) in expected


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_counts_and_draws_are_those_of_brute_force(text: str) -> None:
    compare_with_brute_force(hyperdsl.compile(text))


def test_random_programs_with_random_conditions() -> None:
    tried = 0
    for seed in range(150):
        rng = random.Random(seed)
        text = make(seed)
        lets = [f"shared{i}" for i in range(4) if f"let shared{i} " in text]
        if not lets:
            continue
        form = rng.choice(["{0} != 2", "{0} + {1} < 6", "{0} <= {1}", "not {0} > 2 or {1} > 1", "{0} % 2 == 0"])
        text += f"require {form.format(rng.choice(lets), rng.choice(lets))}\n"
        try:
            space = hyperdsl.compile(text)
        except HypError as error:
            assert {d.code for d in error.diagnostics if d.code.startswith("E")} <= {"E0330", "E0301"}, text
            continue
        if (space.count().configurations or 5000) > 1000:
            continue
        expected = Counter(repr(key[0]) for key in distribution(space.graph))
        listed = Counter(repr(tuple(sorted(c.assignment().items()))) for c in space.enumerate())
        assert listed == expected, text
        assert not any(space.space.violated(c) for c in space.sample(30)), text
        tried += 1
    assert tried > 30


def test_made_programs_with_conditions_on_lists() -> None:
    tried = 0
    for seed in range(170):
        text = make_conditions(seed)
        try:
            space = hyperdsl.compile(text)
        except HypError as error:
            assert {d.code for d in error.diagnostics if d.code.startswith("E")} <= {"E0330", "E0301", "E0314"}, text
            continue
        if (space.count().configurations or 5000) > 300:
            continue
        expected = Counter(repr(key[0]) for key in distribution(space.graph))
        listed = list(space.enumerate())
        assert Counter(repr(tuple(sorted(c.assignment().items()))) for c in listed) == expected, text
        assert all(space.rank(c) == rank for rank, c in enumerate(listed)), text
        assert not any(space.space.violated(c) for c in space.sample(20)), text
        tried += 1
    assert tried > 40


def test_a_chain_of_eight_is_counted_and_drawn() -> None:
    names = [f"x{i}" for i in range(1, 9)]
    lets = " ".join(f"let {n} = 1..10" for n in names)
    space = hyperdsl.compile(
        f"{lets} require {' < '.join(names)} space s = record({', '.join(f'{n} = {n}' for n in names)})"
    )
    assert space.count().configurations == 45
    for configuration in space.sample(1000):
        values = list(space.build(configuration).values())
        assert values == sorted(set(values))


def test_a_sum_is_counted_and_drawn_uniformly() -> None:
    space = hyperdsl.compile(
        "let a = 0..100 let b = 0..100 let c = 0..100 let d = 0..100 require a + b + c + d == 100 "
        "space s = record(a = a, b = b, c = c, d = d)"
    )
    assert space.count().configurations == 176_851
    drawn = [space.build(c) for c in space.sample(3000)]
    assert all(sum(v.values()) == 100 for v in drawn)
    assert abs(sum(v["a"] for v in drawn) / 3000 - 25) < 2


def test_continuous_conditions_hold_in_every_draw() -> None:
    space = hyperdsl.compile("let a = 0.0..1.0 let b = 0.0..1.0 require a < b space s = record(a = a, b = b)")
    assert (space.count().configurations, space.count().continuous) == (1, 2)
    assert all(c["a"] < c["b"] for c in [*space.sample(300), space.default()])
    assert space.sample(300)[:7] == space.sample(7)


def test_a_discrete_assignment_without_a_continuous_point_does_not_count() -> None:
    space = hyperdsl.compile("let n = 1..5 let x = 0.0..2.5 require n < x space s = record(n = n, x = x)")
    assert space.count().configurations == 2


def test_a_configuration_that_violates_a_condition_is_refused() -> None:
    space = hyperdsl.compile("let a = 0.0..1.0 let b = 0.0..1.0 require a < b space s = record(a = a, b = b)")
    with pytest.raises(HypError) as caught:
        space.configuration({"a": 0.9, "b": 0.1})
    assert [d.code for d in caught.value.diagnostics] == ["E0507"]


def test_a_conflict_is_minimal() -> None:
    with pytest.raises(HypError) as caught:
        hyperdsl.compile(
            "let a = 1..9 let b = 1..9 require a < b require a != 5 require b < 4 require a > 2 "
            "space s = record(a = a, b = b)"
        )
    (problem,) = [d for d in caught.value.diagnostics if d.code == "E0330"]
    assert problem.span is not None
    shown = [problem.span.text, *(label.span.text for label in problem.labels)]
    assert shown == ["require a < b", "require b < 4", "require a > 2"]


def test_a_condition_that_always_holds_is_a_warning() -> None:
    space = hyperdsl.compile("let a = 1..9 require a < 10 space s = record(a = a)")
    assert [w.code for w in space.warnings] == ["W0330"]


def test_a_condition_of_another_file_may_say_something_to_others(tmp_path: Path) -> None:
    (tmp_path / "parts.hyp").write_text("def below(most) = { let a = 1..9 require a < most return a }")
    file = tmp_path / "s.hyp"
    file.write_text('import "parts.hyp" (below)\nspace s = record(a = below(10))')
    assert not hyperdsl.load(file).warnings


def test_a_count_that_picks_from_one_item_is_decided() -> None:
    space = hyperdsl.compile("let n = 1..1 require n > 0 or n < 0 space s = record(a = pick(n, [5]), b = 1..2)")
    assert space.default()["n"] == 1


def test_shrinks_name_what_is_left_and_why() -> None:
    space = hyperdsl.compile("let a = 1..9 let b = 1..9 require a < b require a > 3 space s = record(a = a, b = b)")
    shrinks = Explanation(space.graph).shrinks()
    assert [(space.decisions[s.row].path, s.left, s.before) for s in shrinks] == [
        ("a", (4, 5, 6, 7, 8), 9),
        ("b", (5, 6, 7, 8, 9), 9),
    ]


@pytest.mark.parametrize("name", ["random", "tpe"])
def test_searchers_propose_only_what_the_conditions_leave(name: str) -> None:
    space = hyperdsl.compile(
        'let a = 1..6 let b = 1..6 let k = "x" | "y" require a < b forbid k == "x" and a > 2 '
        "space s = record(a = a, b = b, k = k)"
    ).space
    searcher = make_searcher(name, space, seed=1)
    total = space.count().configurations
    assert total is not None
    seen = set()
    for number in range(total + 3):
        for configuration in searcher.propose([number]):
            assert space.configuration(configuration.to_json()) == configuration
            seen.add(configuration)
            result = Evaluation(float(number % 7))
            searcher.feedback([Trial(number, configuration, space.key(configuration), State.complete, result)])
    assert len(seen) == total


def test_the_module_of_a_space_holds_to_its_conditions() -> None:
    text = "let a = 0.0..1.0 let b = 0.0..1.0 let n = 1..9 require a + b < n / 9 space s = record(a = a, b = b, n = n)"
    module: dict[str, Any] = {}
    exec(hyperdsl.compile(text).module(), module)
    rng = np.random.default_rng(0)
    drawn = [module["build"](module["sample"](rng)) for _ in range(200)]
    assert all(v["a"] + v["b"] < v["n"] / 9 for v in drawn)
    with pytest.raises(ValueError, match="violates require a \\+ b < n / 9"):
        module["build"]({"a": 0.9, "b": 0.9, "n": 9})
    assert module["build"](module["default"]())


def test_a_sum_of_ranges_that_depend_on_each_other_is_counted() -> None:
    space = hyperdsl.compile(
        "let a = 1..4 let b = a..8 let c = b..9 let d = 1..4 let e = d..8 let f = e..9 "
        "require a + b + c + d + e + f == 30 space s = record(x = [a, b, c], y = [d, e, f])"
    )
    triples = [(a, b, c) for a in range(1, 5) for b in range(a, 9) for c in range(b, 10)]
    sums = Counter(sum(t) for t in triples)
    assert space.count().configurations == sum(n * sums[30 - total] for total, n in sums.items())


def test_continuous_ranges_are_narrowed_before_they_are_drawn() -> None:
    space = hyperdsl.compile(
        "let x = 0.0..1.0 let y = 1e-4..1.0 log let z = 0.0..10.0 require 2 * x <= 0.5 and y > 1e-2 "
        "require z / 2 <= 1 + x space s = record(x = x, y = y, z = z)"
    )
    narrowed = {space.decisions[n.row].path: (n.low, n.high) for n in Explanation(space.graph).narrowed()}
    assert narrowed["x"] == pytest.approx((0, 0.25))
    assert narrowed["y"] == pytest.approx((1e-2, 1))
    assert narrowed["z"] == pytest.approx((0, 2.5))
    assert space.space.share_drawn_anew() < 0.15  # only what x and z say together


def test_narrowing_keeps_the_prior_under_conditions() -> None:
    """P(n = 1) is in proportion to the length that is left of x."""
    space = hyperdsl.compile("let n = 1..4 let x = 0.0..4.0 require x < n space s = record(n = n, x = x)")
    drawn = Counter(c["n"] for c in space.sample(4000))
    assert space.space.share_drawn_anew() == 0
    assert [drawn[n] / 4000 for n in range(1, 5)] == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.03)
    assert all(c["x"] < c["n"] for c in space.sample(200))


def test_narrowing_agrees_with_drawing_anew() -> None:
    """The same conditions, once as bounds can read them and once hidden in a list, give the same distribution."""
    plain = hyperdsl.compile(
        "let k = 1..3 let x = 0.0..2.0 let y = 1e-2..1.0 log require x * k <= 2 or y < 0.1 "
        "space s = record(k = k, x = x, y = y)"
    )
    hidden = hyperdsl.compile(
        "let k = 1..3 let x = 0.0..2.0 let y = 1e-2..1.0 log require [x][0] * k <= 2 or [y][0] < 0.1 "
        "space s = record(k = k, x = x, y = y)"
    )
    means = [[sum(c[p] for c in space.sample(3000, 5)) / 3000 for p in ("k", "x", "y")] for space in (plain, hidden)]
    assert means[0] == pytest.approx(means[1], abs=0.05)


def test_a_range_may_end_in_a_continuous_one() -> None:
    space = hyperdsl.compile("let a = 0.0..1.0 let b = a..1.0 require a + b < 1 space s = record(a = a, b = b)")
    assert space.count().exact
    assert all(c["a"] <= c["b"] and c["a"] + c["b"] < 1 for c in space.sample(200))


def test_uniform_draws_do_not_mind_weights_and_nesting() -> None:
    space = hyperdsl.compile(
        'let a = 1..4 let m = "x" @ 9 | ["y", 1..3] let u = 0.0..1.0 require a < 4 '
        "space s = record(a = a, m = m, u = u)"
    )
    total = space.count().configurations
    assert total == 12
    n = 6000
    drawn = Counter(space.rank(c) for c in space.sample(n, 1, uniform=True))
    assert len(drawn) == total
    assert sum((k - n / total) ** 2 / (n / total) for k in drawn.values()) < 11 + 6 * 22**0.5
    assert len({c["u"] for c in space.sample(50, 1, uniform=True)}) == 50
    assert space.sample(20, 1, uniform=True)[:5] == space.sample(5, 1, uniform=True)


def test_uniform_draws_of_huge_spaces() -> None:
    names = [f"x{i}" for i in range(40)]
    space = hyperdsl.compile(
        f"{' '.join(f'let {n} = 1..1000' for n in names)} space s = record({', '.join(f'{n} = {n}' for n in names)})"
    )
    drawn = [space.rank(c) for c in space.sample(200, 2, uniform=True)]
    assert 0.4 < sum(drawn) / 200 / 1000**40 < 0.6


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("let x = 1..200000 let y = 1..200000 require x < y space s = record(x = x, y = y)", 200_000 * 199_999 // 2),
        ("let x = 1..200000 let y = 1..x space s = record(x = x, y = y)", 200_000 * 200_001 // 2),
    ],
)
def test_past_the_budget_there_are_bounds_and_an_estimate(text: str, true: int) -> None:
    count = hyperdsl.compile(text).count()
    assert not count.exact
    assert count.reason
    assert count.at_least is not None
    assert count.at_most is not None
    assert count.estimate is not None
    assert count.interval is not None
    assert count.at_least <= count.interval[0] <= true <= count.interval[1] <= count.at_most
    assert abs(count.estimate - true) < true * 0.1


def test_what_is_beyond_counting_names_the_conditions_responsible() -> None:
    space = hyperdsl.compile(
        "let a = 1..9 let x = 1..200000 let y = 1..200000 require a != 3 require x < y "
        "space s = record(a = a, x = x, y = y)"
    )
    (warning,) = [w for w in space.warnings if w.code == "W0331"]
    assert warning.span is not None
    assert warning.span.text == "require x < y"


def test_a_value_outside_a_condition_is_refused_with_the_condition() -> None:
    space = hyperdsl.compile("let a = 1..9 let b = 1..9 require a < b space s = record(a = a, b = b)")
    with pytest.raises(HypError) as caught:
        space.configuration({"a": 5, "b": 2})
    assert [d.code for d in caught.value.diagnostics] == ["E0507"]


def test_items_of_lists_are_read_where_they_are_made() -> None:
    space = hyperdsl.compile(
        "let t = repeat(8, 1..10) require t[0] < t[1] < t[2] < t[3] < t[4] < t[5] < t[6] < t[7] space s = record(t = t)"
    )
    assert space.count().configurations == 45
    compare_with_brute_force(
        hyperdsl.compile("let n = 2..3 let t = repeat(n, 1..3) require t[0] < t[1] space s = record(t = t)")
    )


def test_what_is_free_in_some_configurations_has_not_shrunk() -> None:
    space = hyperdsl.compile(
        "let k = 1..4 let u = repeat(k, 1..3) require k != 4 or u[0] in 2..3 require k > 1 space s = record(u = u)"
    )
    assert [s.row for s in Explanation(space.graph).shrinks()] == [space.space["k"].index]


def test_a_condition_on_what_another_space_decides_is_not_idle_here() -> None:
    text = "let a = 1..4 let b = 1..4 require a > 2 space one = record(a = a) space two = record(b = b)"
    for name in ("one", "two"):
        space = hyperdsl.compile(text, space=name)
        assert Explanation(space.graph).idle() == ()


def test_expressions_are_ordered_as_their_texts_are() -> None:
    rng = random.Random(1)

    def made(depth: int) -> Any:
        if depth == 0 or rng.random() < 0.4:
            return rng.choice([1, 10, 2, -1, "a", "ab", None, True, 1.0, "(", "'"])
        return tuple(made(depth - 1) for _ in range(rng.randrange(4)))

    for _ in range(20_000):
        parts = [made(3) for _ in range(3)]
        assert sorted(parts, key=by_text) == sorted(parts, key=repr)


def test_what_shrank_a_decision_is_a_minimal_set_of_conditions() -> None:
    space = hyperdsl.compile(
        'let a = 1..20\nlet b = 1..20\nlet x = 0.0..10.0\nlet kind = "p" | "q" | "r"\n'
        'require a < 12\nrequire a < 9\nrequire b > 2 * a\nrequire kind == "p" or b < 4\nforbid a == 1 and b < 4\n'
        "require x < a / 2\nspace s = record(a = a, b = b, kind = kind, x = x)"
    )
    explanation = Explanation(space.graph)
    causes = {
        space.decisions[found.row].path: {space.graph[c].span.line for c in found.conditions}  # type: ignore[union-attr]
        for found in (*explanation.shrinks(), *explanation.narrowed())
    }
    assert causes == {"a": {6}, "b": {7, 9}, "kind": {7, 8, 9}, "x": {6, 10}}
