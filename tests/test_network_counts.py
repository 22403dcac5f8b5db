"""How many different networks a space has: against their keys one by one."""

from __future__ import annotations

import random

import pytest

import hyperdsl

pytest.importorskip("keras")

OP = 'def op() = Dense(4) >> ReLU() | Dense(4, activation = "tanh") | Dropout(0.1)\n'
X = "let x = input(4) return "
# Each with how many programs are tried: fewer than there are where modules are letters.
SPACES = {
    "two branches": (OP + f"space s = train({{ {X} [x >> op(), x >> op()] >> Add() >> Dense(2) }})", 1),
    "two or three of three": (
        OP + f"space s = train({{ {X} pick(2..3, [x >> op(), x >> op(), x >> op()]) >> Add() >> Dense(2) }})", 4,
    ),
    "a choice in two places": (OP + f"space s = train({{ let o = op() {X} [x >> o, x >> o] >> Add() }})", 4),
    "tied": (OP + f"space s = train({{ let o = tied(op()) {X} [x >> o, x >> o >> o] >> Add() }})", 3),
    "read by a condition": (
        "let o = Dense(4) | Dropout(0.1) let n = 1..2 require not (o is Dropout) or n > 1\n"
        f"space s = train({{ {X} [x >> o, x >> (Dense(4) | Dropout(0.2))] >> Add() >> Dense(n) }})", 9,
    ),
    "pass among them": (
        "def op() = pass | Dense(4) | Dense(4, activation = relu | tanh)\n"
        f"space s = train({{ {X} [x >> op(), x >> op()] >> Add() >> Dense(2) }})", 9,
    ),
    "one word ends with another": (
        "def op() = ReLU() | Dense(4) >> ReLU()\nspace s = train(input(4) >> op() >> op() >> Dense(2))", 4,
    ),
    "an end inside of a word": (
        "def op() = ReLU() >> Dense(4) | Dense(4) >> Dropout(0.1)\nspace s = train(input(4) >> op() >> op())", 4,
    ),
    "words in common": (
        f"space s = train({{ {X} [x >> (Dense(4) | ReLU()), x >> (Dense(4) | Dropout(0.1))] >> Add() }})", 5,
    ),
    "a layer that ends as words do": (
        OP + "space s = train(input(4) >> op() >> op()? >> Dropout(0.1) >> Dense(2))", 13,
    ),
    "zeros": (
        "def op() = Dense(4, use_bias = False) | Dropout(0.1)\n"
        "space s = train({ let x = input(4) let z = x >> (Rescaling(0.0) | Dense(4))"
        " return [z >> op(), x >> op(), x >> op()] >> Add() })", 17,
    ),
    "choices in choices": (
        "def op() = (Dense(4, activation = relu | tanh) >> ReLU() | Dropout(0.1 | 0.2)) | Dropout(0.2)\n"
        f"space s = train({{ {X} [x >> op(), x >> op()] >> Add() >> op() >> Dense(2) }})", 1,
    ),
    "under a condition": (
        "let n = 1..2 let m = 1..2 require n + m == 3\n" + OP + "space s = train({ let x = input(4) let hs"
        " = [x >> op(), x >> op()] return [pick(n, hs) >> Add() >> op(), pick(m, hs) >> Add() >> op()] >> Add() })",
        7,
    ),
    "under a bound of weights": (
        OP + "let net = train(input(4) >> op() >> op() >> Dense(2))\nrequire params(net) <= 40\nspace s = net", 9,
    ),
    "decided once for two calls": (
        f"let f(x) = x >> (Dense(4) | Dropout(0.1))\nspace s = train({{ {X} [f(x), f(x >> Dense(4))] >> Add() }})", 2,
    ),
    "beside other arguments": (
        OP + "space s = PCA(n_components = 2..3)? >> train(op() >> Dense(2), batch_size = 8 | 16)", 4,
    ),
    "two networks": (OP + "space s = train(op() >> Dense(1)) | train(op() >> op() >> Dense(1))", 2),
}  # fmt: skip


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("name", SPACES)
def test_networks_are_counted_as_their_keys_are(name: str, level: int) -> None:
    text, expected = SPACES[name]
    space = hyperdsl.compile(text, level=level)
    tried: list[int] = []
    count = space.count(canonical=True, progress=tried.append)
    assert count.exact and count.configurations == len({space.key(c) for c in space.enumerate()})
    assert tried[-1] == expected


def made(seed: int) -> str:
    """A cell of two or three nodes, each the sum of some tensors before it, behind operations of its own."""
    rng = random.Random(seed)
    words = [
        "Dense(4)",
        "Dropout(0.1)",
        "Dense(4) >> ReLU()",
        "LayerNormalization()",
        "pass",
        "Dense(4, activation = tanh)",
    ]
    ops = [f"({' | '.join(rng.sample(words, rng.randint(2, 3)))})" for _ in range(2)]
    lines = ["let h0 = input(4)"]
    nodes = rng.randint(2, 3)
    for node in range(1, nodes + 1):
        before = ", ".join(f"h{n}" for n in range(node))
        taken = f"pick(1..{min(node, 2)}, [{before}]) >> Add()" if node > 1 else "h0"
        if rng.random() < 0.4:
            taken = f"[{taken} >> {rng.choice(ops)}, {taken}] >> Add()"
        lines.append(f"let h{node} = {taken} >> {rng.choice(ops)}")
    ends = ", ".join(f"h{n}" for n in range(1, nodes + 1))
    return f"space s = train({{ {' '.join(lines)} return pick(1..2, [{ends}]) >> Add() >> Dense(2) }})"


def test_made_networks_are_counted_as_their_keys_are() -> None:
    compared = 0
    for seed in range(26):
        space = hyperdsl.compile(made(seed))
        if (space.count().configurations or 1001) <= 500:
            keys = {space.key(c) for c in space.enumerate()}
            assert space.count(canonical=True).configurations == len(keys), made(seed)
            compared += 1
    assert compared >= 8
