"""What is reached in every configuration need not be reached again through a choice.

In ``x = A(p = 1..9)``, then ``(x if n > 3 else B()) & x``, the range is decided whatever ``n`` is; so the test decides
nothing. Networks are made of this: of the tensors that a cell chooses among, each is part of the cell anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hyperdsl.space.parts import NONE, All, Branch, Check, Items, Part, Pick, Take


def without_certain(parts: Sequence[Part], root: int) -> tuple[list[Part], int]:
    """The parts that matter, children before their parents, and the new root."""
    certain = _certain(parts, root)
    kept: list[Part] = []
    places: dict[int, int] = {}  # old part -> new one, NONE where it decides nothing new

    def new(child: int) -> int:
        return NONE if child == NONE or child in certain else places[child]

    for index in _below(parts, root):
        part = parts[index]
        if isinstance(part, All):
            children = tuple(places[c] for c in part.children) if index in certain else tuple(map(new, part.children))
            children = tuple(dict.fromkeys(c for c in children if c != NONE))
            if len(children) < 2:
                places[index] = children[0] if children else NONE
                continue
            part = All(children)
        elif isinstance(part, Branch):
            part = replace(part, then=new(part.then), other=new(part.other))
            if part.then == part.other == NONE:
                places[index] = NONE
                continue
        elif isinstance(part, Pick | Take | Items):
            part = replace(part, children=tuple(map(new, part.children)))
            if isinstance(part, Take) and all(c == NONE for c in part.children):
                places[index] = NONE
                continue
        places[index] = len(kept)
        kept.append(part)
    return kept, places.get(root, NONE)


def _certain(parts: Sequence[Part], root: int) -> set[int]:
    """The parts that every configuration reaches, as far as sequences of parts show it."""
    found: set[int] = set()
    pending = [root]
    while pending:
        index = pending.pop()
        if index != NONE and index not in found:
            found.add(index)
            part = parts[index]
            if isinstance(part, All):
                pending.extend(part.children)
    return found


def _below(parts: Sequence[Part], root: int) -> list[int]:
    """The parts that the root leads to, in their order."""
    seen: set[int] = set()
    pending = [root]
    while pending:
        index = pending.pop()
        if index == NONE or index in seen:
            continue
        seen.add(index)
        part = parts[index]
        if isinstance(part, Branch):
            pending += [part.then, part.other]
        elif not isinstance(part, Check):
            pending.extend(getattr(part, "children", ()))
    return sorted(seen)
