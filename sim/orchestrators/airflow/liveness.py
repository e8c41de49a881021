"""How a worker shows that it is alive, under the option names of each version.

Source: Airflow 2.11.2 and 3.3.2, config_templates/config.yml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span
from sim.orchestrators.airflow.versions import VERSIONS

if TYPE_CHECKING:
    from sim.orchestrators.airflow.config import AirflowConfig


@dataclass(frozen=True, slots=True)
class Liveness:
    """Spans in microseconds."""

    heartbeat: int
    """From one heartbeat of a worker to the next; 0: there are none."""
    timeout: int
    """How old the last heartbeat of a running task instance may be."""
    interval: int
    """How often a scheduler looks for older ones."""
    most_failed: int
    """3.x: after so many heartbeats that fail a worker ends its process; 0: never."""

    @classmethod
    def of(cls, config: AirflowConfig) -> Liveness:
        """What holds for a deployment."""
        scheduler, workers = config.cfg.scheduler, config.cfg.workers
        if VERSIONS[config.version].answers_by_http:
            return cls(
                parse_span(workers.min_heartbeat_interval),
                parse_span(scheduler.task_instance_heartbeat_timeout),
                parse_span(scheduler.task_instance_heartbeat_timeout_detection_interval),
                workers.max_failed_heartbeats,
            )
        return cls(
            parse_span(scheduler.job_heartbeat_sec),
            parse_span(scheduler.scheduler_zombie_task_threshold),
            parse_span(scheduler.zombie_detection_interval),
            0,
        )
