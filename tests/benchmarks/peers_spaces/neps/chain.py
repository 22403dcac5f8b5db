"""No relation between numbers: what is not a chain has to be dropped by the user."""

from neps import Integer, PipelineSpace


class Space(PipelineSpace):
    t1 = Integer(1, 10)
    t2 = Integer(1, 10)
    t3 = Integer(1, 10)
    t4 = Integer(1, 10)
    t5 = Integer(1, 10)
    t6 = Integer(1, 10)
    t7 = Integer(1, 10)
    t8 = Integer(1, 10)


# Read:
def read(c):
    return [c[f"t{i}"] for i in range(1, 9)]


# Mistake: none
