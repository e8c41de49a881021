"""An Airflow without one of its limits: what a counterfactual changes for each reason to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sim.views.ledger.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.orchestrators.airflow.config import AirflowConfig, Dag
    from sim.views.ledger.reasons import Wait
    from sim.views.ledger.story import TaskStory

    Change = Callable[[AirflowConfig, Wait, TaskStory], AirflowConfig]

ENOUGH = 1_000_000
"""More than anybody asks for."""


def _core(config: AirflowConfig, **values: Any) -> AirflowConfig:
    return replace(config, cfg=replace(config.cfg, core=replace(config.cfg.core, **values)))


def _dag(config: AirflowConfig, story: TaskStory, **values: Any) -> AirflowConfig:
    return _everywhere(config, story, lambda dag: replace(dag, **values))


def _task(config: AirflowConfig, story: TaskStory, **values: Any) -> AirflowConfig:
    name = story.task_id

    def changed(dag: Dag) -> Dag:
        if name not in dag.tasks:
            return dag
        return replace(dag, tasks={**dag.tasks, name: replace(dag.tasks[name], **values)})

    return _everywhere(config, story, changed)


def _everywhere(
    config: AirflowConfig, story: TaskStory, change: Callable[[Dag], Dag]
) -> AirflowConfig:
    """A DAG changed wherever it is defined: at first, and by deploys."""

    def changed(dags: Mapping[str, Dag]) -> dict[str, Dag]:
        return {
            name: change(dag) if name == story.run.dag_id else dag for name, dag in dags.items()
        }

    deploys = [replace(deploy, dags=changed(deploy.dags)) for deploy in config.deploys]
    return replace(config, dags=changed(config.dags), deploys=deploys)


def _pool(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    del story
    if wait.blocker not in config.pools:
        return _core(config, default_pool_task_slot_count=ENOUGH)
    pool = replace(config.pools[wait.blocker], slots=ENOUGH)
    return replace(config, pools={**config.pools, wait.blocker: pool})


def _parallelism(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    del wait, story
    return _core(config, parallelism=ENOUGH)


def _active_tasks(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    del wait
    return _dag(config, story, max_active_tasks=ENOUGH)


def _run_limit(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    del wait
    return _dag(config, story, max_active_runs=ENOUGH)


def _bound_of_dag(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    del wait
    return _task(config, story, max_active_tis_per_dag=None)


def _bound_of_run(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    del wait
    return _task(config, story, max_active_tis_per_dagrun=None)


def _retry_delay(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    del wait
    return _task(config, story, retry_delay=0)


def _past(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    del wait
    return _task(config, story, depends_on_past=False, wait_for_downstream=False)


def _priority(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    del wait
    return _task(config, story, priority_weight=ENOUGH, weight_rule="absolute")


def _poke(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    """As if it looked every second."""
    del wait
    sensor = config.every_dag[story.run.dag_id].tasks[story.task_id].sensor
    if sensor is None:
        return config
    return _task(config, story, sensor=replace(sensor, poke_interval=1))


def _worker(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    """Room on every worker and node, and none of them takes its time to start."""
    del wait, story
    workers = {
        name: replace(worker, concurrency=ENOUGH) for name, worker in config.celery_workers.items()
    }
    celery = replace(config.cfg.celery, worker_concurrency=ENOUGH)
    kubernetes = replace(config.cfg.kubernetes_executor, worker_pods_creation_batch_size=ENOUGH)
    cluster = replace(config.cluster, pods_per_node=ENOUGH, quota=None, pod_start=0)
    return replace(
        config,
        cfg=replace(config.cfg, celery=celery, kubernetes_executor=kubernetes),
        celery_workers=workers,
        cluster=cluster,
        task_start_delay=0,
    )


def _paused(config: AirflowConfig, wait: Wait, story: TaskStory) -> AirflowConfig:
    del wait
    return _dag(config, story, is_paused_upon_creation=False)


CHANGES: dict[Reason, Change] = {
    Reason.POOL: _pool,
    Reason.PARALLELISM: _parallelism,
    Reason.MAX_ACTIVE_TASKS: _active_tasks,
    Reason.MAX_ACTIVE_TIS_PER_DAG: _bound_of_dag,
    Reason.MAX_ACTIVE_TIS_PER_DAGRUN: _bound_of_run,
    Reason.RUN_LIMIT: _run_limit,
    Reason.RETRY_DELAY: _retry_delay,
    Reason.DEPENDS_ON_PAST: _past,
    Reason.PRIORITY: _priority,
    Reason.SENSOR_POKE: _poke,
    Reason.WORKER: _worker,
    Reason.PAUSED: _paused,
}
