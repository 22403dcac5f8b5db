"""A space as text that other programs draw: Graphviz's DOT and Mermaid's flowchart."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from itertools import pairwise

from hyperdsl.backends.exchange.blocks import Block, Picture, labelled
from hyperdsl.frozen import frozen

_FILLS = {
    "module": "#ffffff",
    "choice": "#eaf1fe",
    "optional": "#f1f5f9",
    "parallel": "#edf7ed",
    "columns": "#fef6e4",
    "list": "#f6effb",
}


@frozen
class _Ends:
    """Where arrows to and from a drawn block begin and end: a leaf, and the cluster around it where there is one."""

    first: str
    into: str
    last: str
    out: str


@dataclass
class _Writer(ABC):
    """Writes blocks one after the other; subclasses know the notation."""

    lines: list[str] = field(default_factory=list)
    names: int = 0

    def name(self) -> str:
        self.names += 1
        return f"n{self.names}"

    def write(self, block: Block, indent: str) -> _Ends:
        if block.style == "flow":
            return self.flow(block, indent)
        name = self.name()
        if not block.parts:
            self.leaf(name, block, indent)
            return _Ends(name, "", name, "")
        self.open(name, block, indent)
        ends = []
        if block.rows:
            row = self.name()
            self.leaf(row, Block("", block.rows), indent + "  ")
            ends.append(_Ends(row, "", row, ""))
        ends += [self.write(labelled(label, part), indent + "  ") for label, part in block.parts]
        self.close(indent)
        return _Ends(ends[0].first, name, ends[0].last, name)

    def flow(self, block: Block, indent: str) -> _Ends:
        ends = [self.write(labelled(label, part), indent) for label, part in block.parts]
        for left, right in pairwise(ends):
            self.arrow(left, right, indent)
        return _Ends(ends[0].first, ends[0].into, ends[-1].last, ends[-1].out)

    @abstractmethod
    def leaf(self, name: str, block: Block, indent: str) -> None: ...

    @abstractmethod
    def open(self, name: str, block: Block, indent: str) -> None: ...

    @abstractmethod
    def close(self, indent: str) -> None: ...

    @abstractmethod
    def arrow(self, left: _Ends, right: _Ends, indent: str) -> None: ...


class _Dot(_Writer):
    def leaf(self, name: str, block: Block, indent: str) -> None:
        rows = [f"{row}: {value}" for row, value in block.rows]
        text = "".join(_escape_dot(line) + "\\l" for line in [block.title, *rows] if line)
        self.lines.append(f'{indent}{name} [label="{text}", fillcolor="{_FILLS[block.style]}"];')

    def open(self, name: str, block: Block, indent: str) -> None:
        style = "rounded,filled,dashed" if block.style == "optional" else "rounded,filled"
        self.lines += [
            f"{indent}subgraph cluster_{name} {{",
            f'{indent}  label="{_escape_dot(block.title)}"; style="{style}"; fillcolor="{_FILLS[block.style]}";',
        ]

    def close(self, indent: str) -> None:
        self.lines.append(f"{indent}}}")

    def arrow(self, left: _Ends, right: _Ends, indent: str) -> None:
        ends = [f"ltail=cluster_{left.out}"] if left.out else []
        ends += [f"lhead=cluster_{right.into}"] if right.into else []
        attributes = f" [{', '.join(ends)}]" if ends else ""
        self.lines.append(f"{indent}{left.last} -> {right.first}{attributes};")


def dot(picture: Picture) -> str:
    """The text of a DOT file."""
    writer = _Dot()
    writer.write(picture.block, "  ")
    return "\n".join(
        [
            f'digraph "{_escape_dot(picture.name)}" {{',
            f'  label="{_escape_dot(picture.name)}: {_escape_dot(picture.facts)}"; labelloc=t;',
            "  rankdir=LR; compound=true;",
            '  fontname="DejaVu Sans"; node [shape=box, style="rounded,filled", fontname="DejaVu Sans", fontsize=11];',
            *writer.lines,
            "}\n",
        ]
    )


def _escape_dot(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


class _Mermaid(_Writer):
    def leaf(self, name: str, block: Block, indent: str) -> None:
        rows = [f"{row}: {value}" for row, value in block.rows]
        text = "<br/>".join(_escape_mermaid(line) for line in [block.title, *rows] if line)
        self.lines.append(f'{indent}{name}["{text}"]')

    def open(self, name: str, block: Block, indent: str) -> None:
        self.lines += [f'{indent}subgraph {name} ["{_escape_mermaid(block.title)}"]', f"{indent}  direction LR"]

    def close(self, indent: str) -> None:
        self.lines.append(f"{indent}end")

    def arrow(self, left: _Ends, right: _Ends, indent: str) -> None:
        self.lines.append(f"{indent}{left.out or left.last} --> {right.into or right.first}")


def mermaid(picture: Picture) -> str:
    """The text of a Mermaid flowchart."""
    writer = _Mermaid()
    writer.write(picture.block, "  ")
    caption = f"{picture.name}: {picture.facts}"
    wide = ["config:", "  flowchart:", "    wrappingWidth: 480"]  # a line of a box is a line of the program
    head = ["---", f"title: '{_escape_yaml(caption)}'", *wide, "---", "flowchart LR"]
    return "\n".join([*head, *writer.lines]) + "\n"


def _escape_yaml(text: str) -> str:
    return text.replace("'", "''")


def _escape_mermaid(text: str) -> str:
    """Characters that would be markup, as Mermaid's entity codes."""
    return "".join(f"#{ord(c)};" if c in '#"<>&`;' or not c.isprintable() else c for c in text)
