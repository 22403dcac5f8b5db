"""There is no clause on a sum: what does not add up to 100 has to be dropped by the user."""

from ConfigSpace import ConfigurationSpace

space = ConfigurationSpace({name: (0, 100) for name in "abcd"})


# Read:
def read(c):
    return [c[name] for name in "abcd"]


# Mistake: (0, 100) -> (0, 20)
