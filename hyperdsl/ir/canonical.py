"""The canonical key of a program: equal for programs that are the same, whatever decisions led there.

Step names and places in the source do not count. ``1``, ``1.0`` and ``True`` differ, floats count to the last bit.
Identities are gone already: the normal forms of ``>>`` and ``&`` drop them. Branches of ``&`` keep their order, since
the order of features changes what a seeded model learns.
"""

from __future__ import annotations

from hashlib import blake2b

from hyperdsl.ir import plan


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
            return f"{path}({','.join(f'{k}={text(v)}' for k, v in arguments)})"
        case plan.Seq(steps=steps):
            return f">>({','.join(map(text, steps))})"
        case plan.Par(branches=branches):
            return f"&({','.join(map(text, branches))})"
        case plan.Pass():
            return "pass"
        case plan.Drop():
            return "drop"
        case plan.ColumnsPlan(routes=routes):
            return f"columns({','.join(_route(r) for r in routes)})"
    raise TypeError(f"not a plan: {value!r}")


def _route(route: plan.RoutePlan) -> str:
    selectors = "+".join(f"{s.kind}{s.value!r}" for s in route.selectors)
    return f"{selectors}=>{text(route.body)}"
