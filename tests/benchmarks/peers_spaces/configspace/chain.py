"""Relations between neighbours; what violates one is drawn anew."""

from itertools import pairwise

from ConfigSpace import ConfigurationSpace, ForbiddenEqualsRelation, ForbiddenGreaterThanRelation, Integer

numbers = [Integer(f"t{i}", (1, 10), default=i) for i in range(1, 9)]
space = ConfigurationSpace()
space.add(*numbers)
for left, right in pairwise(numbers):
    space.add(ForbiddenGreaterThanRelation(left, right), ForbiddenEqualsRelation(left, right))


# Read:
def read(c):
    return [c[f"t{i}"] for i in range(1, 9)]


# Mistake: space.add(*numbers) -> space.add(*numbers, ForbiddenGreaterThanRelation(numbers[7], numbers[0]))
