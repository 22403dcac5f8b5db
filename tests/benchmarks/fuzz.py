"""A million hostile texts through every stage: no traceback, no hang, memory below a bound that grows with the text.

    python tests/benchmarks/fuzz.py --inputs 1000000 --workers 2
    python tests/benchmarks/fuzz.py --minutes 5 --seed 7
    python tests/benchmarks/fuzz.py --seed 7 --only 123456        one input again, with its traceback

Each input is made from the seed and its number alone. What fails is written to ``--out``, as small as it still fails
the same way. Ctrl-C ends the run with its summary.
"""

from __future__ import annotations

import argparse
import multiprocessing
import queue
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostile import hostile, kind_and_text
from surviving import survives
from timing import report

CPU_SECONDS = 120.0  # of one input through all stages
WALL_SECONDS = 600.0  # of one input, after which its process is ended: it hangs where no signal reaches it
MEGABYTES = 1500.0  # for any text: what the budget of expansion may hold
BYTES_A_CHARACTER = 4000  # beyond that
KEPT = 3  # failing inputs of one kind that are minimized and written
TRIES = 400  # of one minimization
TICK = 1.0


class Hang(BaseException):
    """Raised by the timer; no ``except Exception`` holds it."""


@dataclass
class Share:
    """What inputs of one kind have taken: CPU seconds, and the most of one, in seconds and megabytes."""

    inputs: int = 0
    seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, -1)
    widest: tuple[float, int] = (0.0, -1)

    def add(self, other: Share) -> None:
        self.inputs += other.inputs
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)
        self.widest = max(self.widest, other.widest)

    def row(self, kind: str) -> tuple[str, ...]:
        (slow, slowest), (wide, widest) = self.slowest, self.widest
        average = 1000 * self.seconds / max(self.inputs, 1)
        return (kind, f"{self.inputs:,}", f"{average:.1f} ms", f"{slow:.1f} s ({slowest})", f"{wide:.0f} MB ({widest})")


@dataclass
class Tally:
    """What a run has seen."""

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Share] = field(default_factory=dict)

    @property
    def inputs(self) -> int:
        return sum(self.outcomes.values())

    def add(self, other: Tally) -> None:
        self.outcomes += other.outcomes
        self.findings += other.findings
        for kind, share in other.kinds.items():
            self.kinds.setdefault(kind, Share()).add(share)


def peak_megabytes(reset: bool = False) -> float:
    """The most memory that this process has held since the last reset; 0 where the system does not tell."""
    try:
        if reset:
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return float(status.partition("VmHWM:")[2].split()[0]) / 1024


def attempt(content: str | bytes, before: float | None = None) -> tuple[str, str, float, float]:
    """Outcome, kind of failure (empty where there is none), CPU seconds and megabytes of one input.

    ``before`` are the megabytes that count as none; those held now when None. What an input has left behind is used
    again by the next one: a run that counts from what each finds reports too little, so ``work`` counts from its start.
    """
    held, start = peak_megabytes(reset=True), time.process_time()
    before = held if before is None else before
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        outcome, kind = survives(content), ""
    except Hang:
        outcome, kind = "failed", f"hang: more than {CPU_SECONDS:.0f} s"
    except Exception as error:
        outcome, kind = "failed", signature(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    seconds, megabytes = time.process_time() - start, peak_megabytes() - before
    if not kind and megabytes > MEGABYTES + BYTES_A_CHARACTER * len(content) / 1e6:
        outcome, kind = "failed", "memory: more than the bound"
    return outcome, kind, seconds, megabytes


def signature(error: Exception) -> str:
    """What makes two failures the same: the exception and the line that raised it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}: {str(error)[:80]}"


def minimized(content: str | bytes, kind: str) -> str | bytes:
    """The text with everything cut out without which it still fails the same way (ddmin, bounded)."""
    tries, size = 0, max(1, len(content) // 2)
    while size >= 1 and tries < TRIES:
        at, shrunk = 0, False
        while at < len(content) and tries < TRIES:
            candidate: Any = content[:at] + content[at + size :]  # type: ignore[operator]
            tries += 1
            if attempt(candidate)[1].partition(": ")[0] == kind.partition(": ")[0]:
                content, shrunk = candidate, True
            else:
                at += size
        size = size if shrunk and size == 1 else size // 2
    return content


def work(seed: int, numbers: range, out: str, current: Any, results: Any) -> None:
    """Try the numbers one by one; report about once a second."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, _alarm)
    survives("space warm = Ridge(alpha = 1..3)")
    begun = peak_megabytes(reset=True)
    tally, told, kept = Tally(), time.monotonic(), Counter[str]()
    for number in numbers:
        current.value = number
        name, content = kind_and_text(seed, number)
        outcome, kind, seconds, megabytes = attempt(content, begun)
        tally.outcomes[outcome] += 1
        tally.kinds.setdefault(name, Share()).add(Share(1, seconds, (seconds, number), (megabytes, number)))
        if kind:
            tally.findings[kind] += 1
            kept[kind] += 1
            if kept[kind] <= KEPT:
                keep(out, number, kind, content)
        if time.monotonic() - told > TICK:
            results.put(tally)
            tally, told = Tally(), time.monotonic()
    results.put(tally)
    current.value = -1


def _alarm(*_: object) -> None:
    raise Hang


def keep(out: str, number: int, kind: str, content: str | bytes) -> None:
    """Write a failing input, and its smallest form unless it takes too long to try."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}.txt").write_text(f"{kind}\n", encoding="utf-8", errors="backslashreplace")
    small = content if kind.startswith(("hang", "memory")) else minimized(content, kind)
    for name, text in ((f"{number}.full.hyp", content), (f"{number}.hyp", small)):
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))


@dataclass
class Worker:
    """A process with its share of the numbers; started again behind an input that ends it."""

    options: argparse.Namespace
    numbers: range
    results: Any
    current: Any = None
    process: Any = None
    seen: tuple[int, float] = (-1, 0.0)

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.current = context.Value("q", self.numbers.start, lock=False)
        arguments = (self.options.seed, self.numbers, self.options.out, self.current, self.results)
        self.process = context.Process(target=work, args=arguments, daemon=True)
        self.process.start()
        self.seen = (-1, time.monotonic())

    def watch(self) -> str:
        """Why the process had to be replaced; empty where all is well. False ``alive`` means that it is done."""
        number = self.current.value
        if number != self.seen[0]:
            self.seen = (number, time.monotonic())
        why = ""
        if self.process.is_alive():
            if time.monotonic() - self.seen[1] < WALL_SECONDS or number == -1:
                return ""
            self.process.kill()
            why = "hang: no signal reached it"
        elif number != -1:
            why = f"process ended with {self.process.exitcode}"
        if why:
            keep_whole(self.options.out, number, why, hostile(self.options.seed, number))
            self.numbers = range(number + self.numbers.step, self.numbers.stop, self.numbers.step)
            self.start()
        return why

    @property
    def alive(self) -> bool:
        return bool(self.process.is_alive())


def keep_whole(out: str, number: int, why: str, content: str | bytes) -> None:
    """As `keep`, without trying it again."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}.txt").write_text(f"{why}\n", encoding="utf-8")
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    (folder / f"{number}.hyp").write_bytes(raw)


def run(options: argparse.Namespace) -> Tally:
    """All workers, until the inputs or the minutes are used up, or Ctrl-C."""
    results: Any = multiprocessing.get_context("spawn").Queue()
    last = options.start + options.inputs
    shares = [range(options.start + n, last, options.workers) for n in range(options.workers)]
    workers = [Worker(options, share, results) for share in shares]
    tally, begin, told = Tally(), time.monotonic(), 0.0
    for worker in workers:
        worker.start()
    try:
        while any(worker.alive for worker in workers) and time.monotonic() - begin < options.minutes * 60:
            collect(results, tally)
            for worker in workers:
                if why := worker.watch():
                    tally.outcomes["failed"] += 1
                    tally.findings[why] += 1
            if time.monotonic() - told > options.every:
                told = time.monotonic()
                print(progress(tally, told - begin), file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    collect(results, tally)
    for worker in workers:
        worker.process.kill()
    return tally


def collect(results: Any, tally: Tally) -> None:
    end = time.monotonic() + TICK
    while (left := end - time.monotonic()) > 0:
        try:
            tally.add(results.get(timeout=left))
        except queue.Empty:
            return


def progress(tally: Tally, seconds: float) -> str:
    found = sum(tally.findings.values())
    return f"{seconds:6.0f} s  {tally.inputs:,} inputs ({tally.inputs / max(seconds, 1):.0f}/s), {found} failed"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="default: 1,000,000")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="end after that long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="the first number; goes on with an earlier run")
    parser.add_argument("--only", type=int, help="one number, in this process, with its traceback")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two lines of progress")
    parser.add_argument("--out", default="runs/fuzz", help="where failing inputs are written; default: runs/fuzz")
    options = parser.parse_args()
    if options.only is not None:
        print(survives(hostile(options.seed, options.only)))
        return 0
    begin = time.monotonic()
    tally = run(options)
    rows = [(name, f"{count:,}") for name, count in sorted(tally.outcomes.items())]
    rows += [(f"failed: {kind}", f"{count:,}") for kind, count in tally.findings.most_common()]
    minutes = (time.monotonic() - begin) / 60
    report(f"{tally.inputs:,} hostile texts, seed {options.seed}, {minutes:.0f} minutes", ("what", "inputs"), rows)
    shares = [share.row(kind) for kind, share in sorted(tally.kinds.items(), key=lambda item: -item[1].seconds)]
    report("by kind", ("kind", "inputs", "CPU each", "slowest (number)", "most memory (number)"), shares)
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
