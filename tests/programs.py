"""Makes random finite programs: what the compiler's properties are tried on."""

from __future__ import annotations

import random

_STEPS = ("StandardScaler()", "MinMaxScaler()", "pass", "RobustScaler()", "PCA(n_components = 2)")
_REPEATED = (
    "StandardScaler()",
    "MinMaxScaler()",
    "MaxAbsScaler()",
    "MaxAbsScaler()",
    "FunctionTransformer()",
    "PCA(n_components = 2)",
    "(StandardScaler() | MaxAbsScaler())",
    "MaxAbsScaler()?",
)
_MODELS = ("Ridge(alpha = {0})", "DecisionTreeRegressor(max_depth = 2)", "RandomForestRegressor()", "Lasso()")


class Maker:
    """Writes one program of a given seed; every form of the language that decides something turns up."""

    def __init__(self, seed: int, pool: tuple[str, ...] = _STEPS) -> None:
        self.pool = pool
        self.rng = random.Random(seed)
        self.lets: list[str] = []
        self.defs: list[tuple[str, int]] = []
        self.lists = 0  # templates that take a list: each(0), each(1), …

    def program(self) -> str:
        lines = []
        for number in range(self.rng.randrange(4)):
            name = f"shared{number}"
            lines.append(f"let {name} = {self.number(1)}")
            self.lets.append(name)
        for number in range(self.rng.randrange(3)):
            name, arity = f"part{number}", self.rng.randrange(3)
            parameters = [f"p{i}" for i in range(arity)]
            before, self.lets = self.lets, [*self.lets, *parameters]
            lines.append(f"def {name}({', '.join(parameters)}) = {self.number(2)}")
            self.lets = before
            self.defs.append((name, arity))
        for number in range(self.rng.randrange(3)):
            lines.append(self.shared(f"once{number}"))
        for number in range(self.rng.randrange(2)):
            lines.append(f"{self.rng.choice(['let', 'def'])} each{number}(xs) = {self.of_list('xs')}")
            self.lists += 1
        kind = self.rng.randrange(4)
        if kind == 0:
            body = self.record()
        elif kind == 1:
            body = f"{self.steps(2)} >> Ridge(alpha = {self.real()})"
        elif kind == 2:
            body = f"{self.steps(1)} >> {self.model()}"
        else:
            body = (
                f"{{ let inner = {self.number(2)} return record(a = inner, b = {self.value(2)}, c = [inner, inner]) }}"
            )
        return "\n".join([*lines, f"space s = {body}"]) + "\n"

    def shared(self, name: str) -> str:
        """A template that is decided once: its parameter is a part, never an end of a range."""
        arity = 1 + self.rng.randrange(2)
        parameters = [f"q{i}" for i in range(arity)]
        first, last = parameters[0], parameters[-1]
        body = self.rng.choice(
            [
                f"({first} | {self.number(1)} | {last} @ 2)",
                f"{first} + ({self.number(1)})",
                f"max({first}, {self.number(1)}) if {self.condition()} else (({self.number(0)}) | {last})",
                f"sum(subset(1..2, [{first}, {self.number(0)}, {last}]))",
                f"permute({first}, {self.number(0)}, {last})[0]",
                f"sum(repeat(1..2, {first} + (1..2)))",
                f"len([{first}?, ({last} | 4)?]) + ({last})",
                f"{{ let d = {self.number(1)} return d + pick(1, [{first}, d]) }}",
            ]
        )
        if arity == 2 and self.rng.random() < 0.5:
            parameters[1] += f" = {first} + ({self.number(0)})"
        self.defs.append((name, arity))
        return f"let {name}({', '.join(parameters)}) = {body}"

    def of_list(self, xs: str) -> str:
        return self.rng.choice(
            [
                f"{xs}[1:] + [{self.number(0)}]",
                f"[x + ({self.number(0)}) for x in {xs} if x != 1]",
                f"({xs}[0], max({xs}), {xs}[-1])",
                f'{{"first": {xs}[0] | 7, 2: {xs}[::2]}}',
                f"[pick(1, {xs}), sum({xs}) if {xs}[0] > 1 else len({xs})]",
                f"subset(1..2, {xs}) + {xs}[:1]",
                f"permute({xs})[0:2]",
            ]
        )

    def model(self) -> str:
        """A model with models among its arguments."""
        inner = f"Ridge(alpha = {self.real()})"
        return self.rng.choice(
            [
                f"BaggingRegressor(estimator = ({self.steps(0)} >> {inner})?)",
                f"TransformedTargetRegressor(regressor = {inner} | Lasso())",
                f"VotingRegressor(estimators = [a: {inner}, {self.steps(0)} >> Lasso()])",
                f"StackingRegressor(estimators = repeat(1..2, {inner}), final_estimator = Lasso()?)",
                f"(SelectFromModel(estimator = Lasso() | {inner})? >> {inner})",
            ]
        )

    def record(self) -> str:
        fields = ", ".join(f"{name} = {self.value(3)}" for name in "abc"[: 1 + self.rng.randrange(3)])
        return f"record({fields})"

    def real(self) -> str:
        return self.rng.choice(["0.5 | 1.5", "0.0..1.0 step 0.5", "1.0", "0.25..1.0 log step 0.25"])

    def number(self, depth: int) -> str:
        forms = [
            lambda: str(self.rng.randrange(1, 4)),
            lambda: f"{self.rng.randrange(3)}..{3 + self.rng.randrange(2)}",
            lambda: "1..4 log",
            lambda: "2..8 step 3",
        ]
        if self.lets:
            forms += [lambda: self.rng.choice(self.lets)] * 3
        if depth > 0:
            deeper = depth - 1
            forms += [
                lambda: f"({self.number(deeper)} | {self.number(deeper)} @ {self.rng.choice(['2', '0.5', '3'])})",
                lambda: f"(({self.number(deeper)} | {self.number(deeper)}) | {self.number(deeper)})",
                lambda: f"(({self.number(deeper)}) + ({self.number(deeper)}))",
                lambda: f"(2 * ({self.number(deeper)}) - 1)",
                lambda: f"(({self.number(deeper)}) if {self.condition()} else ({self.number(deeper)}))",
                lambda: f"(0..abs_({self.number(deeper)}))".replace("abs_", "max")[:-2] + ", 1))",
            ]
            if self.defs:
                forms += [self.call] * 2
        return self.rng.choice(forms)()

    def call(self) -> str:
        name, arity = self.rng.choice(self.defs)
        return f"{name}({', '.join(f'({self.number(0)})' for _ in range(arity))})"

    def condition(self) -> str:
        name = self.rng.choice(self.lets) if self.lets else "2"
        form = self.rng.choice(["{0} > 1", "{0} == 2", "{0} in 1..2", "{0} < 3 and {0} != 1", "not {0} > 2"])
        return form.format(name)

    def value(self, depth: int) -> str:
        forms = [lambda: self.number(min(depth, 2)), lambda: '"x" | "y" | None', lambda: "True | 1 | 1.0"]
        if depth > 0:
            deeper = depth - 1
            forms += [
                lambda: f"({self.value(deeper)})?",
                lambda: f"[{self.value(deeper)}, {self.value(0)}]",
                lambda: f"repeat({self.rng.randrange(2)}..2, {self.value(0)})",
                lambda: f"subset(0..2, [1, {self.number(0)}, 3])",
                lambda: 'permute(1, 2, "c")',
                lambda: f"pick(1, [{self.value(0)}, {self.value(0)}])",
                lambda: f"[i + ({self.number(0)}) for i in 1..2]",
                lambda: f"({self.value(0)}, {self.value(0)})",
                lambda: f'{{"k": {self.value(deeper)}, 0: {self.value(0)}}}',
                lambda: f"[{self.number(0)}, {self.number(0)}, 3][{self.rng.choice(['0', '1:', '::2', ':-1'])}]",
                lambda: f"[{self.value(0)}] + [{self.value(0)}, 2]",
            ]
            if self.lists:
                forms += [lambda: f"each{self.rng.randrange(self.lists)}([1, {self.number(0)}, {self.number(0)}])"] * 2
        return self.rng.choice(forms)()

    def steps(self, depth: int) -> str:
        if depth == 0:
            return self.rng.choice(self.pool)
        deeper = depth - 1
        forms = [
            lambda: self.rng.choice(self.pool),
            lambda: f"({self.steps(deeper)} | {self.steps(deeper)})",
            lambda: f"({self.steps(deeper)} | ({self.steps(deeper)} | {self.steps(0)} @ 2))",
            lambda: f"({self.steps(deeper)} >> {self.steps(deeper)})",
            lambda: f"({self.steps(deeper)} & {self.steps(deeper)})",
            lambda: f"({self.steps(deeper)})?",
            lambda: f"repeat(0..2, {self.steps(0)})",
            lambda: f"permute({self.steps(0)}, {self.steps(0)})",
            lambda: f"pick(1..2, [{self.steps(0)}, {self.steps(0)}, {self.steps(0)}])",
        ]
        return self.rng.choice(forms)()

    def pipelines(self) -> str:
        """Steps that repeat, alternatives that begin with the same steps, models that a scale matters to or not."""
        models = [self.rng.choice(_MODELS).format(self.real()) for _ in range(self.rng.randrange(1, 4))]
        first = self.rng.choice(self.pool)
        kind = self.rng.randrange(3)
        if kind == 0:
            whole = f"{self.steps(1)} >> {self.steps(1)} >> ({' | '.join(models)})"
        elif kind == 1:
            whole = " | ".join(f"({first} >> {self.steps(1)} >> {model})" for model in models)
        else:
            routes = f'columns {{ "a" => {self.steps(1)} >> {self.steps(0)}\n rest => {self.steps(0)} }}'
            whole = f"{routes} >> ({' | '.join(models)})"
        return f"space s = {whole}\n"

    def conditioned(self) -> str:
        """Numbers, a choice and an `if` under conditions, some of which narrow them."""
        names = ["a", "b", "c"]
        lines = [f"let {name} = {self.number(0)}" for name in names[:2]]
        lines.append(f"let c = {self.rng.choice(['1 | 2 | 3', '1 | (2 | 3 @ 2)', '0.5..2.0 step 0.5', '2..9 step 2'])}")
        self.lets = names
        forms = (
            "{0} < {1}",
            "{0} + {1} <= {2}",
            "{0} != {1} or {2} > 4",
            "{0} * 2 >= {1}",
            "{0} in 1..3",
            "{0} % 2 == 1",
        )
        for _ in range(self.rng.randrange(1, 4)):
            terms = self.rng.sample([*names, "3", "4"], 3)
            lines.append(f"require {self.rng.choice(forms).format(*terms)}")
        value = f"({self.number(0)}) if {self.condition()} else ({self.number(1)})"
        inner = f"(({self.value(1)} | c | (b | a)) @ 2 | 7)"
        lines.append(f"space s = record(a = a, b = [b, {value}], c = c if a > 0 else b, d = {inner})")
        return "\n".join(lines) + "\n"


def make_pipelines(seed: int) -> str:
    """A program of pipelines in which some steps do nothing."""
    return Maker(seed, _REPEATED).pipelines()


def make_conditioned(seed: int) -> str:
    """A program with conditions; some have no configuration, and some always hold."""
    return Maker(seed).conditioned()


def make(seed: int) -> str:
    """The program of a seed."""
    return Maker(seed).program()
