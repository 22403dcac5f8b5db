"""The texts of the definitions: where they lie, how their lines are counted, and the mistake planted in each.

A line of code is one that is not blank, no comment, no docstring and no import. What stands below ``# Read:`` turns a
drawn configuration into the plain data of reference.py; it belongs to the comparison and is not counted.
A comment ``# Mistake: OLD -> NEW`` says what is replaced to make a definition wrong; it is ``none`` where
the mistake of the other systems cannot be made.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
READ = "# Read:"


def source(folder: str, space: str) -> str:
    if folder == "hyperdsl":
        mistakes = (HERE / folder / "mistakes.txt").read_text("utf-8").splitlines()
        (mistake,) = (line.partition(": ")[2] for line in mistakes if line.startswith(f"{space}: "))
        return (HERE.parent / "spaces" / f"{space}.hyp").read_text("utf-8") + f"# Mistake: {mistake}\n"
    return (HERE / folder / f"{space}.py").read_text("utf-8")


def lines(text: str) -> int:
    """How many lines of code the definition has."""
    counted = text.partition(READ)[0]
    counted = re.sub(r'\A"""(.*?)"""', "", counted, flags=re.S)
    counted = re.sub(r"^from \S+ import \(.*?^\)$", "", counted, flags=re.M | re.S)
    kept = [line.strip() for line in counted.splitlines()]
    return sum(bool(line) and not line.startswith(("#", "import ", "from ")) for line in kept)


def planted(text: str) -> str | None:
    """The definition with the mistake in it."""
    (mistake,) = re.findall(r"^# Mistake: (.*)$", text, flags=re.M)
    if mistake == "none":
        return None
    old, _, new = mistake.partition(" -> ")
    body = text.replace(f"# Mistake: {mistake}", "")
    if old not in body:
        raise LookupError(f"nothing to replace: {old!r}")
    return body.replace(old, new.replace("\\n", "\n"))
