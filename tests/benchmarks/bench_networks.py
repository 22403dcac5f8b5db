"""Networks of ``std.nas``: do random ones build, how quickly, how long checking takes, how many cells are different.

Run ``python tests/benchmarks/bench_networks.py [N]`` with Keras installed; N networks of each space (default 100).
"""

from __future__ import annotations

import sys
import time

import numpy as np
from timing import best_of, report

import hyperdsl
from hyperdsl.diagnostics import HypError

IMAGE, SEQUENCE = "input(32, 32, 3)", "input(48, 6)"
END = 'Dense(10, activation = "softmax")'
SPACES = {
    **{name: f"{IMAGE} >> {name}()" for name in ("mlp", "vgg", "resnet", "mobilenet")},
    **{name: f"{SEQUENCE} >> {name}()" for name in ("cnn1d", "recurrent", "transformer")},
    **{name: f"{name}({IMAGE})" for name in ("enas", "nasnet", "darts", "bench101", "bench201")},
}


def text(name: str) -> str:
    return f"import std.nas ({name})\nspace s = train({SPACES[name]} >> {END})"


def without_random_numbers() -> None:
    """Weights begin as zeros: JAX compiles random numbers for each shape, which takes most of the time."""
    import keras

    for initializer in (keras.initializers.GlorotUniform, keras.initializers.Orthogonal):
        initializer.__call__ = lambda self, shape, dtype=None: np.zeros(shape, dtype)  # type: ignore[method-assign]


def building(number: int) -> None:
    """Networks that do not build, and those whose weights are not what was counted before."""
    without_random_numbers()
    rows = []
    for name in SPACES:
        space = hyperdsl.compile(text(name))
        cost = space.costs().get("params")
        failed = different = 0
        configurations = space.sample(number, seed=0)
        start = time.perf_counter()
        for configuration in configurations:
            try:
                model = space.build(configuration).build(None)
            except (ValueError, TypeError, IndexError, HypError) as error:
                failed += 1
                print(f"{name}: {configuration.to_json()}\n{error}", file=sys.stderr)
                continue
            different += cost is not None and cost.at(configuration.codes) != model.count_params()
        took = time.perf_counter() - start
        said = str(different) if cost is not None else "not counted"
        rows.append((name, str(number), str(failed), said, f"{number / took:.1f}"))
    header = ("space", "networks", "failed to build", "other weights than counted", "built a second")
    report("Random networks", header, rows, ("keras", "jax"))


def checking() -> None:
    rows = []
    for name in SPACES:
        space = hyperdsl.compile(text(name))
        count = space.count()
        size = count.configurations if count.exact else count.estimate
        rows.append((name, f"{size:.3g}", f"{best_of(3, lambda n=name: hyperdsl.compile(text(n))):.3f}"))  # type: ignore[misc]
    report("Compiling and checking", ("space", "configurations", "seconds"), rows, ("keras",))


# The cells of benchmarks, and how many different ones their papers have.
CELLS = {
    "NAS-Bench-201": ("bench201_cell", "{ let x = input(32, 32, 4) return bench201_cell(x, 4) >> Flatten() }", "6,466"),
    "NAS-Bench-101": ("bench101", "bench101(input(32, 32, 3), join = Add)", "423,624"),
}


def different() -> None:
    rows = []
    for name, (part, cell, published) in CELLS.items():
        space = hyperdsl.compile(f"import std.nas ({part})\nspace s = train({cell} >> {END})")
        start, tried = time.process_time(), [0]
        programs = space.count(canonical=True, progress=lambda n, tried=tried: tried.__setitem__(0, n))  # type: ignore[misc]
        took = time.process_time() - start
        numbers = (space.count().configurations, programs.configurations, tried[0])
        rows.append((name, *(f"{n:,}" for n in numbers), published, f"{took:.0f}"))
    header = ("cells", "configurations", "different", "tried", "published", "seconds of processor time")
    report("Different cells", header, rows)


if __name__ == "__main__":
    checking()
    different()
    building(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
