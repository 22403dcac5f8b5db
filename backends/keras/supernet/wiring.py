"""From the graph of a space to the tensors of its supernet: the walk that follows shapes, with layers in its hands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from hyperdsl.audit.diagrams import SKIPPED, Sign
from hyperdsl.backends.keras.supernet.layers import Layered, Site
from hyperdsl.backends.keras.supernet.tensors import Bunch, Mixed
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.networks import weights_not_shared
from hyperdsl.ir import ops, plan
from hyperdsl.ir.domain import Code
from hyperdsl.ir.meaning import NOTHING


class Wiring(Layered):
    """The supernet of one space while it is made.

    Parameters
    ----------
    construct : callable
        The layer of a plan.
    row_shape : tuple of int
        Of what flows into the network.
    codes : mapping of str to Code
        Of the default configuration.
    """

    def __init__(
        self,
        skeleton: Any,
        shapes: Any,
        construct: Callable[[plan.Call], Any],
        row_shape: tuple[int, ...],
        codes: Mapping[str, Code],
    ) -> None:
        super().__init__(skeleton, shapes, construct, codes)
        self.row_shape = row_shape
        self.input: Any = None
        self._input_node: int | None = None

    # --- values

    def value(self, index: int) -> int:
        if index not in self._values:
            self._values[index] = self.collapsed(super().value(index))
        return self._values[index]

    def other(self, index: int) -> int:
        op, operands = self.graph[index].op, self.graph[index].operands
        match op:
            case ops.Input():
                return self.leaf(self.flowing_in(index, op.dtype))
            case ops.Apply():
                return self.collapsed(self.wired(operands[1], self.value(operands[0]), Site(index, (index,))))
            case ops.Loose():
                return self._of_loose(index, operands[0])
            case ops.Call(path=path, parameters=parameters):
                return self.apply(
                    lambda *values: plan.Call(path, _arguments(parameters, values)), *(self.value(o) for o in operands)
                )
            case ops.Symbol(path=path):
                return self.leaf(plan.Symbol(path))
        return self.unknown

    def flowing_in(self, index: int, dtype: str | None = None) -> Mixed:
        """The rows; there is one input."""
        if self._input_node not in (None, index):
            raise HypError([weights_not_shared(self.graph[index].span, "it is a second input")])
        self._input_node = index
        self.input = keras.Input(self.row_shape, dtype=dtype, name="rows")
        return self.add(self.input)

    def _of_loose(self, index: int, tensors: int) -> int:
        """The tensors of a list from which no other of it is computed."""
        items = self.skeleton.analysis.items(tensors)
        ends = list(dict.fromkeys(map(self.end, items or ())))
        if not ends or not all(map(self.is_own_tensor, ends)):
            raise HypError([weights_not_shared(self.graph[index].span, "which tensors it takes cannot be followed")])
        uses = self.used_below(ends)
        values = [self.value(end) for end in ends]
        loose = [self.apply(lambda t: t is False, uses.get(end, self.no)) for end in ends]
        alone = [self.leaves(value) for value in values]
        if all(len(leaves) == 1 and isinstance(leaves[0], Mixed) for leaves in alone):
            return self.leaf(Bunch(tuple((leaves[0], there) for leaves, there in zip(alone, loose, strict=True))))

        def kept(*parts: Any) -> Any:
            pairs = zip(parts[: len(ends)], parts[len(ends) :], strict=True)
            return plan.ListPlan(tuple(value for value, there in pairs if there))

        return self.apply(kept, *values, *loose)

    # --- applying

    def wired(self, index: int, source: int, site: Site) -> int:
        """What a module makes of tensors; ``skipped`` where it is not applied."""
        op, operands = self.graph[index].op, self.graph[index].operands
        if source == self.skipped:
            return source
        match op:
            case ops.Named() | ops.Label() | ops.Where():
                return self.wired(operands[0], source, site)
            case ops.Tied():
                return self.wired(operands[0], source, Site(site.at, ("tied", operands[0])))
            case ops.Pass() | ops.Nothing():
                return source
            case ops.Seq() | ops.MakeList():
                for place, operand in enumerate(operands):
                    source = self.wired(operand, source, site.into(place))
                return source
            case ops.Par():
                parts = [self.collapsed(self.wired(o, source, site.into(n))) for n, o in enumerate(operands)]
                return self.apply(_side_by_side, *parts)
            case ops.Choose():
                chosen = self._decided(index, lambda code: code)
                ways = [(o, self._only(source, chosen, n)) for n, o in enumerate(operands)]
                return self._one_way(ways, site)
            case ops.Select():
                test = self.apply(lambda t: t if isinstance(t, Sign) else bool(t), self.value(operands[0]))
                self._all_known(test, operands[0])
                ways = [(o, self._only(source, test, way)) for o, way in zip(operands[1:], (True, False), strict=True)]
                return self._one_way(ways, site)
            case ops.Repeat():
                return self._parts(operands, source, site)
            case ops.Call(path=path):
                return self.layer_of(index, path, source, site)
        raise HypError([weights_not_shared(self.graph[index].span, "which layers it is cannot be followed")])

    def _one_way(self, ways: Sequence[tuple[int, int]], site: Site) -> int:
        made = [self.wired(module, source, site.into(n)) for n, (module, source) in enumerate(ways)]
        return self.collapsed(self.apply(_taken, *made))

    def _parts(self, operands: Sequence[int], source: int, site: Site) -> int:
        """A repetition: each further part beside what there is without it."""
        count = self.value(operands[0])
        self._all_known(count, operands[0])
        results = [self._only(source, count, 0)]
        for place, body in enumerate(operands[1:], start=1):
            going_on = self.apply(lambda s, c, n=place: s if c >= n else SKIPPED, source, count)
            source = self.wired(body, going_on, site.into(place))
            results.append(self._only(source, count, place))
        return self.collapsed(self.apply(_taken, *results))


def _arguments(parameters: Sequence[str], values: Sequence[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((p, v) for p, v in zip(parameters, values, strict=True) if v is not NOTHING)


def _side_by_side(*ways: Any) -> Any:
    if any(way is SKIPPED for way in ways):
        return SKIPPED
    return plan.ListPlan(tuple(t for w in ways for t in (w.items if isinstance(w, plan.ListPlan) else (w,))))


def _taken(*ways: Any) -> Any:
    """The one way that is taken."""
    return next((way for way in ways if way is not SKIPPED), SKIPPED)
