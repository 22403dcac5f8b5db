"""Modules of networks that are letters: what each comes to is counted, and need not be enumerated.

A module that some decisions of its own choose, where it is applied in a network, is one layer that stands for each of
its *words*: the layers that follow one another. Networks with letters that differ stay different, and equal ones equal,
whatever words are put in for the letters, because words can be told from the network around them again:

- the last layer of a word is no other layer of a word, and no layer outside of words,
- no word ends with another one,
- two letters have the same words, or none in common.

So the programs of a network with letters are the ways to give each letter a word, those that its symmetries exchange
counted once (the lemma of Burnside).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from math import prod

from hyperdsl.frozen import frozen
from hyperdsl.ir import canonical, ops, plan
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.ir.enumeration import Tape
from hyperdsl.ir.facts import has_tensors, is_network
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.meaning import Evaluation, Undefined
from hyperdsl.ir.networks import MERGES, gives_zero, symmetries
from hyperdsl.space.letters import below_of, is_closed, one_value

MOST_WORDS = 1_000  # of a letter
MOST_TRIED = 20_000  # of all
MOST_SYMMETRIES = 50_000

Word = tuple[str, ...]  # the texts of its layers


@frozen
class Alphabet:
    """The words that a letter stands for; ``name`` is equal for equal words."""

    name: str
    words: frozenset[Word]

    @property
    def ends(self) -> set[str]:
        return {word[-1] for word in self.words}


@frozen
class LetterLayer(plan.Call):
    """The module of a layer that is a letter."""

    node: int = -1


def alphabets(graph: Graph) -> dict[int, Alphabet]:
    """The modules of networks that can be letters beside each other, by their nodes."""
    return _Finder(graph).find() if has_tensors(graph) else {}


class _Finder:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.analysis = Analysis(graph.nodes)
        self.costly = {op.path for n in graph.reachable if isinstance(op := graph[n].op, ops.Case)}
        self.tried = 0
        self.words: set[Word] = set()
        self.found: dict[int, Alphabet] = {}

    def find(self) -> dict[int, Alphabet]:
        covered: set[int] = set()
        for index in sorted(self._places(), reverse=True):  # the outer ones first
            if index in covered or not self._is_own(index):
                continue
            words = self._words_of(index)
            if words and self._is_told_apart(words):
                text = "\n".join(sorted(map(repr, words)))
                name = f"?{blake2b(text.encode(), digest_size=12).hexdigest()}"
                self.found[index] = Alphabet(name, words)
                self.words |= words
                covered |= below_of(self.graph, index)
        return self.found

    # --- which modules

    def _places(self) -> set[int]:
        """The choices and calls that are decided and applied in networks, and that nothing else reads."""
        applied: set[int] = set()
        elsewhere: set[int] = set()
        for user in sorted(self.graph.reachable, reverse=True):
            op, operands = self.graph[user].op, self.graph[user].operands
            passed_on = user in applied and user not in elsewhere
            for position, operand in enumerate(operands):
                if isinstance(op, ops.IsModule | ops.Argument):
                    elsewhere |= below_of(self.graph, operand)
                elif _is_applied(op, position) or (passed_on and _is_part(op, position)):
                    applied.add(operand)
                else:
                    elsewhere.add(operand)
        kinds = (ops.Choose, ops.Call)
        found = (n for n in applied - elsewhere if isinstance(self.graph[n].op, kinds))
        return {n for n in found if not self.analysis.is_constant(n)}

    def _is_own(self, index: int) -> bool:
        """Whether nothing else reads the decisions of a module, costs of networks included."""
        below = (self.graph[n].op for n in below_of(self.graph, index))
        is_read = any(isinstance(op, ops.DecisionOp) and op.path in self.costly for op in below)
        return not is_read and is_closed(self.graph, self.analysis, index)

    # --- their words

    def _words_of(self, index: int) -> frozenset[Word]:
        """The words of a module; none where it may be anything but layers that follow one another."""
        found: set[Word] = set()
        tape = Tape()
        for _ in range(MOST_WORDS):
            self.tried += 1
            word = self._word(index, tape) if self.tried <= MOST_TRIED else ()
            if not word:
                return frozenset()
            found.add(word)
            if not tape.advance():
                return frozenset(found)
        return frozenset()

    def _word(self, index: int, tape: Tape) -> Word:
        def decide(op: ops.DecisionOp, domain: Domain) -> Code:
            return one_value(domain) if domain.size is None else tape.decide(op, domain)

        run = Evaluation(self.graph.nodes, decide, {})
        try:
            value = run.value(index)
        except Undefined:
            return ()
        steps = value.steps if isinstance(value, plan.Seq) else (value,)
        if run.required or not all(map(_is_plain, steps)):
            return ()
        return tuple(map(canonical.text, steps))

    def _is_told_apart(self, words: frozenset[Word]) -> bool:
        """Whether words are those of another letter, or go together with all that there are."""
        if words <= self.words:
            return any(words == other.words for other in self.found.values())
        if not words.isdisjoint(self.words):
            return False
        every = words | self.words
        ends = {word[-1] for word in every}
        if any(text in ends for word in every for text in word[:-1]):
            return False
        return not any(word[place:] in every for word in every for place in range(1, len(word)))


def _is_applied(op: ops.Op, position: int) -> bool:
    if isinstance(op, ops.Call):
        return is_network(op) and op.parameters[position] == "network"
    return isinstance(op, ops.Apply) and position == 1


def _is_part(op: ops.Op, position: int) -> bool:
    """Whether a module is a step, or an alternative, of one that is applied."""
    if isinstance(op, ops.Select | ops.Repeat):
        return position > 0
    return isinstance(op, ops.Choose | ops.Seq | ops.Named | ops.Label) or (isinstance(op, ops.Where) and position == 0)


def _is_plain(step: object) -> bool:
    """Whether a step is a layer that always does something of its own."""
    if not isinstance(step, plan.Call) or step.path in MERGES or canonical.text(step) == "pass":
        return False
    return not gives_zero(step.path, dict(step.arguments), False)


# --- counting


def misused(letters: Mapping[int, Alphabet], networks: Sequence[plan.Network]) -> set[int]:
    """The letters that are none in a program: those that it has twice; all beside a zero, which takes layers away."""
    seen: set[int] = set()
    twice: set[int] = set()
    for layer in chain.from_iterable(network.layers for network in networks):
        module = layer.module
        if isinstance(module, LetterLayer):
            twice |= {module.node} & seen
            seen.add(module.node)
        elif isinstance(module, plan.Call) and gives_zero(module.path, dict(module.arguments), False):
            return set(letters)
    return twice


def mistaken(letters: Mapping[int, Alphabet], networks: Sequence[plan.Network]) -> set[int]:
    """The letters whose words end as some other layer of a program does."""
    modules = (layer.module for network in networks for layer in network.layers)
    texts = {canonical.text(module) for module in modules if not isinstance(module, LetterLayer)}
    return {node for node, alphabet in letters.items() if not texts.isdisjoint(alphabet.ends)}


def networks_in(value: plan.Value) -> Iterator[plan.Network]:
    """The networks of a program."""
    pending = [value]
    while pending:
        here = pending.pop()
        if isinstance(here, plan.Network):
            yield here
        elif isinstance(here, plan.PlanNode | tuple):
            pending.extend(plan.children(here))


def programs_of(network: plan.Network, letters: Mapping[int, Alphabet]) -> int | None:
    """The ways to give each letter of a network a word, up to symmetry; None where symmetries are too many."""
    found = symmetries(network, canonical.text)
    sizes = {
        number: len(letters[layer.module.node].words)
        for number, layer in enumerate(network.layers)
        if isinstance(layer.module, LetterLayer)
    }
    group = _group([tuple(move[n] for n in sizes) for move in found.found], tuple(sizes)) if found.is_complete else None
    if group is None:
        return None
    return sum(_fixed(dict(zip(sizes, images, strict=True)), sizes) for images in group) // len(group)


def _group(generators: list[tuple[int, ...]], letters: tuple[int, ...]) -> set[tuple[int, ...]] | None:
    """All symmetries that some make, by what takes the place of each letter."""
    places = {number: place for place, number in enumerate(letters)}
    group = {letters}
    pending = [letters]
    while pending:
        here = pending.pop()
        for move in generators:
            made = tuple(move[places[number]] for number in here)
            if made not in group:
                group.add(made)
                pending.append(made)
        if len(group) > MOST_SYMMETRIES:
            return None
    return group


def _fixed(move: dict[int, int], sizes: dict[int, int]) -> int:
    """The ways to give letters words that a symmetry leaves as they are: one word for each cycle."""
    cycles: dict[int, int] = defaultdict(int)
    for number in move:
        least, here = number, move[number]
        while here != number:
            least, here = min(least, here), move[here]
        cycles[least] = sizes[number]
    return prod(cycles.values())
