"""ConfigSpace: each definition makes ``space``, with conditions and forbidden clauses where they can say it."""

from importlib.metadata import version

VERSION = version("ConfigSpace")


def define(text):
    names = {}
    exec(text, names)
    return names


def draw(names, seed):
    names["space"].seed(seed)
    while True:
        yield dict(names["space"].sample_configuration())


def count(names):
    size = names["space"].estimate_size()
    return None if size == float("inf") else int(size)


def read(names, configuration):
    return names["read"](configuration)
