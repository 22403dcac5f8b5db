"""Lale: each definition makes ``space``, a planned pipeline; drawn from the space that it makes for Hyperopt."""

import lale
import numpy as np
from hyperopt.pyll.stochastic import sample
from lale.search.op2hp import hyperopt_search_space

VERSION = lale.__version__


def define(text):
    names = {"__name__": "definition"}
    exec(text, names)
    names["hyperopt"] = hyperopt_search_space(names["space"])
    return names


def draw(names, seed):
    rng = np.random.default_rng(seed)
    while True:
        yield sample(names["hyperopt"], rng)


def count(names):
    return None


def flat(drawn):
    """The operators of a drawn pipeline, as ``{name: hyperparameters}``."""
    if isinstance(drawn, dict) and "name" in drawn:
        return {drawn["name"].rpartition(".")[2]: drawn}
    parts = drawn.values() if isinstance(drawn, dict) else drawn if isinstance(drawn, (tuple, list)) else ()
    return {name: parameters for part in parts for name, parameters in flat(part).items()}


def read(names, drawn):
    return names["read"](flat(drawn), drawn)
