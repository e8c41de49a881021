"""ExternalTaskSensor: waiting for a task, or for the whole run, of another DAG.

It looks for one logical date exactly, its own less `execution_delta`: another schedule, or a run
without a logical date, never matches, and the sensor waits until its timeout. How it waits between
two looks is the business of every sensor. Tasks are counted by their rows: of a mapped task each
index is one, so that the sensor finds as many as it asks for while one of them is done, and never
when all are. Source: the standard provider's sensors/external_task.py and utils/sensor_helper.py
`_get_count`, the same for Airflow 2.11.2 and 3.3.2. A look costs what `sim.platform.sensing` takes
for one; nothing here changes a state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span
from sim.model.facts import Fact
from sim.model.states import RunState, TaskState
from sim.model.work import SUCCESS, Outcome, Result
from sim.orchestrators.airflow.rows import of_task
from sim.platform.sensing import POKE_US

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.kernel.loop import Call
    from sim.model.work import Attempt, Running, Workshop
    from sim.orchestrators.airflow.config import AirflowConfig, Sensor
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import DagRow


def external_sensors(config: AirflowConfig) -> dict[tuple[str, str], Sensor]:
    """The sensors that wait for other DAGs, by (dag_id, task_id)."""
    return {
        (dag_id, task_id): task.sensor
        for dag_id, dag in config.every_dag.items()
        for task_id, task in dag.tasks.items()
        if task.sensor is not None and task.sensor.external_dag_id is not None
    }


@dataclass(frozen=True, slots=True)
class ExternalTasks:
    """A workshop that answers these sensors itself and hands every other try on."""

    metadata: Metadata
    sensors: Mapping[tuple[str, str], Sensor]
    others: Workshop
    warm: bool
    """Whether what was due before the clock started counts as done."""

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> Running:
        """Start a try; a look ends with SUCCESS, NOT_READY, SKIPPED or FAILED."""
        sensor = self.sensors.get((attempt.pipeline, attempt.task))
        if sensor is None:
            return self.others.begin(attempt, on_end)
        return _Look(self.metadata.kernel.after(POKE_US, self._look, attempt, sensor, on_end))

    def _look(self, attempt: Attempt, sensor: Sensor, on_end: Callable[[Outcome], None]) -> None:
        metadata = self.metadata
        journal = metadata.kernel.journal
        number = journal.who(journal.who(attempt.task_instance).parent).number
        own = metadata.dags[attempt.pipeline].runs[number].logical_date
        wanted = None
        if own is not None:
            delta = sensor.execution_delta
            wanted = own - (0 if delta is None else parse_span(delta))
        states = self._states(sensor, wanted)
        result, reason = _judge(sensor, states, known=self._is_known(sensor))
        row = metadata.kernel.fact(
            Fact.PROBE,
            attempt.task_instance,
            int(result is Result.SUCCESS),
            attempt.cause,
            dag=sensor.external_dag_id,
            logical_date=wanted,
            found=[state for state in states if state],
        )
        on_end(SUCCESS if result is Result.SUCCESS else Outcome(result, reason, row))

    def _is_known(self, sensor: Sensor) -> bool:
        """What check_existence asks: that the DAG and its tasks are there at all."""
        dag = self.metadata.dags.get(sensor.external_dag_id or "")
        return dag is not None and all(name in dag.plan.numbers for name in _names(sensor))

    def _states(self, sensor: Sensor, wanted: int | None) -> list[str]:
        """The state of each row of what is waited for at the wanted date; empty without any."""
        names = _names(sensor)
        nothing = [""] * max(len(names), 1)
        dag = self.metadata.dags.get(sensor.external_dag_id or "")
        if dag is None or wanted is None:
            return nothing
        run = dag.runs_by_date.get(wanted)
        if run is None:
            return ["success"] * len(nothing) if self._was_done(dag, wanted) else nothing
        if not names:
            return [RunState(run.state).word]
        numbers = dag.plan.numbers if run.tis else {}
        found = [
            TaskState(ti.state).word
            for name in names
            if name in numbers
            for ti in of_task(run, numbers[name])
            if ti.entity >= 0
        ]
        return found or nothing

    def _was_done(self, dag: DagRow, wanted: int) -> bool:
        """Whether the schedule has a run of that date that was due before the clock started."""
        plan = dag.plan
        if not self.warm or (plan.start_date is not None and wanted < plan.start_date):
            return False
        info = plan.timetable.next_run(
            None, now=wanted, earliest=wanted, latest=plan.end_date, catchup=True
        )
        return (
            info is not None
            and info.logical_date == wanted
            and info.run_after < self.metadata.kernel.start
        )


def _names(sensor: Sensor) -> list[str]:
    one = sensor.external_task_id
    return [*([] if one is None else [one]), *sensor.external_task_ids]


def _judge(sensor: Sensor, states: list[str], *, known: bool) -> tuple[Result, str]:
    """What the sensor makes of the states found [`ExternalTaskSensor.poke`]."""
    if sensor.check_existence and not known:
        return (Result.SKIPPED if sensor.soft_fail else Result.FAILED), "external_unknown"
    if any(state in sensor.failed_states for state in states):
        return (Result.SKIPPED if sensor.soft_fail else Result.FAILED), "external_failed"
    if any(state in sensor.skipped_states for state in states):
        return Result.SKIPPED, "external_skipped"
    if sum(state in sensor.allowed_states for state in states) == max(len(_names(sensor)), 1):
        return Result.SUCCESS, ""
    return Result.NOT_READY, "not_ready"


@dataclass(frozen=True, slots=True)
class _Look:
    call: Call

    def kill(self, reason: str) -> None:  # noqa: ARG002 - a look has nothing to leave behind
        """Forget the look."""
        self.call.cancel()
