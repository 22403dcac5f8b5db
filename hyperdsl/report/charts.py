"""Axes and marks of charts as SVG. Colors and sizes of text are the style sheet's; lengths are in pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from hyperdsl.frozen import frozen
from hyperdsl.markup import Html, tag

Text: TypeAlias = Callable[[float], str]

_CHARACTER = 6.6  # about the width of a character of 11 pixels


@frozen
class Scale:
    """Maps ``low..high`` to the pixels ``start..end``, in the logarithm where ``log``."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        return self.start + self.share(value) * (self.end - self.start)

    def share(self, value: float) -> float:
        """Where a value lies, from 0 to 1; what lies outside is at the end."""
        if self.high <= self.low:
            return 0.5
        value = min(max(value, self.low), self.high)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self, about: int = 5) -> list[float]:
        """Round numbers in the range."""
        if self.high <= self.low:
            return [self.low]
        if self.log:
            return _powers(self.low, self.high, about)
        step = _round_step((self.high - self.low) / about)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [n * step for n in range(first, last + 1)]


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * f for f in (1, 2, 5, 10) if power * f >= step * 0.999)


def _powers(low: float, high: float, about: int) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    powers = [10.0**n for n in range(first, last + 1, max(1, (last - first) // about))]
    return powers if len(powers) > 1 else sorted({low, high, *powers})


def figure(width: float, height: float, label: str, *content: Html, class_: str = "chart") -> Html:
    """A picture with its description for those who do not see it."""
    svg = tag(
        "svg",
        *content,
        viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}",
        height=f"{height:g}",
        role="img",
        aria_label=label,
        class_=class_,
    )
    return tag("div", svg, class_="scroll")


def axes(
    x: Scale, y: Scale, x_title: str, y_title: str, x_text: Text | None = None, y_text: Text | None = None
) -> list[Html]:
    """Grid lines and numbers of both axes; a number without a text is left out."""
    bottom, left = y.start, x.start
    drawn = []
    for value in y.ticks():
        drawn.append(line(left, y(value), x.end, y(value), "grid"))
        drawn.append(label(left - 8, y(value) + 4, (y_text or number)(value), "end"))
    drawn += [label(x(value), bottom + 18, (x_text or number)(value), "middle") for value in x.ticks(6)]
    drawn.append(line(left, bottom, x.end, bottom, "axis"))
    drawn.append(label((left + x.end) / 2, bottom + 36, x_title, "middle", "title"))
    drawn.append(label(4, y.end - 14, y_title, "start", "title"))
    return drawn


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    return tag("line", x1=at(x1), y1=at(y1), x2=at(x2), y2=at(y2), class_=class_)


def label(x: float, y: float, what: str, anchor: str = "start", class_: str | None = None) -> Html:
    return tag("text", what, x=at(x), y=at(y), text_anchor=None if anchor == "start" else anchor, class_=class_)


def dot(x: float, y: float, class_: str, trial: int | None = None, radius: float = 3.5) -> Html:
    return tag("circle", cx=at(x), cy=at(y), r=f"{radius:g}", class_=class_, data_n=trial)


def cross(x: float, y: float, class_: str, trial: int | None = None) -> Html:
    d = f"M{at(x - 3)} {at(y - 3)}l6 6m0 -6l-6 6"
    return tag("path", d=d, class_=class_, data_n=trial)


def path(points: Iterable[tuple[float, float]], class_: str, **attributes: object) -> Html:
    d = "L".join(f"{at(x)} {at(y)}" for x, y in points)
    return tag("path", d=f"M{d}", class_=class_, **attributes)


def at(position: float) -> str:
    return f"{position:.1f}".removesuffix(".0")


def number(value: float) -> str:
    """A number in few characters: 0.85, 12,000, 1e-05."""
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e6:
        text = f"{value:,.6g}" if abs(value) < 1000 else f"{value:,.0f}"
        return text
    return f"{value:.3g}"


def fitting(what: str, width: float) -> str:
    """A text cut to about so many pixels."""
    most = max(4, int(width / _CHARACTER))
    return what if len(what) <= most else f"{what[: most - 1]}…"


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The range to draw: all values, unless a few lie far out; those are drawn at the edge."""
    ordered = sorted(values)
    low, high = ordered[0], ordered[-1]
    inner_low, inner_high = ordered[len(ordered) // 20], ordered[-1 - len(ordered) // 20]
    inner = inner_high - inner_low
    if inner > 0 and high - low > 6 * inner:
        low, high = max(low, inner_low - inner), min(high, inner_high + inner)
    margin = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    return low - margin, high + margin


def evenly(items: Sequence[int], most: int) -> list[int]:
    """At most so many, evenly over all, both ends included."""
    if len(items) <= most:
        return list(items)
    return [items[i * (len(items) - 1) // (most - 1)] for i in range(most)]


def counted(many: int, noun: str) -> str:
    return f"{many:,} {noun}" if many == 1 else f"{many:,} {noun}s"
