"""The command line: what is printed where, and the exit code."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hyperdsl.cli.main import main
from hyperdsl.cli.options import duration

GOOD = """\
let depth = 2..6
space small = StandardScaler()? >> DecisionTreeClassifier(max_depth = depth, min_samples_leaf = 1 | 5)
"""
TWO = """\
space first = record(x = 1..10, y = 0.0..1.0)
space second = record(mode = "a" | "b" | "c")
"""
BAD = "space s = DecisionTreeClassifier(max_dpeth = 3) | Nonsense()\n"


@pytest.fixture
def good(tmp_path: Path) -> str:
    return write(tmp_path / "good.hyp", GOOD)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    return write(tmp_path / "bad.hyp", BAD)


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def hyperdsl(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hyperdsl", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)  # type: ignore[call-overload]


def test_check_accepts_a_good_file(good, capsys):
    assert main(["check", good]) == 0
    assert capsys.readouterr().out == "1 file checked: no mistakes found\n"


def test_check_shows_every_mistake_and_exits_with_1(good, bad, capsys):
    assert main(["check", good, bad]) == 1
    out, err = capsys.readouterr()
    assert "2 files checked: 2 errors" in out
    assert "bad.hyp:1:" in err and "max_depth" in err and "Nonsense" in err
    assert "\x1b[" not in err


def test_check_says_once_where_to_read_more(good, bad, capsys):
    main(["check", bad, good])
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].endswith("; more: hyperdsl explain E0401") and "explain" not in err


def test_check_as_annotations_of_github(tmp_path, capsys):
    path = write(tmp_path / "a,b.hyp", "let a = 1 2\nlet a\nspace s = Ridge(\n  alpha = 0..1 log)\n")
    assert main(["check", path, "--format", "github"]) == 1
    out, err = capsys.readouterr()
    first, second, summary = out.splitlines()
    assert first.startswith(
        f"::error title=E0101,file={tmp_path}/a%2Cb.hyp,line=1,endLine=1,col=11,endColumn=12::expected"
    )
    assert second.endswith("%0Ahelp: write `let a = …`") and summary == "1 file checked: 2 errors" and err == ""


def test_check_as_json(bad, capsys):
    assert main(["check", bad, "--format", "json"]) == 1
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["errors"] == 2 and err == ""
    first = document["diagnostics"][0]
    assert first["severity"] == "error" and first["code"].startswith("E")


def test_a_missing_file_is_the_inputs_fault(tmp_path, capsys):
    assert main(["check", str(tmp_path / "none.hyp")]) == 1
    assert "none.hyp" in capsys.readouterr().err


def test_info_tells_decisions_and_the_exact_count(good, capsys):
    assert main(["info", good, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["space"] == "small" and facts["exact"] is True
    assert facts["configurations"] == "20" and facts["continuous"] == 0
    assert len(facts["decisions"]) == 3
    assert main(["info", good]) == 0
    assert "20" in capsys.readouterr().out


def test_info_counts_continuous_ranges_apart(tmp_path, capsys):
    assert main(["info", write(tmp_path / "two.hyp", TWO), "--space", "first", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["configurations"] == "10" and facts["continuous"] == 1


def test_info_names_parts_and_distributions(tmp_path, capsys):
    path = write(
        tmp_path / "vote.hyp",
        """space vote = VotingClassifier(
  estimators = subset(
    1..2, [("trees", RandomForestClassifier()), ("bayes", GaussianNB(var_smoothing = lognormal(-9, 1)))]))
""",
    )
    assert main(["info", path]) == 0
    out = capsys.readouterr().out
    assert "trees | bayes" in out
    assert re.search(r"var_smoothing +real +lognormal", out)


def test_info_of_a_space_with_a_count_of_5001_digits(tmp_path, capsys):
    # Python refuses to print more than 4300 digits of its own accord.
    big = write(tmp_path / "big.hyp", f"space s = record(x = repeat(1000, 1..{10**5}))\n")
    assert main(["info", big]) == 0
    assert "about 1.00e5000" in capsys.readouterr().out
    assert main(["info", big, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["configurations"] == "1" + "0" * 5000


def test_a_file_with_two_spaces_needs_a_name(tmp_path, capsys):
    two = write(tmp_path / "two.hyp", TWO)
    assert main(["info", two]) == 1
    err = capsys.readouterr().err
    assert "first" in err and "second" in err
    assert main(["info", two, "--space", "secnd"]) == 1
    assert "second" in capsys.readouterr().err


def test_sample_prints_one_object_a_line_and_repeats_with_its_seed(good, capsys):
    assert main(["sample", good, "-n", "5", "--seed", "3"]) == 0
    five = capsys.readouterr().out
    assert len(five.splitlines()) == 5
    assert all(isinstance(json.loads(line), dict) for line in five.splitlines())
    assert main(["sample", good, "-n", "3", "--seed", "3", "--json"]) == 0
    assert capsys.readouterr().out.splitlines() == five.splitlines()[:3]


def test_compile_writes_the_script_of_a_configuration(good, tmp_path, capsys):
    assert main(["sample", good, "--seed", "1"]) == 0
    config = write(tmp_path / "c.json", capsys.readouterr().out)
    out = tmp_path / "one.py"
    assert main(["compile", good, "--config", config, "-o", str(out)]) == 0
    drawn = out.read_text(encoding="utf-8")
    assert "DecisionTreeClassifier(" in drawn and "hyperdsl import" not in drawn
    assert main(["compile", good, "--seed", "1"]) == 0
    assert capsys.readouterr().out == drawn
    assert main(["compile", good, "--default"]) == 0
    assert "DecisionTreeClassifier(" in capsys.readouterr().out


@pytest.mark.parametrize(
    "stage", ["tree", "typed", "graph", "space", "before:inline", "after:fold", "passes", "prefixes"]
)
def test_every_stage_can_be_seen(stage, good, capsys):
    assert main(["compile", good, "--emit", stage]) == 0
    shown = {"space": "'depth'", "passes": "flatten"}.get(stage, "DecisionTreeClassifier")
    assert shown in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stage", "says"),
    [
        ("grph", "did you mean `graph`?"),
        ("flatten", "did you mean `before:flatten` or `after:flatten`?"),
        ("after:fould", "did you mean `after:fold`?"),
        ("within:fold", "stages are tree"),
        ("after:trees", "write `-O2`"),
    ],
)
def test_a_stage_that_is_none(stage, says, good, capsys):
    assert main(["compile", good, "--emit", stage]) == 1
    assert says in capsys.readouterr().err


def test_the_graph_between_two_passes_is_the_same_on_both_sides(good, capsys):
    for before, after in (("fold", "inline"), ("drop", "trees")):
        assert main(["compile", good, "-O2", "--emit", f"before:{before}"]) == 0
        left = capsys.readouterr().out
        assert main(["compile", good, "-O2", "--emit", f"after:{after}"]) == 0
        assert capsys.readouterr().out == left


def test_what_is_approximate_is_said(tmp_path, capsys):
    path = tmp_path / "scaled.hyp"
    path.write_text("space s = StandardScaler() >> DecisionTreeClassifier()", encoding="utf-8")
    assert main(["info", str(path), "-O2"]) == 0
    note = "line 1: StandardScaler left out before DecisionTreeClassifier, which changes where splits lie"
    assert note in capsys.readouterr().out
    assert main(["info", str(path), "-O2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["approximations"] == [note]
    assert main(["info", str(path)]) == 0
    assert "StandardScaler left out" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "is not JSON"), ("[1]", "list"), ('{"nonsense": 1}', "nonsense"), ("\xff", "configuration")],
)
def test_a_configuration_that_is_none(text, says, good, tmp_path, capsys):
    config = tmp_path / "c.json"
    config.write_text(text, encoding="latin-1")
    assert main(["compile", good, "--config", str(config)]) == 1
    assert says in capsys.readouterr().err or says == "configuration"


def test_output_into_a_missing_folder(good, tmp_path, capsys):
    assert main(["compile", good, "--default", "-o", str(tmp_path / "none" / "x.py")]) == 1
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x.ipynb", "x.svg", "x.hyp"])
def test_a_script_gets_no_name_of_another_kind_of_file(name, good, tmp_path, capsys):
    assert main(["compile", good, "-o", str(tmp_path / name)]) == 1
    said = capsys.readouterr().err
    assert "E0857" in said and "x.py" in said and not (tmp_path / name).exists()
    if name == "x.svg":
        assert main(["compile", good, "--to", "svg", "-o", str(tmp_path / name)]) == 0


@pytest.mark.parametrize("command", ["check", "info", "fmt"])
def test_a_python_file_is_no_program(command, tmp_path, capsys):
    script = tmp_path / "model.py"
    script.write_text("import os\nfrom sklearn.linear_model import Ridge\n")
    assert main([command, str(script)]) == 1
    said = "".join(capsys.readouterr())
    assert said.count("error[") == 1 and "`.hyp` file" in said


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["check"],
        ["sample", "x.hyp", "-n", "-1"],
        ["compile", "x.hyp", "--default", "--seed", "1"],
        ["search", "x.hyp", "--data", "d.csv", "--target", "y", "--timeout", "soon"],
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: hyperdsl" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["chek", "FILE"], "check"),
        (["search", "FILE", "--n-trials", "5"], "--trials"),
        (["compile", "FILE", "--to", "config-space"], "configspace"),
        (["std", "lst"], "list"),
    ],
)
def test_a_mistaken_word_of_the_command_line_is_answered_by_its_command(written, meant, good, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([good if word == "FILE" else word for word in written])
    usage, message = capsys.readouterr().err.rsplit("\n", 2)[:2]
    assert stopped.value.code == 2 and message.endswith(f"did you mean {meant}?")
    assert written[0] == "chek" or usage.startswith(f"usage: hyperdsl {written[0]}")


@pytest.mark.parametrize(
    "command", ["check", "info", "sample", "compile", "import", "search", "trials", "export", "predict", "evaluate"]
)
def test_every_command_has_help_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"examples:\n  hyperdsl {command} " in capsys.readouterr().out


def test_durations():
    assert [duration(t) for t in ("90", "90s", "10m", "10 min", "1.5h", "1h30m")] == [90, 90, 600, 600, 5400, 5400]


def test_version_in_a_process_of_its_own():
    done = hyperdsl("--version")
    assert done.returncode == 0 and done.stdout.startswith("hyperdsl 0.")


def test_check_loads_no_library(good):
    code = (
        "import sys; from hyperdsl.cli.main import main; assert main(['check', sys.argv[1]]) == 0\n"
        "print([m for m in ('numpy', 'sklearn', 'pandas', 'sqlalchemy', 'optuna', 'rich') if m in sys.modules])"
    )
    main(["check", good])  # the catalog is cached from here on
    done = subprocess.run([sys.executable, "-c", code, good], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_leaves_early_sees_no_traceback(good):
    done = subprocess.run(
        f"{sys.executable} -m hyperdsl sample {good} -n 20000 | head -n 1", shell=True, capture_output=True, text=True
    )
    assert len(done.stdout.splitlines()) == 1 and done.stderr == ""


def test_the_plan_of_a_configuration_is_shown(tmp_path, capsys):
    file, one = tmp_path / "s.hyp", tmp_path / "c.json"
    file.write_text(
        "space s = columns { numeric => scale: StandardScaler()?, rest => drop }\n"
        " >> BaggingClassifier(estimator = SVC(C = 0.5 | 2.0), n_estimators = 5)"
    )
    space = ["compile", str(file), "--emit", "plan"]
    assert main([*space, "--default"]) == 0
    assert capsys.readouterr().out == (
        ">>\n  columns\n    numeric => scale: sklearn.preprocessing.StandardScaler()\n    rest => drop\n"
        "  sklearn.ensemble.BaggingClassifier(n_estimators = 5)\n    estimator = sklearn.svm.SVC(C = 0.5)\n"
    )
    one.write_text('{"s.numeric.scale.StandardScaler?": false, "s.BaggingClassifier.estimator.SVC.C": 2.0}')
    assert main([*space, "--config", str(one)]) == 0
    assert "numeric => pass" in (shown := capsys.readouterr().out) and "SVC(C = 2.0)" in shown
    with pytest.raises(SystemExit):
        main(["compile", str(file), "--emit", "graph", "--seed", "1"])
    assert "--seed names one configuration, and --emit is about all of them" in capsys.readouterr().err


def opened(fifo, seconds=60):
    """The writing end, once the command reads."""
    for _ in range(10 * seconds):
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"nothing reads {fifo}")


def test_ctrl_c_shows_no_traceback(tmp_path):
    fifo = tmp_path / "slow.hyp"
    os.mkfifo(fifo)  # reading it blocks, so the signal finds the command at work
    process = subprocess.Popen(
        [sys.executable, "-m", "hyperdsl", "check", str(fifo)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    writer = opened(fifo)
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:  # it came right before the read, which Python does not look up from
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    os.close(writer)
    assert process.returncode == 130 and err == "hyperdsl: interrupted\n"


def test_an_internal_error_is_called_a_bug(good, tmp_path):
    broken = "import hyperdsl.driver as d; d.check_file = lambda *a: 1 / 0\n"
    code = broken + "import sys; from hyperdsl.cli.main import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    quiet = subprocess.run([*command, "check", good], env=environment, capture_output=True, text=True, timeout=60)
    assert quiet.returncode == 70
    assert "this is a bug in hyperdsl" in quiet.stderr and "Traceback" not in quiet.stderr
    assert "ZeroDivisionError" in next(tmp_path.glob("hyperdsl-bug-*.txt")).read_text()
    loud = subprocess.run(
        [*command, "--debug", "check", good], env=environment, capture_output=True, text=True, timeout=60
    )
    assert loud.returncode == 70 and "Traceback" in loud.stderr


def test_info_explains_what_conditions_shrank(tmp_path, capsys):
    file = tmp_path / "shrunk.hyp"
    file.write_text("let a = 1..9\nlet b = 1..9\nrequire a < b\nrequire a > 3\nspace s = record(a = a, b = b)\n")
    assert main(["info", str(file), "--explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("4..8" in line and "5 of 9" in line and "line 4: require a > 3" in line for line in lines)
    assert main(["info", str(file), "--explain", "--json"]) == 0
    shrunk = json.loads(capsys.readouterr().out)["shrunk"]
    assert [(s["path"], s["values"]) for s in shrunk] == [("a", "4..8"), ("b", "5..9")]
