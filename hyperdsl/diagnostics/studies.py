"""Diagnostics of searching: settings, the store, workers, trials that all fail."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from hyperdsl.diagnostics.model import Diagnostic

# --- the store


def study_folder_missing(path: str, folder: str) -> Diagnostic:
    """The folder of a new study file does not exist."""
    return Diagnostic(
        "E0701",
        f"cannot create the study {path!r}: there is no folder {folder!r}",
        help="make the folder first, or give a path in one that exists",
    )


def study_file_missing(path: str, searcher: str = "") -> Diagnostic:
    """A study is to be read and there is no such file; ``searcher`` where it is the name of one."""
    named = f"`{searcher}` is a searcher, and this takes what a search has written: "
    made = f"`hyperdsl search FILE --searcher {searcher} --study {searcher}.db` writes one"
    help = named + made if searcher else "check the path; a search with it creates one"
    return Diagnostic("E0702", f"there is no study file {path!r}", help=help)


def not_a_study(path: str, reason: str) -> Diagnostic:
    """A file is something else, or damaged."""
    return Diagnostic(
        "E0703",
        f"{path!r} is not a study: {reason}",
        help="give another path for the study; nothing in this file was changed",
    )


def study_too_new(path: str, found: int, known: int) -> Diagnostic:
    """A study file was written by a later version."""
    return Diagnostic(
        "E0704",
        f"the study {path!r} was written by a newer hyperdsl (format {found}; this one reads up to {known})",
        help="update hyperdsl, or use another study file",
    )


def study_in_use(path: str, holder: str) -> Diagnostic:
    """Another process writes to the study."""
    return Diagnostic(
        "E0705",
        f"the study {path!r} is in use by {holder}",
        help="one search at a time writes to a study: wait for it, end it, or use another file; reading it is possible",
    )


def study_not_writable(path: str, reason: str) -> Diagnostic:
    """No permission to write the study."""
    return Diagnostic(
        "E0706",
        f"cannot write the study {path!r}: {reason}",
        help="allow writing to the file and its folder, or use another path",
    )


def study_write_failed(path: str, reason: str) -> Diagnostic:
    """The disk refused: full, or an I/O error."""
    return Diagnostic(
        "E0708",
        f"writing the study {path!r} failed: {reason}",
        help="free space or mend the disk, then run the same search again: it goes on after the last finished trial",
    )


def study_url_unsupported(scheme: str) -> Diagnostic:
    """A database that is neither SQLite nor PostgreSQL; the URL is not shown, it may hold a password."""
    return Diagnostic(
        "E0709",
        f"studies are kept in SQLite files and PostgreSQL databases; a URL of {scheme!r} is something else",
        help="give a path, e.g. study.db, or postgresql://user@host/database",
    )


def study_url_invalid() -> Diagnostic:
    """A URL of PostgreSQL that cannot be read; not shown, it may hold a password."""
    return Diagnostic(
        "E0714",
        "the URL of the study's database cannot be read",
        help="write postgresql://user:password@host:5432/database; in a name or password, @ is %40 and / is %2F",
    )


def study_driver_missing(url: str) -> Diagnostic:
    """PostgreSQL without psycopg."""
    return Diagnostic(
        "E0715",
        f"the study {url!r} is in PostgreSQL, and psycopg is not installed",
        help='install it: pip install "psycopg[binary]", or hyperdsl with its extra `postgres`',
    )


def study_unreachable(url: str, reason: str) -> Diagnostic:
    """The server of a study's database does not answer, or refuses."""
    return Diagnostic(
        "E0716",
        f"the database of the study {url!r} cannot be reached: {reason}",
        help="start the server, or check host, user, password and database, then run the same search again: it goes on "
        "after the last finished trial",
    )


def study_unknown(path: str, name: str | None, known: Sequence[str]) -> Diagnostic:
    """No study of this name in the file."""
    which = "no study" if name is None else f"no study {name!r}"
    names = ", ".join(map(repr, known)) or "none: no search has begun with it"
    return Diagnostic("E0710", f"there is {which} in {path!r}", help=f"studies in the file: {names}")


def study_ambiguous(path: str, known: Sequence[str]) -> Diagnostic:
    """Several studies in the file and none was named."""
    names = ", ".join(map(repr, known))
    return Diagnostic("E0711", f"{path!r} holds {len(known)} studies: {names}", help="name one of them")


def study_differs(path: str, name: str, what: str, stored: object, given: object) -> Diagnostic:
    """The study on disk was made with another setting, so scores would not compare."""
    return Diagnostic(
        "E0712",
        f"the study {name!r} in {path!r} was made with {what} {stored}, this search has {given}",
        help=f"use the same {what} to go on with it, or another study file to start afresh",
    )


def study_revision_unknown(path: str, name: str, revision: int, known: int) -> Diagnostic:
    """No such version of a study's space."""
    return Diagnostic(
        "E0717",
        f"the study {name!r} in {path!r} has no version {revision} of its space",
        help="its space was never edited" if known == 1 else f"its versions are 1 to {known}",
    )


def studies_not_comparable(first: str, measures: str, second: str, other: str) -> Diagnostic:
    """Two studies whose scores mean different things."""
    return Diagnostic(
        "E0718",
        f"{first!r} and {second!r} cannot be compared: their scores mean different things",
        help=f"{first!r} is to {measures}; {second!r} is to {other}",
    )


def optuna_file_exists(path: str) -> Diagnostic:
    """A study is to be written where a file is."""
    return Diagnostic(
        "E0719",
        f"there is a file {path!r} already, and a study for Optuna is a new file",
        help="give another path, or remove it first",
    )


# --- the search


def no_trial_succeeded(
    failed: int, kind: str, error: str, times: int, traceback: str, number: int, configuration: Mapping[str, object]
) -> Diagnostic:
    """Every trial failed; shows the most frequent error and one configuration that has it."""
    often = "all with this error" if times == failed else f"{times} of them with this error"
    what = {
        "error": "the code of the trial raised",
        "timeout": "past its time limit",
        "memory": "out of memory",
        "crash": "its process died",
        "score": "its score is not a finite number",
    }[kind]
    lines = [line.strip() for line in traceback.splitlines() if line.lstrip().startswith("File ")]
    place = f"\nraised at: {lines[-1]}" if lines else ""
    example = json.dumps(dict(configuration), ensure_ascii=False, default=str)
    return Diagnostic(
        "E0720",
        f"no trial succeeded: {_count(failed, 'trial')} failed, {often} ({what}):\n{error}{place}",
        help=f"trial {number} shows it with the configuration {example}",
    )


def no_trial_finished(reason: str) -> Diagnostic:
    """The search ended before any trial did."""
    why = {
        "trials": "it was asked for no trial",
        "timeout": "its time was over",
        "exhausted": "the space has no configuration to try",
        "interrupted": "it was interrupted",
    }[reason]
    return Diagnostic("E0721", f"the search ended before any trial finished: {why}", help="give it more time or trials")


def searcher_unknown(name: str, near: Sequence[str], known: Sequence[str]) -> Diagnostic:
    """No searcher of this name."""
    known_here = f"searchers here: {', '.join(known)}"
    return Diagnostic("E0722", f"there is no searcher {name!r}", help=_did_you_mean(near) + known_here)


def search_setting_invalid(name: str, value: object, expected: str) -> Diagnostic:
    """A number or word that a search cannot run with."""
    return Diagnostic("E0723", f"{name} = {value!r} does not do", help=f"{name} is {expected}")


def search_without_end() -> Diagnostic:
    """Neither a number of trials nor a time limit."""
    return Diagnostic("E0724", "nothing would end this search", help="give a number of trials, a time limit, or both")


def estimator_not_sendable(what: str, error: str) -> Diagnostic:
    """What evaluates the trials cannot be pickled, so no worker process can have it."""
    return Diagnostic(
        "E0725",
        f"{what} cannot be sent to worker processes: {error}",
        help="keep locks and open files out of it, or run in this process: one job, no time limit per trial",
    )


def worker_not_starting(error: str, output: str) -> Diagnostic:
    """A worker process ended, or could not load the estimator, before its first trial."""
    return Diagnostic(
        "E0726",
        f"a worker process could not start: {error}" + (f"\n{output}" if output else ""),
        help="what the trials import must be importable in a new Python process; run in this process to see more",
    )


def objective_space_not_plain(found: str) -> Diagnostic:
    """A space for an objective function holds modules."""
    return Diagnostic(
        "E0727",
        f"an objective function takes plain data, and this space builds {found}",
        help="use record(name = ...), lists, numbers and strings; or search the space as a pipeline, with data",
    )


def fidelity_missing(searcher: object) -> Diagnostic:
    """A searcher over fidelities, and none is declared."""
    return Diagnostic(
        "E0731",
        f"the searcher {searcher} begins with cheap trials, and nothing says what they leave out",
        help="declare a fidelity: rows=0.1..1, folds=1..5, n_estimators=16..512, or another parameter of the model",
    )


def fidelity_unknown(name: str, models: Sequence[str], suggestions: Sequence[str], known: Sequence[str]) -> Diagnostic:
    """No model of the space has a parameter of this name that is a whole number."""
    near = f"did you mean {suggestions[0]!r}? " if suggestions else ""
    numbers = f", here {', '.join(known)}" if known else ""
    return Diagnostic(
        "E0732",
        f"no model of this space is fitted longer with more {name!r}; its models are {', '.join(models)}",
        help=f"{near}a fidelity is rows, folds, or a whole number that says how long a model is fitted{numbers}",
    )


def fidelity_ends_elsewhere(fidelity: str, high: float, parameter: str, value: int) -> Diagnostic:
    """Full trials, which are as the space says, are fitted much shorter or longer than the fidelity goes."""
    return Diagnostic(
        "W0733",
        f"the fidelity {fidelity} ends at {high:g}, and models of this space have {parameter} = {value} at most",
        help=f"a full trial is as the space says: write {parameter} = {high:g} there, or end the fidelity at {value}",
    )


def errors_not_catchable_in_workers() -> Diagnostic:
    """``catch=False`` with several processes."""
    return Diagnostic(
        "E0728",
        "catch=False raises the objective's own exception, which works in this process only",
        help="leave catch=True, or run one job",
    )


def searcher_option_unknown(searcher: str, name: str, near: Sequence[str], known: Mapping[str, object]) -> Diagnostic:
    """A searcher has no such option."""
    options = ", ".join(f"{option} = {default!r}" for option, default in known.items())
    return Diagnostic(
        "E0729",
        f"the searcher {searcher!r} has no option {name!r}",
        help=_did_you_mean(near) + (f"its options and their defaults: {options}" if options else "it has none"),
    )


def searcher_single(searcher: str, objectives: Sequence[str]) -> Diagnostic:
    """Several objectives for a searcher that compares trials by one number."""
    return Diagnostic(
        "E0730",
        f"the searcher {searcher!r} is for one objective, and here are {len(objectives)}: {', '.join(objectives)}",
        help="for several: auto, nsga2, nsga3, rnsga2, moead, tpe, random",
    )


def searcher_needs(searcher: str, package: str, extra: str) -> Diagnostic:
    """A searcher's package is not installed."""
    return Diagnostic(
        "E0734",
        f"the searcher {searcher!r} needs the package {package}, which is not installed",
        help=f"install it: pip install {package}, or hyperdsl with its extra `{extra}`; or use the searcher 'auto'",
    )


def no_shared_weights(searcher: str) -> Diagnostic:
    """A searcher needs a network that all candidates share, and what is searched is not networks."""
    return Diagnostic(
        "E0735",
        f"the searcher {searcher!r} trains one network for all candidates, and this search has no networks",
        help="write the space as train(...) of layers of Keras, or use another searcher, such as 'auto'",
    )


def _did_you_mean(near: Sequence[str]) -> str:
    return f"did you mean {' or '.join(map(repr, near))}? " if near else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
