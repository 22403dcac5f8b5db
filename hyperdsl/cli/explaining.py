"""``hyperdsl info --explain``: what the conditions of a space shrank, and which of them did it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyperdsl.cli.output import table

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.ir.domain import Code
    from hyperdsl.space import Decision


def shrink_facts(space: HyperSpace) -> dict[str, Any]:
    """The decisions with fewer values under the conditions, or why that is not known."""
    from hyperdsl.space.explanation import Explanation, Inexact

    explanation = Explanation(space.graph)
    try:
        shrinks, narrowed = explanation.shrinks(), explanation.narrowed()
    except Inexact as beyond:
        return {"not_known": beyond.reason}
    return {
        "narrowed": [
            {
                "path": space.decisions[n.row].path,
                "low": n.low,
                "high": n.high,
                "because": [_condition(space, node) for node in n.conditions],
            }
            for n in narrowed
        ],
        "drawn_anew": space.space.share_drawn_anew(),
        "shrunk": [
            {
                "path": space.decisions[s.row].path,
                "before": s.before,
                "left": len(s.left),
                "values": _values(space.decisions[s.row], s.left),
                "because": [_condition(space, node) for node in s.conditions],
            }
            for s in shrinks
        ],
    }


def _values(decision: Decision, codes: tuple[Code, ...]) -> str:
    """What is left, runs of whole numbers as ranges."""
    if decision.kind != "integer":
        return " | ".join(str(decision.to_json(code)) for code in codes)
    parts: list[list[int]] = []
    for code in codes:
        assert isinstance(code, int)
        if parts and code == parts[-1][1] + (decision.step or 1):
            parts[-1][1] = code
        else:
            parts.append([code, code])
    step = f" step {decision.step}" if decision.step not in (None, 1) else ""
    return " | ".join(str(low) if low == high else f"{low}..{high}{step}" for low, high in parts)


def _condition(space: HyperSpace, node: int) -> str:
    span = space.graph[node].span
    return f"line {span.line}: {' '.join(span.text.split())}" if span is not None else "a condition"


def describe_shrinks(facts: dict[str, Any]) -> str:
    """The facts as text."""
    if "not_known" in facts:
        return f"what conditions shrink is not known: {facts['not_known']}"
    rows = [
        (s["path"], f"{s['left']:,} of {s['before']:,}", _cut(s["values"]), "; ".join(s["because"]))
        for s in facts["shrunk"]
    ]
    for n in facts["narrowed"]:
        rows.append((n["path"], "a part", f"{n['low']:.6g}..{n['high']:.6g}", "; ".join(n["because"])))
    text = table(("decision", "left", "values", "because of"), rows) if rows else "no condition shrinks a decision"
    if not facts["drawn_anew"]:
        return text
    return f"{text}\n\n{facts['drawn_anew']:.0%} of draws violate what conditions say of ranges and are drawn anew"


def _cut(text: str, most: int = 50) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
