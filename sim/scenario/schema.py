"""What scenario.yaml and config.yaml may hold: the one definition of both.

`ScenarioFile` is the author's file and `ConfigFile` the player's, key by key; JSON Schema and every
diagnostic about keys and types are made from these structs. `Scenario` and `Config` are what the
rest of the program gets once a file is loaded and found free of errors. Values only: nothing here
reads a file.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sim.faults.plan import Fault
from sim.model.diagnostics import Diagnostic
from sim.model.interventions import Intervention
from sim.objectives.config import Objective
from sim.orchestrators.registry import ORCHESTRATORS, Name
from sim.platform.config import Alert, Check, Heartbeat, TaskWiring
from sim.scenario.actions import Action
from sim.scenario.text import Text
from sim.world.config import World

if TYPE_CHECKING:
    from sim.world.resolved import ResolvedWorld

FORMAT = 1
"""The version of the file format that this program reads."""

CONFIG_KEYS = ("orchestrator", *ORCHESTRATORS, "tasks", "checks", "alerts", "heartbeats", "runbook")
"""The keys of config.yaml."""


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A row of nights that is simulated in one go. A night is named by the day it ends on."""

    start: str = msgspec.field(name="from")
    """First night, ISO date. The clock starts at its 00:00."""
    to: str
    """Last night, ISO date, included. The clock ends at its 24:00."""
    hidden: bool = False
    """Judged, but never shown before the verdict."""

    @property
    def nights(self) -> tuple[date, ...]:
        """Every night in order."""
        first, last = date.fromisoformat(self.start), date.fromisoformat(self.to)
        return tuple(first + timedelta(days=day) for day in range((last - first).days + 1))


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which nights there are."""

    timezone: str = "UTC"
    """IANA name of the zone in which days, nights and times of day are meant."""
    shown: list[str]
    """The nights that the player sees from the start, ISO dates."""
    windows: dict[str, Window]
    """The nights that are simulated and judged, by name; the first is the one played."""


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a config is known to miss and to meet."""

    fails: list[str] = []
    """Ids of the objectives missed."""
    passes: list[str] = []
    """Ids of the objectives met."""


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `orchsim check` proves. Every file in solutions/ must meet every objective."""

    config: Expectation = Expectation()
    """Of config.yaml as the player finds it."""
    traps: dict[str, list[str]] = {}
    """From a file in traps/ (without `.yaml`) to the objectives that it must at least miss."""


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One answer that can be chosen."""

    id: str
    text: Text


class Prediction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question asked before the replay, and answered by it."""

    id: str
    question: Text
    options: list[Option]
    answer: Any = None
    """Where the right answer comes from: computed from replays, never typed in."""


class ScenarioFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """scenario.yaml: what exists and what happens, which the player cannot edit."""

    format: Literal[1]
    """Version of the file format."""
    id: str
    """Name on the command line; the folder has the same name."""
    title: Text
    """What lists show."""
    summary: Text = Text({"": ""})
    """One sentence for lists."""
    briefing: Text = Text({"": ""})
    """The incident as the person on call meets it, Markdown; text or a file."""
    level: int = 1
    """How hard, from 1 to 5."""
    type: Literal["incident", "drill", "puzzle", "design", "comparison"] = "incident"
    """What kind of exercise it is."""
    exercise: str = ""
    """Number of the exercise in a course that it belongs to."""
    minutes: int = 15
    """How long a person needs, minutes."""
    seed: int
    """Seed of every draw in what the player sees."""
    hidden_seeds: list[int] = []
    """Further seeds on which a fix must hold."""
    clock: Clock
    """Which nights there are."""
    world: World
    """Sources, outages, work, tables, people and prices."""
    faults: list[Fault] = []
    """What happens to workers, schedulers, hosts and systems in every replay."""
    by_hand: list[Action] = []
    """What people and other systems do to the orchestrator, whatever the config: each in every
    replay of the window in which it lies."""
    editable: list[str] = msgspec.field(default_factory=lambda: list(CONFIG_KEYS))
    """Parts of config.yaml that the player may change: keys, or paths such as `tasks.extract`."""
    objectives: list[Objective]
    """What a fix must achieve, judged on every window and seed."""
    expect: Expect = Expect()
    """What `orchsim check` proves."""
    hints: list[Text] = []
    """From a nudge to the answer; text or files."""
    predictions: str | None = None
    """File with the questions asked before the first replay."""
    debrief: Text = Text({"": ""})
    """What there was to learn, Markdown; text or a file."""


class Scenario(ScenarioFile, frozen=True, kw_only=True, dict=True):
    """A scenario that was loaded: texts are read, its files are known, no error is in it."""

    folder: Path
    """Where it lies."""
    file: str
    """scenario.yaml as the person named it."""
    questions: tuple[Prediction, ...]
    """What `predictions` holds."""
    solutions: dict[str, Path]
    """Configs that must meet every objective, by name."""
    traps: dict[str, Path]
    """Tempting wrong fixes, by name."""
    digest: str
    """SHA-256 of what the simulation depends on, hexadecimal."""
    actions: tuple[Intervention, ...] = ()
    """What `by_hand` means, and what an operator does in a fault file."""
    warnings: tuple[Diagnostic, ...] = ()
    """What does not keep it from being played but an author should mend."""

    @property
    def config_path(self) -> Path:
        """The config that the player finds."""
        return self.folder / "config.yaml"

    @cached_property
    def config_text(self) -> str:
        """What is in the config that the player finds."""
        return self.config_path.read_text(encoding="utf-8")

    @cached_property
    def resolved_world(self) -> ResolvedWorld:
        """The world with every span and instant as a number."""
        from sim.world.resolved import resolve  # noqa: PLC0415 - `orchsim list` does without

        return resolve(self.world, self.clock.timezone)


class ConfigFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """config.yaml without the orchestrators' own sections: what is the same under each of them."""

    orchestrator: Name
    """Which orchestrator runs it; its settings stand under the key of the same name."""
    tasks: dict[str, TaskWiring]
    """What each task does, by the name that the orchestrator calls."""
    checks: dict[str, Check] = {}
    """Expectations about data, by name."""
    alerts: dict[str, Alert] = {}
    """Messages to people, by name."""
    heartbeats: dict[str, Heartbeat] = {}
    """Dead-man's switches outside, by name."""
    runbook: list[Action] = []
    """What people do by hand, and when: in each replay of the window in which it lies."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """A config that was loaded and found free of errors."""

    orchestrator: Name
    """Which orchestrator runs it."""
    settings: Any
    """That orchestrator's own section, such as an `AirflowConfig`."""
    tasks: dict[str, TaskWiring]
    """What each task does, by the name that the orchestrator calls."""
    checks: dict[str, Check]
    """Expectations about data, by name."""
    alerts: dict[str, Alert]
    """Messages to people, by name."""
    heartbeats: dict[str, Heartbeat] = {}
    """Dead-man's switches outside, by name."""
    runbook: tuple[Intervention, ...] = ()
    """What people do by hand, in the order of the file."""
    digest: str
    """SHA-256 of the content, hexadecimal; comments and layout do not count."""
