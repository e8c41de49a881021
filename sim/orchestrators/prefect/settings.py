"""Prefect's settings that decide what runs when, under their own names, with their own defaults.

Source: Prefect 3.8.8, settings/models. Values only; seconds, as Prefect writes them. Settings of
what is not simulated are not here, and a setting that is not here is refused, never passed over.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from sim.kernel.calendar import SECOND

Seconds = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of the server, of workers and of `serve()`."""

    scheduler_loop_seconds: Seconds = msgspec.field(
        default=60, name="server.services.scheduler.loop_seconds"
    )
    """How often the scheduler looks for schedules that have too few runs ahead."""
    scheduler_recent_deployments_loop_seconds: Seconds = msgspec.field(
        default=5, name="server.services.scheduler.recent_deployments_loop_seconds"
    )
    """How often it looks for deployments that were changed a moment ago."""
    scheduler_min_runs: Count = msgspec.field(default=3, name="server.services.scheduler.min_runs")
    """Runs that every schedule has ahead at least."""
    scheduler_max_runs: Count = msgspec.field(
        default=100, name="server.services.scheduler.max_runs"
    )
    """Runs that are planned of a schedule in one go at most."""
    scheduler_min_scheduled_time: NotNegative = msgspec.field(
        default=3_600, name="server.services.scheduler.min_scheduled_time"
    )
    """How far ahead runs are planned at least."""
    scheduler_max_scheduled_time: Seconds = msgspec.field(
        default=8_640_000, name="server.services.scheduler.max_scheduled_time"
    )
    """How far ahead runs are planned at most: 100 days."""
    late_runs_loop_seconds: Seconds = msgspec.field(
        default=5, name="server.services.late_runs.loop_seconds"
    )
    """How often late runs are looked for."""
    late_runs_after_seconds: NotNegative = msgspec.field(
        default=15, name="server.services.late_runs.after_seconds"
    )
    """How long after its time a run counts as late."""
    pause_expirations_loop_seconds: Seconds = msgspec.field(
        default=5, name="server.services.pause_expirations.loop_seconds"
    )
    """How often pauses that nobody ended are looked for."""
    repossessor_loop_seconds: Seconds = msgspec.field(
        default=15, name="server.services.repossessor.loop_seconds"
    )
    """How often leases that ran out are taken back."""
    foreman_loop_seconds: Seconds = msgspec.field(
        default=15, name="server.services.foreman.loop_seconds"
    )
    """How often the health of workers is looked at."""
    foreman_inactivity_heartbeat_multiple: Count = msgspec.field(
        default=3, name="server.services.foreman.inactivity_heartbeat_multiple"
    )
    """How many heartbeats a worker may miss before it is offline."""
    cancellation_cleanup_loop_seconds: Seconds = msgspec.field(
        default=20, name="server.services.cancellation_cleanup.loop_seconds"
    )
    """How often task runs of cancelled flow runs are looked for."""
    cancellation_cleanup_cancelling_timeout_seconds: Seconds = msgspec.field(
        default=300, name="server.services.cancellation_cleanup.cancelling_timeout_seconds"
    )
    """How long a flow run may be Cancelling."""
    proactive_granularity: Seconds = msgspec.field(
        default=5, name="server.events.proactive_granularity"
    )
    """How often proactive triggers are looked at."""
    expired_bucket_buffer: NotNegative = msgspec.field(
        default=60, name="server.events.expired_bucket_buffer"
    )
    """How long a trigger's bucket is kept when its time is over."""
    concurrency_slot_wait_seconds: NotNegative = msgspec.field(
        default=30, name="server.deployments.concurrency_slot_wait_seconds"
    )
    """When a run that found its deployment's limit full is tried again."""
    initial_deployment_lease_duration: Seconds = msgspec.field(
        default=300, name="server.concurrency.initial_deployment_lease_duration"
    )
    """How long a run may take to start before its deployment's slot is taken from it."""
    api_default_limit: Count = msgspec.field(default=200, name="server.api.default_limit")
    """Most rows that one answer of the API holds."""
    worker_query_seconds: Seconds = msgspec.field(default=10, name="worker.query_seconds")
    """How often a worker asks for work, give or take."""
    worker_prefetch_seconds: NotNegative = msgspec.field(default=10, name="worker.prefetch_seconds")
    """How long before its time a run is picked up."""
    worker_heartbeat_seconds: Seconds = msgspec.field(default=30, name="worker.heartbeat_seconds")
    """How often a worker says that it is there, give or take."""
    runner_poll_frequency: Seconds = msgspec.field(default=10, name="runner.poll_frequency")
    """How often `serve()` asks for work, give or take."""
    runner_process_limit: Count = msgspec.field(default=5, name="runner.process_limit")
    """Flow runs that one `serve()` runs at once."""


def micros(seconds: float) -> int:
    """A setting as a span of simulated time."""
    return round(seconds * SECOND)
