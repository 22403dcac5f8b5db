"""NePS: each definition makes a class ``Space``; drawn as its random search draws."""

import logging
import random
from importlib.metadata import version

VERSION = version("neural-pipeline-search")
logging.disable(logging.CRITICAL)


def define(text):
    names = {"__name__": "definition"}
    exec(text, names)
    names["space"] = names["Space"]()
    return names


def draw(names, seed):
    random.seed(seed)
    while True:
        yield names["space"].sample()[1]


def count(names):
    return None


def read(names, configuration):
    return names["read"](configuration)
