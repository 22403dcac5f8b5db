"""Grids: every combination once, ranges at points of equal shares, in an order that spreads."""

from __future__ import annotations

import pytest

import hyperdsl
from hyperdsl.diagnostics import HypError
from hyperdsl.search.searchers import make_searcher
from hyperdsl.space import Space
from hyperdsl.space.grid import Grid


def space_of(text: str) -> Space:
    return hyperdsl.compile(text).space


def test_a_grid_holds_every_combination_once() -> None:
    grid = Grid(space_of('space s = record(a = "x" | "y", b = 1..3, c = 0.0..1.0, d = 1e-2..1e2 log)'), 2)
    found = [tuple(grid[i].to_json().values()) for i in range(len(grid))]
    assert len(set(found)) == len(found) == 2 * 2 * 2 * 2
    assert {f[1] for f in found} == {1, 3}
    assert sorted({f[2] for f in found}) == [0.25, 0.75]
    assert sorted({f[3] for f in found}) == pytest.approx([0.1, 10.0])


def test_short_ranges_are_taken_whole() -> None:
    grid = Grid(space_of("space s = record(a = 1..3, b = 0.0..1.0 step 0.5)"), 5)
    assert {tuple(grid[i].to_json().values()) for i in range(9)} == {(a, b) for a in (1, 2, 3) for b in (0.0, 0.5, 1.0)}


def test_what_is_not_decided_is_not_multiplied() -> None:
    grid = Grid(space_of('space s = record(a = "off" | 0.0..1.0 | record(b = 0.0..1.0, c = 0.0..1.0))'), 4)
    assert len(grid) == 1 + 4 + 16


def test_conditions_hold() -> None:
    space = space_of("let a = 1..10 let b = 1..10 space s = record(a = a, b = b) require a < b")
    grid = Grid(space, 4)
    found = [tuple(grid[i].to_json().values()) for i in range(len(grid))]
    assert found and all(a < b for a, b in found)
    between = space_of("let a = 0.0..1.0 let b = 0.0..1.0 space s = record(a = a, b = b) require a < b")
    proposed = make_searcher("grid(points = 4)", between).propose(range(100))
    assert sorted(tuple(c.to_json().values()) for c in proposed) == [
        (a, b) for a in (0.125, 0.375, 0.625, 0.875) for b in (0.375, 0.625, 0.875) if a < b
    ]


def test_positions_past_the_end_are_refused() -> None:
    grid = Grid(space_of("space s = record(a = 1..3)"), 5)
    with pytest.raises(IndexError):
        grid[3]


def test_a_grid_that_is_cut_off_is_spread() -> None:
    space = space_of("space s = record(" + ", ".join(f"x{i} = 0..99" for i in range(4)) + ")")
    few = make_searcher("grid(points = 5)", space).propose(range(25))  # of 625
    for decision in space.decisions:
        counts = [sum(c.codes[decision.index] == p for c in few) for p in (10, 30, 50, 70, 90)]
        assert sum(counts) == 25 and min(counts) >= 3


def test_a_search_ends_with_its_grid() -> None:
    result = hyperdsl.optimize(
        "space s = record(a = 0.0..1.0, b = 1 | 2)", lambda v: v["a"] * v["b"], searcher="grid(points = 3)"
    )
    assert len(result.trials) == 6 and result.stopped == "exhausted"


def test_a_space_that_cannot_be_counted_is_a_diagnostic() -> None:
    names = ", ".join(f"x{i}" for i in range(6))
    lets = " ".join(f"let x{i} = 1..1000" for i in range(6))
    total = " + ".join(f"x{i} * x{(i + 3) % 6}" for i in range(6))
    space = space_of(f"{lets} space s = [{names}] require {total} < 1560000")
    with pytest.raises(HypError) as caught:
        make_searcher("grid", space)
    assert caught.value.diagnostics[0].code == "E0505"
