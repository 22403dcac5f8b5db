"""The whole process ``hyperdsl check`` with warm caches, beside what an interpreter and scikit-learn alone take."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from timing import best_of, report

FILE = Path(__file__).parents[2] / "examples" / "hypergbm.hyp"


def run(*arguments: str) -> None:
    # Compiled modules are part of any normal start, so they are written even where the caller turned that off.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, *arguments], check=True, env=environment, stdout=subprocess.DEVNULL)


def main() -> None:
    run("-m", "hyperdsl", "check", str(FILE))
    ways = [
        ("hyperdsl check examples/hypergbm.hyp", ("-m", "hyperdsl", "check", str(FILE))),
        ("hyperdsl --version", ("-m", "hyperdsl", "--version")),
        ("an interpreter that does nothing", ("-c", "pass")),
        ("import sklearn.pipeline, lightgbm, xgboost", ("-c", "import sklearn.pipeline, lightgbm, xgboost")),
    ]
    rows = [(name, f"{best_of(10, lambda a=arguments: run(*a)):.3f}") for name, arguments in ways]
    report("Checking as a whole process", ("process", "seconds"), rows, ("lark", "scikit-learn"))


if __name__ == "__main__":
    main()
