"""``std.nas``: sizes as the papers have them, every space trained once, and what makes two cells one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, permutations, product
from math import comb, prod
from typing import Any

import numpy as np
import pytest

import hyperdsl

pytest.importorskip("keras")

IMAGE = "input(8, 8, 1)"
SEQUENCE = "input(12, 3)"
# What is applied to which input; small where it trains.
MODULES = {
    "mlp": (IMAGE, "mlp()"),
    "vgg": (IMAGE, "vgg()"),
    "resnet": (IMAGE, "resnet()"),
    "mobilenet": (IMAGE, "mobilenet()"),
    "cnn1d": (SEQUENCE, "cnn1d()"),
    "recurrent": (SEQUENCE, "recurrent()"),
    "transformer": (SEQUENCE, "transformer()"),
}
CELLS = {
    "enas": "enas(x, width = 4, nodes = 2)",
    "nasnet": "nasnet(x, width = 4, nodes = 1)",
    "darts": "darts(x, width = 4, nodes = 2)",
    "bench101": "bench101(x, width = 4, vertices = 3)",
    "bench201": "bench201(x, width = 4)",
}


def program(name: str, expression: str = "", head: str = "epochs = 1") -> str:
    end = 'Dense(3, activation = "softmax")'
    if name in MODULES:
        source, module = MODULES[name]
        return f"import std.nas ({name})\nspace s = train({source} >> {module} >> {end}, {head})"
    cell = expression or CELLS[name]
    return f"import std.nas ({name})\nspace s = train({{ let x = {IMAGE} return {cell} >> {end} }}, {head})"


@pytest.mark.parametrize("name", [*MODULES, *CELLS])
def test_a_network_of_each_space_trains(name: str) -> None:
    space = hyperdsl.compile(program(name))
    assert not space.warnings
    rng = np.random.default_rng(0)
    shape = (32, 8, 8, 1) if name in CELLS or MODULES[name][0] == IMAGE else (32, 12, 3)
    X, y = rng.random(shape, "float32"), np.arange(32) % 3
    smallest = min(space.sample(40, seed=4), key=lambda c: len(dict(space.plan(c).arguments)["network"].layers))
    model = space.build(smallest, seed=0).fit(X, y)
    assert set(model.predict(X)) <= {0, 1, 2}
    assert np.isfinite(model.history_["loss"]).all()


def test_cells_have_as_many_configurations_as_the_papers_say() -> None:
    counts = {name: hyperdsl.compile(program(name, f"{name}(x)")).count() for name in ("enas", "darts", "bench201")}
    assert counts["enas"].configurations == prod((5 * inputs) ** 2 for inputs in range(2, 6)) ** 2  # 3.2e19
    assert counts["darts"].configurations == (1 * 3 * 6 * 10 * 7**8) ** 2  # about 10^18
    assert counts["bench201"].configurations == 5**6 == 15_625


def test_small_cells_have_as_many_configurations_as_counting_them_one_by_one_says() -> None:
    def cells(operations: int, inputs: Any, nodes: int) -> int:
        return sum(1 for _ in product(*(product(range(operations**2), inputs(2 + n)) for n in range(nodes))))

    enas = cells(5, lambda n: product(range(n), repeat=2), 2) ** 2
    darts = cells(7, lambda n: [p for p in product(range(n), repeat=2) if p[0] < p[1]], 2) ** 2
    assert hyperdsl.compile(program("enas")).count().configurations == enas
    assert hyperdsl.compile(program("darts")).count().configurations == darts


def matrices(vertices: int, edges: int = 9, takes: tuple[tuple[int, ...], ...] = ()) -> Iterator[Any]:
    """What each vertex but the input, which is 0, takes; all are on a way from the input to the output."""
    vertex = len(takes) + 1
    if vertex == vertices and len(set(chain(*takes))) == vertices - 1:
        yield takes
    if vertex < vertices:
        for size in range(1, min(vertex, edges) + 1):
            for taken in combinations(range(vertex), size):
                yield from matrices(vertices, edges - size, (*takes, taken))


@pytest.mark.parametrize("inner", [1, 3, 5])
def test_the_cell_of_bench101_has_as_many_configurations_as_there_are_matrices(inner: int) -> None:
    """Those of fewer vertices are there once for each way to choose them among the inner ones."""
    sizes = {kept: sum(1 for _ in matrices(kept + 2)) for kept in range(inner + 1)}
    expected = sum(comb(inner, kept) * 3**kept * number for kept, number in sizes.items())
    space = hyperdsl.compile(program("bench101", f"bench101(x, vertices = {inner})"))
    assert space.count().configurations == expected and not space.warnings


@pytest.mark.parametrize(("inner", "published"), [(1, 7), (2, 91), (3, 2_532)])
def test_cells_of_bench101_that_differ_in_more_than_the_order_of_vertices(inner: int, published: int) -> None:
    """The 423,624 of five inner vertices are those of ``bench_networks.py``."""

    def least(takes: Any, operations: Any) -> str:
        """The cell with its inner vertices in the order that has the least text."""
        kept, ways = len(takes) - 1, []
        for order in permutations(range(1, kept + 1)):
            place = dict(enumerate((0, *order, kept + 1)))
            edges = sorted((place[i], place[v]) for v, taken in enumerate(takes, start=1) for i in taken)
            ways.append(repr((edges, [operations[order.index(n)] for n in range(1, kept + 1)])))
        return min(ways)

    sizes = [
        len({least(takes, labels) for takes in matrices(kept + 2) for labels in product(range(3), repeat=kept)})
        for kept in range(inner + 1)
    ]
    space = hyperdsl.compile(program("bench101", f"bench101(x, vertices = {inner}, join = Add)"))
    count = space.count(canonical=True)
    assert count.exact and count.configurations == sum(sizes) == published


OPERATIONS = ("zero", "pass", "conv1", "conv3", "average")
CELL = (
    "import std.nas (bench201_op)\n"
    "space s = train({ let x = input(6, 6, 4) let a = x >> bench201_op(4)"
    " return [x >> bench201_op(4), a >> bench201_op(4)] >> Add() >> Flatten() >> Dense(2) })"
)


def function(edges: tuple[str, ...], names: tuple[int, ...]) -> Any:
    """What a cell of three nodes computes; each convolution is a function of its own, by its name."""

    def edge(number: int, source: Any) -> Any:
        match edges[number]:
            case "zero":
                return None
            case "pass":
                return source
            case "average":
                return source and ("average", source)
        return source and (edges[number], names[number], source)

    def total(*parts: Any) -> Any:
        kept = sorted((p for p in parts if p is not None), key=repr)
        return kept[0] if len(kept) == 1 else ("sum", *kept) if kept else None

    middle = edge(0, "x")
    return total(edge(1, "x"), edge(2, middle))


def test_cells_that_compute_the_same_are_one_program() -> None:
    found = {
        min(repr(function(edges, names)) for names in permutations(range(3))) for edges in product(OPERATIONS, repeat=3)
    }
    space = hyperdsl.compile(CELL)
    keys = {space.key(c) for c in space.enumerate()}
    zeros = {repr(function(edges, (0, 1, 2))) == "None" for edges in product(OPERATIONS, repeat=3)}
    assert space.count().configurations == 125 and True in zeros
    all_zero = {
        space.key(c) for c in space.enumerate() if "Rescaling" in repr(space.plan(c)) and not _reaches(space.source(c))
    }
    assert len(keys - all_zero) == len(found) - 1
    assert space.count(canonical=True).configurations == len(keys)


def _reaches(script: str) -> bool:
    """Whether a network is written without zeros."""
    return "Rescaling" not in script.partition("def build_network")[2]
