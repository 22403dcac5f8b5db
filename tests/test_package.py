"""The package as it is built, installed and imported."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import hyperdsl

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ["numpy", "pandas", "scipy", "sklearn", "lightgbm", "xgboost", "catboost", "keras", "optuna"]
HEAVY += ["networkx", "sqlalchemy", "rich", "skops", "joblib", "lark"]


def python(code: str, cwd: Path, **environment: str) -> str:
    """Standard output of a fresh interpreter that runs ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment or None, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def package_files() -> set[str]:
    """What belongs into a wheel, read off the tree: code, and the data files that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "hyperdsl", "grammar", "backends"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    files = {name for name in listed if (ROOT / name).is_file()}
    return {name if name.startswith("hyperdsl/") else f"hyperdsl/{name}" for name in files}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    checkout = tmp_path_factory.mktemp("checkout") / "hyperdsl"
    # A copy: building in the tree would leave build/ and *.egg-info behind for the next build to pick up.
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(checkout)], check=True)
    for name in ["hyperdsl", "grammar", "backends", "pyproject.toml", "README.md", "LICENSE"]:
        subprocess.run(["rm", "-rf", str(checkout / name)], check=True)
        subprocess.run(["cp", "-a", str(ROOT / name), str(checkout / name)], check=True)
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), str(checkout)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(out.glob("*.whl"))


def test_the_wheel_holds_exactly_the_files_of_the_tree(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == package_files()


def test_the_wheel_works_away_from_the_repository(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = "import hyperdsl; s = hyperdsl.compile('space s = record(x = 1..3)'); print(hyperdsl.__file__, s.count())"
    out = python(code, tmp_path, PYTHONPATH=str(tmp_path / "site"), HYPERDSL_CACHE_DIR=str(tmp_path / "cache"))
    assert out.startswith(str(tmp_path / "site")) and "configurations=3" in out


def test_importing_hyperdsl_imports_no_library(tmp_path: Path) -> None:
    code = f"import hyperdsl, sys; print([m for m in {HEAVY} if m in sys.modules])"
    assert python(code, tmp_path).strip() == "[]"


def test_every_public_name_is_there() -> None:
    assert set(dir(hyperdsl)) == set(hyperdsl.__all__)
    for name in hyperdsl.__all__:
        assert getattr(hyperdsl, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        hyperdsl.nonsense  # noqa: B018


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "examples/README.md", "tests/benchmarks/README.md"])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (folder / link).exists()] == []


def test_the_version_is_told_alike_everywhere(wheel: Path) -> None:
    assert wheel.name.startswith(f"hyperdsl-{hyperdsl.__version__}-")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{hyperdsl.__version__}]" in changelog
