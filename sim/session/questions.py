"""SQL over a night: the warehouse and the orchestrator's own tables, as they stand at an instant.

The night is simulated up to that instant and no further, so a question can only know what was known
then. Nothing is kept: each question is a replay.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from sim.engine.simulate import simulate
from sim.engine.window import span_of
from sim.errors import InternalError
from sim.kernel.journal import Journal
from sim.views.ledger.build import TABLE as WAIT_LEDGER
from sim.views.ledger.build import wait_ledger
from sim.views.metadata.people import people

if TYPE_CHECKING:
    from sim.scenario.schema import Config, Scenario
    from sim.world.warehouse import Answer, Relation, Warehouse

SCHEMA = "metadata"
"""Where the orchestrator's tables are; they are found by their names alone, too."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One table that can be asked about."""

    group: str
    """`warehouse`, `metadata` (the orchestrator's own) or `night` (what no orchestrator knows)."""
    name: str
    columns: tuple[tuple[str, str], ...]
    """Names and types."""
    told: bool
    """False: it is always empty."""


def ask(
    scenario: Scenario, config: Config, sql: str, *, at: int, seed: int | None = None
) -> Answer:
    """The answer to one SELECT as of the instant `at`, in the window that is played.

    Raises `SqlError` for a statement that is wrong, `LimitError` for one that is too much.
    """
    answers: list[Answer] = []

    def look(journal: Journal, warehouse: Warehouse) -> None:
        relations = _relations(journal, scenario, config, at)
        questions = warehouse.questions(schema=SCHEMA, relations=relations, instant=at)
        answers.append(questions.ask(sql))

    # what happens at the instant belongs to it, hence one microsecond more
    simulate(scenario, config, seed=seed, until=at + 1, look=look)
    if not answers:
        message = "a simulation ended without being looked at"
        raise InternalError(message)
    return answers[0]


def tables(scenario: Scenario, config: Config) -> tuple[Listed, ...]:
    """Every table of a scenario under a config, with its columns."""
    from sim.world.warehouse.relation import TYPES  # noqa: PLC0415 - a question does without

    nothing = _relations(Journal(), scenario, config, 0)
    own = {WAIT_LEDGER, *(relation.name for relation in people(Journal()))}
    world = [
        Listed("warehouse", name, tuple(table.columns.items()), told=True)
        for name, table in scenario.resolved_world.tables.items()
    ]
    others = [
        Listed(
            "night" if relation.name in own else "metadata",
            relation.name,
            tuple((name, TYPES[kind]) for name, kind in relation.columns),
            told=relation.told,
        )
        for relation in nothing
    ]
    return (*world, *others)


def _relations(
    journal: Journal, scenario: Scenario, config: Config, at: int
) -> tuple[Relation, ...]:
    """The tables beside the warehouse's: those of the orchestrator, then those of the night."""
    module = import_module(f"sim.views.metadata.{config.orchestrator}")
    books = module.books(journal, config.settings, start=span_of(scenario).start, now=at)
    ledger = wait_ledger(journal, config.orchestrator, config.settings, now=at)
    return (*books, *people(journal), ledger)
