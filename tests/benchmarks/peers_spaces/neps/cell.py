"""What a space calls a cell: one decision where it is named, a new one where it is resampled."""

from neps import Categorical, Operation, PipelineSpace


def stage(width, cell):
    return {"width": width, "cell": cell}


def chain(*stages):
    return list(stages)


def node(source, op):
    return (source, op)


class Space(PipelineSpace):
    _op = Categorical(("conv3", "conv5", "pool", "skip"))
    _width = Categorical((16, 32, 64))
    _node0 = Operation(node, args=(0, _op.resample()))
    _node1 = Operation(node, args=(Categorical((0, 1)), _op.resample()))
    _node2 = Operation(node, args=(Categorical((0, 1, 2)), _op.resample()))
    _cell = Operation(chain, args=(_node0, _node1, _node2))
    _stage = Operation(stage, args=(_width.resample(), _cell))
    _two = Operation(chain, args=(_stage.resample(), _stage.resample()))
    _three = Operation(chain, args=(_stage.resample(), _stage.resample(), _stage.resample()))
    _four = Operation(chain, args=(_stage.resample(), _stage.resample(), _stage.resample(), _stage.resample()))
    network = Categorical((_two, _three, _four))


# Read:
def read(c):
    return c["network"]


# Mistake: Categorical((0, 1, 2)) -> Categorical(())
