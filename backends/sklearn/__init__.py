"""The scikit-learn backend, also for LightGBM, XGBoost and CatBoost, which follow its conventions."""

from __future__ import annotations

from importlib import import_module

from hyperdsl.backends.base import Header, ScriptFacts, Vote
from hyperdsl.backends.keras.training import KerasTrainer
from hyperdsl.backends.live import Evaluator
from hyperdsl.backends.pycode import Imports
from hyperdsl.backends.sklearn.expressions import plan_to_program
from hyperdsl.backends.trainer import Trainer
from hyperdsl.catalog import Catalog
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Value
from hyperdsl.schema import Schema


@frozen
class SklearnBackend:
    """Plans as scikit-learn objects and scripts; plans of plain data as plain Python values.

    Parameters
    ----------
    trainer : Trainer
        Writes the networks in them.
    """

    name: str = "sklearn"
    needs: tuple[str, ...] = ("sklearn",)
    trainer: Trainer = KerasTrainer()

    def build(
        self,
        plan: Value | Vote,
        *,
        schema: Schema | None = None,
        seed: int | None = None,
        threads: int | None = None,
        catalog: Catalog | None = None,
    ) -> object:
        program = plan_to_program(
            plan, schema=schema, seed=seed, threads=threads, catalog=catalog, trainer=self.trainer
        )
        for effect in sorted(program.imports.effects):
            import_module(effect)
        imports = {local: path for path, local in program.imports.paths.items()}
        known = {name: getattr(import_module(m), name) for m, names in program.copied.items() for name in names}
        known |= self.trainer.live(program.definitions, known, program.imports) if program.definitions else {}
        return Evaluator(imports, program.constants | program.parts, known).value(program.expression)

    def source(
        self,
        plan: Value | Vote,
        *,
        header: Header | None = None,
        schema: Schema | None = None,
        seed: int | None = None,
        threads: int | None = None,
        catalog: Catalog | None = None,
        facts: ScriptFacts | None = None,
    ) -> str:
        from hyperdsl.backends.sklearn.script import evaluation_of, program_to_script

        imports = Imports({"build_pipeline"})
        evaluation = evaluation_of(facts, plan, imports) if facts else None
        program = plan_to_program(
            plan, schema=schema, seed=seed, threads=threads, catalog=catalog, imports=imports, trainer=self.trainer
        )
        return program_to_script(program, header or Header(), evaluation)


BACKEND = SklearnBackend()
