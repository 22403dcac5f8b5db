"""From the plan of a network to a class of PyTorch."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hyperdsl.backends.pycode import Imports, assign, is_name, note
from hyperdsl.backends.sklearn.naming import clean, snake_case
from hyperdsl.backends.torch.activations import name_of
from hyperdsl.backends.torch.code import Code, expr, item, method
from hyperdsl.backends.torch.layers import WRITERS, with_defaults
from hyperdsl.backends.torch.model import Asked, Made, Part
from hyperdsl.backends.torch.sizes import SHAPE, Shape, class_name, tensors_of
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.unsupported import no_equal_in_torch
from hyperdsl.ir import plan
from hyperdsl.ir.canonical import text
from hyperdsl.ir.networks import normalized

# What a module of PyTorch has of its own, so that no layer can be called so.
_OWN = frozenset({
    *("add_module", "apply", "bfloat16", "buffers", "children", "compile", "cpu", "cuda", "double"),
    *("eval", "extra_repr", "float", "forward", "half", "ipu", "modules", "mtia", "named_buffers"),
    *("named_children", "named_modules", "named_parameters", "parameters", "penalty", "requires_grad_"),
    *("share_memory", "state_dict", "to", "to_empty", "train", "training", "type", "xpu", "zero_grad"),
    *("dump_patches", "call_super_init", "get_buffer", "get_parameter", "get_submodule"),
    *("set_submodule", "load_state_dict", "get_extra_state", "set_extra_state"),
})  # fmt: skip
_LOCALS = frozenset({"self", "x", SHAPE, "torch", "nn", "F", "math"})


def network_class(
    name: str, network: plan.Network, imports: Imports, shape: Shape | None, dropped: str | None
) -> list[ast.FunctionDef | ast.ClassDef]:
    """The class of a network, and functions for the blocks that it has several times.

    Parameters
    ----------
    shape : tuple or None
        Of the rows that it takes, where that is known.
    dropped : str or None
        The activation at the end that the loss includes.

    Raises
    ------
    HypError
        PyTorch has no equal of a part.
    """
    return _Class(normalized(network, text), imports, shape, dropped).make(name)


@dataclass(slots=True)
class _Chain:
    """Modules that are called one after the other."""

    start: int  # the tensor that it takes
    first: bool  # whether with channels first
    members: list[int] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


class _Class:
    def __init__(self, network: plan.Network, imports: Imports, shape: Shape | None, dropped: str | None) -> None:
        self.layers, self.outputs = network.layers, network.outputs
        self.imports = imports
        self.code = Code(imports)
        self.dropped = dropped
        self.tensors = tensors_of(network, shape, self.code)
        self.users = Counter(i for layer in network.layers for i in layer.inputs)
        self.users.update(network.outputs)
        self.shared = {layer.tied for layer in network.layers if layer.tied is not None}
        self.names: dict[int, dict[bool, str]] = {}  # tensor -> its variables, with channels first or last
        self.first: dict[int, bool] = {}
        self.locals = set(_LOCALS)
        self.attributes: dict[str, list[Part]] = {}
        self.of_layer: dict[int, str] = {}
        self.chain: _Chain | None = None
        self.forward: list[ast.stmt] = []

    def make(self, name: str) -> list[ast.FunctionDef | ast.ClassDef]:
        inputs = [n for n, layer in enumerate(self.layers) if isinstance(layer.module, plan.InputPlan)]
        if len(inputs) != 1 or len(self.outputs) != 1:
            what = "outputs" if len(inputs) == 1 else "inputs"
            raise HypError([no_equal_in_torch(None, "train", f"several {what}")])
        for number in range(len(self.layers)):
            self._layer(number)
        self._close()
        self._return(self.outputs[0])
        functions, made = self._constructors()
        methods = [self._init(made), _function("forward", ["self", self.names[inputs[0]][False]], self.forward)]
        methods += self._penalty()
        bases = [self.code.named("nn.Module")]
        return [*functions, ast.ClassDef(name, bases, [], [expression_doc("The network."), *methods], [])]

    # --- what the layers become

    def _layer(self, number: int) -> None:
        layer = self.layers[number]
        if isinstance(layer.module, plan.InputPlan):
            self.first[number] = False
            self.names[number] = {False: self._variable(number)}
            return
        made = self._written(number)
        comes = self.first[layer.inputs[0]]
        wanted = comes if made.first is None else made.first
        gives = wanted if made.gives_first is None else made.gives_first
        self.first[number] = gives and len(self.tensors[number].shape) > 1
        if made.apply is None and layer.tied is None and number not in self.shared:
            self._chained(number, made, wanted)
        else:
            self._close()
            self._applied(number, made, wanted)

    def _written(self, number: int) -> Made:
        layer = self.layers[number]
        name, span = class_name(layer), layer.module.span
        assert isinstance(layer.module, plan.Call)
        arguments, defaults = with_defaults(layer.module)
        if number == self.outputs[0] and self.dropped is not None:
            if name == "Softmax":
                return Made()
            if name_of(arguments.get("activation")) == self.dropped:
                arguments["activation"] = None
        taken = [self.tensors[i] for i in layer.inputs]
        shapes, sizes = tuple(t.shape for t in taken), tuple(t.size for t in taken)
        first = self.first[layer.inputs[0]]
        asked = Asked(name, span, arguments, defaults, shapes, sizes, self.tensors[number].shape, first, self.code)
        if name not in WRITERS:
            asked.refuse()
        made = WRITERS[name](asked)
        asked.check_all_read()
        if made.parts and span is not None:
            note(made.parts[0].made, f"{span.source.name.rpartition('/')[2]}:{span.line}")
        return made

    # --- modules one after the other

    def _chained(self, number: int, made: Made, first: bool) -> None:
        source = self.layers[number].inputs[0]
        is_next = self.chain is not None and self.chain.members[-1] == source and self.users[source] == 1
        fits = len(self.tensors[source].shape) < 2 or first == self.first[source]
        is_free = self.layers[number].label is None and self.layers[source].label is None
        if not (is_next and fits and is_free):
            self._close()
            self.chain = _Chain(source, first)
        assert self.chain is not None
        self.chain.members.append(number)
        self.chain.parts += made.parts

    def _close(self) -> None:
        """Write the chain that is open."""
        chain, self.chain = self.chain, None
        if chain is None:
            return
        source = self._source(chain.start, chain.first)
        if chain.parts:
            module = self._attribute(chain.members, chain.parts)
            self._assign(chain.members[-1], ast.Call(module, [source], []))
        else:
            self.names[chain.members[-1]] = self.names[chain.start]

    # --- single modules and expressions

    def _applied(self, number: int, made: Made, first: bool) -> None:
        layer = self.layers[number]
        sources: list[ast.expr] = [self._source(i, first) for i in layer.inputs]
        module: ast.expr = ast.Constant(None)
        if layer.tied is not None:
            module = ast.Attribute(ast.Name("self"), self.of_layer[layer.tied])
        elif made.parts:
            module = self._attribute([number], list(made.parts))
        if made.apply is not None:
            self._assign(number, made.apply(module, sources))
        else:
            self._assign(number, ast.Call(module, sources, []) if made.parts else sources[0])

    def _source(self, number: int, first: bool) -> ast.Name:
        """The variable of a tensor with its channels where they are wanted, moved there if need be."""
        names = self.names[number]
        if len(self.tensors[number].shape) < 2:
            first = False
        if first not in names:
            (name,) = names.values()
            moved = method(ast.Name(name), "movedim", *((-1, 1) if first else (1, -1)))
            names[first] = name if self.users[number] == 1 else self._unused(f"{name}_moved")
            self.forward.append(assign(names[first], moved))
        return ast.Name(names[first])

    def _assign(self, number: int, value: ast.expr) -> None:
        name = self._variable(number)
        self.names[number] = {self.first[number]: name}
        self.forward.append(assign(name, value))

    def _return(self, number: int) -> None:
        name = self._source(number, first=False)
        match self.forward[-1:]:
            case [ast.Assign([ast.Name(last)], value)] if last == name.id:
                self.forward[-1] = ast.Return(value)
            case _:
                self.forward.append(ast.Return(name))

    # --- names

    def _variable(self, number: int) -> str:
        """``x`` along a chain; a name of its own for a tensor that is used elsewhere too."""
        is_next = number + 1 < len(self.layers) and self.layers[number + 1].inputs == (number,)
        is_last = number == len(self.layers) - 1
        if self.layers[number].label is None and self.users[number] == 1 and (is_next or is_last):
            return "x"
        return self._unused(self._base(number))

    def _base(self, number: int) -> str:
        layer = self.layers[number]
        if layer.label is not None:
            return clean(layer.label)
        return "inputs" if isinstance(layer.module, plan.InputPlan) else snake_case(class_name(layer))

    def _unused(self, name: str) -> str:
        """A name for a variable that nothing else has."""
        name = name if is_name(name) else f"layer_{name}"
        found, number = name, 1
        while found in self.locals or found in self.imports.taken:
            number += 1
            found = f"{name}_{number}"
        self.locals.add(found)
        return found

    def _attribute(self, members: Sequence[int], parts: list[Part]) -> ast.Attribute:
        """``self.name`` for some modules."""
        base = self._base(members[0])
        if len(members) == sum(not isinstance(layer.module, plan.InputPlan) for layer in self.layers) > 1:
            base = "layers"
        elif len(members) > 1:
            base = f"{base}_block"
        base = base if is_name(base) and base not in _OWN and not base.startswith("register_") else f"layer_{base}"
        name, number = base, 1
        while name in self.attributes:
            number += 1
            name = f"{base}_{number}"
        self.attributes[name] = parts
        self.of_layer |= dict.fromkeys(members, name)
        return ast.Attribute(ast.Name("self"), name)

    # --- the constructor

    def _constructors(self) -> tuple[list[ast.FunctionDef], dict[str, ast.expr]]:
        """The expression of each attribute, and the functions of those that are there several times."""
        made = {
            name: parts[0].made if len(parts) == 1 else self.code.made("nn.Sequential", *(p.made for p in parts))
            for name, parts in self.attributes.items()
        }
        texts = {name: ast.dump(value) for name, value in made.items()}
        times = Counter(texts.values())
        functions: dict[str, ast.FunctionDef] = {}
        for name, value in list(made.items()):
            is_own = times[texts[name]] == 1 or len(self.attributes[name]) == 1 or SHAPE in _names(value)
            if not is_own:
                if texts[name] not in functions:
                    function = self.imports.define(name)
                    functions[texts[name]] = _function(function, [], [ast.Return(value)])
                made[name] = ast.Call(ast.Name(functions[texts[name]].name), [], [])
        return list(functions.values()), made

    def _init(self, made: dict[str, ast.expr]) -> ast.FunctionDef:
        me = ast.Name("self")
        begin = ast.Expr(method(ast.Call(ast.Name("super"), [], []), "__init__"))
        body: list[ast.stmt] = [begin, *(_set(ast.Attribute(me, name), value) for name, value in made.items())]
        if self.attributes:
            self.imports.taken.add("initialize")
            body.append(ast.Expr(method(me, "apply", ast.Name("initialize"))))
        for part, module in self._modules():
            body += [ast.Expr(fill(ast.Attribute(module, weight))) for weight, fill in part.initial]
            for weight in part.fixed:
                body.append(ast.Expr(method(ast.Attribute(module, weight), "requires_grad_", False)))
            body += [ast.Expr(method(module, part.begins))] if part.begins else []
        return _function("__init__", ["self", SHAPE], body)

    def _modules(self) -> list[tuple[Part, ast.expr]]:
        """Each module with the expression that names it."""
        found: list[tuple[Part, ast.expr]] = []
        for name, parts in self.attributes.items():
            of = ast.Attribute(ast.Name("self"), name)
            found += [(part, of if len(parts) == 1 else item(of, place)) for place, part in enumerate(parts)]
        return found

    def _penalty(self) -> list[ast.FunctionDef]:
        """What the loss gets for large weights."""
        terms: list[ast.expr] = []
        for part, module in self._modules():
            for weight, absolute, square in part.penalties:
                named = _dotted(module, weight)
                if absolute:
                    terms.append(ast.BinOp(expr(absolute), ast.Mult(), method(method(named, "abs"), "sum")))
                if square:
                    terms.append(ast.BinOp(expr(square), ast.Mult(), method(method(named, "square"), "sum")))
        if not terms:
            return []
        total: list[ast.stmt] = [ast.Return(terms[0])]
        if len(terms) > 1:
            more = [ast.AugAssign(ast.Name("total"), ast.Add(), term) for term in terms[1:]]
            total = [assign("total", terms[0]), *more, ast.Return(ast.Name("total"))]
        body = [expression_doc("What the loss gets for large weights."), *total]
        return [_function("penalty", ["self"], body)]


def _dotted(of: ast.expr, path: str) -> ast.expr:
    for name in path.split("."):
        of = ast.Attribute(of, name)
    return of


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _set(target: ast.expr, value: ast.expr) -> ast.stmt:
    return ast.Assign([target], value)


def expression_doc(text: str) -> ast.stmt:
    """A docstring."""
    return ast.Expr(ast.Constant(text))


def _function(name: str, parameters: Sequence[str], body: list[ast.stmt]) -> ast.FunctionDef:
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(p) for p in parameters], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    return ast.FunctionDef(name, arguments, body, [])
