"""Whatever the text, compiling ends soon, with a space or with diagnostics."""

from __future__ import annotations

import random
import re
import signal
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hostile import hostile
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import make
from surviving import survives

import hyperdsl
from hyperdsl.diagnostics import HypError

HERE = Path(__file__).parent
TEXTS = [
    *(p.read_text(encoding="utf-8") for p in sorted((HERE.parent / "examples").glob("*.hyp"))),
    *(p.read_text(encoding="utf-8") for p in sorted((HERE / "bad").glob("[!s]*/*.hyp"))),
    *(make(seed) for seed in range(50)),
]
WORD = re.compile(r'\w+|"[^"\n]*"|\.\.\.|\.\.|>>|\*\*|[^\s\w]')
WORDS = sorted({word for text in TEXTS for word in WORD.findall(text)})
ODD = ("0", "-1", "10 ** 9", "None", "[]", '""', "{}", "(1,)", "1..3", "(1 | 2)", "Ridge", "pass", "...", "data.rows")


def compiled(text: str) -> hyperdsl.HyperSpace | None:
    """The space, asked for its default and a count; None where there are diagnostics, all of which can be shown."""
    try:
        space = hyperdsl.compile(text)
        space.default()
        space.sample(2)
        space.count()
    except HypError as error:
        assert str(error)
        return None
    return space


def mutated(seed: int) -> str:
    """One of the texts with a few words removed, doubled, exchanged or put in parentheses."""
    rng = random.Random(seed)
    text = rng.choice(TEXTS)
    for _ in range(rng.choice((1, 1, 2, 3))):
        words = list(WORD.finditer(text))
        if not words:
            break
        here, other = rng.choice(words), rng.choice(words)
        replacements = (
            "",
            rng.choice(WORDS),
            f"{here[0]} {rng.choice(WORDS)}",
            other[0],
            rng.choice(ODD),
            f"({here[0]})",
        )
        text = f"{text[: here.start()]} {rng.choice(replacements)} {text[here.end() :]}"
    return text


@pytest.mark.parametrize("block", range(8))
def test_slips_in_programs_give_a_space_or_diagnostics(block: int) -> None:
    for seed in range(block * 200, (block + 1) * 200):
        compiled(mutated(seed))


@settings(max_examples=150)
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_any_words_give_a_space_or_diagnostics(words: str) -> None:
    compiled(words)
    compiled(f"space s = {words}")


@pytest.mark.parametrize("block", range(4))
def test_hostile_texts_survive_every_stage(block: int) -> None:
    for number in range(block * 250, (block + 1) * 250):
        text = hostile(0, number)
        if len(text) < 20_000 and b"10 **" not in (
            text if isinstance(text, bytes) else text.encode("utf-8", "replace")
        ):
            survives(text)


# What the fuzz benchmark has found; each broke a stage once.
FOUND = {
    "a step far larger than its range": "space s = record(x = 0.5..2.0 log step 1e308)",
    "a log range from the smallest numbers": "space s = record(x = 1e-320..0.1 log step 3.0)",
    "a log range from the smallest number of all": "space s = record(x = 5e-324..1.0 log step 0.1)",
    "a log range of many steps": "space s = record(x = 10 ** -5..1e15 log step 10 ** 9)",
    "a number that is worked out, for a network": "space s = record(c = [train(max(1..2))])",
    "a default that calls its own template": "def f(s, r = f(1)) = r\nspace s = record(x = f(2))",
    "a share of a number in other digits": "space l = R(e = 0x10 %",
    "a list of values as layers": "space p = train(input() >> repeat(5, ()) >> Flatten() >> Dense(2))",
    "a value as a layer": "space t = train({ let x = input() return [x >> ()] >> Dense(1) })",
    "a range without ends in a counted network": "let n = train(Dense(3 if lognormal(7 / 0, 5) > 1 else 4))\n"
    "require params(n) < 10\nspace m = n",
    "a module that cannot be used, in an experiment": "experiment c{validate=holdout(s=5)h=()}def\nuse p.holdout",
    "a condition without a value beside a fact": "forbid Flatten[1]\nspace s = record(x = data.rows, y = 6..8)",
    "a tensor as a layer": "space t=train({let x=input()return[x>>Dense(4)]>>input()})",
    "steps finer than floats": "space s = record(x = 1_000_000..1e15 step 10 ** -5 default 10 ** 9)",
    "what belongs to networks, in plain data": "space s = record(a = pick(1, [tied(StandardScaler()) | None]), b = 1)",
    "a number that is tied": "space s = record(a = [tied(normal(3, 2))])",
    "an import of what is not there, beside an experiment": "import std.scale (c)\nexperiment s { a = c }",
    "a step of the smallest numbers": "space s = record(x = 0.0..9.0 step 1e-320 default 1.0)",
    "a default at the end of such a range": "space s = record(x = 1e-5..1.0 step 1e-320 default 1e-5)",
    "values wired like modules in plain data": "space s = record(x = 3 & ())",
    "values among parts in some order": 'space t = permute(pick(1, [3, 4]), "") >> Ridge(alpha = max(None, ()))',
    "a number that is looked into": "space s = record(x = 3 in 7)",
    "many optional steps": "let n = 1..100\nspace s = "
    + " >> ".join(f"(StandardScaler() | MinMaxScaler() if n > {i} else pass)" for i in range(60))
    + " >> KNeighborsClassifier(n_neighbors = n)",
    "a set of numbers that ends in a text": 'space s = record(a = 1 if 2 in 1.."" else 2)',
    "a truth value as the end of a range": "space s = record(x = 0..max(True, 1))",
    "a truth value among numbers": "let b = True | False\nspace s = record(b = b, x = 0..max(b, 3))",
    "a file name that no file can have": 'import "a\x00b.hyp" (a)\nspace s = record(x = a)',
    "a constant without a value behind one that needs data": 'space s = record(n = "" + data.rows, e = "" * 3)',
    "conditions that always hold": "require 1 < 2\n" * 1000 + "space s = Ridge()",
    "steps under one condition": "let n = 1..9\nspace s = "
    + " >> ".join(["(StandardScaler() if n > 3 else pass)"] * 200)
    + " >> Ridge()",
    "rules about steps under conditions of their own": "let n = 1..900\nspace s = "
    + " >> ".join(f"(PCA(n_components = 2..5) if n > {i} else pass)" for i in range(1, 41))
    + " >> Ridge()",
    "a condition that is no number": "let c = [1]\nlet b = 1..2\nforbid max(c, 2)\nspace t = record(b = b)",
    "a condition that cuts a huge range to pieces": "let n = 1..10**9\nlet w = 16..128 step 16\nrequire w % n == 0\n"
    "space s = record(n = n, w = w)",
    "the length of what is doubled": "".join(f"def f{n}() = f{n + 1}() & f{n + 1}()\n" for n in range(60))
    + "def f60() = Ridge() | Lasso()\nspace s = record(x = len(f0()))",
    "a name without a meaning, many times": "let x = " + " >> ".join(["a"] * 20_000),
    "many names without a meaning": "let x = " + " >> ".join(f"name{i}" for i in range(5_000)),
    "a sum over long lists": "let one(q) = sum(repeat(1..500, q + (1..2)))\n"
    "space s = record(a = one(3 | 4), b = one(5))",
    "a condition that never has a value, over many steps": "let n = -0.0..2 ** 64 - 1 step 1e15\n"
    "forbid n % -1 == -0.0 or n ** 5 % 0 > 7 // 0\nspace s = record(n = n)",
    "a power that no number holds, over many steps": "let n = 1e-320..2 ** 63 step 1_000_000\n"
    "forbid n % 1 == 0 or n ** 1_000_000 > 10 ** -5\nspace s = record(n = n)",
    "conditions on all items of a repetition": "let units = repeat(2..4, 16..256 step 16)\n"
    "require all([u % 32 == 0 for u in units]) and sum(units) <= 512\nspace s = record(units = units)",
    "choices doubled until the budget": "".join(f"def f{n}() = f{n + 1}() | f{n + 1}()\n" for n in range(20))
    + "def f20() = 1 | 2\nspace s = record(x = f0())",
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_is_mended(name: str) -> None:
    survives(FOUND[name])


@pytest.mark.parametrize("piece", ["(", "[1, ", "a >> ", "let x = ", "f(", '"', "x = 1 | ", "\\", "require a\n", "- "])
def test_memory_grows_with_the_text_at_most(piece: str) -> None:
    peaks = []
    for size in (1_000, 4_000):
        tracemalloc.start()
        compiled(f"space s = {piece * size}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 6 * peaks[0] + 1_000_000


def doubled(definition: str, levels: int = 40) -> str:
    """``levels`` definitions, each of which uses the next one twice."""
    return "".join(definition.format(n, n + 1) + "\n" for n in range(levels))


def nested(call: str, argument: str, levels: int = 60) -> str:
    return f"{call}(" * levels + argument + ")" * levels


TOO_MUCH = {
    "templates": doubled("def f{0}() = f{1}() & f{1}()") + "def f40() = StandardScaler()\nspace s = f0() >> Ridge()",
    "lets": doubled("let f{0} = [f{1}, f{1}]") + "let f40 = 1\nspace s = record(x = f0)",
    "steps": f"def f(x) = x >> x\nspace s = {nested('f', 'StandardScaler()')} >> Ridge()",
    "lists": f"def f(x) = [x, x]\nspace s = record(x = {nested('f', '1..3')})",
    "sums of lists": f"def f(x) = x + x\nspace s = record(x = {nested('f', '[1]')})",
    "lengths": f"def f(x) = x + x\nspace s = record(x = len({nested('f', '[1]')}))",
    "strings": f"def f(x) = x + x\nspace s = record(x = {nested('f', chr(34) + 'ab' + chr(34))})",
    "squares": f"def f(x) = x * x\nspace s = record(x = {nested('f', '3')})",
    "powers": "space s = record(x = 2 ** 2 ** 100)",
    "recursion": "def f(n) = f(n + 1)\nspace s = record(x = f(0))",
    "recursion by two": "def a(n) = b(n) + b(n)\ndef b(n) = a(n) + a(n)\nspace s = record(x = a(1))",
    "self-application": "def w(x) = x(x)\nspace s = record(x = w(w))",
    "repeat": "space s = repeat(1..10 ** 9, StandardScaler()) >> Ridge()",
    "comprehension": "space s = record(x = [i for i in 1..10 ** 9])",
    "integers": f"space s = record(x = 0..{'9' * 1000})",
    "integers in text": f"space s = record(x = {'9' * 5000})",
    "reals": f"space s = record(x = 0.5..{'9' * 400})",
    "steps finer than floats": "space s = record(x = 0.0..1e15 step 1e-9)",
    "tiny steps": "space s = record(x = 1e-9..1e9 log step 1e-9)",
    "parentheses": f"space s = record(x = {'(' * 5000}1{')' * 5000})",
    "sum": f"space s = record(x = {' + '.join(['1'] * 5000)})",
}
MUCH = {
    "steps": f"space s = {' >> '.join(['StandardScaler()'] * 5000)} >> Ridge()",
    "branches": f"space s = ({' & '.join(['StandardScaler()'] * 5000)}) >> Ridge()",
    "alternatives": f"space s = {' | '.join(f'Ridge(alpha = {n})' for n in range(2000))}",
    "lets": doubled("let f{0} = f{1}", 3000) + "let f3000 = 1\nspace s = record(x = f0)",
    "recursion": "def f(n) = n if n < 2 else f(n - 1) + f(n - 2)\nspace s = record(x = f(60))",
    "two arguments": "def a(m, n) = n + 1 if m == 0 else (a(m - 1, 1) if n == 0 else a(m - 1, a(m, n - 1)))\n"
    "space s = record(x = a(3, 4))",
    "members": "space s = record(x = 0..10 ** 15 step 3, y = 1..10 ** 12 log, z = 0.0..1e5 step 1e-9)",
    "wide steps": "space s = record(x = 1..100 log step 10, y = 5..100 log step 10, z = 1..10 ** 12 log step 7)",
    "weights": f"space s = {' | '.join(['1 @ 2'] * 2000)}",
    "deviation": "space s = record(x = lognormal(1e308, 1e308), y = normal(-1e308, 1e308))",
    "reals": "space s = record(x = -8e307..8e307)",
    "conditions": f"let n = 1..3\nspace s = record(x = {'1 if n > 1 else ' * 400}2)",
    "optional steps as often as decided": "space s = repeat(1..300, StandardScaler()?) >> Ridge()",
    "steps under one condition": "let n = 1..5\nlet m = 1..5\nrequire n < m\nspace s = "
    + " >> ".join(["(StandardScaler() if n > 3 else pass)"] * 1600)
    + " >> Ridge()",
}


@contextmanager
def not_for_ever() -> Iterator[None]:
    """Stops what would go on for hours once it has had a minute of processor time, whatever else the machine does."""

    def stop(*_: object) -> None:
        raise AssertionError("it still computes")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 60)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("name", TOO_MUCH)
def test_a_program_without_bounds_is_refused(name: str) -> None:
    with not_for_ever(), pytest.raises(HypError):
        hyperdsl.compile(TOO_MUCH[name])


@pytest.mark.parametrize("name", MUCH)
def test_a_large_program_is_compiled(name: str) -> None:
    with not_for_ever():
        assert compiled(MUCH[name]) is not None


@pytest.mark.parametrize(
    ("expression", "fails"),
    [
        ("max(repeat(n - 1, 1..2))", "empty list when n is 1"),
        ("max(repeat(n, 1..2))", ""),
        ("repeat(n, 1..2)[1]", "no item 1 among 1 when n is 1"),
        ("repeat(n, 1..2)[-1]", ""),
        ("permute(1, 2?)[1]", "no item 1 among 1"),
        ("permute(1, 2)[1]", ""),
        ("(n - 1) ** -1", "division by zero when n is 1"),
        ("n ** -1", ""),
        ("5 % (n - 2)", "division by zero when n is 2"),
        ("5 % n", ""),
        ("sum([a.n_components for a in repeat(n, PCA(n_components = 1..3) | StandardScaler())])", "not there"),
    ],
)
def test_bounds_spare_trials_only_where_a_value_is_certain(expression: str, fails: str) -> None:
    text = f"let n = 1..3\nspace s = record(x = {expression}, n = n)"
    if not fails:
        hyperdsl.compile(text)
        return
    with pytest.raises(HypError, match=fails):
        hyperdsl.compile(text)
