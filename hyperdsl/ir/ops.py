"""The operations of the graph: frozen data; operands belong to the node, not to the operation.

A field holds only ``int float bool str None`` and tuples of them, so that the text form can write and read it.
Decision operations carry the *path* that names the decision; two nodes with decisions are never merged.
"""

from __future__ import annotations

from typing import ClassVar

from hyperdsl.frozen import frozen

Scalar = int | float | bool | str | None
NOTHING = "nothing"  # where a class is asked for: none, the part is left out


@frozen
class Op:
    """Base of all operations; ``name`` is how the text form spells it."""

    name: ClassVar[str] = ""


@frozen
class DecisionOp(Op):
    """An operation that decides something."""

    path: str


# --- constants


@frozen
class Const(Op):
    """A literal value; ``1``, ``1.0`` and ``True`` are different constants."""

    name: ClassVar[str] = "const"
    value: Scalar


@frozen
class Symbol(Op):
    """A function or class of a target library, named and not called."""

    name: ClassVar[str] = "symbol"
    path: str


@frozen
class DataFact(Op):
    """``data.classes``, ``data.features``, ``data.rows``, ``data.task``: known once the data's schema is."""

    name: ClassVar[str] = "data"
    fact: str


@frozen
class Nothing(Op):
    """An absent part: no list item, no argument, the unchanged input."""

    name: ClassVar[str] = "nothing"


@frozen
class Missing(Op):
    """An item that a list does not have: a condition on it is unknown."""

    name: ClassVar[str] = "missing"


# --- decisions


@frozen
class Integer(DecisionOp):
    """Operands: low, high. Members are ``low, low + step, …``."""

    name: ClassVar[str] = "integer"
    log: bool = False
    step: int = 1
    default: int | None = None


@frozen
class Real(DecisionOp):
    """Operands: low, high. With a step the domain is finite."""

    name: ClassVar[str] = "real"
    log: bool = False
    step: float | int | None = None
    default: float | int | None = None


@frozen
class Normal(DecisionOp):
    """Operands: mean, standard deviation (of the logarithm when ``log``)."""

    name: ClassVar[str] = "normal"
    log: bool = False


@frozen
class Choose(DecisionOp):
    """Operands: the alternatives.

    ``labels`` name them in configurations; ``default`` is an index, None for the heaviest. ``assignments`` is empty or,
    where a pass has flattened nested choices, says per alternative which original decisions it stands for:
    ``((path, index), …)``.
    """

    name: ClassVar[str] = "choose"
    labels: tuple[Scalar, ...]
    weights: tuple[int, ...]
    ordinal: bool = False
    default: int | None = None
    assignments: tuple[tuple[tuple[str, int], ...], ...] = ()


@frozen
class Subset(DecisionOp):
    """Operands: count, items. A list of ``count`` items in written order; ``joined``: modules side by side."""

    name: ClassVar[str] = "subset"
    labels: tuple[Scalar, ...]
    joined: bool = False


@frozen
class Permute(DecisionOp):
    """Operands: the items. A list of all of them in some order."""

    name: ClassVar[str] = "permute"
    labels: tuple[Scalar, ...]


# --- structure of values


@frozen
class Repeat(Op):
    """Operands: count, then one body per possible item. The list of the first ``count`` bodies."""

    name: ClassVar[str] = "repeat"


@frozen
class Select(Op):
    """Operands: test, then, other."""

    name: ClassVar[str] = "select"


@frozen
class Arithmetic(Op):
    """Operands: left, right."""

    name: ClassVar[str] = "arithmetic"
    operator: str


@frozen
class Negate(Op):
    """Operand: a number."""

    name: ClassVar[str] = "negate"


@frozen
class Compare(Op):
    """Operands: left, right. ``operator``: ``== != < <= > >= in "not in"``."""

    name: ClassVar[str] = "compare"
    operator: str


@frozen
class Logic(Op):
    """``and``, ``or`` over all operands, ``not`` over one."""

    name: ClassVar[str] = "logic"
    operator: str


@frozen
class IsModule(Op):
    """Operand: a module. Whether it, or the last step of it, is the class at ``path``; at ``NOTHING``: is left out."""

    name: ClassVar[str] = "is"
    path: str

    def holds_of(self, head: Op) -> bool | None:
        """Whether it is so of what gives a module its class; None where that is not there."""
        if isinstance(head, Missing):
            return None
        return isinstance(head, Nothing) if self.path == NOTHING else isinstance(head, Call) and head.path == self.path


@frozen
class Argument(Op):
    """Operand: a module. The value of one argument of it, or of its last step."""

    name: ClassVar[str] = "argument"
    parameter: str


@frozen
class Interval(Op):
    """Operands: low, high. The set right of ``in``."""

    name: ClassVar[str] = "interval"


@frozen
class MakeList(Op):
    """Operands: the items."""

    name: ClassVar[str] = "list"


@frozen
class MakeTuple(Op):
    """Operands: the items."""

    name: ClassVar[str] = "tuple"


@frozen
class MakeDict(Op):
    """Operands: the values. Also records, with string keys."""

    name: ClassVar[str] = "dict"
    keys: tuple[Scalar, ...]


@frozen
class Index(Op):
    """Operands: a list, an index."""

    name: ClassVar[str] = "index"


@frozen
class Slice(Op):
    """Operand: a list. Ends are constants."""

    name: ClassVar[str] = "slice"
    lower: int | None
    upper: int | None
    step: int | None


@frozen
class Aggregate(Op):
    """``len sum min max any all`` of one list, or of all operands where there are several."""

    name: ClassVar[str] = "aggregate"
    function: str


# --- structure of modules


@frozen
class Call(Op):
    """Operands: the argument values, in the order of ``parameters``."""

    name: ClassVar[str] = "call"
    path: str
    parameters: tuple[str, ...]


@frozen
class Seq(Op):
    """Operands: the steps, one after the other."""

    name: ClassVar[str] = "seq"


@frozen
class Par(Op):
    """Operands: modules that take the same input."""

    name: ClassVar[str] = "par"


@frozen
class Pass(Op):
    """The unchanged input."""

    name: ClassVar[str] = "pass"


@frozen
class Drop(Op):
    """No output."""

    name: ClassVar[str] = "drop"


@frozen
class Columns(Op):
    """Operands: the bodies. Per route its selectors as ``(kind, value)`` and its label."""

    name: ClassVar[str] = "columns"
    selectors: tuple[tuple[tuple[str, str | tuple[str | int, ...] | None], ...], ...]
    labels: tuple[str, ...]


@frozen
class Label(Op):
    """Operand: anything. Gives a module the name of its step."""

    name: ClassVar[str] = "label"
    label: str


# --- structure of networks


@frozen
class Input(Op):
    """Operands: the lengths of an input's axes without the batch; none where the data says them."""

    name: ClassVar[str] = "input"
    dtype: str | None = None


@frozen
class Apply(Op):
    """Operands: a tensor or a list of tensors, a module. What the module makes of them, with weights of its own."""

    name: ClassVar[str] = "apply"


@frozen
class Tied(Op):
    """Operand: a module. It has the same weights wherever it is applied."""

    name: ClassVar[str] = "tied"


@frozen
class Loose(Op):
    """Operand: a list of tensors. Those from which no other one is computed, each once."""

    name: ClassVar[str] = "loose"


@frozen
class Cost(Op):
    """Operand: a network, a tensor or what may be either. Its ``params`` or ``macs``: a number of its whole.

    Once shapes are known it is an expression over decisions (``hyperdsl.audit.shapes.costs``).
    """

    name: ClassVar[str] = "cost"
    measure: str


@frozen
class Case(Op):
    """Operands: the value for each of ``codes``. Which it is says the decision at ``path``, which is only read.

    Where that decision is not made, the values that are left do not differ, and the first is taken.
    """

    name: ClassVar[str] = "case"
    path: str
    codes: tuple[int | tuple[int, ...], ...]


@frozen
class Unknown(Op):
    """What depends on something that is not there: a condition on it asks for nothing."""

    name: ClassVar[str] = "unknown"


# --- around values


@frozen
class Where(Op):
    """Operands: a value, then conditions. Once it is reached, none of the conditions may be false in the end."""

    name: ClassVar[str] = "where"


@frozen
class Named(Op):
    """Operand: anything. Says which definition it came from; means nothing."""

    name: ClassVar[str] = "named"
    definition: str


FRESH = (DecisionOp, Input, Apply)  # two equal nodes are two decisions, two inputs, two layers: never merged


def _concrete(cls: type[Op]) -> list[type[Op]]:
    found = [cls] if cls.name else []
    for child in cls.__subclasses__():
        found.extend(_concrete(child))
    return found


OPS: dict[str, type[Op]] = {cls.name: cls for cls in _concrete(Op)}
