"""Passes keep the meaning: the exact distribution over assignments and programs is the same before and after."""

from __future__ import annotations

from functools import cache

import pytest
from programs import make

import hyperdsl
from hyperdsl import passes
from hyperdsl.ir import text
from hyperdsl.ir.enumeration import distribution
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.ops import Choose, Const, Named, Pass
from hyperdsl.ir.verify import verify

SEEDS = range(120)
MAX_OUTCOMES = 1500


@cache
def lowered(seed: int) -> Graph | None:
    """The graph of a generated program, None where it is too large to enumerate."""
    space = hyperdsl.compile(make(seed), level=0)
    count = space.count()
    return space.graph if count.exact and (count.configurations or 0) <= MAX_OUTCOMES else None


@cache
def expected(seed: int) -> dict[tuple[object, ...], object]:
    graph = lowered(seed)
    assert graph is not None
    return distribution(graph)  # type: ignore[return-value]


@pytest.mark.parametrize("one", [passes.inline, passes.fold, passes.flatten, passes.drop, passes.share])
def test_a_pass_keeps_the_distribution(one: passes.Pass) -> None:
    changed = 0
    for seed in SEEDS:
        graph = lowered(seed)
        if graph is None:
            continue
        after = one(graph)
        verify(after)
        assert distribution(after) == expected(seed), make(seed)
        changed += len(after) != len(graph)
    assert changed > 5, "the programs give this pass nothing to do"


@pytest.mark.parametrize("level", [1, 2])
def test_a_level_keeps_the_distribution_after_each_pass(level: int) -> None:
    for seed in SEEDS:
        graph = lowered(seed)
        if graph is None:
            continue

        def compare(name: str, after: Graph, seed: int = seed) -> None:
            verify(after)
            assert distribution(after) == expected(seed), (name, make(seed))

        passes.optimize(graph, level, compare)


def test_passes_are_idempotent() -> None:
    for seed in SEEDS:
        graph = lowered(seed)
        if graph is None:
            continue
        once = passes.optimize(graph, 1)
        assert text.write(passes.optimize(once, 1)) == text.write(once), make(seed)


def program(source: str) -> Graph:
    return hyperdsl.compile(source, level=0).graph


def ops_of(graph: Graph, kind: type) -> list[object]:
    return [node.op for node in graph.nodes if isinstance(node.op, kind)]


def test_inline_removes_every_marker() -> None:
    graph = program("let n = 1..3\ndef twice(x) = x * 2\nspace s = record(a = twice(n))")
    assert len(ops_of(graph, Named)) > 1
    assert ops_of(passes.inline(graph), Named) == []


def test_fold_takes_the_branch_of_a_constant_condition() -> None:
    after = passes.drop(passes.fold(program("space s = record(a = 2 * 3 + 1)")))
    assert [op.value for op in ops_of(after, Const)] == [7]  # type: ignore[attr-defined]


def test_flatten_multiplies_weights_and_keeps_both_decisions() -> None:
    graph = program("space s = record(a = (1 | 2) | 3)")
    (choose,) = ops_of(passes.drop(passes.flatten(graph)), Choose)
    assert isinstance(choose, Choose)
    assert choose.weights == (1, 1, 2)
    assert choose.assignments == ((("s.a", 0), ("s.a[1]", 0)), (("s.a", 0), ("s.a[1]", 1)), (("s.a", 1),))


def test_flatten_leaves_a_choice_that_is_used_elsewhere() -> None:
    graph = passes.inline(program("let x = 1 | 2\nspace s = record(a = x | 3, b = x)"))
    assert len(ops_of(passes.flatten(graph), Choose)) == 2


def test_drop_removes_identities_and_dead_nodes() -> None:
    graph = passes.inline(program("space s = StandardScaler() >> pass >> (PCA() >> pass) >> Ridge()"))
    after = passes.drop(graph)
    assert ops_of(after, Pass) == []
    assert len(after[after.root].operands) == 3
    assert after.reachable == frozenset(range(len(after)))


def test_share_merges_equal_constants_and_no_decisions() -> None:
    graph = program("space s = record(a = 1..5, b = 1..5, c = [True, 1, 1.0])")
    after = passes.share(graph)
    assert len(list(after.decisions())) == 2
    assert sorted(repr(op.value) for op in ops_of(after, Const)) == ["1", "1.0", "5", "True"]  # type: ignore[attr-defined]
