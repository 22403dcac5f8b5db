"""``hyperdsl info``, ``sample`` and ``compile``: what a file means, its configurations, the programs made from it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyperdsl.cli.costs import cost_facts, costs_text
from hyperdsl.cli.exchange import SCRIPTS, TARGETS, text_for
from hyperdsl.cli.explaining import describe_shrinks, shrink_facts
from hyperdsl.cli.options import (
    Commands,
    add_command,
    add_format,
    add_json,
    add_level,
    add_space,
    add_table,
    natural,
    require_target,
)
from hyperdsl.cli.output import counted, print_diagnostics, print_json, require_script, say, table, write_text
from hyperdsl.diagnostics import HypError, Reporter

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.space import Configuration, Count, Decision

_INFO_EXAMPLES = """\
  hyperdsl info gbm.hyp
  hyperdsl info gbm.hyp --space small --json
  hyperdsl info gbm.hyp --canonical                         also how many different programs there are
  hyperdsl info gbm.hyp --data train.csv --target income    with the numbers of a table in `data.rows` …"""
_SAMPLE_EXAMPLES = """\
  hyperdsl sample gbm.hyp -n 5
  hyperdsl sample gbm.hyp -n 1 --seed 3 > c.json && hyperdsl compile gbm.hyp --config c.json"""
_COMPILE_EXAMPLES = """\
  hyperdsl compile gbm.hyp -o gbm_space.py             the whole space: build(config), sample(rng), default()
  hyperdsl compile gbm.hyp --default                   the script of the default configuration
  hyperdsl compile gbm.hyp --config c.json -o one.py   the script of a configuration of your choice
  hyperdsl compile gbm.hyp --emit graph                what the compiler sees after a stage
  hyperdsl compile gbm.hyp --emit passes -O2           what each pass does; --emit after:fold the graph between two
  hyperdsl compile gbm.hyp --emit plan --config c.json the plan of a configuration; without --config of the default
  hyperdsl compile gbm.hyp --emit prefixes             which steps configurations have in common, and how many do
  hyperdsl compile gbm.hyp --to svg -o gbm.svg         a picture; or the space for another system
  hyperdsl compile net.hyp --default --to pytorch      the script of a network in plain PyTorch
  hyperdsl compile --from json gbm.json                a space that `--to json` wrote"""


def add_commands(commands: Commands) -> None:
    info = add_command(
        commands, "info", run_info, "show the decisions of a space and how many configurations it has", _INFO_EXAMPLES
    )
    add_space(info)
    add_table(info)
    add_format(info)
    add_level(info)
    info.add_argument(
        "--canonical",
        action="store_true",
        help="also how many different programs there are, configurations with equal keys counted once; a lower bound "
        "where that takes over 100,000 tries",
    )
    info.add_argument("--explain", action="store_true", help="also what conditions shrank, and which of them did it")
    add_json(info)

    sample = add_command(
        commands, "sample", run_sample, "draw configurations from a space, one JSON object a line", _SAMPLE_EXAMPLES
    )
    add_space(sample)
    add_table(sample)
    add_format(sample)
    sample.add_argument("-n", metavar="N", type=natural, default=1, help="how many (default: 1)")
    sample.add_argument("--seed", metavar="S", type=natural, default=0, help="default: 0")
    sample.add_argument(
        "--uniform", action="store_true", help="every discrete configuration equally likely, whatever the weights say"
    )
    add_json(sample)

    build = add_command(
        commands, "compile", run_compile, "write a space or a configuration as Python", _COMPILE_EXAMPLES
    )
    add_space(build)
    add_table(build)
    add_format(build)
    build.add_argument("-o", "--output", metavar="OUT", help="write here (default: standard output)")
    add_level(build)
    instead = build.add_mutually_exclusive_group()
    instead.add_argument(
        "--emit",
        metavar="STAGE",
        help="print what stands after this stage instead: tree, typed, graph, space, program; before:PASS or "
        "after:PASS; passes for a table of them; prefixes for the steps that configurations have in common; plan of "
        "the default configuration, or of that of --config or --seed",
    )
    instead.add_argument(
        "--to",
        choices=(*TARGETS, *SCRIPTS),
        help="write the space for another system instead, or as a picture; pytorch writes the network of one "
        "configuration without Keras",
    )
    one = build.add_mutually_exclusive_group()
    one.add_argument("--config", metavar="C.json", help="the script of the configuration in this file")
    one.add_argument("--seed", metavar="S", type=natural, help="the script of the configuration drawn with this seed")
    one.add_argument("--default", action="store_true", help="the script of the default configuration")


def load(options: argparse.Namespace) -> HyperSpace:
    """The space that the options name; its warnings are shown."""
    from hyperdsl.driver import compile_source
    from hyperdsl.syntax.read import read_source

    reporter = Reporter()
    level = getattr(options, "level", 1)
    if options.format == "json":
        from hyperdsl.exchange.saved import load_json

        space = load_json(options.file, reporter, level=level, allow=options.allow)
    else:
        space = compile_source(
            read_source(options.file), reporter, space=options.space, level=level, allow=options.allow, progress=say
        )
    print_diagnostics(reporter.diagnostics)
    return space


def load_bound(options: argparse.Namespace) -> HyperSpace:
    """The space that the options name, for their table where they name one."""
    bind = _bind(options)
    return bind(load(options))


def _bind(options: argparse.Namespace) -> Callable[[HyperSpace], HyperSpace]:
    """What makes a space that of the table in the options."""
    require_target(options)

    def bind(space: HyperSpace) -> HyperSpace:
        from hyperdsl.experiment import bind_to_table

        if options.data is None:
            return space
        reporter = Reporter()
        bound = bind_to_table(space, options.data, options.target, reporter, task=options.task, groups=options.groups)
        print_diagnostics(reporter.diagnostics)
        return bound

    return bind


def run_info(options: argparse.Namespace) -> int:
    sys.set_int_max_str_digits(0)  # counts may have more than Python's default of 4,300 digits
    space = load_bound(options)
    facts = _facts(space)
    if options.canonical:
        facts["canonical"] = _program_facts(space)
    if options.explain:
        facts |= shrink_facts(space)
    if options.json:
        print_json(facts)
        return 0
    print(_describe(facts))
    if options.explain:
        print(f"\n{describe_shrinks(facts)}")
    return 0


def _facts(space: HyperSpace) -> dict[str, object]:
    facts: dict[str, object] = {"space": space.name, "task": space.task}
    facts |= _count_facts(space.count())
    if costs := cost_facts(space):
        facts["costs"] = costs
    facts["graph"] = space.shape()
    if space.notes:
        facts["approximations"] = [str(note) for note in space.notes]
    facts["decisions"] = [_decision_facts(d) for d in space.decisions]
    return facts


def _count_facts(count: Count) -> dict[str, object]:
    facts: dict[str, object] = {"exact": count.exact}
    if count.exact:
        facts["configurations"] = str(count.configurations)
    else:
        facts |= {"at_least": str(count.at_least), "at_most": str(count.at_most), "reason": count.reason}
        facts["estimate"] = str(count.estimate)
        facts["interval"] = [str(end) for end in count.interval or ()]
    facts["continuous"] = count.continuous
    return facts


def _program_facts(space: HyperSpace) -> dict[str, object]:
    """How many programs there are; long work says how far it is."""
    last = time.monotonic()

    def progress(tried: int) -> None:
        nonlocal last
        if time.monotonic() - last > 2:
            last = time.monotonic()
            say(f"counting programs: {tried:,} tried")

    count = space.count(canonical=True, progress=progress)
    if count.exact:
        return {"exact": True, "programs": str(count.configurations)}
    return {
        "exact": False,
        "at_least": str(count.at_least),
        "at_most": str(count.at_most),
        "reason": count.reason,
    }


def _decision_facts(decision: Decision) -> dict[str, object]:
    facts: dict[str, object] = {"path": decision.path, "kind": decision.kind}
    if decision.kind in ("integer", "real"):
        facts |= {"low": decision.low, "high": decision.high, "log": decision.log, "step": decision.step}
    else:
        facts["labels"] = list(decision.labels)
    return {**facts, "size": decision.size, "dependent": decision.dependent, "line": decision.line}


def _describe(facts: dict[str, object]) -> str:
    decisions = facts["decisions"]
    assert isinstance(decisions, list)
    rows = [(d["path"], d["kind"], _values_text(d)) for d in decisions]
    graph = facts["graph"]
    assert isinstance(graph, dict)
    lines = [
        f"space {facts['space']}",
        f"  configurations  {_count_text(facts)}",
        *([f"  programs        {_programs_text(facts['canonical'])}"] if "canonical" in facts else []),
        *costs_text(facts.get("costs", {})),
        f"  graph           {', '.join(f'{k} {v}' for k, v in graph.items())}",
        f"  decisions       {len(rows)}",
    ]
    if rows:
        lines += ["", table(("decision", "kind", "values"), rows)]
    notes = facts.get("approximations", [])
    assert isinstance(notes, list)
    if notes:
        lines += ["", "left out at -O2, for which configurations count as the same where nothing else differs", *notes]
    return "\n".join(lines)


def _count_text(facts: dict[str, object]) -> str:
    if facts["exact"]:
        text = _shortened(str(facts["configurations"]))
    else:
        interval = facts["interval"]
        assert isinstance(interval, list)
        estimate = _shortened(str(facts["estimate"])).removeprefix("about ")
        text = (
            f"about {estimate} (95 %: {' to '.join(map(_shortened, interval))}; "
            f"proven: {_shortened(str(facts['at_least']))} to {_shortened(str(facts['at_most']))})"
        )
    ranges = int(str(facts["continuous"]))
    return f"{text}, times {counted(ranges, 'continuous range')}" if ranges else text


def _programs_text(facts: Any) -> str:
    if facts["exact"]:
        return f"{_shortened(facts['programs'])} different ones"
    return f"{_shortened(facts['at_least'])} to {_shortened(facts['at_most'])}: {facts['reason']}"


def _shortened(digits: str, most: int = 24) -> str:
    """``1,234`` or, for what nobody would read, ``about 3.14e57``; JSON holds all digits."""
    if not digits.isdigit():
        return "an unknown number"
    return f"{int(digits):,}" if len(digits) <= most else f"about {digits[0]}.{digits[1:3]}e{len(digits) - 1}"


def _values_text(decision: dict[str, object], most: int = 60) -> str:
    """A decision's values as one would write them."""
    labels = decision.get("labels")
    if isinstance(labels, list):
        text = " | ".join(v if isinstance(v, str) else repr(v) for v in labels)
    elif decision["low"] is None:
        text = "lognormal" if decision["log"] else "normal"
    else:
        step = f" step {decision['step']}" if decision["step"] not in (None, 1) else ""
        text = f"{decision['low']}..{decision['high']}{' log' if decision['log'] else ''}{step}"
        text += " (at most: depends on other decisions)" if decision["dependent"] else ""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def run_sample(options: argparse.Namespace) -> int:
    space = load_bound(options)
    for configuration in space.sample(options.n, seed=options.seed, uniform=options.uniform):
        print_json(configuration.to_json(), indent=None)
    return 0


def run_compile(options: argparse.Namespace) -> int:
    one = next(
        (f"--{name}" for name in ("config", "seed", "default") if getattr(options, name) not in (None, False)), None
    )
    if options.to in SCRIPTS and one is None:
        options.usage_error(f"--to {options.to} writes one configuration: give --default, --seed or --config")
    if one is not None and (options.to in TARGETS or options.emit not in (None, "plan")):
        options.usage_error(
            f"{one} names one configuration, and {'--to' if options.to else '--emit'} is about all of them"
        )
    if options.to in (None, "optuna", "ray", *SCRIPTS) and options.emit in (None, "program"):
        require_script(options.output)
    if options.emit and options.emit != "program":
        text = _emit(options)
    elif options.to in TARGETS:
        text = text_for(options.to, load_bound(options))
    else:
        space = load_bound(options)
        configuration = _configuration(space, options)
        text = space.module() if configuration is None else space.source(configuration, to=options.to or "sklearn")
    if options.output:
        write_text(options.output, text)
    else:
        print(text, end="" if text.endswith("\n") else "\n")
    return 0


def _emit(options: argparse.Namespace) -> str:
    from hyperdsl.driver import emit
    from hyperdsl.passes.report import check_stage
    from hyperdsl.syntax.read import read_source

    check_stage(options.emit)
    if options.format == "json":
        from hyperdsl.diagnostics.exchange import no_stages

        raise HypError([no_stages(options.emit)])
    reporter = Reporter()
    text: str = emit(
        read_source(options.file),
        options.emit,
        reporter,
        space=options.space,
        level=options.level,
        allow=options.allow,
        bind=_bind(options),
        choose=lambda compiled: _configuration(compiled, options) or compiled.default(),
    )
    print_diagnostics(reporter.diagnostics)
    return text


def _configuration(space: HyperSpace, options: argparse.Namespace) -> Configuration | None:
    if options.default:
        return space.default()
    if options.seed is not None:
        return space.sample(1, seed=options.seed)[0]
    if options.config is not None:
        return space.configuration(read_configuration(options.config))
    return None


def read_configuration(path: str) -> dict[str, object]:
    """The object of paths and values in a JSON file.

    Raises
    ------
    HypError
        When the file cannot be read, is not JSON or holds something else.
    """
    from hyperdsl.diagnostics.output import cannot_read, not_an_object, not_json

    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise HypError([not_json(path, error.lineno, error.colno, error.msg)]) from error
    except OSError as error:
        raise HypError([cannot_read(path, error.strerror or str(error))]) from error
    except UnicodeDecodeError as error:
        raise HypError([cannot_read(path, "it is not UTF-8")]) from error
    if not isinstance(value, dict):
        kind = {list: "list", str: "string", bool: "truth value", type(None): "null"}.get(type(value), "number")
        raise HypError([not_an_object(path, kind)])
    return value
