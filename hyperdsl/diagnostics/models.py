"""Diagnostics of model files (E077x, W077x)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hyperdsl.diagnostics.model import Diagnostic


def model_file_missing(path: str) -> Diagnostic:
    """There is no such file."""
    return Diagnostic("E0770", f"there is no model file {path!r}", help="a search with -o writes one")


def not_a_model(path: str, reason: str) -> Diagnostic:
    """A file is something else, or damaged."""
    return Diagnostic(
        "E0771", f"{path!r} is not a model file: {reason}", help="give a file that a search with -o wrote"
    )


def model_too_new(path: str, found: int, known: int) -> Diagnostic:
    """A model file was written by a later version."""
    return Diagnostic(
        "E0772",
        f"the model {path!r} was written by a newer hyperdsl (format {found}; this one reads up to {known})",
        help="update hyperdsl",
    )


def foreign_types(path: str, types: Sequence[str]) -> Diagnostic:
    """A model file holds classes of packages that may run any code when they are loaded."""
    packages = sorted({name.partition(".")[0] for name in types})
    allowed = " ".join(f"--allow {package}" for package in packages)
    return Diagnostic(
        "E0773",
        f"the model {path!r} holds types that are not the libraries' own: {', '.join(types)}",
        help=f"if you trust the file and these packages, give {allowed}",
    )


def model_not_loadable(path: str, reason: str) -> Diagnostic:
    """The pipeline in a model file cannot be made here."""
    return Diagnostic(
        "E0774",
        f"the pipeline in {path!r} cannot be loaded: {reason}",
        help="install the versions that the model was made with; `unzip -p MODEL metadata.json` lists them",
    )


def model_not_savable(reason: str) -> Diagnostic:
    """There is a part of the pipeline that skops cannot describe."""
    return Diagnostic(
        "E0775",
        f"the model cannot be saved: {reason}",
        help="its script makes it again: run it with --output, or export it from the study",
    )


def model_not_writable(path: str, reason: str) -> Diagnostic:
    """No permission, no folder, or no space."""
    return Diagnostic("E0776", f"cannot write the model {path!r}: {reason}", help="give another path")


def other_versions(path: str, versions: Mapping[str, tuple[str, str]]) -> Diagnostic:
    """A model was made with other versions of the libraries than are installed."""
    shown = ", ".join(f"{name} {made} (here {here})" for name, (made, here) in versions.items())
    return Diagnostic(
        "W0770", f"the model {path!r} was made with {shown}", help="predictions may differ; install those versions"
    )


def saved_with_foreign_types(types: Sequence[str]) -> Diagnostic:
    """A model that was saved needs permission to be loaded."""
    packages = " ".join(f"--allow {p}" for p in sorted({name.partition(".")[0] for name in types}))
    return Diagnostic(
        "W0771", f"the model holds types of your own: {', '.join(types)}", help=f"loading it takes {packages}"
    )


# --- the network of a model


def no_network(last: str) -> Diagnostic:
    """A model without a network cannot be written as one."""
    return Diagnostic(
        "E0777",
        f"the model ends in `{last}`, which is no network",
        help="its script makes it again: `hyperdsl export STUDY`",
    )


def network_not_writable(path: str, reason: str, needs: str) -> Diagnostic:
    """Keras or what it uses to convert cannot write the network."""
    helps = f"with this backend it needs {needs}" if needs else "give the path of a new file that ends in .keras"
    return Diagnostic("E0778", f"cannot write the network to {path!r}: {reason}", help=helps)


def steps_not_in_network(steps: Sequence[str]) -> Diagnostic:
    """What a pipeline does before its network is not in the network's file."""
    names = ", ".join(f"`{step}`" for step in steps)
    return Diagnostic(
        "W0772",
        f"the file holds the network alone, which takes what {names} make{'s' if len(steps) == 1 else ''} of the data",
    )


# --- the model that is kept


def final_fit_failed(trial: int, reason: str) -> Diagnostic:
    """The best trial cannot be fitted to all rows."""
    return Diagnostic(
        "E0779",
        f"trial {trial} is the best, and fitting it to all rows failed: {reason}",
        help="another --seed may do; from a study, `hyperdsl export STUDY --trial N` writes the script of another",
    )


def final_network_did_not_learn(ended: float, trial: int, reached: float) -> Diagnostic:
    """Trained on all rows, the network of the best trial is worse than it was in its trial."""
    return Diagnostic(
        "W0773",
        f"trained on all rows, the network of trial {trial} ends with a loss of {ended:.3g}; in its trial it came to "
        f"{reached:.3g}",
        help="it did not learn this time, as happens near the end of what a learning rate can be: search with another "
        "--seed, or with lower learning rates",
    )


# --- scripts of a study's trials


def not_an_experiment(study: str, name: str) -> Diagnostic:
    """A study of something else than pipelines on a table."""
    return Diagnostic(
        "E0780",
        f"the study {name!r} in {study!r} was not made by a search over pipelines, so its trials have no script",
        help="use `hyperdsl trials` to see its configurations",
    )


def no_such_trial(study: str, trial: int, trials: int) -> Diagnostic:
    """A trial's number that the study does not have."""
    return Diagnostic(
        "E0781", f"the study {study!r} has no trial {trial}", help=f"it has {trials:,}; `hyperdsl trials` lists them"
    )


def no_scored_trial(study: str, trials: int) -> Diagnostic:
    """No trial of the study has a score."""
    return Diagnostic(
        "E0782", f"none of the {trials:,} trials in {study!r} has a score", help="`hyperdsl trials` says why"
    )
