"""How many different programs a space has: configurations with equal canonical keys count once.

Programs are enumerated and told apart by their canonical text. What need not be enumerated is multiplied:

- An argument of a module whose decisions nobody else reads is one letter in the text, and as many programs as it has
  values. That holds where all modules of this class that have the argument draw it from the same values, so that equal
  letters mean equal values: a whole pipeline inside an argument or a route of ``columns`` is such a letter too.
- Classes that may change nothing, depending on their arguments, are the exception: these are enumerated.
- A module that is chosen for a place in a network is one letter too, and networks with such letters are counted up to
  their symmetries, see ``layers``.

A continuous range is one value, the same for equal ranges and for no others. Where the budget ends the enumeration, or
where what is reached depends on continuous values, the number is a lower bound.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from math import prod
from typing import TypeAlias

from hyperdsl.frozen import frozen
from hyperdsl.ir import canonical, ops, plan
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.ir.enumeration import Tape
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.meaning import NOTHING, Evaluation, Undefined, as_step, is_module
from hyperdsl.recursion import deep_recursion
from hyperdsl.space.layers import Alphabet, LetterLayer, alphabets, mistaken, misused, networks_in, programs_of
from hyperdsl.space.letters import below_of, letters, one_value
from hyperdsl.space.space import Space
from hyperdsl.space.table import Count

Found: TypeAlias = dict[bytes, dict[tuple[int, ...], int]]  # text -> which letters are one decision -> programs

# Operations that keep their value once they have one, whatever is decided of what was not.
_STEADY = (
    *(ops.Const, ops.Named, ops.Label, ops.Integer, ops.Choose, ops.Subset, ops.Permute),
    *(ops.Arithmetic, ops.Negate, ops.Compare, ops.Logic, ops.MakeList, ops.MakeTuple, ops.Index, ops.Aggregate),
)
BUDGET = 100_000  # evaluations, about 100 microseconds each for a small pipeline


@frozen
class _Letter(plan.Symbol):
    """What stands for the values of an argument; letters with equal ``path`` have the same values."""

    node: int = -1


def count_of(
    space: Space, program: Graph, budget: int | None = None, progress: Callable[[int], None] | None = None
) -> Count:
    """How many different canonical keys a space has; ``at_least`` where that is not known exactly.

    Parameters
    ----------
    program : Graph
        A graph with the same keys as the space, the smaller the better.
    budget : int, optional
        How many programs may be tried; :data:`BUDGET` when None.
    progress : callable, optional
        Gets the number of programs tried so far, after each.
    """
    every = space.count()
    with deep_recursion():
        search = _Programs(program, space.symbolic_facts, BUDGET if budget is None else budget, progress)
        number = search.count(program.root)
    if not search.reason:
        return Count(True, number, every.continuous)
    most = every.configurations if every.exact else every.at_most
    return Count(False, None, every.continuous, number, most, reason=search.reason)


class _Programs:
    def __init__(
        self,
        graph: Graph,
        facts: Mapping[str, int | str],
        budget: int,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.graph = graph
        self.facts = facts
        self.budget = budget
        self.progress = progress
        self.evaluations = 0
        self.reason = ""
        self.letters = letters(graph)
        self.alphabets = alphabets(graph)
        self._known: dict[int, int] = {}  # values of a letter
        self._read: dict[int, list[ops.Op]] = {}

    def count(self, root: int) -> int:
        below = below_of(self.graph, root)
        tests = [self.graph[n].operands[0] for n in below if isinstance(self.graph[n].op, ops.Select)]
        if any(map(self._reads_continuous, tests)):
            self.reason = self.reason or "which parts are taken depends on continuous values"
        while True:
            found = self._found(root, below - {root})
            if found is not None:
                return sum(self._united(patterns) for patterns in found.values())

    def _found(self, root: int, below: set[int]) -> Found | None:
        """What each text stands for; None where some layers turn out to be no letters, and are none from now on."""
        inside: dict[int, plan.PlanNode] = {
            node: _Letter(own.name, node=node) for node, own in self.letters.items() if node in below
        }
        layers = {node: own for node, own in self.alphabets.items() if node in below}
        inside |= {node: LetterLayer(own.name, (), node=node) for node, own in layers.items()}
        found: Found = defaultdict(dict)
        ways: dict[bytes, int] = {}  # to give the letters of networks their words
        tape = Tape()
        while True:
            if self.evaluations >= self.budget:
                self.reason = f"the budget of {self.budget:,} programs ends it"
                return found
            self.evaluations += 1
            if self.progress is not None:
                self.progress(self.evaluations)
            for value in self._values(root, inside, tape):
                networks = list(networks_in(value)) if layers else []
                digest = blake2b(canonical.text(value).encode(), digest_size=16).digest()
                wrong = misused(layers, networks) | (mistaken(layers, networks) if digest not in ways else set())
                if wrong:
                    self.alphabets = {n: own for n, own in self.alphabets.items() if n not in wrong}
                    return None
                if digest not in ways:
                    ways[digest] = prod(self._ways(network, layers) for network in networks)
                pattern, weight = self._weight(value)
                found[digest][pattern] = weight * ways[digest]
            if not tape.advance():
                return found

    def _values(self, root: int, inside: Mapping[int, plan.PlanNode], tape: Tape) -> tuple[plan.Value, ...]:
        """The program that the tape decides; none where it violates a condition."""
        places: dict[str, int] = {}  # of the decisions on the tape
        required: list[int] = []  # the conditions that were there before each of them

        def decide(op: ops.DecisionOp, domain: Domain) -> Code:
            if domain.size is None:
                return one_value(domain)
            places[op.path] = len(places)
            required.append(len(run.required))
            return tape.decide(op, domain)

        run = Evaluation(self.graph.nodes, decide, self.facts)
        for node, letter in inside.items():
            run.know(node, letter)
        try:
            value = run.value(root)
            violated = run.violated()
        except Undefined:  # only where a condition is violated: what has no value is an error when it is checked
            return ()
        if violated:
            if any(map(self._reads_continuous, violated)):
                self.reason = self.reason or "conditions read continuous values"
            before = [bisect_right(required, run.required.index(condition)) for condition in violated]
            tape.cut(min(self._settled(c, n, places) for c, n in zip(violated, before, strict=True)))
            return ()
        return (as_step(value) if value is NOTHING or is_module(value) else value,)

    def _settled(self, condition: int, reached: int, places: Mapping[str, int]) -> int:
        """How many of the first decisions a violated condition needs to be violated, whatever is decided after them."""
        below = self._below(condition)
        if not all(isinstance(op, _STEADY) for op in below):
            return len(places)
        read = (op.path for op in below if isinstance(op, ops.DecisionOp))
        return max([reached, *(places[path] + 1 for path in read if path in places)])

    def _below(self, index: int) -> list[ops.Op]:
        """The decisions that a node depends on, and the operations that are not steady."""
        if index not in self._read:
            every = (self.graph[n].op for n in below_of(self.graph, index))
            self._read[index] = [op for op in every if isinstance(op, ops.DecisionOp) or not isinstance(op, _STEADY)]
        return self._read[index]

    def _ways(self, network: plan.Network, layers: Mapping[int, Alphabet]) -> int:
        ways = programs_of(network, layers)
        if ways is None:
            self.reason = self.reason or "networks with too many symmetries"
        return ways or 0

    def _reads_continuous(self, index: int) -> bool:
        return any(isinstance(op, ops.Real | ops.Normal) for op in self._below(index))

    def _weight(self, value: plan.Value) -> tuple[tuple[int, ...], int]:
        """Which letters of a program are one and the same decision, and how many programs it stands for."""
        places: dict[int, int] = {}
        pattern = tuple(places.setdefault(node, len(places)) for node in _letters_in(value))
        return pattern, prod(self._values_of(node) for node in places)

    def _values_of(self, node: int) -> int:
        if node not in self._known:
            own = self.letters[node]
            self._known[node] = own.size if own.size is not None else self.count(node)
        return self._known[node]

    def _united(self, patterns: Mapping[tuple[int, ...], int]) -> int:
        """The programs of one text, in which letters may be tied together in several ways."""
        if len(patterns) > 1 and not any(len(set(p)) == len(p) for p in patterns):
            self.reason = self.reason or "the same steps are decided together in several ways"
        return max(patterns.values())


def _letters_in(value: plan.Value) -> Iterator[int]:
    """The nodes of the letters that are in a program's canonical text, in its order."""
    pending = [value]
    while pending:
        here = pending.pop()
        if isinstance(here, _Letter):
            yield here.node
        elif isinstance(here, plan.Seq):
            pending.extend(reversed(canonical.effective(here.steps)))
        elif isinstance(here, plan.PlanNode | tuple):
            pending.extend(reversed(list(plan.children(here))))
