"""Timing and tables for the benchmarks."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version

from hyperdsl.version import __version__


def best_of(rounds: int, work: Callable[[], object]) -> float:
    """Seconds of the quickest of several rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def report(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], packages: Sequence[str] = ()) -> None:
    """Print a Markdown table with what it was measured on."""
    load = os.getloadavg()[0]
    versions = ", ".join([f"hyperdsl {__version__}", *(f"{p} {version(p)}" for p in packages)])
    print(f"\n## {title}\nPython {platform.python_version()}, {versions}; {os.cpu_count()} cores, load {load:.1f}\n")
    lines = [tuple(header), ("---",) * len(header), *rows]
    print("\n".join(f"| {' | '.join(line)} |" for line in lines), flush=True)
