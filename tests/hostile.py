"""Texts that no compiler likes, one for each number: what the fuzz benchmark and the tests of robustness are fed."""

from __future__ import annotations

import random
import re
import sys
from functools import cache
from pathlib import Path

from programs import make as program

ROOT = Path(__file__).resolve().parent.parent
WORD = re.compile(r'\w+|"[^"\n]*"|\.\.\.|\.\.|>>|\*\*|[^\s\w]')
STATEMENT = re.compile(r"^(?=(?:space|let|def|require|forbid|import|use|experiment)\b)", re.M)
SIZES = (10, 100, 1_000, 10_000, 100_000)


def _listed(text: str) -> tuple[str, ...]:
    """What stands between two spaces or line ends."""
    return tuple(part for line in text.strip().splitlines() for part in line.split("  "))


NUMBERS = (
    *_listed("""
0  -1  1  2  10 ** 9  2 ** 63  2 ** 64 - 1  1e308  -1e308  1e-320  0.1  .5  1e999  1_000_000  -0.0  2 ** 2 ** 30
10 ** -5  7 // 0  5 % 0  1 / 3  1e15  1 << 3  0x10  1e  --1
"""),
    "9" * 30,
    "9" * 2000,
)
# Forms with holes: `@` takes an expression, `#` a number, `$` a name.
FORMS = _listed("""
@ | @  @ | @ @ 3  @ >> @  @ & @  (@)  @?  [@, @]  (@, @)  #..#  #..# log  #..# step #  #..# default #  @ + @
@ - @  @ * @  @ / @  @ // @  @ % @  @ ** @  -@  not @  @ and @  @ or @  @ < @  @ == @  @ in @  @ is $
@ if @ else @  $  $  $(@)  $($ = @)  $.$  $[@]  $[@:@]  repeat(#..#, @)  permute(@, @)  pick(1..2, [@, @])
subset(0..2, [@, @, @])  record($ = @, $ = @)  [@ for $ in @]  { let $ = @ return @ }  len(@)  max(@, @)
sum([@, @])  normal(#, #)  lognormal(#, #)  "text"  None  True  ...  {1: @}  Ridge(alpha = @)  StandardScaler()
input(#, #)  input(8, 8, 3) >> @  train(@)  train(input(#) >> @ >> Dense(#))  tied(@)  loose([@, @])  [@, @] >> Add()
Dense(@)  Conv2D(#, #, strides = @)  (@ & @) >> Concatenate()  params(@)  macs(@)  params(train(@)) < #
Lasso(alpha = #..#)  PCA(n_components = @)  columns { numeric => @ rest => drop }  data.rows  **$
""")
STATEMENTS = _listed("""
let $ = @  def $() = @  def $($) = @  def $($, $ = @) = @  space $ = @  require @  forbid @
space s = record(x = @)  space t = @ >> Ridge()  let $ = #..#  import std.tabular ($)  use $.$
""")
SPACES = (
    "space s = record(x = @, y = @)",
    "space t = @ >> Ridge(alpha = @)",
    "let h = input(8, 8, 3)\nspace n = train(h >> Conv2D(#, #) >> @ >> Flatten() >> Dense(2), epochs = @)",
    "let h = input(#)\nlet n = train([h, h >> @] >> Add() >> Dense(@))\nrequire params(n) < 1000\nspace m = n",
)
NAMES = _listed(
    "a  b  c  f  g  x  s  Ridge  PCA  pass  drop  data  rows  numeric  repeat  StandardScaler  Dense  Flatten"
)
# What can be put inside itself: what opens it, the innermost part, what closes it.
NESTS = [
    part.split("…")
    for part in _listed("""
(…1…)  [……]  {1: …2…}  f(…x…)  -…1…  not …a…  …a…?  …a…[0]  …a….b  …a…()  1 + …1…  a >> …b…  a | …b…  2 ** …2…
1 if a else …2…  { let x = 1 return …x…}  l: …Ridge()…  1..…2…  [1 for i in …a…]  …1… < 2  columns { rest => …pass…}
record(x = …1…)  repeat(2, …1…)  (……  …1…@ 2 | 1
""")
]
# A piece that is repeated, and what stands around it.
REPEATS = [
    part.split("…")
    for part in _listed("""
1, …let x = [{}]  a…let {} = 1  a …space s = {}  "a" | …let x = {}1  x…# {}  let x = 1 …{}  space s = Ridge() …{}
é…let x = "{}"  Ridge() >> …space s = {}Ridge()  )…{}  \\…"{}"  '…{}  @…{}  let x = …{}  alpha = 1, …space s = Ridge({})
require 1 < 2 …{}space s = Ridge()
""")
]


@cache
def corpus() -> tuple[str, ...]:
    """Real programs: examples, standard library, the goldens, the reference, and generated ones."""
    folders = ("examples", "hyperdsl/std", "tests/bad")
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.hyp"))]
    texts = [path.read_text(encoding="utf-8") for path in files]
    reference = (ROOT / "grammar" / "README.md").read_text(encoding="utf-8")
    texts += re.findall(r"^```hyp ?\w*\n(.*?)^```", reference, re.M | re.S)
    return (*(text for text in texts if len(text) < 4000), *(program(seed) for seed in range(200)))


@cache
def words() -> tuple[str, ...]:
    """Every word and sign of the corpus."""
    return tuple(sorted({word for text in corpus() for word in WORD.findall(text)}))


def hostile(seed: int, number: int) -> str | bytes:
    """The text (or the bytes of a file) of a number; equal arguments give equal texts."""
    return kind_and_text(seed, number)[1]


def kind_and_text(seed: int, number: int) -> tuple[str, str | bytes]:
    """The name of the kind, and the text."""
    rng = random.Random(f"{seed}/{number}")
    kinds, weights = zip(*KINDS, strict=True)
    make = rng.choices(kinds, weights)[0]
    return make.__name__, make(rng)


@cache
def statements() -> tuple[str, ...]:
    """Every statement of the corpus that is not long, once."""
    parts = (part for text in corpus() for part in STATEMENT.split(text))
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip() and len(part) < 300))


def snippet(rng: random.Random) -> str:
    """A statement or two of real programs, whole or cut, with a few words changed."""
    text = "\n".join(rng.choices(statements(), k=rng.choice((1, 1, 1, 2, 3))))
    if rng.random() < 0.2:
        text = text[: rng.randrange(len(text) + 1)]
    return changed(rng, text, rng.choice((0, 1, 1, 2)))


def mutated(rng: random.Random) -> str:
    """A real program with a few words changed."""
    return changed(rng, rng.choice(corpus()), rng.choice((1, 1, 1, 2, 3, 8)))


def changed(rng: random.Random, text: str, times: int) -> str:
    """The text with words removed, doubled, exchanged or put in parentheses."""
    for _ in range(times):
        found = list(WORD.finditer(text))
        if not found:
            break
        here, other = rng.choice(found), rng.choice(found)
        replacements = (
            "",
            rng.choice(words()),
            f"{here[0]} {rng.choice(words())}",
            other[0],
            rng.choice(NUMBERS),
            f"({here[0]})",
            f"{here[0]} {here[0]}",
            filled(rng, "@", 2),
        )
        text = f"{text[: here.start()]} {rng.choice(replacements)} {text[here.end() :]}"
    return text


def scratched(rng: random.Random) -> str:
    """A real program with characters removed, inserted, exchanged, or a piece of it moved."""
    text = rng.choice(corpus())
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        here = rng.randrange(len(text) + 1)
        there = min(len(text), here + rng.choice((0, 1, 1, 2, 20)))
        piece = rng.choice(
            ("", character(rng), text[here:there] * 2, rng.choice("()[]{}\"'#\\\n=|>.@?,:*"), text[there:here:-1])
        )
        text = text[:here] + piece + text[there:]
    return text


def spliced(rng: random.Random) -> str:
    """Lines of several programs, some of them cut."""
    lines = [line for text in rng.choices(corpus(), k=rng.choice((2, 2, 3))) for line in text.splitlines()]
    start = rng.randrange(len(lines) + 1)
    taken = lines[start : start + rng.randrange(1, 30)]
    if rng.random() < 0.5:
        rng.shuffle(taken)
    return "\n".join(line[: rng.randrange(len(line) + 1)] if rng.random() < 0.1 else line for line in taken)


def tokens(rng: random.Random) -> str:
    """Random words and signs, behind something that begins a definition or not."""
    soup = " ".join(rng.choices(words(), k=rng.choice((1, 3, 8, 20, 60))))
    return rng.choice(("", "space s = ", "let x = ", "def f(x) = ", "space s = record(x = ")) + soup


def filled(rng: random.Random, form: str, depth: int) -> str:
    """The form with its holes filled at random."""

    def fill(hole: re.Match[str]) -> str:
        if hole[0] == "#":
            return rng.choice(NUMBERS) if rng.random() < 0.2 else str(rng.randrange(-1, 20))
        if hole[0] == "$":
            return rng.choice(NAMES)
        if depth <= 0:
            return rng.choice((*NAMES[:6], "1", "2", "1..3", "None"))
        return filled(rng, rng.choice(FORMS), depth - 1)

    return re.sub(r"@(?! [0-9])|[#$]", fill, form)


def grown(rng: random.Random) -> str:
    """Whole programs grown from the forms of the language: right in form, mostly wrong in meaning."""
    depth = rng.choice((1, 2, 3, 4))
    lets = [
        "let a = 1..5",
        'let b = "x" | "y"',
        "let c = [1, 2, 3]",
        "def f(x) = [x, x]",
        "def g(n) = n if n < 2 else g(n - 1)",
    ]
    statements = [filled(rng, rng.choice(STATEMENTS), depth) for _ in range(rng.choice((1, 2, 4)))]
    space = filled(rng, rng.choice(SPACES), depth)
    return "\n".join([*rng.sample(lets, rng.randrange(len(lets) + 1)), *statements, space])


def nested(rng: random.Random) -> str:
    """Brackets, operators, calls and blocks inside each other, up to 100,000 deep, closed or not."""
    size = rng.choices(SIZES, (30, 30, 20, 10, 5))[0]
    opening, middle, closing = rng.choice(NESTS)
    close = closing * (size if rng.random() < 0.8 else rng.randrange(size))
    return f"{rng.choice(('space s = ', 'let x = ', 'space s = record(x = ', ''))}{opening * size}{middle}{close}"


def exploding(rng: random.Random) -> str:
    """Short programs that stand for something of exponential size, or for a recursion without end."""
    levels = rng.choice((5, 20, 60, 400))
    join = rng.choice(_listed("f{1}() | f{1}()  f{1}() & f{1}()  f{1}() >> f{1}()  [f{1}(), f{1}()]  f{1}() + f{1}()"))
    chain = "".join(f"def f{n}() = {join.format(n, n + 1)}\n" for n in range(levels))
    last = rng.choice(("1", "StandardScaler()", '"ab"', "[1]", "1..3", "1 | 2", "f0()"))
    body = rng.choice(("f0() >> Ridge()", "record(x = f0())", "record(x = len(f0()))", "f0()"))
    value = rng.choice(_listed("x + x  [x, x]  x >> x  x * x  x | x  f(x)  f(f(x))  record(a = x, b = x)"))
    application = f"def f(x) = {value}\n"
    count = rng.choice(("10 ** 9", "1..10 ** 9", "0..10 ** 6", "2 ** 64", "3..1e9", "1..100_000"))
    builtin = rng.choice(("repeat", "pick", "subset", "permute"))
    names = [f"a{n}" for n in range(levels)]
    lets = "".join(f"let {name} = {rng.choice(('1..9', '0..10 ** 9', '1 | 2'))}\n" for name in names)
    fields = ", ".join(f"x{name} = {name}" for name in names)
    even = "def a(n) = b(n) + b(n)\ndef b(n) = a(n - 1) if n > 0 else 1\n"
    return rng.choice(
        (
            f"{chain}def f{levels}() = {last}\nspace s = {body}",
            f"{application}space s = record(x = {'f(' * levels}{last}{')' * levels})",
            f"{application}space s = {'f(' * levels}StandardScaler(){')' * levels} >> Ridge()",
            f"space s = record(x = {builtin}({count}, {rng.choice(('1', '[1, 2]', '1..3'))}))",
            f"space s = repeat({count}, StandardScaler()?) >> Ridge()",
            f"space s = record(x = [i for i in {count}], y = [[i, j] for i in {count}])",
            f"{lets}require {' + '.join(names)} == {levels * 3}\nspace s = record({fields})",
            f"{even}space s = record(x = a({rng.choice(('5', '50', '10 ** 9', '1..9'))}))",
        )
    )


def numeric(rng: random.Random) -> str:
    """Ranges, counts, weights and powers of every size."""
    form = rng.choice(
        (
            "space s = record(x = #..# log step #)",
            "space s = record(x = #..# step # default #)",
            "space s = record(x = # ** # ** #)",
            "space s = record(x = 1 | 2 @ #)",
            "let n = #..#\nspace s = record(x = #..n, y = n ** #)",
            "space s = Ridge(alpha = #..# log)",
            "let n = #..#\nlet m = #..# log\nrequire n * # < m + #\nspace s = record(n = n, m = m)",
            "space s = record(x = repeat(#..#, #..#))",
            "space s = record(x = normal(#, #), y = lognormal(#, #))",
            "space s = record(x = [i for i in #..#][#], y = # % # // # / #)",
            "let n = #..# step #\nforbid n % # == # or n ** # > #\nspace s = record(n = n)",
            "space s = LGBMClassifier(num_leaves = #..2 ** #)",
        )
    )
    return re.sub("#", lambda _: rng.choice(NUMBERS), form)


def character(rng: random.Random) -> str:
    """Any code point, the odd ones more often: surrogates, marks, spaces, digits of other scripts."""
    odd = "\x00\x07\x0b\x0c\r\x1b\x7f\x85\xa0\xad\u0301\u037e\u0660\u200b\u200f\u2028\u202e\u2066\u3000\ufeff\uff08"
    odd += "\ufffd\ufffe\ud800\udfff\u0130ß²Ⅷ𝟏"
    return rng.choice(odd) if rng.random() < 0.5 else chr(rng.randrange(sys.maxunicode + 1))


def international(rng: random.Random) -> str:
    """All of Unicode: bare, in names, in strings and in comments."""
    letters = "".join(character(rng) for _ in range(rng.choice((1, 3, 20, 200))))
    return rng.choice(
        (
            letters,
            f"let {letters} = 1",
            f'space s = record(x = "{letters}" | "b")',
            f"# {letters}\nspace s = Ridge()",
            f"space s{letters} = Ridge({letters})",
            f"space s = columns {{ {letters} => pass '{letters}' => drop }} >> Ridge()",
            f'space s = {letters}: Ridge(alpha = "\\{letters}")',
        )
    )


def binary(rng: random.Random) -> bytes:
    """Files that are no UTF-8 text, or are it in an unusual way."""
    text = rng.choice(corpus())
    raw = text.encode("utf-8", "surrogatepass")
    cut = rng.randrange(len(raw) + 1)
    return rng.choice(
        (
            rng.randbytes(rng.choice((0, 1, 50, 5000))),
            b"\x7fELF" + raw,
            text.encode("utf-16"),
            b"\xef\xbb\xbf" + raw,
            raw.replace(b"\n", b"\r\n"),
            raw.replace(b"\n", b"\r"),
            raw[:cut] + rng.randbytes(3) + raw[cut:],
            b"\x00" * 1000,
            raw.replace(b" ", b"\t"),
        )
    )


def repetitive(rng: random.Random) -> str:
    """Very long lists, lines, names, strings and comments."""
    size = rng.choices(SIZES, (30, 30, 20, 2, 0))[0]
    piece, around = rng.choice(REPEATS)
    return around.format(piece * size)


# How many of 10,000 are of which kind: many short ones, since the last three take a thousand times as long.
KINDS = (
    (snippet, 5_100),
    (mutated, 1_800),
    (scratched, 600),
    (spliced, 500),
    (tokens, 900),
    (grown, 550),
    (numeric, 300),
    (international, 170),
    (binary, 50),
    (repetitive, 20),
    (nested, 7),
    (exploding, 3),
)
