"""Every searcher keeps what a search relies on: the suite that is shipped for searchers of others."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

import hyperdsl
from hyperdsl.diagnostics import HypError
from hyperdsl.ir.domain import Code
from hyperdsl.search.searchers import make_searcher, searcher_names
from hyperdsl.search.searchers.playback import PlaybackSearcher
from hyperdsl.search.seeds import derive_seed
from hyperdsl.space import Configuration, Space
from hyperdsl.testing import SearcherConformance


class TestRandom(SearcherConformance):
    searcher = "random"
    beats_random = False


class TestGrid(SearcherConformance):
    searcher = "grid"
    exhaustive = "grid(points = 12)"
    beats_random = False


class TestQmc(SearcherConformance):
    searcher = "qmc"
    beats_random = False


class TestHalton(SearcherConformance):
    searcher = "qmc(sequence = 'halton')"
    beats_random = False


class TestAuto(SearcherConformance):
    searcher = "auto"


class TestEvolution(SearcherConformance):
    searcher = "evolution"


class TestEvolutionWithSurrogate(SearcherConformance):
    searcher = "evolution(surrogate = True)"


class TestLocal(SearcherConformance):
    searcher = "local"


class TestMcts(SearcherConformance):
    searcher = "mcts"


class TestMctsWithSurrogate(SearcherConformance):
    searcher = "mcts(surrogate = True)"


class TestForest(SearcherConformance):
    searcher = "forest(trees = 10)"


class TestCmaes(SearcherConformance):
    searcher = "cmaes"


@pytest.mark.skipif(find_spec("torch") is None, reason="needs PyTorch")
class TestGp(SearcherConformance):
    searcher = "gp(startup = 5)"


class TestTpe(SearcherConformance):
    searcher = "tpe"


class TestNsga2(SearcherConformance):
    searcher = "nsga2"


class TestNsga3(SearcherConformance):
    searcher = "nsga3"


class TestRNsga2(SearcherConformance):
    searcher = "rnsga2"


class TestMoead(SearcherConformance):
    searcher = "moead"


class TestAsha(SearcherConformance):
    searcher = "asha"
    fidelity = "epochs = 1..9"


class TestAshaInFull(SearcherConformance):
    """Without cheap trials it is the searcher beneath."""

    searcher = "asha"


class TestHyperband(SearcherConformance):
    searcher = "hyperband"
    fidelity = "epochs = 1..9"
    beats_random = False  # it proposes what random search does


class TestBohb(SearcherConformance):
    searcher = "bohb"
    fidelity = "epochs = 1..9"


class TestPlayback(SearcherConformance):
    """Played back and gone on with."""

    @staticmethod
    def searcher(space, *, seed=0, goals=None):  # type: ignore[no-untyped-def]
        given = [space.default(), *space.sample(3, seed=seed)]
        return PlaybackSearcher(space, seed=seed, goals=goals, configurations=given, then="evolution")


class TestScreened(SearcherConformance):
    """By a proxy that likes some configurations for no reason."""

    @staticmethod
    def searcher(space, *, seed=0, goals=None):  # type: ignore[no-untyped-def]
        proxies = {"any": lambda configuration: derive_seed("any", space.key(configuration)) / 2**63}
        return make_searcher(
            "screened(by = 'any', of = 5, startup = 6)", space, seed=seed, goals=goals, proxies=proxies
        )


class Shared:
    """Scores and probabilities of candidates for no reason; half of the decisions are not about the network."""

    def __init__(self, space: Space) -> None:
        self.space = space

    def __call__(self, configuration: Configuration) -> float:
        return derive_seed("shared", str(self.decided(configuration))) / 2**63

    def single_paths(self, epochs: int) -> Shared:
        return self

    def decided(self, configuration: Configuration) -> dict[int, Code]:
        codes = enumerate(configuration.codes)
        return {row: code for row, code in codes if row % 2 == 0 and isinstance(code, int)}

    def relaxed(self, epochs: int, rate: float) -> dict[int, dict[Code, float]]:
        drawn = self.space.sample(50, seed=1)
        codes = {row: {c.codes[row] for c in drawn} for row in range(0, len(self.space.decisions), 2)}
        return {
            row: {code: derive_seed("code", row, str(code)) / 2**63 for code in sorted(own) if isinstance(code, int)}
            for row, own in ((row, {c for c in own if c is not None}) for row, own in codes.items())
            if all(isinstance(code, int) for code in own)
        }


class TestOneShot(SearcherConformance):
    beats_random = False

    @staticmethod
    def searcher(space, *, seed=0, goals=None):  # type: ignore[no-untyped-def]
        told = {"seed": seed, "goals": goals, "proxies": {"inherited": Shared(space)}}
        return make_searcher("oneshot(evaluations = 10)", space, **told)


class TestDarts(SearcherConformance):
    beats_random = False
    seeds_matter = False

    @staticmethod
    def searcher(space, *, seed=0, goals=None):  # type: ignore[no-untyped-def]
        return make_searcher("darts", space, seed=seed, goals=goals, proxies={"inherited": Shared(space)})


def test_darts_proposes_by_decreasing_probability_and_keeps_conditions() -> None:
    text = """let a = "x" | "y" | "z" let b = "x" | "y" | "z" space s = record(a = a, b = b) require a != b"""
    space = hyperdsl.compile(text).space
    shared = Shared(space)
    shared.relaxed = lambda epochs, rate: {0: {0: 0.7, 1: 0.2, 2: 0.1}, 1: {0: 0.6, 1: 0.3, 2: 0.1}}  # type: ignore
    found = make_searcher("darts", space, proxies={"inherited": shared}).propose(range(7))
    assert [(c["a"], c["b"]) for c in found] == [("x", "y"), ("y", "x"), ("x", "z"), ("z", "x"), ("z", "y"), ("y", "z")]


def test_every_searcher_here_is_tested() -> None:
    tested = {str(c.searcher).partition("(")[0] for c in SearcherConformance.__subclasses__()}
    assert set(searcher_names()) - tested - {"playback", "screened", "oneshot", "darts"} == set()


def test_playback_keeps_the_order_and_ends() -> None:
    from search_spaces import small_space

    space = small_space()
    text = "playback(configurations = [{'small.x': 7}, {'small.x': 3}, {'small.x': 7}])"
    path = space.decisions[0].path
    searcher = make_searcher(text.replace("small.x", path), space)
    assert [c[path] for c in searcher.propose(range(5))] == [7, 3]


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is here")
def test_gp_without_its_package_says_what_to_install() -> None:
    from search_spaces import small_space

    with pytest.raises(HypError) as caught:
        make_searcher("gp", small_space())
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E0734" and "pip install torch" in diagnostic.help
