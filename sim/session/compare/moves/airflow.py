"""What moves from Airflow 2.11.2 to 3.3.2 for a section: intervals, catch-up, SLAs.

Only what this config leaves to a default, or says in a way that the other release takes otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.asset_expressions import assets_of
from sim.orchestrators.airflow.plan import timetable_of
from sim.orchestrators.airflow.timetables import NullTimetable
from sim.session.compare.moves.move import Moved
from sim.session.compare.rules.airflow import rule, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.airflow.config import AirflowConfig, Dag
    from sim.session.compare.rules.rule import Topic


def moves(before: AirflowConfig, after: AirflowConfig) -> Iterator[Moved]:
    """DAG by DAG."""
    for dag_id, dag in before.dags.items():
        for topic in _topics(before, after, dag):
            old = rules(before, [dag_id]).get(topic) or rule(before.version, _name(topic))
            new = rules(after, [dag_id]).get(topic) or rule(after.version, _name(topic))
            if old is not None and new is not None:
                yield Moved(topic, dag_id, old, new)


def _topics(before: AirflowConfig, after: AirflowConfig, dag: Dag) -> Iterator[Topic]:
    if assets_of(dag.schedule) is None or not isinstance(dag.schedule, list):
        old = timetable_of(dag, cfg=before.cfg, version=before.version)
        new = timetable_of(dag, cfg=after.cfg, version=after.version)
        if type(old) is not type(new):
            yield "schedule"
            yield "data_date"
        by_default = dag.catchup is None and before.cfg.scheduler.catchup_by_default is None
        if by_default and not isinstance(old, NullTimetable):
            yield "catchup"
    if any(task.sla is not None for task in (dag.default_args, *dag.tasks.values())):
        yield "sla"


def _name(topic: Topic) -> str:
    return topic.replace("_", "-")
