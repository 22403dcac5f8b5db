"""Run one space in one system and print what was measured, as JSON; made to run in the system's own environment.

``python -P measure.py SYSTEM SPACE`` draws 1,000 configurations that lie in the space, ``… SPACE mistake`` plants the
mistake that the definition names in a comment, and tells when the system notices.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.append(str(HERE))
warnings.simplefilter("ignore")

from definition import planted, source  # noqa: E402
from reference import HOLDS  # noqa: E402

DRAWS = 1000
LIMIT = 4  # seconds of drawing


def run(text: str, name: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": name}
    exec(compile(text, name, "exec"), names)
    return names


def draw(system: dict[str, Any], space: str, text: str) -> dict[str, Any]:
    """How long 1,000 valid configurations take, how many had to be drawn for them, and how evenly they lie."""
    names = system["define"](text)
    draws = system["draw"](names, seed=1)
    next(draws)  # what is prepared once
    seconds, valid, drawn = 0.0, [], 0
    while len(valid) < DRAWS and seconds < LIMIT:
        start = time.perf_counter()
        one = next(draws)
        seconds += time.perf_counter() - start
        configuration = system["read"](names, one)
        drawn += 1
        if HOLDS[space](configuration):
            valid.append(configuration)
    facts = {"drawn": drawn, "valid": len(valid), "seconds": seconds, "count": system["count"](names)}
    if space == "chain":
        facts["different"] = len({tuple(c) for c in valid})
    if space == "blend":
        facts["means"] = [round(sum(c[i] for c in valid) / max(len(valid), 1), 1) for i in range(4)]
    return facts


def notice(system: dict[str, Any], text: str | None) -> dict[str, Any]:
    """When a planted mistake is noticed: as the space is defined, as 200 configurations are drawn, or never."""
    if text is None:
        return {"noticed": "impossible", "message": ""}
    try:
        names = system["define"](text)
    except Exception as error:
        return {"noticed": "defined", "message": f"{type(error).__name__}: {error}"[:600]}
    try:
        draws = system["draw"](names, seed=1)
        end = time.perf_counter() + LIMIT / 2
        for _ in range(200):
            system["read"](names, next(draws))
            if time.perf_counter() > end:
                break
    except Exception as error:
        return {"noticed": "drawn", "message": f"{type(error).__name__}: {error}"[:600]}
    return {"noticed": "never", "message": ""}


def main(folder: str, space: str, what: str = "draw") -> None:
    system = run((HERE / folder / "system.py").read_text("utf-8"), folder)
    text = source(folder, space)
    facts = draw(system, space, text) if what == "draw" else notice(system, planted(text))
    print(json.dumps({"version": system["VERSION"], **facts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
