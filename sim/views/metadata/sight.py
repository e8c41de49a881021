"""What the tables of one deployment are made from, and how they call what has no name here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sim.orchestrators.airflow.plan import DagPlan, plan_dags
from sim.orchestrators.airflow.versions import VERSIONS
from sim.views.metadata.instances import Instance, Instances
from sim.views.metadata.runs import Run, runs_of

if TYPE_CHECKING:
    from sim.kernel.journal import Journal
    from sim.orchestrators.airflow.config import AirflowConfig
    from sim.orchestrators.airflow.task_plan import TaskPlan
    from sim.orchestrators.airflow.versions import Version

MILLISECOND = 1_000
_RANDOM_BITS = 62


@dataclass(frozen=True)
class Sight:
    """A journal of Airflow that ends at the instant asked about, with the config behind it."""

    journal: Journal
    config: AirflowConfig
    start: int
    """When the clock started."""
    now: int

    @cached_property
    def version(self) -> Version:
        """The release."""
        return VERSIONS[self.config.version]

    @cached_property
    def dags(self) -> dict[str, DagPlan]:
        """Every DAG of the config by its id, with all the tasks that it ever has."""
        every = replace(self.config, dags=self.config.every_dag)
        return {plan.dag_id: plan for plan in plan_dags(every, self.version)}

    @property
    def runs(self) -> dict[int, Run]:
        """Every run so far by its entity, in order of creation."""
        return self._folded[0]

    @property
    def instances(self) -> dict[int, Instance]:
        """Every task instance so far by its entity."""
        return self._folded[1]

    @cached_property
    def _folded(self) -> tuple[dict[int, Run], dict[int, Instance]]:
        """Both at once: a clear of a task instance has a say in when its run was queued."""
        runs = runs_of(self.journal)
        return runs, Instances(self, runs).read()

    def task(self, dag_id: str, task_id: str) -> TaskPlan | None:
        """What the config says about a task, None when it says nothing."""
        plan = self.dags.get(dag_id)
        number = None if plan is None else plan.numbers.get(task_id)
        return None if plan is None or number is None else plan.tasks[number]


def uuid_of(instant: int, kind: int, number: int) -> str:
    """A UUIDv7 of an instant, with numbers of ours where a real one has chance.

    The same row has the same id in every replay; ids are in order of time, as real ones are.
    """
    milliseconds = instant // MILLISECOND & (1 << 48) - 1
    digits = f"{milliseconds << 80 | 0x7 << 76 | kind << 64 | 0b10 << _RANDOM_BITS | number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
