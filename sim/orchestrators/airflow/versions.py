"""Airflow 2 and 3 as one implementation: everything in which they differ, in one table.

Each field says what differs and where the real code says so (A2: 2.11.2, A3: 3.3.2). Nothing else
in this package asks for a version number, except trigger rules and timetables, whose own modules
cite theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One release as its differences."""

    number: int
    mini_scheduler: bool
    """A worker that ends looks at its run itself [A2 models/taskinstance.py
    `schedule_downstream_tasks`; gone in A3]."""
    max_active_tasks_of_run: bool
    """max_active_tasks bounds a run, not a DAG [A3 jobs/scheduler_job_runner.py
    `_executable_task_instances_to_queued`]."""
    pointer_stops: bool
    """At max_active_runs the pointer stays on the newest run and is recomputed from the run that
    finishes [A2 `_should_update_dag_next_dagruns`]; otherwise it moves on and a flag holds
    creation back [A3 `_set_exceeds_max_active_runs`]."""
    skip_spares_decided: bool
    """Branch skips leave running, success and failed alone [A3
    api_fastapi/execution_api/routes/task_instances.py `ti_skip_downstream`]."""
    timeout_skips_unscheduled: bool
    """dagrun_timeout skips task instances without a state too [A3; in A2 the SQL IN never matches
    NULL]."""
    clear_restarts_at_once: bool
    """A cleared running task starts anew without retry delay [A3 `ti.set_state(None)` on the
    executor's event; A2 writes up_for_retry]."""
    heartbeats_to_kill: int
    """The how manieth heartbeat after a change from outside ends the process [A2
    jobs/local_task_job_runner.py, A3 execution time supervisor]."""
    silence_fails_by_callback: bool
    """A task instance without heartbeats is failed by the DAG processor when it runs the callback
    [A2 dag_processing/processor.py `_execute_task_callbacks`], not by the executor event of the
    next loop [A3 jobs/scheduler_job_runner.py `process_executor_events`]."""
    executor_fails_running: bool
    """An executor that reports a running task instance as finished fails it [A3
    `process_executor_events`]; A2 acts on queued ones only. The heartbeat check, too, looks at
    restarting ones only in A3 [`_find_task_instances_without_heartbeats`]."""
    worker_gives_up: bool
    """A worker ends its process when its own heartbeats have failed for longer than the
    scheduler's threshold [A2 jobs/local_task_job_runner.py `_execute`]. A3's supervisor counts
    answers that were errors; heartbeats that vanish are none."""
    killed_writes_failure: bool
    """A process that is told to stop fails whatever try the row is running by then, also a newer
    one [A2 models/taskinstance.py `_run_raw_task`, on SIGTERM]."""
    answers_by_http: bool
    """Workers talk to an API that refuses with a status: 409 when the task instance is not running,
    404 or 410 when it has a new id, as each archived try gives it [A3
    api_fastapi/execution_api/routes/task_instances.py]."""
    teardown_waits_for_scope: bool
    """A teardown waits for every task between its setups and itself, not only for those directly
    above it [A3 ti_deps/deps/trigger_rule_dep.py `_evaluate_teardown_scope`]."""
    skip_reaches_indices: bool
    """A task instance with a map_index sees what an unmapped branch above it decided [A3
    ti_deps/deps/not_previously_skipped_dep.py; A2 asks for a decision of the same index]. A short
    circuit, on the other hand, skips every index at once only in A2 [models/skipmixin.py
    `_set_state_to_skipped`]."""
    latest_only_looks_at_next: bool
    """LatestOnlyOperator compares the clock with the data interval of the next run, which for a
    trigger timetable has no length [A2 operators/latest_only.py]; otherwise with the span from
    this run's data interval to the end of the next [A3 the standard provider]."""
    missing_dag_reschedules: bool
    """A worker that cannot load its DAG has the try begin anew some times before it fails [A3 task
    SDK execution_time/task_runner.py, `[workers] missing_dag_retries`]."""
    sensor_clock_per_try: bool
    """A reschedule sensor's clock starts at the end of a try's first poke [A3], not at the start
    of the first try's first poke [A2 sensors/base.py]."""
    bounds_count_deferred: bool
    """max_active_tis_per_dag and max_active_tis_per_dagrun count deferred task instances too [A3
    jobs/scheduler_job_runner.py `ConcurrencyMap.load` over ACTIVE_STATES, A2 EXECUTION_STATES]."""
    execution_timeout_spans_deferral: bool
    """execution_timeout counts from the try's first start and bounds the trigger as well [A2
    models/taskinstance.py `_defer_task`, `_execute_task`]; in A3 each part on a worker is timed on
    its own and the trigger is not [A3 task SDK execution_time/task_runner.py `_execute_task`]."""
    trigger_timeout_ends_sensor: bool
    """A sensor whose trigger timed out fails as by its own timeout, without a retry, and never_fail
    counts [A3 task SDK bases/sensor.py `resume_execution`]; in A2 an ordinary failure."""
    workers_connect: bool
    """Task processes open connections to the metadata database themselves [A2 settings.py; in A3
    they talk to the API server, task SDK api/client.py]."""
    success_marks_every_task: bool
    """Marking a run success sets every task instance to success [A2 api/common/mark_tasks.py
    `set_dag_run_state_to_success`]; in A3 those that wait are skipped."""
    sequential_executor: bool
    """There is a SequentialExecutor [A2 executors/sequential_executor.py; gone in A3]."""
    backfill_in_scheduler: bool
    """Backfills are the scheduler's own runs [A3 models/backfill.py]."""
    broken_is_stale: bool
    """A broken file makes its DAGs stale at once [A3 dag_processing/collection.py]; otherwise the
    check for stale DAGs does it later [A2 dag_processing/manager.py `deactivate_stale_dags`]."""
    slas: bool
    """Tasks have an `sla` [A2 dag_processing/processor.py `manage_slas`; gone in A3]."""
    asset_run_type: str
    """Type of a run that updates start [A2 utils/types.py `DATASET_TRIGGERED`, A3
    `ASSET_TRIGGERED`]."""
    asset_runs_dated: bool
    """Such a run has a logical date, when the last missing asset was first updated, and the data
    interval of the runs behind the updates [A2 `_create_dag_runs_dataset_triggered`]; otherwise
    neither [A3 `_create_dag_runs_asset_triggered`]."""
    task_jobs: bool
    """Each process of a task instance is a row of the table `job` with heartbeats of its own [A2
    jobs/local_task_job_runner.py; in A3 the task instance itself has `last_heartbeat_at`]."""
    reset_is_archived: bool
    """A try that is taken back from a scheduler that is gone moves to task_instance_history [A3
    jobs/scheduler_job_runner.py `adopt_or_reset_orphaned_tasks`; A2 resets the state alone]."""
    log_has_every_end: bool
    """The table `log` has each state that a worker ends in by its own name [A3
    api_fastapi/execution_api/routes/task_instances.py `ti_update_state`]; otherwise a try that
    failed is `failed` even if another follows, and waiting leaves nothing [A2
    models/taskinstance.py `handle_failure`]."""
    actions: Mapping[str, str]
    """From what a person does to the event that the table `log` has of it [A2 www/views.py and
    cli/commands/dag_command.py, by function name; A3 api_fastapi/core_api/routes/public, by name
    of the endpoint]."""
    catchup_by_default: bool
    """[A2, A3 config_templates/config.yml]."""
    create_cron_data_intervals: bool
    """[A2, A3 config_templates/config.yml]."""


VERSIONS = {
    2: Version(
        number=2,
        mini_scheduler=True,
        max_active_tasks_of_run=False,
        pointer_stops=True,
        skip_spares_decided=False,
        timeout_skips_unscheduled=False,
        clear_restarts_at_once=False,
        heartbeats_to_kill=2,
        silence_fails_by_callback=True,
        executor_fails_running=False,
        worker_gives_up=True,
        killed_writes_failure=True,
        answers_by_http=False,
        teardown_waits_for_scope=False,
        skip_reaches_indices=False,
        latest_only_looks_at_next=True,
        missing_dag_reschedules=False,
        sensor_clock_per_try=False,
        bounds_count_deferred=False,
        execution_timeout_spans_deferral=True,
        trigger_timeout_ends_sensor=False,
        workers_connect=True,
        success_marks_every_task=True,
        sequential_executor=True,
        backfill_in_scheduler=False,
        broken_is_stale=False,
        slas=True,
        asset_run_type="dataset_triggered",
        asset_runs_dated=True,
        task_jobs=True,
        reset_is_archived=False,
        log_has_every_end=False,
        actions={
            "clear": "clear",
            "rerun": "clear",
            "trigger": "trigger",
            "pause": "paused",
            "backfill": "cli_dag_backfill",
        },
        catchup_by_default=True,
        create_cron_data_intervals=True,
    ),
    3: Version(
        number=3,
        mini_scheduler=False,
        max_active_tasks_of_run=True,
        pointer_stops=False,
        skip_spares_decided=True,
        timeout_skips_unscheduled=True,
        clear_restarts_at_once=True,
        heartbeats_to_kill=1,
        silence_fails_by_callback=False,
        executor_fails_running=True,
        worker_gives_up=False,
        killed_writes_failure=False,
        answers_by_http=True,
        teardown_waits_for_scope=True,
        skip_reaches_indices=True,
        latest_only_looks_at_next=False,
        missing_dag_reschedules=True,
        sensor_clock_per_try=True,
        bounds_count_deferred=True,
        execution_timeout_spans_deferral=False,
        trigger_timeout_ends_sensor=True,
        workers_connect=False,
        success_marks_every_task=False,
        sequential_executor=False,
        backfill_in_scheduler=True,
        broken_is_stale=True,
        slas=False,
        asset_run_type="asset_triggered",
        asset_runs_dated=False,
        task_jobs=False,
        reset_is_archived=True,
        log_has_every_end=True,
        actions={
            "clear": "post_clear_task_instances",
            "rerun": "post_clear_task_instances",
            "trigger": "trigger_dag_run",
            "pause": "patch_dag",
            "backfill": "create_backfill",
            "set_pool": "patch_pool",
        },
        catchup_by_default=False,
        create_cron_data_intervals=False,
    ),
}
