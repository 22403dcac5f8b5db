"""Parallel coordinates: each trial a line over the decisions that matter most, and its score."""

from __future__ import annotations

from hyperdsl.markup import Html, join, tag
from hyperdsl.report.charts import Scale, figure, fitting, label, line, number, path, spread
from hyperdsl.report.course import score_name
from hyperdsl.report.subject import MISSING, Decided, Subject, finite_score

MOST_AXES = 7
MOST_LINES = 300
SHADES = 5

_WIDE, _LEAST_GAP, _MOST_GAP = 1080.0, 140.0, 240.0
_TOP, _BOTTOM, _NOT_MADE = 56.0, 320.0, 352.0
_LEFT = 74.0


def parallel(subject: Subject, chosen: list[int]) -> Html | None:
    """The chart; None where there is nothing to compare."""
    decisions = [subject.decisions[i] for i in chosen[:MOST_AXES]]
    decisions = [d for d in decisions if any(v is not MISSING for v in d.values)]
    if len(subject.scored) < 3 or not decisions:
        return None
    positions = {r.number: i for i, r in enumerate(subject.records)}
    ordered = sorted(subject.scored, key=subject.goals.order) if subject.goals.is_single else subject.ordered()
    rank = {r.number: i for i, r in enumerate(ordered)}
    best, rest = ordered[: MOST_LINES // 2], ordered[MOST_LINES // 2 :]
    step = max(1, -(-len(rest) // (MOST_LINES // 2)))
    drawn = [*best, *rest[::step]]
    low, high = spread([finite_score(r) for r in subject.scored])
    score = Scale(low, high, _BOTTOM, _TOP)
    gap = min(_MOST_GAP, max(_LEAST_GAP, _WIDE / len(decisions)))
    columns = [_Column(d, _LEFT + i * gap, gap) for i, d in enumerate(decisions)]
    end = _LEFT + len(columns) * gap
    lines = []
    for record in reversed(drawn):
        points = [(c.x, c.y(c.decided.values[positions[record.number]])) for c in columns]
        points.append((end, score(finite_score(record))))
        shade = min(SHADES - 1, rank[record.number] * SHADES // len(ordered))
        share = 100 * (rank[record.number] + 1) / len(ordered)
        lines.append(path(points, f"trial-line t{shade}", data_n=record.number, data_rank=f"{share:.1f}"))
    axes = [mark for c in columns for mark in c.marks()]
    axes += [line(end, _TOP, end, _BOTTOM, "axis"), label(end, _TOP - 26, score_name(subject), "middle", "title")]
    axes += [label(end + 8, score(v) + 4, number(v)) for v in score.ticks()]
    if any(v is MISSING for c in columns for v in c.decided.values):
        axes.append(line(_LEFT, _NOT_MADE, end - gap, _NOT_MADE, "grid"))
        axes.append(label(_LEFT - 8, _NOT_MADE + 4, "not made", "end", "missing"))
    words = f"{len(drawn)} trials over {', '.join(d.name for d in decisions)} and the score"
    note = "The better a trial, the darker its line; where a decision was not made, the line runs along the bottom."
    if len(drawn) < len(ordered):
        note += f" {len(drawn):,} of {len(ordered):,} trials are drawn: the best, and evenly of the rest."
    bar = tag("input", type="range", min=1, max=100, value=100, data_filter="parallel")
    slider = tag("label", "Show the best ", tag("output", "100"), "%", bar, class_="control")
    return join(
        slider,
        figure(end + 76, _NOT_MADE + 16, words, *lines, *axes, class_="chart parallel"),
        tag("p", note, class_="note"),
    )


class _Column:
    """One axis."""

    def __init__(self, decided: Decided, x: float, room: float) -> None:
        self.decided = decided
        self.x = x
        self.room = room
        self._scale = Scale(decided.low, decided.high, _BOTTOM, _TOP, decided.log)
        gap = (_BOTTOM - _TOP) / max(1, len(decided.labels) - 1)
        middle = (_TOP + _BOTTOM) / 2
        self._at = {
            name: _TOP + i * gap if len(decided.labels) > 1 else middle for i, name in enumerate(decided.labels)
        }

    def y(self, value: object) -> float:
        if value is MISSING:
            return _NOT_MADE
        if self.decided.is_number:
            return self._scale(float(value))  # type: ignore[arg-type]
        return self._at[self.decided.label(value)]

    def marks(self) -> list[Html]:
        drawn = [line(self.x, _TOP, self.x, _BOTTOM, "axis"), self._title()]
        if self.decided.is_number:
            return drawn + [
                label(self.x + 5, self._scale(v) + 4, number(v), "start", "tick-label") for v in self._scale.ticks()
            ]
        return drawn + [
            label(self.x + 5, y + 4, fitting(name, self.room - 16), "start", "tick-label")
            for name, y in self._at.items()
        ]

    def _title(self) -> Html:
        name = self.decided.name
        return tag(
            "text",
            tag("title", self.decided.path),
            fitting(name, self.room - 6),
            x=self.x,
            y=_TOP - 26,
            text_anchor="middle",
            class_="title",
        )
