"""How many random configurations fail that the check let pass, and how many fit that are said to fail.

Part 1 fits configurations of the spaces of ``failures/broad.hyp`` and ``failures/regression.hyp``, which hold every
classifier and regressor and the transformers of scikit-learn, on seven kinds of data, after ``check --data`` found
nothing to say against them: none should fail.

Part 2 takes a space that nobody has thought about, two of all transformers before any of all classifiers (or
regressors) with their defaults, unchecked, and compares the verdict on each configuration with what really happens. A
false alarm is a configuration that is said to fail and fits; a miss is one that fails and is not said to.

Run by hand: ``python tests/benchmarks/bench_failures.py [configurations of part 1] [of part 2]``; 10,000 and 1,000.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import failure_spaces as spaces  # noqa: E402
from timing import report  # noqa: E402

PACKAGES = ("scikit-learn", "pandas")


def main(broad: int = 10_000, naive: int = 1_000) -> None:
    tables = spaces.tables()
    rows, seen = [], Counter[str]()
    for name, frame in tables.items():
        start = time.perf_counter()
        space, made, _ = spaces.prepared(name, frame)
        checked = time.perf_counter() - start
        errors = Counter(error for _, error in spaces.trials(space, made, broad // len(tables), seed=0) if error)
        seconds = time.perf_counter() - start - checked
        count = space.count().configurations
        size = "?" if count is None else f"{count:.2e}"
        rows.append(
            (name, size, f"{checked:.1f} s", str(broad // len(tables)), str(errors.total()), f"{seconds:.0f} s")
        )
        seen += errors
    header = ("data", "configurations", "check", "fitted", "failed", "time")
    report("Failures after `check --data` passed", header, rows, PACKAGES)
    for error, times in seen.most_common(20):
        print(f"- {times} x {error[:200]}")
    report("Verdicts on a space of all defaults", *_verdicts(naive), PACKAGES)


def _verdicts(n: int) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    rows = []
    names = ("dense", "gaps", "mixed", "tiny", *spaces.NUMBERS)
    for name in names:
        frame = spaces.tables()[name]
        _, made, _ = spaces.prepared(name, frame)
        space = spaces.naive_space("regressor" if name in spaces.NUMBERS else "classifier")
        verdicts = spaces.verdicts(space, made)
        table, missed = Counter[tuple[bool, bool]](), Counter[str]()
        for configuration, error in spaces.trials(space, made, n // len(names), seed=1):
            told = verdicts.of(configuration)
            table[bool(told), bool(error)] += 1
            if error and not told:
                missed[error[:160]] += 1
            if told and not error:
                print(f"- false alarm ({name}): {told} {configuration.to_json()}")
        alarms = table[True, False]
        numbers = (
            n // len(names),
            table[True, True] + table[False, True],
            table[True, True],
            alarms,
            table[False, True],
        )
        rows.append((name, *map(str, numbers)))
        for error, times in missed.most_common(12):
            print(f"- missed ({name}): {times} x {error}")
    return ("data", "fitted", "failed", "of these foretold", "false alarms", "missed"), rows


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
