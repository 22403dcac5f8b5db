"""PyGlove: each definition makes ``space``, a value with choices in it; drawn from its template."""

import random

import pyglove as pg

VERSION = pg.__version__


def define(text):
    names = {}
    exec(text, names)
    names["template"] = pg.template(names["space"])
    names["spec"] = pg.dna_spec(names["space"])
    return names


def draw(names, seed):
    rng = random.Random(seed)
    while True:
        yield names["template"].decode(pg.random_dna(names["spec"], rng))


def count(names):
    size = names["spec"].space_size
    return None if size < 0 else size


def read(names, configuration):
    return names["read"](configuration)
