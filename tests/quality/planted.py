"""Pipelines for the verifier to judge: correct ones, and the same with one plausible mistake each.

All stand in the world of `pipelines/shop` and are its config with a few values changed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sim.scenario.edits import apply_sets
from sim.scenario.load import load_scenario
from sim.scenario.schema import Config, Scenario

NIGHTS = "2024-03-05..2024-03-06"
_SHOP = Path(__file__).parent / "pipelines" / "shop"
_DAG = "airflow.dags.ventas"

CORRECT: dict[str, tuple[str, ...]] = {
    "as it is": (),
    "transaction": ("tasks.load.write_mode=delete_insert_transaction",),
    "stage and swap": ("tasks.load.write_mode=stage_and_swap",),
    "merge": ("tasks.load.write_mode=merge",),
    "slots of a pool": ("airflow.pools={default_pool: {slots: 1}}",),
    "celery": ("airflow.cfg.core.executor=CeleryExecutor",),
    "two schedulers": ("airflow.schedulers=2",),
    "many runs": (f"{_DAG}.max_active_runs=16",),
    "short delay": (f"{_DAG}.default_args.retry_delay=5m", f"{_DAG}.default_args.retries=20"),
    "a call with a key": ("tasks.load.effect={service: mailer, idempotency_key: '{{ fecha }}'}",),
    "kubernetes": ("airflow.cfg.core.executor=KubernetesExecutor",),
}
"""Name -> what is changed in the config."""

BUGS: dict[str, tuple[str, ...]] = {
    "append and retry": ("tasks.load.write_mode=append",),
    "delete and insert without a transaction": ("tasks.load.write_mode=delete_insert",),
    "overwrite without a predicate": ("tasks.load.write_mode=overwrite_table",),
    "no retries": (f"{_DAG}.default_args.retries=0",),
    "no retries of the load": (f"{_DAG}.tasks.load.retries=0",),
    "no gate": ("tasks.extract.checks=[]",),
    "a gate that only warns": ("checks.volume.on_failure=warn",),
    "a gate that skips": ("checks.volume.on_failure=skip",),
    "a gate that allows a tenth": ("checks.volume.min_ratio=0.1",),
    "a gate on rows above zero": ("checks.volume={metric: rows, min: 1}",),
    "a gate after the load": ("tasks.extract.checks=[]", "tasks.load.checks=[volume]"),
    "a gate that never retries": ("checks.volume.on_failure=fail_no_retry",),
    "one file for all dates": (
        "tasks.extract.output=/data/ventas.csv",
        "tasks.transform.input=/data/ventas.csv",
        f"{_DAG}.max_active_runs=16",
    ),
    "one file of figures for all dates": (
        "tasks.transform.output=/data/metricas.csv",
        "tasks.load.input=/data/metricas.csv",
        f"{_DAG}.max_active_runs=16",
    ),
    "today instead of the data date": (
        (
            "tasks.transform.sql=SELECT current_date - 1 AS fecha, region, sum(amount) AS revenue, "
            "count(*) AS orders FROM input GROUP BY region"
        ),
    ),
    "the clock in the figures": (
        (
            "tasks.transform.sql=SELECT fecha, region, sum(amount) + "
            "CASE WHEN now() > fecha + INTERVAL '1 day 3 hours 20 minutes' THEN 1 ELSE 0 END "
            "AS revenue, count(*) AS orders FROM input GROUP BY fecha, region"
        ),
    ),
    "merge without delete of vanished keys": (
        "tasks.load.write_mode=merge",
        (
            "tasks.transform.sql=SELECT fecha, CASE WHEN now() > fecha + "
            "INTERVAL '1 day 4 hours' THEN lower(region) || '_2' ELSE region END AS region, "
            "sum(amount) AS revenue, count(*) AS orders FROM input GROUP BY ALL"
        ),
    ),
    "two runs share a staging table": (
        f"{_DAG}.max_active_runs=16",
        f"{_DAG}.tasks.stage={{upstream: [transform]}}",
        f"{_DAG}.tasks.load.upstream=[stage]",
        (
            "tasks.stage={work: copy, input: '/data/metricas_{{ ds }}.csv', table: dw.stage, "
            "write_mode: overwrite_table}"
        ),
        (
            "tasks.load={work: load, table: dw.daily_metrics, write_mode: replace_partition, "
            "sql: SELECT * FROM dw.stage}"
        ),
    ),
    "a staging table that is appended to": (
        f"{_DAG}.tasks.stage={{upstream: [transform]}}",
        f"{_DAG}.tasks.load.upstream=[stage]",
        (
            "tasks.stage={work: copy, input: '/data/metricas_{{ ds }}.csv', table: dw.stage, "
            "write_mode: append}"
        ),
        (
            "tasks.load={work: load, table: dw.daily_metrics, write_mode: replace_partition, "
            "sql: \"SELECT * FROM dw.stage WHERE fecha = DATE '{{ ds }}'\"}"
        ),
    ),
    "steps without an edge": (f"{_DAG}.tasks.load.upstream=[extract]",),
    "a call without a key": ("tasks.load.effect={service: mailer}",),
    "a receipt after sending": ("tasks.load.effect={service: mailer, receipt: after}",),
    "a receipt before sending": ("tasks.load.effect={service: mailer, receipt: before}",),
    "goes on when the load before it failed": (
        f"{_DAG}.tasks.load.trigger_rule=all_done",
        "tasks.load.input=/data/metricas.csv",
        "tasks.transform.output=/data/metricas.csv",
    ),
    "new rows only, by what is there already": (
        "tasks.load.write_mode=append",
        (
            "tasks.transform.sql=SELECT i.fecha, i.region, sum(amount) AS revenue, "
            "count(*) AS orders FROM input AS i "
            "WHERE NOT EXISTS (SELECT 1 FROM dw.daily_metrics AS t WHERE t.fecha = i.fecha) "
            "GROUP BY i.fecha, i.region"
        ),
    ),
}
"""What is wrong -> what is changed in the config."""


@cache
def shop() -> Scenario:
    """The world."""
    return load_scenario(_SHOP)


@cache
def pipeline(changes: tuple[str, ...]) -> Config:
    """The correct config with changes put in."""
    scenario = shop()
    return apply_sets(scenario.config_text, changes, scenario=scenario)
