"""Which trial comes next, and what is known when it is proposed.

One by one, each trial is proposed when there is room for it, from all that is finished then: no worker waits, and what
is tried depends on which trials were faster. In batches of a fixed size, all trials of a batch are proposed from what
was finished before its first one: the same trials with any number of workers, and a worker may wait for the others.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import count, islice

from hyperdsl.search.searcher import Searcher
from hyperdsl.search.trial import State, Trial
from hyperdsl.space import Space

Learn = Callable[[Sequence[Trial]], None]


class Order(ABC):
    """What a search tries next.

    Parameters
    ----------
    space : Space
    searcher : Searcher
        Proposes.
    learn : callable
        Takes the trials that proposals may depend on from now on.
    n_trials : int or None
        How many there are to be, those that are finished included; None for any number.
    """

    def __init__(self, space: Space, searcher: Searcher, learn: Learn, n_trials: int | None) -> None:
        self.exhausted = False
        self._space = space
        self._searcher = searcher
        self._learn = learn
        self._n_trials = n_trials
        self._numbers: Iterator[int] = iter(())

    @abstractmethod
    def resume(self, finished: Sequence[Trial], carried: AbstractSet[int], left: AbstractSet[int]) -> None:
        """Take in what is finished already.

        Parameters
        ----------
        finished : sequence of Trial
            By number.
        carried : set of int
            The numbers of those that an earlier version of the space had: they were there before all others.
        left : set of int
            Numbers of trials that are no points of the space; not given again.
        """

    @abstractmethod
    def next(self) -> Trial | None:
        """The next trial to start; None while others must finish first, or when there are no more."""

    @abstractmethod
    def started(self, trial: Trial) -> None: ...

    @abstractmethod
    def finished(self, trial: Trial) -> None: ...

    def _count(self, but: AbstractSet[int], left: AbstractSet[int]) -> Iterator[int]:
        """The numbers of the study, without some of them."""
        wanted = islice((number for number in count() if number not in left), self._n_trials)
        return (number for number in wanted if number not in but)

    def _propose(self, numbers: Sequence[int]) -> list[Trial]:
        proposals = self._searcher.propose(numbers)
        self.exhausted = len(proposals) < len(numbers)
        return [
            Trial(number, configuration, self._space.key(configuration), State.running)
            for number, configuration in zip(numbers, proposals, strict=False)
        ]


class OneByOne(Order):
    """Each trial from all that is known when it starts; numbers that an earlier search has left out come first."""

    def resume(self, finished: Sequence[Trial], carried: AbstractSet[int], left: AbstractSet[int]) -> None:
        self._learn(finished)
        self._numbers = self._count({trial.number for trial in finished}, left)

    def next(self) -> Trial | None:
        number = None if self.exhausted else next(self._numbers, None)
        trials = [] if number is None else self._propose([number])
        return trials[0] if trials else None

    def started(self, trial: Trial) -> None:
        self._learn([trial])

    def finished(self, trial: Trial) -> None:
        self._learn([trial])


class Batches(Order):
    """Batches of a fixed size, each from what was finished before it.

    One that was cut off is proposed again as a whole, which gives the same trials, and what is missing of it is run.
    """

    def __init__(self, space: Space, searcher: Searcher, learn: Learn, n_trials: int | None, size: int) -> None:
        super().__init__(space, searcher, learn, n_trials)
        self._size = size
        self._batch: list[int] = []
        self._waiting: deque[Trial] = deque()
        self._results: dict[int, Trial] = {}

    def resume(self, finished: Sequence[Trial], carried: AbstractSet[int], left: AbstractSet[int]) -> None:
        self._learn([trial for trial in finished if trial.number in carried])
        self._results = {trial.number: trial for trial in finished if trial.number not in carried}
        self._numbers = self._count(carried, left)

    def next(self) -> Trial | None:
        while not self._waiting:
            if any(number not in self._results for number in self._batch):
                return None
            self._learn([self._results[number] for number in self._batch])
            self._batch = [] if self.exhausted else list(islice(self._numbers, self._size))
            if not self._batch:
                return None
            if all(number in self._results for number in self._batch):
                continue
            proposed = self._propose(self._batch)
            self._waiting.extend(trial for trial in proposed if trial.number not in self._results)
            self._batch = self._batch[: len(proposed)]
        return self._waiting.popleft()

    def started(self, trial: Trial) -> None:
        pass

    def finished(self, trial: Trial) -> None:
        self._results[trial.number] = trial
