"""Eight spaces in hyperdsl and in six other systems, each really run in an environment of its own.

``python bench_peers_spaces.py [FOLDER]`` makes the environments with uv below the folder (a temporary one by default),
measures every space in every system and prints the tables of the language's reference. Takes some ten minutes; two
processes run at a time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PEERS = HERE / "peers_spaces"
sys.path.append(str(PEERS))

from definition import lines, source  # noqa: E402
from reference import COUNTS, SPACES  # noqa: E402

SYSTEMS = {
    "hyperdsl": [],
    "lale": ["lale==0.9.5", "hyperopt", "lightgbm"],
    "pyglove": ["pyglove==0.4.5", "scikit-learn"],
    "configspace": ["ConfigSpace==1.2.2"],
    "neps": ["neural-pipeline-search==0.17.0"],
    "optuna": ["optuna==5.0.0"],
    "hypernets": ["hypernets==0.3.2"],
}
TITLES = ("hyperdsl", "Lale", "PyGlove", "ConfigSpace", "NePS", "Optuna", "Hypernets")
LIMIT = 90  # seconds of one process; the first import of a system alone can take 10
NOTICED = {"defined": "check", "drawn": "run", "never": "no", "impossible": "–"}


def interpreter(system: str, folder: Path) -> str:
    """A Python with the system in it; hyperdsl runs in the one that runs this."""
    if not SYSTEMS[system]:
        return sys.executable
    python = folder / system / "bin" / "python"
    if not python.exists():
        subprocess.run(["uv", "venv", "-q", "--python", "3.11", folder / system], check=True)
        install = ["uv", "pip", "install", "-q", "--compile-bytecode", "--python", python]
        subprocess.run([*install, *SYSTEMS[system]], check=True)
    return str(python)


def measured(python: str, system: str, space: str, what: str) -> dict[str, Any]:
    """What measure.py prints; ``{"failed": why}`` where it does not."""
    command = [python, "-W", "ignore", "-P", str(PEERS / "measure.py"), system, space, what]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT) if system == "hyperdsl" else ""}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, env=environment)
    except subprocess.TimeoutExpired:
        return {"failed": f"not one in {LIMIT} s"}
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1][:60]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def in_space(facts: dict[str, Any]) -> str:
    """The share of draws that lie in the space."""
    if "failed" in facts:
        return str(facts["failed"])
    if facts["valid"] == facts["drawn"]:
        return "all"
    share = 100 * facts["valid"] / facts["drawn"]
    return f"{share:.2g} %" if facts["valid"] else f"none of {facts['drawn']:,}"


def counted(facts: dict[str, Any], space: str) -> str:
    if facts.get("count") is None:
        return "–"
    return "exact" if facts["count"] == COUNTS[space] else f"{facts['count']:.2g}"


def each(facts: dict[str, Any]) -> str:
    """Milliseconds for one configuration that lies in the space."""
    return f"{1000 * facts['seconds'] / facts['valid']:.2g}" if facts.get("valid") else "–"


def table(title: str, rows: dict[str, list[str]]) -> None:
    print(f"\n{title}\n\n| space | {' | '.join(TITLES)} |\n|{' --- |' * (len(TITLES) + 1)}")
    for space, cells in rows.items():
        print(f"| {space} | {' | '.join(cells)} |", flush=True)


def main(folder: Path) -> None:
    pythons = {system: interpreter(system, folder) for system in SYSTEMS}
    draws: dict[str, list[dict[str, Any]]] = {}
    notices: dict[str, list[str]] = {}
    for space in SPACES:
        with ThreadPoolExecutor(2) as pool:
            draws[space] = list(pool.map(lambda s: measured(pythons[s], s, space, "draw"), SYSTEMS))  # noqa: B023
            found = list(pool.map(lambda s: measured(pythons[s], s, space, "mistake"), SYSTEMS))  # noqa: B023
        notices[space] = [NOTICED.get(facts.get("noticed", ""), "not told") for facts in found]
    versions = [
        next((f["version"] for f in column if "version" in f), "?") for column in zip(*draws.values(), strict=True)
    ]
    print("Versions: " + ", ".join(f"{t} {v}" for t, v in zip(TITLES, versions, strict=True)) + ".")
    code = {space: [lines(source(system, space)) for system in SYSTEMS] for space in SPACES}
    code["all"] = [sum(column) for column in zip(*code.values(), strict=True)]
    table("Lines of code", {space: list(map(str, row)) for space, row in code.items()})
    table("Draws that lie in the space", {s: list(map(in_space, row)) for s, row in draws.items()})
    table("Discrete configurations counted", {s: [counted(f, s) for f in row] for s, row in draws.items()})
    table("Milliseconds for each draw that lies in it", {s: list(map(each, row)) for s, row in draws.items()})
    table("When a planted mistake is noticed", notices)
    even = {s: [str(f.get("different", "–")) for f in draws[s]] for s in ("chain",)}
    even |= {s: [str(f.get("means", "–")) for f in draws[s]] for s in ("blend",)}
    table("Different chains among 1,000 (of 45); mean weights (25 each)", even)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
