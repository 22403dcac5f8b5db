"""Random programs with conditions on lists, repetitions, subsets, permutations, records and blocks, some inactive."""

from __future__ import annotations

import random

_LETS = {
    "choice": ('1 | 2 @ 2 | "a"', "mixed"),
    "permutation": ("permute(1, 2, 3)", "list"),
    "list": ("[1..2, 2..3, 1..3]", "list"),
    "record": ("record(a = 1..3) | record(b = 1..2)", "record"),
    "block": ("{ let p = 1..3 let q = 1..3 require p <= q return [p, q] }", "list"),
    "optional": ("[1, 2?, 3..4]", "list"),
}


class _Maker:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.kinds: dict[str, str] = {}
        self.lines: list[str] = []

    def program(self) -> str:
        for number in range(self.rng.randint(2, 4)):
            self.let(f"v{number}")
        for _ in range(self.rng.randint(1, 3)):
            self.lines.append(f"{self.rng.choice(('require', 'require', 'forbid'))} {self.condition()}")
        used = [name for name in self.kinds if self.rng.random() < 0.8] or list(self.kinds)
        entries = ", ".join(f"{name}_ = {self.use(name)}" for name in used)
        return "\n".join([*self.lines, f"space s = record({entries})"])

    def let(self, name: str) -> None:
        rng, whole = self.rng, self.named("whole")
        kind = rng.choice(("whole", "whole", "repeat", "subset", *_LETS))
        if kind == "whole":
            end = f"{rng.choice(whole)} + 1" if whole and rng.random() < 0.3 else str(rng.randint(2, 4))
            value = f"1..{end}"
        elif kind == "repeat":
            count = rng.choice(whole) if whole and rng.random() < 0.4 else f"{rng.randint(0, 1)}..{rng.randint(2, 3)}"
            value, kind = f"repeat({count}, 1..{rng.randint(2, 3)})", "empty" if count.startswith("0") else "list"
        elif kind == "subset":
            value, kind = f"subset({rng.randint(0, 1)}..{rng.randint(1, 2)}, [1, 2, 3])", "empty"
        else:
            value, kind = _LETS[kind]
        self.lines.append(f"let {name} = {value}")
        self.kinds[name] = kind

    def named(self, *kinds: str) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def number(self, depth: int = 0) -> str:
        rng = self.rng
        name = rng.choice(list(self.kinds))
        match self.kinds[name]:
            case "whole":
                value = name
            case "list":
                shapes = ("sum({0})", "len({0})", "max({0})", "min({0})", "{0}[0]", "sum([x * x for x in {0}])")
                value = rng.choice(shapes).format(name)
            case "empty":
                value = rng.choice(("sum({0})", "len({0})")).format(name)
            case "record":
                value = f"{name}.a"
            case _:
                return str(rng.randint(1, 3))
        return f"({value} {rng.choice('+-*')} {self.number(1)})" if depth < 1 and rng.random() < 0.3 else value

    def condition(self, depth: int = 0) -> str:
        rng, lists, draw = self.rng, self.named("list", "empty"), self.rng.random()
        if depth < 2 and draw < 0.3:
            return f"({self.condition(depth + 1)} {rng.choice(('and', 'or'))} {self.condition(depth + 1)})"
        if depth < 2 and draw < 0.4:
            return f"not ({self.condition(depth + 1)})"
        if lists and draw < 0.6:
            name = rng.choice(lists)
            shapes = (
                "all([x > 1 for x in {0}])",
                "any([x == {1} for x in {0}])",
                "2 in {0}",
                "all([x <= {1} for x in {0}])",
            )
            return rng.choice(shapes).format(name, self.number())
        if draw < 0.7:
            return f"{self.number()} in {rng.randint(0, 1)}..{rng.randint(2, 6)}"
        if self.named("mixed") and draw < 0.8:
            return f"{self.named('mixed')[0]} == {rng.choice(('1', '2', chr(34) + 'a' + chr(34)))}"
        return f"{self.number()} {rng.choice(('<', '<=', '==', '!=', '>', '>='))} {self.number()}"

    def use(self, name: str) -> str:
        draw = self.rng.random()
        if draw < 0.15:
            return f"{name} if {self.condition()} else 0"
        if draw < 0.3:
            return f"{name} | 7"
        return f"[x + 1 for x in {name}]" if self.kinds[name] == "list" and draw < 0.4 else name


def make_conditions(seed: int) -> str:
    """A program; the same for the same seed."""
    return _Maker(seed).program()
