"""Mutation and crossover: only configurations of the space, changed where it is meant."""

from __future__ import annotations

import random

from programs import make
from search_spaces import mixed_space

import hyperdsl
from hyperdsl import HypError
from hyperdsl.search.searchers.variation import cross, mutate, neighbours


def test_children_are_points_of_the_space_whatever_the_program() -> None:
    tried = 0
    for seed in range(120):
        try:
            space = hyperdsl.compile(make(seed)).space
        except HypError:
            continue
        rng = random.Random(seed)
        parents = space.sample(6, seed)
        for _ in range(10):
            child = mutate(space, cross(space, rng.sample(parents, 2), rng), rng, changes=rng.randrange(1, 4))
            assert space.configuration(child.to_json()) == child
            tried += 1
    assert tried > 500


def test_a_mutation_changes_a_decision_and_keeps_the_others() -> None:
    space = mixed_space()
    rng = random.Random(0)
    for parent in space.sample(50, 1):
        child = mutate(space, parent, rng)
        changed = [p for p in parent if p in child and child[p] != parent[p]]
        gone = [p for p in parent if p not in child]
        assert changed and (len(changed) == 1 or gone)


def test_children_have_what_their_parents_have() -> None:
    space = hyperdsl.compile("space s = record(a = 1..1000, b = 1..1000, c = (1..1000) | [1..1000])").space
    rng = random.Random(0)
    for _ in range(50):
        parents = space.sample(2, rng.randrange(1000))
        child = cross(space, parents, rng)
        assert all(child[p] in [parent[p] for parent in parents if p in parent] for p in child)


def test_every_configuration_of_a_small_space_is_reached() -> None:
    space = hyperdsl.compile("space s = record(a = 1..5, b = permute(1, 2, 3))").space
    rng = random.Random(0)
    configuration = space.default()
    seen = {space.key(configuration)}
    for _ in range(400):
        configuration = mutate(space, configuration, rng)
        seen.add(space.key(configuration))
    assert len(seen) == 30


def test_neighbours_differ_in_one_decision_and_are_points_of_the_space() -> None:
    tried = 0
    for seed in range(60):
        try:
            space = hyperdsl.compile(make(seed)).space
        except HypError:
            continue
        (parent,) = space.sample(1, seed)
        for child in neighbours(space, parent, random.Random(seed))[:40]:
            assert space.configuration(child.to_json()) == child
            tried += 1
    assert tried > 300


def test_neighbours_are_all_that_are_next() -> None:
    space = hyperdsl.compile('space s = record(a = 1..5, b = permute(1, 2, 3), c = subset(1, ["x", "y", "z"]))').space
    found = neighbours(space, space.default(), random.Random(0))
    assert len({c.codes for c in found}) == len(found) == 4 + 3 + 2
    conditioned = hyperdsl.compile("let a = 1..9 let b = 1..9 space s = record(a = a, b = b) require a == b").space
    pairs = {c.codes for c in neighbours(conditioned, conditioned.default(), random.Random(0))}
    assert pairs and all(a == b for a, b in pairs)
