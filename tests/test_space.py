"""The flat space agrees with the interpreter: counting, ranks, sampling, keys, configurations."""

from __future__ import annotations

import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import make, make_pipelines

import hyperdsl
from hyperdsl import HypError
from hyperdsl.ir import canonical, meaning
from hyperdsl.ir.domain import Choices, Combinations, Domain, Integers, Permutations, Reals, Steps
from hyperdsl.ir.enumeration import distribution, outcomes
from hyperdsl.space.sampling import NotColumnar, from_units

SEEDS = range(120)


def small(seed: int, most: int = 1500) -> hyperdsl.HyperSpace | None:
    space = hyperdsl.compile(make(seed))
    return space if (space.count().configurations or most + 1) <= most else None


def test_enumeration_is_what_the_interpreter_reaches() -> None:
    for seed in SEEDS:
        space = small(seed)
        if space is None:
            continue
        reached = [tuple(sorted(o.assignment.items())) for o, _ in outcomes(space.graph)]
        listed = [tuple(sorted(c.assignment().items())) for c in space.enumerate()]
        assert len(listed) == space.count().configurations
        assert Counter(map(repr, reached)) == Counter(map(repr, listed)), make(seed)


def test_unrank_inverts_rank() -> None:
    for seed in SEEDS:
        space = small(seed)
        if space is None:
            continue
        for rank, configuration in enumerate(space.enumerate()):
            assert space.rank(configuration) == rank


def test_one_test_may_lead_to_several_parts() -> None:
    space = hyperdsl.compile(
        "let m = PCA(n_components = 2..3)?\nlet o = 0..1\nlet a = m if o == 0 else StandardScaler()\n"
        "let b = m if o == 1 else StandardScaler()\n"
        "let c = (pass if a is PCA else a) if b is PCA else (pass if a is PCA else a)\n"
        "space s = record(a = a, b = b, met = (1 if c is PCA else 0))"
    )
    points = list(space.enumerate())
    assert space.count().configurations == len(points) == len(distribution(space.graph)) == 6
    assert all(space.build(p) for p in points)


def test_plans_agree_with_the_interpreter() -> None:
    for seed in range(60):
        space = small(seed, 300)
        if space is None:
            continue
        by_assignment = {repr(sorted(o.assignment.items())): o.value for o, _ in outcomes(space.graph)}
        for configuration in space.enumerate():
            assert space.plan(configuration) == by_assignment[repr(sorted(configuration.assignment().items()))]


def test_a_batch_is_the_single_draws() -> None:
    columnar = 0
    for seed in SEEDS:
        space = hyperdsl.compile(make(seed))
        singly = [space.space.draw(row) for row in _units(300, len(space.decisions))]
        try:
            columns = space.space.sample_columns(300, 5)
        except NotColumnar:
            assert space.sample(300, 5) == singly
            continue
        columnar += 1
        assert space.sample(300, 5) == singly, make(seed)
        for decision, active in zip(space.decisions, columns.active, strict=True):
            assert active.tolist() == [c.codes[decision.index] is not None for c in singly]
    assert columnar > len(SEEDS) // 2


def _units(n: int, width: int) -> list[list[float]]:
    drawn: list[list[float]] = np.random.Generator(np.random.Philox(5)).random((n, width)).tolist()
    return drawn


def test_a_longer_batch_begins_with_the_shorter_one() -> None:
    space = hyperdsl.compile("space s = record(a = 1e-3..1.0 log, b = 1..100 log, c = 0.0..1.0 step 0.1, d = 1 | 2)")
    assert space.sample(1000, 3)[:10] == space.sample(10, 3)


def test_sampling_follows_the_prior() -> None:
    space = hyperdsl.compile("space s = record(a = (1 | 2) | 3 @ 2, b = 1..9 log, c = subset(1..2, [1, 2, 3]))")
    expected = {repr(k[0]): float(p) for k, p in distribution(space.graph).items()}
    n = 60_000
    counts = Counter(repr(tuple(sorted(c.assignment().items()))) for c in space.sample(n, 1))
    assert set(counts) <= set(expected)
    statistic = sum((counts[k] - n * p) ** 2 / (n * p) for k, p in expected.items())
    freedom = len(expected) - 1
    assert abs(statistic - freedom) < 6 * (2 * freedom) ** 0.5  # chi-square, six standard deviations


def test_counts_of_large_spaces_are_exact() -> None:
    fields = ", ".join(f"x{i} = 1..10" for i in range(60))
    assert hyperdsl.compile(f"space s = record({fields})").count().configurations == 10**60
    layers = "repeat(1..8, 1..9)"
    assert hyperdsl.compile(f"space s = record(a = {layers})").count().configurations == sum(9**i for i in range(1, 9))


def test_parts_that_lead_to_each_other_are_counted_from_above() -> None:
    def graphs(vertices: int) -> int:
        """Each vertex takes some of those before it and is one of three kinds; only what the last one needs counts."""
        found = 0
        pending = [(vertices, {vertices}, 1)]
        while pending:
            vertex, needed, ways = pending.pop()
            if vertex == 0:
                found += ways
            elif vertex in needed:
                for taken in range(1, 2**vertex):
                    more = {i for i in range(vertex) if taken >> i & 1}
                    pending.append((vertex - 1, needed | more, ways * 3))
            else:
                pending.append((vertex - 1, needed, ways))
        return found

    def space(vertices: int) -> hyperdsl.HyperSpace:
        return hyperdsl.compile(
            "def last(k, hs) = {\n  let h = record(kind = 1 | 2 | 3, takes = subset(1..len(hs), hs))\n"
            f"  return h if k == 1 else last(k - 1, hs + [h])\n}}\nspace s = last({vertices}, [0])"
        )

    small = space(3)
    assert len({c.codes for c in small.enumerate()}) == small.count().configurations == graphs(3)
    assert space(6).count().configurations == graphs(6) == 147_110_781


def test_unrank_reaches_the_ends_of_a_huge_space() -> None:
    space = hyperdsl.compile("space s = record(" + ", ".join(f"x{i} = 1..1000" for i in range(30)) + ")")
    for rank in (0, 10**45 + 7, 10**90 - 1):
        assert space.rank(space.unrank(rank)) == rank
    with pytest.raises(IndexError):
        space.unrank(10**90)


def test_continuous_ranges_count_as_one_point_and_are_counted_apart() -> None:
    count = hyperdsl.compile("space s = record(a = 0.0..1.0, b = 1..3, c = normal(0, 1))").count()
    assert (count.configurations, count.continuous) == (3, 2)


READ_ELSEWHERE = """
let n = 1..3
let t = 0.0..2.0 step 0.5
let model = RandomForestRegressor(max_depth = 1..4, n_estimators = 5 | 7) | Ridge(alpha = 1e-3..1.0 log)
forbid model is Ridge and n == 2
require model.n_estimators > 5 or t < 1.0
space s = Binarizer(threshold = t) >> Binarizer(threshold = 0.0..2.0 step 1.0)
  >> repeat(1..2, PCA(n_components = n, whiten = False | True)) >> (Lasso(alpha = n / 10) if n > 2 else model)
"""


def test_keys_are_those_of_the_programs() -> None:
    texts = [m(seed) for m in (make, make_pipelines) for seed in range(12)]
    for text in (READ_ELSEWHERE, *texts):
        for level in (1, 2):
            space = hyperdsl.compile(text, level=level)
            for configuration in space.sample(20, 1):
                program = meaning.evaluate(space.program, meaning.replay(configuration.assignment()))
                assert space.key(configuration) == canonical.key(program.value), text


def test_equal_programs_have_equal_keys() -> None:
    space = hyperdsl.compile("space s = (StandardScaler() | MinMaxScaler())? >> Ridge()")
    assert len({space.key(c) for c in space.enumerate()}) == 3
    space = hyperdsl.compile("space s = repeat(0..1, pass) >> Ridge(alpha = 1.0 | 1)")
    assert space.count().configurations == 4
    assert len({space.key(c) for c in space.enumerate()}) == 2


def test_configurations_survive_json_and_pickle() -> None:
    for seed in range(40):
        space = hyperdsl.compile(make(seed))
        for configuration in space.sample(10, seed):
            assert space.configuration(configuration.to_json()) == configuration
            assert pickle.loads(pickle.dumps(configuration)) == configuration


def test_a_hyperspace_survives_pickle() -> None:
    space = hyperdsl.compile("space s = StandardScaler()? >> Ridge(alpha = 1e-3..1e3 log)")
    again = pickle.loads(pickle.dumps(space))
    assert again.sample(5) == space.sample(5)
    assert repr(again.build(again.default())) == repr(space.build(space.default()))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"s.a": 7, "s.b": "x"}, "E0502"),
        ({"s.a": 2.0, "s.b": "x"}, "E0502"),
        ({"s.b": "x"}, "E0503"),
        ({"s.a": 2, "s.b": "x", "s.c": 1}, "E0501"),
        ({"s.a": 2, "s.b": "x", "s.b[1]": 4}, "E0504"),
        ({"s.a": 2, "s.b": "z"}, "E0502"),
    ],
)
def test_a_configuration_that_is_no_point_is_refused(values: dict[str, object], code: str) -> None:
    space = hyperdsl.compile('space s = record(a = 1..3, b = "x" | 4..5)')
    with pytest.raises(HypError) as caught:
        space.configuration(values)
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_default_takes_written_defaults_middles_and_heaviest() -> None:
    space = hyperdsl.compile(
        """space s = record(a = 1..9 default 2, b = 1..100 log, c = 1 | 2 @ 3 | 3, d = 0.0..1.0,
        e = (4..5)? @ 0.1, f = repeat(1..3, 7), g = 1e-4..1.0 log)"""
    )
    assert space.build(space.default()) == {"a": 2, "b": 10, "c": 2, "d": 0.5, "e": 5, "f": [7], "g": 0.01}


DOMAINS = [
    Choices((1, 2, 3)),
    Integers(3, 17),
    Integers(1, 1000, log=True),
    Integers(4, 64, log=True, step=4),
    Integers(-5, 40, step=7),
    Steps(0.0, 1.0, 0.1),
    Steps(0.1, 0.9, 0.2, log=True),
    Combinations(6, 3),
    Permutations(4),
]


@pytest.mark.parametrize("domain", DOMAINS, ids=repr)
def test_finite_domains_are_consistent(domain: Domain) -> None:
    members = [domain.member(i) for i in range(domain.finite_size)]
    assert len(set(members)) == domain.finite_size
    assert sum(domain.weight(i) for i in range(domain.finite_size)) == domain.total
    for rank, member in enumerate(members):
        assert domain.rank(member) == rank
        assert domain.contains(member)
        assert domain.from_unit(domain.to_unit(member)) == member


@settings(max_examples=200)
@given(st.sampled_from([*DOMAINS, Reals(1e-5, 10.0, log=True), Reals(-1.0, 2.0)]), st.floats(0, 1, exclude_max=True))
def test_units_map_into_the_domain_alike_singly_and_in_columns(domain: Domain, unit: float) -> None:
    code = domain.from_unit(unit)
    assert domain.contains(code)
    column = from_units(domain, np.array([unit])).tolist()[0]
    assert (domain.member(column) if isinstance(code, tuple) else column) == code


def test_a_huge_log_range_needs_no_table() -> None:
    domain = Integers(1, 10**15, log=True)
    assert domain.contains(domain.from_unit(0.5))
    assert 10**7 < domain.from_unit(0.5) < 10**8
