"""A space, an estimator and a searcher as one object."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import fidelity_missing, search_setting_invalid
from hyperdsl.search.executor import Jobs, jobs_for, make_executor
from hyperdsl.search.fidelity import Fidelity
from hyperdsl.search.goals import Constraint, Direction, Goals, find_goals
from hyperdsl.search.halving import Ladder
from hyperdsl.search.history import History, Stop
from hyperdsl.search.progress import Mode, Progress, find_progress
from hyperdsl.search.proxy import Proxies
from hyperdsl.search.run import search
from hyperdsl.search.searcher import Searcher
from hyperdsl.search.searchers import SearcherFactory, find_searcher, make_searcher
from hyperdsl.search.searchers.naming import SearcherSpec
from hyperdsl.search.trial import Estimator, Trial
from hyperdsl.space import Space

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.search.forks import Forker
    from hyperdsl.search.store import Study


class HyperModel:
    """Searches a space for the configuration that an estimator scores best.

    Parameters
    ----------
    space : HyperSpace or Space
        What is searched.
    estimator : Estimator
        Evaluates configurations.
    searcher : str, SearcherSpec or callable
        ``"auto"``, ``"evolution(population = 50)"``, or what else
        :func:`hyperdsl.search.searchers.make_searcher` takes.
    direction : {"maximize", "minimize"}, sequence, mapping or Goals
        Which scores are good; of several objectives one each, or by name; :class:`Goals` for constraints too.
    store : path, URL or None
        A study file, or ``postgresql://user@host/database``: each trial is durable there, and a search
        with the same place goes on where the last one ended, also when the space was edited since: with the trials
        that are points of it. None keeps the trials in memory.
    study : str or None
        The study's name in the file; the space's name when None.
    jobs : int or "auto"
        Trials at a time; more than one run in worker processes. ``"auto"`` is one for each core.
    trial_timeout : float or None
        Seconds after which a trial is given up; runs trials in worker processes, also one at a time.
    trial_memory : int or None
        Bytes of memory of a worker process, and of those that it starts, above which a trial is given up; runs trials
        in worker processes.
    seed : int
        What all random numbers derive from.
    progress : Progress, {"auto", "live", "plain", "json", "notebook"} or None
        What shows the search, see :func:`hyperdsl.search.progress.make_progress`; None shows nothing.
    catch : bool
        False raises an exception of the estimator at once; with one job in this process only.
    metric, data_fingerprint : str
        Recorded in the study. A study made with another metric or data is not gone on with.
    settings : mapping or None
        Further JSON facts for the study.
    constraints : sequence of str or Constraint
        Bounds that measures must keep, such as ``"predict_time < 5 ms"``; beside those of ``direction``.
    trials : sequence of Trial
        Finished ones of the same space and estimator to go on from; without a store only.
    batch : int or None
        Trials that are proposed together, which makes them the same for any ``jobs``; None proposes each when there
        is room for it, so that no worker waits (:mod:`hyperdsl.search.order`). With a fidelity the batch is of
        evaluations, those of trials that go on too.
    racing : bool
        Whether trials that cannot become the best stop after a fold (:mod:`hyperdsl.search.racing`); for estimators
        whose ``evaluate`` takes ``race``. Without effect for several objectives.
    fidelity : str, Fidelity or None
        What cheap trials have less of, ``"epochs=1..81"``, for estimators whose ``evaluate`` takes it. The searcher
        ``"asha"``, ``"hyperband"`` or ``"bohb"`` says which trials go on; under any other it is ``asha``.
    forker : Forker or None
        What makes worker processes, started ahead (:mod:`hyperdsl.search.forks`); for one search.
    proxies : mapping of str to Proxy, or None
        Cheap scores by name, for searchers that choose by one, such as ``"screened(by = 'params')"``.
    inherit : bool
        Whether trials begin from what others have come to (:mod:`hyperdsl.search.kin`); for estimators whose
        ``evaluate`` takes ``parent``.
    """

    def __init__(
        self,
        space: HyperSpace | Space,
        estimator: Estimator,
        searcher: str | SearcherSpec | SearcherFactory = "auto",
        direction: Direction | Sequence[Direction] | Mapping[str, Direction] | Goals = "maximize",
        store: str | os.PathLike[str] | None = None,
        jobs: Jobs = 1,
        *,
        study: str | None = None,
        trial_timeout: float | None = None,
        trial_memory: int | None = None,
        seed: int = 0,
        progress: Progress | Mode | None = None,
        catch: bool = True,
        metric: str = "",
        data_fingerprint: str = "",
        settings: Mapping[str, object] | None = None,
        constraints: Sequence[str | Constraint] = (),
        trials: Sequence[Trial] = (),
        batch: int | None = None,
        racing: bool = False,
        fidelity: str | Fidelity | None = None,
        forker: Forker | None = None,
        proxies: Proxies | None = None,
        inherit: bool = False,
    ) -> None:
        jobs_for(jobs)  # one that does not do is said now
        _check(trial_timeout, trial_memory)
        self.space, self.space_text = (space, "") if isinstance(space, Space) else (space.space, space.text)
        self.estimator = estimator
        self.searcher = searcher
        self.goals = find_goals(direction, constraints)
        self.store = store
        self.jobs = jobs
        self.study = study or self.space.name
        self.trial_timeout = trial_timeout
        self.trial_memory = trial_memory
        self.seed = seed
        self.progress = find_progress(progress)
        self.catch = catch
        self.metric = metric
        self.data_fingerprint = data_fingerprint
        self.batch = batch
        self.racing = racing
        self.fidelity = Fidelity.of(fidelity)
        self._forker = forker
        self._proxies = proxies
        self.inherit = inherit
        find_searcher(searcher)  # a misspelt one is said now
        named = isinstance(searcher, str | SearcherSpec)
        name = str(searcher) if named else getattr(searcher, "__qualname__", repr(searcher))
        self.settings = {"searcher": name, "batch": batch, **(settings or {})}
        if self.fidelity:
            self.settings["fidelity"] = str(self.fidelity)
        self._history = History(tuple(trials), self.goals, Stop.trials)

    def search(self, n_trials: int | None = None, timeout: float | None = None) -> History:
        """Run trials until the study has ``n_trials``, or for ``timeout`` seconds; again to go on.

        Raises
        ------
        HypError
            When the study cannot be gone on with or written, or workers cannot start. That all trials failed is said
            by :meth:`best`.
        """
        searcher, ladder = self._searcher()
        with ExitStack() as stack:
            study = self._open(stack)
            executor = make_executor(
                self.estimator,
                jobs=jobs_for(self.jobs, n_trials),
                seed=self.seed,
                trial_timeout=self.trial_timeout,
                trial_memory=self.trial_memory,
                catch=self.catch,
                forker=self._forker,
            )
            self._forker = None
            self._history = search(
                self.space,
                searcher,
                executor,
                goals=self.goals,
                n_trials=n_trials,
                timeout=timeout,
                study=study,
                done=self._history.trials,
                progress=self.progress,
                batch=self.batch,
                races=self.racing,
                ladder=ladder,
                inherits=self.inherit,
            )
        return self._history

    def _searcher(self) -> tuple[Searcher, Ladder | None]:
        """A new searcher, and the rungs of the fidelity."""
        from hyperdsl.search.searchers.halving import AshaSearcher

        told: dict[str, Any] = {"seed": self.seed, "goals": self.goals, "proxies": self._proxies}
        made = make_searcher(self.searcher, self.space, **told)
        if self.fidelity is None:
            if isinstance(made, AshaSearcher):
                raise HypError([fidelity_missing(self.settings["searcher"])])
            return made, None
        if not isinstance(made, AshaSearcher):
            made = AshaSearcher(self.space, base=self.searcher, **told)
        return made, made.climb(self.fidelity)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The finished trials of the last search, by number."""
        return self._history.trials

    def best(self) -> Trial:
        """The trial with the best score.

        Raises
        ------
        HypError
            When no trial succeeded: with the most frequent error.
        """
        return self._history.best()

    def _open(self, stack: ExitStack) -> Study | None:
        if self.store is None:
            return None
        from hyperdsl.search.fingerprint import space_fingerprint
        from hyperdsl.search.store import Store, StudyInfo

        store = stack.enter_context(Store.open(self.store))
        info = StudyInfo(
            name=self.study,
            space_name=self.space.name,
            space_text=self.space_text,
            space_fingerprint=space_fingerprint(self.space),
            seed=self.seed,
            direction=self.goals.text(),
            metric=self.metric,
            data_fingerprint=self.data_fingerprint,
            settings=self.settings,
        )
        study = store.begin(info, self.space)
        if study.edit and self.progress:
            self.progress.note("edited", str(study.edit), **asdict(study.edit))
        return study


def _check(trial_timeout: float | None, trial_memory: int | None) -> None:
    if trial_timeout is not None and not trial_timeout > 0:
        raise HypError([search_setting_invalid("trial_timeout", trial_timeout, "a positive number of seconds")])
    if trial_memory is not None and trial_memory < 1:
        raise HypError([search_setting_invalid("trial_memory", trial_memory, "a positive number of bytes")])
