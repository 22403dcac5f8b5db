"""Counting and drawing under conditions; ConfigSpace draws the same chain by rejection."""

from __future__ import annotations

import time
from itertools import pairwise

from timing import report

import hyperdsl


def chain(length: int) -> str:
    """``x1 < x2 < …`` of numbers in 1..10."""
    names = [f"x{i}" for i in range(1, length + 1)]
    lets = " ".join(f"let {n} = 1..10" for n in names)
    return f"{lets} require {' < '.join(names)} space s = record({', '.join(f'{n} = {n}' for n in names)})"


SUM = (
    "let a = 0..100 let b = 0..100 let c = 0..100 let d = 0..100 require a + b + c + d == 100 "
    "space s = record(a = a, b = b, c = c, d = d)"
)
KNAPSACK = (
    " ".join(f"let p{i} = True | False" for i in range(20))
    + " require "
    + " + ".join(f"({(i * 7) % 13 + 1} if p{i} else 0)" for i in range(20))
    + " <= 40 space s = record("
    + ", ".join(f"p{i} = p{i}" for i in range(20))
    + ")"
)


def measure(name: str, text: str) -> tuple[str, ...]:
    """Milliseconds to count, and to draw 1,000 configurations after that."""
    space = hyperdsl.compile(text)
    space.sample(1)
    space = hyperdsl.compile(text)
    start = time.perf_counter()
    count = space.count().configurations
    counted = time.perf_counter()
    space.sample(1000)
    drawn = time.perf_counter()
    return name, f"{count:,}", f"{(counted - start) * 1e3:.0f} ms", f"{(drawn - counted) * 1e3:.0f} ms"


def configspace_chain(length: int, draws: int) -> str:
    """Time that ConfigSpace takes for ``draws`` configurations of the chain."""
    from ConfigSpace import ConfigurationSpace, ForbiddenGreaterThanRelation, Integer
    from ConfigSpace.forbidden import ForbiddenEqualsRelation

    space = ConfigurationSpace(seed=0)
    numbers = [Integer(f"x{i}", (1, 10), default=i) for i in range(1, length + 1)]
    space.add(*numbers)
    for left, right in pairwise(numbers):
        space.add(ForbiddenGreaterThanRelation(left, right), ForbiddenEqualsRelation(left, right))
    start = time.perf_counter()
    space.sample_configuration(draws)
    return f"{(time.perf_counter() - start) * 1e3:,.0f} ms for {draws}"


def main() -> None:
    rows = [
        (*measure("x1 < … < x5 in 1..10", chain(5)), configspace_chain(5, 20)),
        (*measure("x1 < … < x8 in 1..10", chain(8)), "not run"),
        (*measure("a + b + c + d == 100 in 0..100", SUM), ""),
        (*measure("knapsack of 20 parts", KNAPSACK), ""),
    ]
    header = ("space", "configurations", "counting", "drawing 1,000", "ConfigSpace, drawing")
    report("Conditions", header, rows, ("ConfigSpace",))


if __name__ == "__main__":
    main()
