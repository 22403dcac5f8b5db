"""The places of the steps are numbers that must differ; which size bounds which is a clause for each case."""

from itertools import combinations

from ConfigSpace import (
    Categorical,
    ConfigurationSpace,
    Float,
    ForbiddenAndConjunction,
    ForbiddenEqualsRelation,
    ForbiddenGreaterThanRelation,
    ForbiddenLessThanRelation,
    Integer,
)

places = [Integer(name, (0, 2), default=i) for i, name in enumerate(["scale", "select", "reduce"])]
kept, parts = Integer("kept", (2, 12), default=8), Integer("parts", (2, 12), default=4)
space = ConfigurationSpace()
space.add(*places, kept, parts)
space.add(Categorical("scaler", ["standard", "robust"]), Float("C", (1e-3, 1e3), log=True))
space.add(*[ForbiddenEqualsRelation(a, b) for a, b in combinations(places, 2)])
_, select, reduce = places
space.add(
    ForbiddenAndConjunction(ForbiddenLessThanRelation(select, reduce), ForbiddenLessThanRelation(kept, parts)),
    ForbiddenAndConjunction(ForbiddenGreaterThanRelation(select, reduce), ForbiddenGreaterThanRelation(kept, parts)),
)


# Read:
def read(c):
    return {**c, "order": sorted(["scale", "select", "reduce"], key=lambda name: c[name])}


# Mistake: Categorical("scaler" -> Categorical("scaling"
