"""The picture of one configuration: the same blocks as those of a space, with nothing left to decide."""

from __future__ import annotations

from dataclasses import replace

from hyperdsl.backends.exchange.blocks import Block, Picture, labelled
from hyperdsl.backends.exchange.wording import constant
from hyperdsl.ir import plan as plans

LONGEST = 60  # characters of one value


def picture_of_plan(name: str, facts: str, value: plans.Value) -> Picture:
    """The picture of a plan; ``facts`` is the line below its name."""
    return Picture(name, facts, _block(value))


def _block(value: plans.Value) -> Block:
    match value:
        case plans.Call(path=path, arguments=arguments, label=label):
            return _fields(_titled(label, path.rpartition(".")[2]), arguments)
        case plans.DictPlan(items=items):
            return _fields("record", tuple((str(key), item) for key, item in items))
        case plans.Seq(steps=steps, label=label):
            flow = Block("", (), tuple(_part(step) for step in steps), "flow")
            return Block(label, (), (("", flow),), "list") if label else flow
        case plans.Par(branches=branches, label=label):
            return Block(_titled(label, "side by side"), (), tuple(map(_part, branches)), "parallel")
        case plans.ColumnsPlan(routes=routes, label=label):
            parts = tuple((_short(r.label), _block(r.body)) for r in routes)
            return Block(_titled(label, "columns"), (), parts, "columns")
        case plans.Network(layers=layers):
            drawn = [_layer(number, layer) for number, layer in enumerate(layers)]
            return Block("network", (), tuple(("", block) for block in drawn), "list")
        case plans.ListPlan(items=items) if any(_holds_modules(item) for item in items):
            return Block("all of", (), tuple(map(_part, items)), "list")
        case tuple() if any(_holds_modules(item) for item in value):
            if len(value) == 2 and isinstance(value[0], str):  # a named part, as in VotingClassifier
                return labelled(value[0], _block(value[1]))
            return Block("all of", (), tuple(map(_part, value)), "list")
    return Block(_short(_text(value)))


def _layer(number: int, layer: plans.Layer) -> Block:
    """A layer: its number, and those of the layers that it takes from where that is not the one before."""
    before = (number - 1,) if number else ()
    source = "" if layer.inputs in (before, ()) else f" of {', '.join(str(i + 1) for i in layer.inputs)}"
    if isinstance(layer.module, plans.InputPlan):
        shape = "the data's" if layer.module.shape is None else _text(layer.module.shape)
        return Block(f"{number + 1}: input", (("shape", shape),))
    block = _block(layer.module)
    tied = () if layer.tied is None else (("weights", f"those of {layer.tied + 1}"),)
    return replace(block, title=f"{number + 1}: {block.title}{source}", rows=(*block.rows, *tied))


def _part(value: plans.Value) -> tuple[str, Block]:
    return "", _block(value)


def _fields(title: str, items: tuple[tuple[str, plans.Value], ...]) -> Block:
    """A module or record: values are rows, modules are blocks inside."""
    rows = tuple((name, _short(_text(value))) for name, value in items if not _holds_modules(value))
    return Block(title, rows, tuple((name, _block(value)) for name, value in items if _holds_modules(value)))


def _holds_modules(value: plans.Value) -> bool:
    if isinstance(value, (plans.Call, plans.Seq, plans.Par, plans.ColumnsPlan, plans.Pass, plans.Drop, plans.Network)):
        return True
    return any(_holds_modules(child) for child in plans.children(value))


def _text(value: plans.Value) -> str:
    match value:
        case plans.Pass():
            return "pass"
        case plans.Drop():
            return "drop"
        case plans.Symbol(path=path):
            return path.rpartition(".")[2]
        case plans.ListPlan(items=items):
            return f"[{', '.join(map(_text, items))}]"
        case tuple():
            return f"({', '.join(map(_text, value))})"
        case plans.DictPlan(items=pairs):
            return f"{{{', '.join(f'{constant(key)}: {_text(item)}' for key, item in pairs)}}}"
        case float():
            return f"{value:.6g}"
        case int() | str() | None:
            return constant(value)
    return type(value).__name__


def _titled(label: str | None, title: str) -> str:
    return f"{label}: {title}" if label and label != title else title


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
