"""One window simulated under one plan, and the rig on which many plans are tried.

The rig opens the warehouse once and rewinds it for each plan, so that a plan costs what its own
statements cost. Invariant: a trial's journal is byte for byte what `simulate` gives for the same
troubles on a warehouse of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Self

from sim.engine.simulate import simulate
from sim.engine.window import span_of
from sim.errors import LimitError
from sim.model.interventions import Intervention
from sim.verify.kinds.registry import KINDS
from sim.verify.plan import troubles
from sim.verify.points import data_dates, night_date, points_of
from sim.views.nights import nights_of
from sim.views.replay import Replay
from sim.world.warehouse import Warehouse, truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.kernel.journal import Journal
    from sim.scenario.schema import Config, Scenario
    from sim.verify.plan import Plan, Trouble
    from sim.verify.points import Points
    from sim.views.nights import Nights


@dataclass(frozen=True)
class Trial:
    """What came of one plan."""

    plan: Plan
    troubles: tuple[Trouble, ...]
    replay: Replay
    points: Points
    keys: Mapping[str, tuple[str, ...]]
    """Table with a truth -> the columns that tell its rows apart."""
    calm: Trial | None = field(default=None, repr=False)
    """The same window without any trouble; None: this is it."""

    @property
    def journal(self) -> Journal:
        """What happened."""
        return self.replay.journal

    @cached_property
    def nights(self) -> Nights:
        """The journal, sorted."""
        return nights_of(self.replay)

    @cached_property
    def data_dates(self) -> Mapping[int, str]:
        """Task instance or run -> the data date it works on."""
        return data_dates(self.journal, self.replay.timezone)


class Rig:
    """Tries plans on one window of a scenario under a config. Close it when done."""

    def __init__(
        self, scenario: Scenario, config: Config, *, window: str, seed: int | None = None
    ) -> None:
        self.scenario = scenario
        self.config = config
        self.seed = scenario.seed if seed is None else seed
        self.span = span_of(scenario, window)
        world = scenario.resolved_world
        days = [night_date(self.span, number) for number in range(len(self.span.nights))]
        self._truth = {
            name: truth(world, self.seed, name, days)
            for name, table in world.tables.items()
            if table.truth is not None
        }
        self._keys = {name: tuple(world.tables[name].key) for name in self._truth}
        self._warehouse = Warehouse(world, seed=self.seed)
        self._warehouse.open(first_day=days[0], last_day=days[-1])
        self._warehouse.keep()
        journal = self._simulate(())
        self.points = points_of(journal, self.span, config, scenario.clock.timezone)
        self.calm = Trial((), (), self._replay(journal), self.points, self._keys)

    def trial(self, plan: Plan) -> Trial | None:
        """Simulate the window under a plan; None when it exceeds a bound of the engine."""
        made = troubles(plan, self.points, KINDS)
        return self.trial_of(made, plan=plan)

    def trial_of(self, made: Sequence[Trouble], *, plan: Plan = ()) -> Trial | None:
        """The same for troubles that come from elsewhere, such as a file."""
        if not made:
            return self.calm
        self._warehouse.rewind()
        try:
            journal = self._simulate(made)
        except LimitError:
            return None
        replay = self._replay(journal)
        return Trial(plan, tuple(made), replay, self.points, self._keys, self.calm)

    def close(self) -> None:
        """Free the warehouse."""
        self._warehouse.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _simulate(self, made: Sequence[Trouble]) -> Journal:
        # an operator acts within the window, and its end stays where it is
        return simulate(
            self.scenario,
            self.config,
            seed=self.seed,
            window=self.span.name,
            faults=[one for one in made if not isinstance(one, Intervention)],
            interventions=[one for one in made if isinstance(one, Intervention)],
            until=self.span.end,
            warehouse=self._warehouse,
        )

    def _replay(self, journal: Journal) -> Replay:
        world = self.scenario.resolved_world
        return Replay(
            window=self.span.name,
            seed=self.seed,
            journal=journal,
            nights=self.span.nights,
            timezone=self.scenario.clock.timezone,
            start=self.span.start,
            end=self.span.end,
            truth=self._truth,
            holidays=world.holidays,
            prices=world.prices,
            hidden=self.span.hidden,
        )
