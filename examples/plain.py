"""Searches plain.hyp for a function of one's own: here, what a simulated cache costs.

Run it: python examples/plain.py
"""

from pathlib import Path

import hyperdsl

SPACE = (Path(__file__).parent / "plain.hyp").read_text(encoding="utf-8")


def cost(cache: dict) -> float:
    """What a cache of these settings costs: memory, misses, and pages fetched for nothing."""
    memory = cache["pages"] / 4096
    hit_rate = {"lru": 0.62, "lfu": 0.66, "windowed": 0.7}[cache["policy"]] * (1 - 40 / (40 + cache["pages"]))
    if cache["policy"] == "windowed":
        hit_rate -= abs(cache["window"] / cache["pages"] - 0.2) / 4
    return memory + 2 * (1 - hit_rate) + 0.02 * abs(cache["ahead"] - 4) + (cache["decay"] - 0.95) ** 2


if __name__ == "__main__":
    result = hyperdsl.optimize(SPACE, cost, direction="minimize", n_trials=100, searcher="tpe", seed=1)
    print(f"cost {result.best_value:.3f} with {result.best_input}")
