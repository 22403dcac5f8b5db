"""A space as an SVG picture: nested boxes, laid out here, no other file needed. Lengths are in pixels."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from hyperdsl.backends.exchange.blocks import Block, Picture

_CHARACTER = 7.3  # the width of a character of a 12-pixel monospaced font
_LINE = 18.0
_PADDING = 10.0
_GAP = 10.0
_ARROW = 34.0
_WIDEST = 1_400.0  # of steps beside each other; more stand below each other

_COLORS = {
    "module": ("#ffffff", "#64748b"),
    "choice": ("#eaf1fe", "#3b6fd4"),
    "optional": ("#f1f5f9", "#64748b"),
    "parallel": ("#edf7ed", "#3f8f4f"),
    "columns": ("#fef6e4", "#c28a1d"),
    "list": ("#f6effb", "#8a4fbf"),
}
_DASHED = ("optional",)

_STYLE = (
    "text{font:12px 'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1e293b;white-space:pre}"
    ".b{font-weight:bold}.n{fill:#475569}.l{fill:#3b6fd4}.h{font-size:16px;font-weight:bold}"
)


def draw(picture: Picture) -> str:
    """The text of an SVG file."""
    drawing = _Drawing()
    width, height = drawing.size(picture.block)
    drawing.text(_PADDING, 24, picture.name, "h")
    drawing.text(_PADDING, 44, picture.facts, "n")
    drawing.block(picture.block, _PADDING, 58)
    wide = max(width, _CHARACTER * max(len(picture.facts), 1.4 * len(picture.name))) + 2 * _PADDING
    tall = height + 58 + _PADDING
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{tall:.0f}" '
        f'viewBox="0 0 {wide:.0f} {tall:.0f}" role="img">'
    )
    title = f"<title>{_clean(picture.name)}: {_clean(picture.facts)}</title>"
    marker = (
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0L8 4L0 8z" fill="#475569"/></marker></defs>'
    )
    background = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return "\n".join([head, title, f"<style>{_STYLE}</style>", marker, background, *drawing.lines, "</svg>"]) + "\n"


@dataclass
class _Drawing:
    """Sizes blocks from the inside out, then draws them from the outside in."""

    lines: list[str] = field(default_factory=list)
    sizes: dict[int, tuple[float, float]] = field(default_factory=dict)

    def size(self, block: Block) -> tuple[float, float]:
        """Width and height."""
        if id(block) not in self.sizes:
            self.sizes[id(block)] = self._flow_size(block) if block.style == "flow" else self._box_size(block)
        return self.sizes[id(block)]

    def _flow_size(self, block: Block) -> tuple[float, float]:
        widths, heights = zip(*(self.size(part) for _, part in block.parts), strict=True)
        arrows = _ARROW * (len(widths) - 1)
        if self._runs_down(block):
            return max(widths), sum(heights) + arrows
        return sum(widths) + arrows, max(heights)

    def _runs_down(self, block: Block) -> bool:
        """Whether the steps of a flow stand below each other."""
        return sum(self.size(part)[0] + _ARROW for _, part in block.parts) - _ARROW > _WIDEST

    def _box_size(self, block: Block) -> tuple[float, float]:
        name = max((len(n) for n, _ in block.rows), default=0)
        texts = [len(block.title), *(name + 2 + len(v) for _, v in block.rows)]
        width, height = max(texts) * _CHARACTER, _LINE * (1 + len(block.rows))
        for _, part in block.parts:
            inner = self.size(part)
            width = max(width, self._indent(block) + inner[0])
            height += _GAP + inner[1]
        return width + 2 * _PADDING, height + 2 * _PADDING - 4

    def _indent(self, block: Block) -> float:
        """The width of the column of labels."""
        longest = max((len(label) for label, _ in block.parts), default=0)
        return (longest + 1.5) * _CHARACTER if longest else 0.0

    def block(self, block: Block, x: float, y: float) -> None:
        if block.style == "flow":
            self._flow(block, x, y)
        else:
            self._box(block, x, y)

    def _flow(self, block: Block, x: float, y: float) -> None:
        if self._runs_down(block):
            self._flow_down(block, x, y)
            return
        middle = y + self.size(block)[1] / 2
        for position, (_, part) in enumerate(block.parts):
            width, height = self.size(part)
            if position:
                self._arrow(x + 4, middle, x + _ARROW - 3, middle)
                x += _ARROW
            self.block(part, x, middle - height / 2)
            x += width

    def _flow_down(self, block: Block, x: float, y: float) -> None:
        middle = x + min(self.size(part)[0] for _, part in block.parts) / 2
        for position, (_, part) in enumerate(block.parts):
            if position:
                self._arrow(middle, y + 4, middle, y + _ARROW - 3)
                y += _ARROW
            self.block(part, x, y)
            y += self.size(part)[1]

    def _arrow(self, x1: float, y1: float, x2: float, y2: float) -> None:
        line = f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.lines.append(f'{line} stroke="#475569" stroke-width="1.5" marker-end="url(#arrow)"/>')

    def _box(self, block: Block, x: float, y: float) -> None:
        width, height = self.size(block)
        fill, stroke = _COLORS[block.style]
        dash = ' stroke-dasharray="5 3"' if block.style in _DASHED else ""
        self.lines.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="6" '
            f'fill="{fill}" stroke="{stroke}"{dash}/>'
        )
        x, y = x + _PADDING, y + _PADDING + 9
        self.text(x, y, block.title, "b")
        name = max((len(n) for n, _ in block.rows), default=0)
        for row, value in block.rows:
            y += _LINE
            self.text(x, y, row, "n")
            self.text(x + (name + 2) * _CHARACTER, y, value)
        y += _LINE - 13
        for label, part in block.parts:
            inner = self.size(part)[1]
            y += _GAP
            if label:
                self.text(x, y + inner / 2 + 4, label, "l")
            self.block(part, x + self._indent(block), y)
            y += inner

    def text(self, x: float, y: float, text: str, style: str = "") -> None:
        if text:
            attribute = f' class="{style}"' if style else ""
            self.lines.append(f'<text x="{x:.1f}" y="{y:.1f}"{attribute}>{_clean(text)}</text>')


def _clean(text: str) -> str:
    """Text that XML can hold."""
    return escape(re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", text))
