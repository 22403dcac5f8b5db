"""What is set on a module when its author does not: seeds, threads and silence."""

from __future__ import annotations

from hyperdsl.frozen import frozen


@frozen
class Setting:
    """A parameter, and the other names of the same thing; if the author gave any of them, it is left alone."""

    parameter: str
    aliases: tuple[str, ...] = ()

    def is_given(self, arguments: frozenset[str]) -> bool:
        return not arguments.isdisjoint((self.parameter, *self.aliases))


# The aliases are those of the libraries' parameter documentation: LightGBM 4.7, XGBoost 3.2, CatBoost 1.2.

SEED = {
    "lightgbm": Setting("random_state", ("seed", "random_seed")),
    "xgboost": Setting("random_state", ("seed",)),
    "catboost": Setting("random_seed", ("random_state",)),
}
OTHER_SEED = Setting("random_state")

# Libraries that take all cores unless they are told otherwise; scikit-learn's forests take one, but gain from more.
THREADS = {
    "lightgbm": Setting("n_jobs", ("nthread", "nthreads", "num_thread", "num_threads")),
    "xgboost": Setting("n_jobs", ("nthread",)),
    "catboost": Setting("thread_count"),
}
FOREST_THREADS = Setting("n_jobs")
FORESTS = ("RandomForest", "ExtraTrees")

# Training logs would drown everything else; CatBoost also writes a folder `catboost_info`.
QUIET: dict[str, tuple[tuple[Setting, object], ...]] = {
    "lightgbm": ((Setting("verbose", ("verbosity",)), -1),),
    "xgboost": ((Setting("verbosity", ("silent",)), 0),),
    "catboost": (
        (Setting("verbose", ("silent", "logging_level", "verbose_eval")), False),
        (Setting("allow_writing_files"), False),
    ),
}


def seed_setting(path: str) -> Setting:
    """The parameter of a module that takes its seed, if it takes one."""
    return SEED.get(_library(path), OTHER_SEED)


def thread_setting(path: str) -> Setting | None:
    """The parameter that bounds a module's threads, None where there is no need."""
    if path.startswith("sklearn.ensemble.") and path.rpartition(".")[2].startswith(FORESTS):
        return FOREST_THREADS
    return THREADS.get(_library(path))


def quiet_settings(path: str) -> tuple[tuple[Setting, object], ...]:
    """What keeps a module from printing and from writing files."""
    return QUIET.get(_library(path), ())


def _library(path: str) -> str:
    return path.partition(".")[0]
