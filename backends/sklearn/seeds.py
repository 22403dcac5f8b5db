"""Seeds for the steps that draw random numbers."""

from __future__ import annotations

from hashlib import blake2b

from hyperdsl.ir.plan import Call, ColumnsPlan, DictPlan, Drop, ListPlan, Par, Pass, PlanNode, Seq, Symbol, Value


def derive(seed: int, key: str, occurrence: int = 0) -> int:
    """A step's ``random_state``: the first 31 bits of BLAKE2b over the study's seed and the step's key.

    Parameters
    ----------
    seed : int
        The study's seed.
    key : str
        The canonical text of all that the step's input goes through, and of the step.
    occurrence : int
        How many steps of the same key come before it in the program, so that equal members of an ensemble differ.
    """
    digest = blake2b(f"{seed}\n{occurrence}\n{key}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") >> 1


def canonical(value: Value) -> str:
    """A text that two values share exactly when they mean the same: no labels, no spans, types kept."""
    match value:
        case bool() | int() | str() | None:
            return repr(value)
        case float():
            return value.hex()
        case tuple():
            return _joined("(", value, ",", ")")
        case ListPlan(items=items):
            return _joined("[", items, ",", "]")
        case DictPlan(items=pairs):
            return "{" + ",".join(f"{canonical(k)}:{canonical(v)}" for k, v in pairs) + "}"
        case PlanNode():
            return _node(value)


def _node(node: PlanNode) -> str:
    match node:
        case Symbol(path=path):
            return path
        case Call(path=path, arguments=arguments):
            return f"{path}(" + ",".join(f"{k}={canonical(v)}" for k, v in arguments) + ")"
        case Seq(steps=steps):
            return _joined("(", steps, ">>", ")")
        case Par(branches=branches):
            return _joined("(", branches, "&", ")")
        case Pass():
            return "pass"
        case Drop():
            return "drop"
        case ColumnsPlan(routes=routes):
            parts = (f"{[(s.kind, s.value) for s in r.selectors]}=>{canonical(r.body)}" for r in routes)
            return "columns{" + ",".join(parts) + "}"
        case _:
            raise TypeError(f"not a plan: {node!r}")


def _joined(opening: str, parts: tuple[Value, ...], separator: str, closing: str) -> str:
    return opening + separator.join(canonical(p) for p in parts) + closing
