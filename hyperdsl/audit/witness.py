"""What fails, in how many configurations, and a short one that does.

A failure belongs to a node of the graph: an expression over the decisions (``hyperdsl.space.residual``) that is true
where the program of a configuration fails *given that the node is part of it*. From these the expression of the whole
space follows from below: a node fails where it does itself or a part that it uses does; of a choice only the chosen
alternative counts. Counting the configurations that do not fail gives those that do.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from hyperdsl.audit.drawn import Drawn
from hyperdsl.audit.failure import Failure
from hyperdsl.audit.hints import source_of
from hyperdsl.ir import meaning, ops
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.ir.graph import Graph
from hyperdsl.recursion import deep_recursion
from hyperdsl.space.counting import Counter
from hyperdsl.space.residual import INACTIVE, Conditions, Expression, compare, logic, negate
from hyperdsl.space.shared import counter_of
from hyperdsl.space.skeleton import Codes, Skeleton
from hyperdsl.space.states import MAX_WORK
from hyperdsl.space.steps import Inexact

FALSE: Expression = ("c", False)
TRUE: Expression = ("c", True)

_MOST_PARTS = 20_000  # of the expression of a whole space
_ENOUGH = MAX_WORK // 4  # of counting for all questions about a space: what fails else is looked for, and not counted
_DRAWS = 300  # configurations tried where counting is too much
_FEW_DRAWS = 40  # where only values of continuous ranges can tell
_KEPT = 1_000  # drawn configurations that are kept for the next question
_MOST_RANKS = 100  # configurations looked at for one that fails for certain
Found = tuple[int, set[int], Codes]  # the failing node, the rows behind its failure, the codes


def choice(row: int, parts: Sequence[Expression]) -> Expression:
    """The expression of the alternative that is chosen at a row."""
    return parts[0] if parts and all(p == parts[0] for p in parts) else ("t", row, tuple(parts))


class Failures:
    """Counts what fails in a space and shows it; made once for each graph, then asked as often as needed.

    Examples
    --------
    Make an expression for each node that fails, with ``conditions.make`` for what a node of the graph stands for,
    :func:`choice` at the row of a choice (``skeleton.find_row(node)``), and ``compare``, ``logic`` and ``negate`` of
    ``hyperdsl.space.residual``; ``TRUE`` where the node always fails once it is reached. Then ask once for each
    diagnostic::

        failures = Failures(graph)
        penalty = failures.conditions.make(node_of_the_argument)
        failure = failures.of({node_of_the_call: compare("==", penalty, ("c", "l1"))})
        if failure is not None:
            reporter.add(diagnostic(span, failure.where, failure.shown))

    A node that stands in several places of a pipeline and fails in one of them only is no place for a failure: take the
    sequence, or whatever contains both the node and the reason.

    An expression that is unknown does not fail: it reads what is not active, or a continuous range. Continuous ranges
    are better decided by their bounds while the expression is made, see :meth:`Conditions.hull`.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._work = 0  # of all counts so far
        self._counters: list[Counter] = []  # of the question at hand
        self._drawn: dict[tuple[tuple[tuple[int, int], ...], int], Drawn] = {}

    @cached_property
    def skeleton(self) -> Skeleton:
        return counter_of(self.graph).skeleton

    @cached_property
    def conditions(self) -> Conditions:
        return Conditions(self.skeleton)

    @cached_property
    def total(self) -> int | None:
        """How many configurations the space has; None past the budget."""
        try:
            return counter_of(self.graph).count()
        except Inexact:
            return None

    def of(self, failing: Mapping[int, Expression]) -> Failure | None:
        """The configurations that fail; None where none does, or none was found where they cannot be counted.

        Parameters
        ----------
        failing : mapping of int to expression
            Node of the graph -> the expression that is true where it fails, given that it is reached.
        """
        failing = {node: e for node, e in failing.items() if e not in (FALSE, ("u",))}
        if not failing:
            return None
        with deep_recursion():
            search = _Search(self, failing)
            if self.total is not None and search.is_small and self._work < _ENOUGH:
                try:
                    return search.counted(self.total)
                except Inexact:
                    pass
                finally:
                    self._work += sum(counter.work for counter in self._counters)
                    self._counters.clear()
            return search.drawn()

    def at(self, failing: Mapping[int, Expression], codes: Codes) -> int | None:
        """The node that fails, for certain, in the one configuration that has these codes; None where none does."""
        with deep_recursion():
            found = _Search(self, failing)._walk(codes)
        return None if found is None else found[0]

    def draw(self, forced: Mapping[int, int], attempt: int) -> Drawn:
        """A random configuration with some alternatives given, the same one whatever question it is for."""
        key = (tuple(sorted(forced.items())), attempt)
        if key not in self._drawn:
            if len(self._drawn) > _KEPT:
                self._drawn.clear()
            self._drawn[key] = Drawn(self.skeleton, forced, random.Random(attempt))
        return self._drawn[key]

    def _counter(self, *extra: Expression) -> Counter:
        counter = Counter(self.skeleton, self._default, extra=frozenset(extra), like=counter_of(self.graph))
        self._counters.append(counter)
        return counter

    def _default(self, row: int, domain: Domain) -> Code:
        return meaning.default_code(self.skeleton.op(row), domain)


class _Search:
    """One question: the expression of the whole space, and the walk through one configuration."""

    def __init__(self, failures: Failures, failing: Mapping[int, Expression]) -> None:
        self.failures = failures
        self.graph = failures.graph
        self.skeleton = failures.skeleton
        self.conditions = failures.conditions
        self.failing = failing
        self._above = self._nodes_above()
        self._sizes: dict[int, int] = {}
        self._fails: dict[int, Expression] = {}

    def _nodes_above(self) -> frozenset[int]:
        """The failing nodes and all that use them: nothing else needs a look."""
        seen = set(self.failing)
        pending = list(seen)
        while pending:
            for user in self.graph.users[pending.pop()]:
                if user not in seen:
                    seen.add(user)
                    pending.append(user)
        return frozenset(seen)

    @property
    def is_small(self) -> bool:
        """Whether the expression of the space can be written out: parts that are used often are repeated in it."""
        return self._size(self.graph.root) <= _MOST_PARTS

    def _size(self, index: int) -> int:
        if index not in self._above:
            return 1
        if index not in self._sizes:
            own = len(self.conditions.rows(self.failing[index])) + 1 if index in self.failing else 1
            self._sizes[index] = own + sum(self._size(o) for o in self.graph[index].operands)
        return self._sizes[index]

    # --- the expression of the space

    def _fail(self, index: int) -> Expression:
        """Where a node fails, given that it is reached."""
        if index not in self._above:
            return FALSE
        if index not in self._fails:
            self._fails[index] = logic("or", [self.failing.get(index, FALSE), self._below(index)])
        return self._fails[index]

    def _below(self, index: int) -> Expression:
        node = self.graph[index]
        operands = node.operands
        match node.op:
            case ops.Choose():
                row = self.skeleton.find_row(index)
                return FALSE if row is None else choice(row, [self._fail(o) for o in operands])
            case ops.Subset():
                row = self.skeleton.find_row(index)
                parts = tuple(self._fail(o) for o in operands[1:])
                return FALSE if row is None or all(p == FALSE for p in parts) else ("some", row, parts)
            case ops.Select():
                then, other = self._fail(operands[1]), self._fail(operands[2])
                return then if then == other else ("if", self.conditions.make(operands[0]), then, other)
            case ops.Repeat():
                count = self.conditions.make(operands[0])
                items = [(compare(">", count, ("c", i)), self._fail(o)) for i, o in enumerate(operands[1:])]
                return logic("or", [logic("and", pair) for pair in items])
            case ops.Index():
                position = self.conditions.make(operands[1])
                items = [(compare("==", position, ("c", i)), self._fail(o)) for i, o in self._indexed(index)]
                return logic("or", [logic("and", pair) for pair in items])
        return logic("or", [self._fail(o) for o in self._used(index)])

    def _indexed(self, index: int) -> Iterator[tuple[int, int]]:
        """Positions and items of an indexed list whose length is known; negative ones as well."""
        items = self.skeleton.analysis.items(self.graph[index].operands[0]) or ()
        for position, item in enumerate(items):
            yield position, item
            yield position - len(items), item

    def _used(self, index: int) -> Iterable[int]:
        """The operands that are part of the program wherever the node is."""
        node = self.graph[index]
        match node.op:
            case ops.Where():
                return node.operands[:1]
            case ops.Slice():
                return self.skeleton.analysis.items(index) or ()
            case ops.IsModule() | ops.Argument() | ops.Compare() | ops.Logic() | ops.Aggregate() | ops.Interval():
                return ()  # read for a value, not built
            case ops.Integer() | ops.Real() | ops.Normal():
                return ()
        return node.operands

    # --- answers

    def counted(self, total: int) -> Failure | None:
        """The exact count, and the first configuration that fails."""
        fails = self._fail(self.graph.root)
        if fails[0] == "c" and not fails[1]:
            return None
        count = total - self.failures._counter(_fine(fails)).count()
        if count == 0:
            is_open = any(map(self.skeleton.is_continuous, self.conditions.rows(fails)))  # its bounds do not tell
            return self.drawn(_FEW_DRAWS) if is_open else None
        certain: Expression = ("if", fails, TRUE, FALSE)  # the unknown is false here
        counter = self.failures._counter(certain if self.conditions.rows(fails) else TRUE)
        for rank in range(min(counter.count(), _MOST_RANKS)):
            found = self._walk(counter.unrank(rank))
            if found is not None:
                return self._failure(count, total, found)
        return self.drawn()

    def drawn(self, most: int = _DRAWS) -> Failure | None:
        """A configuration that fails, looked for among random ones that reach a failing node."""
        for node in self.failing:
            forced = self._way_to(node)
            for attempt in range(most):
                drawn = self.failures.draw(forced, attempt)
                found = self._walk(drawn.codes)
                if found is not None and drawn.is_allowed:
                    return self._failure(None, None, found)
        return None

    def _failure(self, count: int | None, total: int | None, found: Found) -> Failure:
        node, rows, codes = found
        witness = [
            (self.skeleton.op(r).path, self._shown(r, code)) for r in sorted(rows) if (code := codes[r]) is not None
        ]
        return Failure(count, total, tuple(witness), node)

    def _shown(self, row: int, code: Code) -> str:
        op = self.skeleton.op(row)
        if isinstance(op, ops.Choose) and isinstance(code, int):
            return source_of(op.labels[code])
        if isinstance(op, ops.Subset | ops.Permute) and isinstance(code, tuple):
            return f"[{', '.join(source_of(op.labels[i]) for i in code)}]"
        return f"{code:.4g}" if self.skeleton.is_continuous(row) else source_of(code)

    # --- one configuration

    def _walk(self, codes: Codes) -> Found | None:
        """The failing node with the fewest decisions behind its failure, and those decisions."""
        known = {r: INACTIVE if c is None else c for r, c in enumerate(codes)}
        best: Found | None = None
        seen: set[int] = set()
        pending: list[tuple[int, frozenset[int]]] = [(self.graph.root, frozenset())]
        while pending:
            index, behind = pending.pop()
            if index not in self._above or index in seen:
                continue
            seen.add(index)
            own = self.failing.get(index)
            if own is not None and self._holds(own, known):
                rows = behind | self._reasons(own, True, known)
                if best is None or len(rows) < len(best[1]):
                    best = index, set(rows), codes
            children, decided = self._taken(index, codes, known)
            pending.extend((c, behind | decided) for c in reversed(children))
        return best

    def _holds(self, expression: Expression, known: Mapping[int, object], verdict: bool = True) -> bool:
        """Whether an expression comes out so for certain; looks only at what says so."""
        match expression:
            case ("not", inner):
                return self._holds(inner, known, not verdict)
            case ("and" | "or" as operator, items):
                return (any if (operator == "or") == verdict else all)(self._holds(i, known, verdict) for i in items)
            case ("if", test, then, other):
                return self._holds(then if self._holds(test, known) else other, known, verdict)
            case ("t", row, parts):
                code = known[row]
                return isinstance(code, int) and self._holds(parts[code], known, verdict)
        left = self.conditions.put(expression, known)
        return left[0] == "c" and bool(left[1]) == verdict

    def _taken(self, index: int, codes: Codes, known: Mapping[int, object]) -> tuple[list[int], frozenset[int]]:
        """The operands that are part of the program under codes, and the rows that say so."""
        node = self.graph[index]
        operands = node.operands
        match node.op:
            case ops.Choose() | ops.Subset():
                row = self.skeleton.find_row(index)
                code = None if row is None else codes[row]
                if row is None or code is None:
                    return [], frozenset()
                parts = operands[1:] if isinstance(node.op, ops.Subset) else operands
                taken = [parts[i] for i in code] if isinstance(code, tuple) else [parts[int(code)]]
                return taken, frozenset({row})
            case ops.Select():
                test = self.conditions.make(operands[0])
                met = self._holds(test, known)
                return [operands[1] if met else operands[2]], self._reasons(test, met, known)
            case ops.Repeat():
                count = self.conditions.make(operands[0])
                taken = [o for i, o in enumerate(operands[1:]) if self._holds(compare(">", count, ("c", i)), known)]
                return taken, self.conditions.rows(count)
            case ops.Index():
                position = self.conditions.make(operands[1])
                holding = (o for i, o in self._indexed(index) if self._holds(compare("==", position, ("c", i)), known))
                return list(holding), self.conditions.rows(position)
        return list(self._used(index)), frozenset()

    def _reasons(self, expression: Expression, verdict: bool, known: Mapping[int, object]) -> frozenset[int]:
        """The rows that an expression reads on the way to its verdict."""
        match expression:
            case ("t", row, parts) if isinstance(code := known[row], int):
                return frozenset({row}) | self._reasons(parts[code], verdict, known)
            case ("not", inner):
                return self._reasons(inner, not verdict, known)
            case ("and" | "or" as operator, items) if (operator == "or") == verdict:
                deciding = [i for i in items if self._holds(i, known, verdict)]
                return min((self._reasons(i, verdict, known) for i in deciding), key=len, default=frozenset())
            case ("and" | "or", items):
                return frozenset().union(*(self._reasons(i, verdict, known) for i in items))
        return self.conditions.rows(expression)

    # --- drawing

    def _way_to(self, node: int) -> dict[int, int]:
        """Alternatives, by row, that lead from the root to a node."""
        before: dict[int, int] = {}
        pending = [self.graph.root]
        while pending:
            here = pending.pop()
            for operand in self.graph[here].operands:
                if operand in self._above and operand not in before:
                    before[operand] = here
                    pending.append(operand)
        forced: dict[int, int] = {}
        while node in before:
            user = before[node]
            row = self.skeleton.find_row(user) if isinstance(self.graph[user].op, ops.Choose) else None
            if row is not None:
                forced[row] = self.graph[user].operands.index(node)
            node = user
        return forced


def _fine(fails: Expression) -> Expression:
    """Where nothing fails for certain, written as conditions that hold apart from each other where they can."""
    match fails:
        case ("or", items):
            return logic("and", [_fine(i) for i in items])
        case ("t", row, parts):
            return choice(row, [_fine(p) for p in parts])
        case ("if", test, then, other):
            return ("if", test, _fine(then), _fine(other))
    return negate(fails)


__all__ = ["FALSE", "TRUE", "Failure", "Failures", "choice"]
