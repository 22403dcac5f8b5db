"""A choice of operations, one for each penalty with the solvers that know it."""

from neps import Categorical, Float, Operation, PipelineSpace

SOLVERS = {
    "l1": ("liblinear", "saga"),
    "l2": ("lbfgs", "newton-cholesky", "liblinear", "saga"),
    None: ("lbfgs", "newton-cholesky", "saga"),
}
MODELS = [Operation(dict, kwargs={"penalty": p, "solver": Categorical(s)}) for p, s in SOLVERS.items()]
MIX = {"penalty": "elasticnet", "solver": "saga", "l1_ratio": Float(0.0, 1.0)}


class Space(PipelineSpace):
    model = Categorical((*MODELS, Operation(dict, kwargs=MIX)))
    C = Float(1e-4, 1e4, log=True)


# Read:
def read(c):
    return {"l1_ratio": None, **c["model"], "C": c["C"]}


# Mistake: "l1": ("liblinear" -> "l1": ("lbfgs"
