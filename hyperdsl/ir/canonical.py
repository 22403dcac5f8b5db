"""The canonical key of a program: equal for programs that are the same, whatever decisions led there.

Step names and places in the source do not count. ``1``, ``1.0`` and ``True`` differ, floats count to the last bit.
Steps that change nothing are left out: ``pass`` by the normal forms of ``>>`` and ``&``, what ``neutral.py`` lists
here. Branches of ``&`` keep their order, since the order of features changes what a seeded model learns.
Networks are in the normal form of ``networks``.

The key is that of the program that is built. The passes of -O1 keep it, so that it is the same at -O0 and -O1; those of
-O2 are approximate, and what they make the same program has the same key: a search does not try it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from hyperdsl.ir import neutral, plan
from hyperdsl.ir.networks import symmetries


def key(value: plan.Value) -> str:
    """32 hexadecimal digits (BLAKE2b, 128 bits) of the canonical text."""
    return blake2b(text(value).encode(), digest_size=16).hexdigest()


def text(value: plan.Value) -> str:
    """The canonical text: a term in prefix form."""
    match value:
        case bool() | None:
            return str(value)
        case int():
            return f"i{value}"
        case float():
            return f"f{value.hex()}"
        case str():
            return f"s{value!r}"
        case tuple():
            return f"t({','.join(map(text, value))})"
        case plan.ListPlan(items=items):
            return f"l({','.join(map(text, items))})"
        case plan.DictPlan(items=pairs):
            return f"d({','.join(f'{text(k)}:{text(v)}' for k, v in pairs)})"
        case plan.Symbol(path=path):
            return f"@{path}"
        case plan.Call(path=path, arguments=arguments):
            if neutral.is_identity(path, dict(arguments)):
                return "pass"
            return f"{path}({','.join(f'{k}={text(v)}' for k, v in arguments)})"
        case plan.Seq(steps=steps):
            kept = [text(step) for step in effective(steps)]
            return f">>({','.join(kept)})" if len(kept) > 1 else "".join(kept) or "pass"
        case plan.Par(branches=branches):
            return f"&({','.join(map(text, branches))})"
        case plan.Pass():
            return "pass"
        case plan.Drop():
            return "drop"
        case plan.InputPlan(shape=shape, dtype=dtype):
            return f"input({text(shape)},{text(dtype)})"
        case plan.Network():
            return symmetries(value, text).way.text
        case plan.ColumnsPlan(routes=routes):
            return f"columns({','.join(_route(r) for r in routes)})"
    raise TypeError(f"not a plan: {value!r}")


def effective(steps: Sequence[plan.PlanNode]) -> list[plan.PlanNode]:
    """The steps of a sequence without those that change nothing."""
    kept: list[plan.PlanNode] = []
    for step in steps:
        before = kept[-1] if kept else None
        if not changes_nothing(step, before):
            kept.append(step)
    return kept


def changes_nothing(step: plan.PlanNode, before: plan.PlanNode | None) -> bool:
    """Whether a step gives its input, because it does so always or because the step before it is the same."""
    if not isinstance(step, plan.Call):
        return isinstance(step, plan.Pass)
    arguments = dict(step.arguments)
    if neutral.is_identity(step.path, arguments):
        return True
    is_repeated = isinstance(before, plan.Call) and neutral.is_idempotent(step.path, arguments)
    return is_repeated and text(before) == text(step)


def _route(route: plan.RoutePlan) -> str:
    selectors = "+".join(f"{s.kind}{s.value!r}" for s in route.selectors)
    return f"{selectors}=>{text(route.body)}"
