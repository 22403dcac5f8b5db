"""Names near a mistaken one."""

from __future__ import annotations

from collections.abc import Iterable

LIMIT = 3
# A shared beginning this long is a hint on its own: `LGBM` -> `LGBMClassifier`.
PREFIX = 3


def did_you_mean(name: str, candidates: Iterable[str]) -> list[str]:
    """The candidates that ``name`` was probably meant to be, nearest first, at most three.

    A candidate that differs in case only stands alone; else those within an edit distance of a third of the name's
    length (at least one) that share a letter with it, nearest first; else those that begin with the name. Equal input
    gives equal output, whatever the order of the candidates.
    """
    names = sorted(set(candidates) - {name})
    lower = name.lower()
    same = [n for n in names if n.lower() == lower]
    if same:
        return same[:LIMIT]
    limit = max(1, len(name) // 3)
    like = [n for n in names if abs(len(n) - len(name)) <= limit]
    away = [(distance(lower, n.lower(), limit), n) for n in like]
    near = sorted((d, n) for d, n in away if d <= limit and d < max(len(name), len(n)))
    if near:
        return [n for _, n in near[:LIMIT]]
    if len(name) < PREFIX:
        return []
    return sorted((n for n in names if n.lower().startswith(lower)), key=lambda n: (len(n), n))[:LIMIT]


def distance(a: str, b: str, limit: int) -> int:
    """Edits (insert, delete, replace, swap of neighbours) from a to b; ``limit + 1`` when there are more than limit.

    Optimal string alignment (Damerau 1964, restricted), row by row.
    """
    if abs(len(a) - len(b)) > limit or len(set(a) - set(b)) > limit:
        return limit + 1
    before_last: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before_last, last = last, row
    return min(last[-1], limit + 1)
