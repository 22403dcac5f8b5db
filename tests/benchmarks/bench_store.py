"""What a trial costs in a long study, and what reading one costs: an estimator that does nothing, SQLite."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from bench_sampling import FILE
from bench_search import Nothing
from timing import report

import hyperdsl
from hyperdsl import HyperModel, Trial
from hyperdsl.search.progress import make_progress
from hyperdsl.search.progress.base import Silent
from hyperdsl.search.store import Store

WINDOW = 100


class Clock(Silent):
    """Notes the processor time at each trial that ends."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def finished(self, trial: Trial) -> None:
        super().finished(trial)
        self.times.append(time.process_time())

    def milliseconds(self, end: int) -> float:
        """Of a trial, on average over those before the ``end``-th."""
        return (self.times[end - 1] - self.times[end - 1 - WINDOW]) / WINDOW * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--searcher", default="random")
    options = parser.parse_args()
    n, space, rows = options.trials, hyperdsl.load(FILE), []
    with tempfile.TemporaryDirectory() as folder:
        store, clock = Path(folder) / "study.db", Clock()
        HyperModel(space, Nothing(), options.searcher, store=store, progress=clock).search(n)
        for end in (200, 1_000, 10_000, 30_000, n):
            if end <= n:
                rows.append((f"trial {end:,}", f"{clock.milliseconds(end):.2f} ms"))
        start = time.process_time()
        with Store.open(store, "read") as opened:
            records = opened.study().records()
        rows.append(("read", f"{len(records) / (time.process_time() - start):,.0f} trials a second"))
        start = time.process_time()
        [record.trial(space.space) for record in records]
        rows.append(("made points of the space", f"{len(records) / (time.process_time() - start):,.0f} a second"))
        start = time.process_time()
        HyperModel(space, Nothing(), options.searcher, store=store, progress=make_progress("none")).search(n + 1)
        rows.append(("gone on with for one trial", f"{time.process_time() - start:.1f} s"))
        rows.append(("file", f"{store.stat().st_size / 1e6:,.0f} MB"))
    title = f"A study of {n:,} trials, {options.searcher}, HyperGBM's space, SQLite, processor time"
    report(title, ("what", "measured"), rows, ("sqlalchemy",))


if __name__ == "__main__":
    main()
