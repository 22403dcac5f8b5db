"""No condition on a sum: what does not add up to 100 has to be dropped by the user."""

from neps import Integer, PipelineSpace


class Space(PipelineSpace):
    a = Integer(0, 100)
    b = Integer(0, 100)
    c = Integer(0, 100)
    d = Integer(0, 100)


# Read:
def read(c):
    return [c[name] for name in "abcd"]


# Mistake: (0, 100) -> (0, 20)
