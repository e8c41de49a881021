"""Why time passed: the reasons of the wait ledger, and what `explain` says around them."""

from __future__ import annotations

WORDS = {
    "wait.schedule": "nothing had asked for it yet{blocker:given  (<blocker>)|}",
    "wait.run_limit": "max_active_runs: {blocker} was not over",
    "wait.depends_on_past": "depends_on_past: its own task in {blocker}",
    "wait.upstream": "waited for {blocker}",
    "wait.trigger_rule": "all above it was over, and its trigger rule did not let it go",
    "wait.pool": "no free slot in pool {blocker}",
    "wait.priority": "others went first{blocker:given , <blocker> before all|}",
    "wait.parallelism": "parallelism: all {blocker} slots of the executor were taken",
    "wait.max_active_tasks": "max_active_tasks of {blocker} was reached",
    "wait.max_active_tis_per_dag": "max_active_tis_per_dag of {blocker} was reached",
    "wait.max_active_tis_per_dagrun": "max_active_tis_per_dagrun of {blocker} was reached",
    "wait.executor_slot": "{blocker} had no slot of its own",
    "wait.worker": "no worker had taken it ({blocker})",
    "wait.gone": "its worker was gone ({blocker}), and nobody had noticed",
    "wait.scheduler_loop": "the next loop of the scheduler",
    "wait.scheduler_down": "there was no scheduler ({blocker})",
    "wait.database": "the metadata database did not answer, or slowly",
    "wait.parse": "the DAG file of {blocker} was broken",
    "wait.run_queue": "max_concurrent_runs: {blocker} runs were in progress",
    "wait.tag_limit": "tag_concurrency_limits: the limit of the tag {blocker} was reached",
    "wait.step_limit": "max_concurrent: the executor of its run had {blocker} steps under way",
    "wait.start_up": "the process of its {blocker} was starting",
    "wait.poll": "until {blocker} asked for work the next time",
    "wait.work_pool_limit": "concurrency_limit: {blocker} had all its flow runs in progress",
    "wait.deployment_limit": "concurrency_limit of the deployment {blocker} was reached",
    "wait.thread": "its task runner had all{blocker:given  <blocker>|} workers taken",
    "wait.retry_delay": "retry delay",
    "wait.sensor_poke": "sensor{blocker:given : <blocker> was not ready|}",
    "wait.deferral": "deferred{blocker:given : <blocker>|}: its trigger had not fired",
    "wait.paused": "the DAG {blocker} was paused",
    "wait.human": "done, or not wanted, until {blocker:given <blocker>|somebody} asked for it",
    "wait.running": "ran",
    "explain.night": "Why the night of {night:day} took its time, as of {at:day}, {at:clock}",
    "explain.sums": "Time of all task instances, by reason",
    "explain.column_reason": "reason",
    "explain.column_time": "time",
    "explain.column_share": "share",
    "explain.column_instances": "task instances",
    "explain.path": "Critical path to {task} of {run}",
    "explain.task": "{task} of {run}: due {due:clock}, {over:if over|not over} at {end:clock}",
    "explain.held_by": "held by {holders:list}{more:given  and <more:n> more|}",
    "explain.what_if": (
        "Without this one ({task}: {reason}) {subject} would have started at "
        "{after:clock} instead of {before:clock}."
    ),
    "explain.what_if_same": (
        "Without this one ({task}: {reason}) {subject} would have started at "
        "{before:clock} all the same: something else is in the way then."
    ),
    "explain.what_if_at_all": (
        "Without this one ({task}: {reason}) {subject} would have started at {after:clock}; as it "
        "is, it has not by {at:clock}."
    ),
    "explain.what_if_never": (
        "Without this one ({task}: {reason}) {subject} would not have started by {at:clock}."
    ),
    "explain.replayed": "No estimate: the night was simulated again without it.",
    "explain.deadlock": "A circle of waits that nobody outside can end (deadlock)",
    "explain.starvation": "A circle of waits (starvation: only others can end it)",
    "explain.edge": "{waiting} waits for {holder}: {reason}",
    "explain.nothing": "nothing happened by then",
}
