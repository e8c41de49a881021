"""The tables of Airflow 2.11.2's metadata database, with their columns.

Source: Airflow 2.11.2, models/*.py and jobs/job.py, as SQLAlchemy declares them for PostgreSQL. Not
here: what belongs to the web server and to migrations (`ab_user`, `session`, `alembic_version`).
"""

from __future__ import annotations

TABLES: dict[str, str] = {
    "callback_request": (
        "id int, created_at time, priority_weight int, callback_data json, callback_type text, "
        "processor_subdir text"
    ),
    "connection": (
        "id int, conn_id text, conn_type text, description text, host text, schema text, login "
        "text, password text, port int, is_encrypted bool, is_extra_encrypted bool, extra text"
    ),
    "dag": (
        "dag_id text, root_dag_id text, is_paused bool, is_subdag bool, is_active bool, "
        "last_parsed_time time, last_pickled time, last_expired time, scheduler_lock bool, "
        "pickle_id int, fileloc text, processor_subdir text, owners text, dag_display_name text, "
        "description text, default_view text, schedule_interval text, timetable_description text, "
        "dataset_expression json, max_active_tasks int, max_active_runs int, "
        "max_consecutive_failed_dag_runs int, has_task_concurrency_limits bool, has_import_errors "
        "bool, next_dagrun time, next_dagrun_data_interval_start time, "
        "next_dagrun_data_interval_end time, next_dagrun_create_after time"
    ),
    "dag_code": "fileloc_hash bigint, fileloc text, last_updated time, source_code text",
    "dag_owner_attributes": "dag_id text, owner text, link text",
    "dag_pickle": "id int, pickle blob, created_dttm time, pickle_hash bigint",
    "dag_priority_parsing_request": "id text, fileloc text",
    "dag_run": (
        "id int, dag_id text, queued_at time, execution_date time, start_date time, end_date "
        "time, state text, run_id text, creating_job_id int, external_trigger bool, run_type "
        "text, conf blob, data_interval_start time, data_interval_end time, "
        "last_scheduling_decision time, dag_hash text, log_template_id int, updated_at time, "
        "clear_number int"
    ),
    "dag_run_note": "user_id int, dag_run_id int, content text, created_at time, updated_at time",
    "dag_schedule_dataset_alias_reference": (
        "alias_id int, dag_id text, created_at time, updated_at time"
    ),
    "dag_schedule_dataset_reference": (
        "dataset_id int, dag_id text, created_at time, updated_at time"
    ),
    "dag_tag": "name text, dag_id text",
    "dag_warning": "dag_id text, warning_type text, message text, timestamp time",
    "dagrun_dataset_event": "dag_run_id int, event_id int",
    "dataset": "id int, uri text, extra json, created_at time, updated_at time, is_orphaned bool",
    "dataset_alias": "id int, name text",
    "dataset_alias_dataset": "alias_id int, dataset_id int",
    "dataset_alias_dataset_event": "alias_id int, event_id int",
    "dataset_dag_run_queue": "dataset_id int, target_dag_id text, created_at time",
    "dataset_event": (
        "id int, dataset_id int, extra json, source_task_id text, source_dag_id text, "
        "source_run_id text, source_map_index int, timestamp time"
    ),
    "import_error": "id int, timestamp time, filename text, stacktrace text, processor_subdir text",
    "job": (
        "id int, dag_id text, state text, job_type text, start_date time, end_date time, "
        "latest_heartbeat time, executor_class text, hostname text, unixname text"
    ),
    "log": (
        "id int, dttm time, dag_id text, task_id text, map_index int, event text, execution_date "
        "time, run_id text, owner text, owner_display_name text, extra text, try_number int"
    ),
    "log_template": "id int, filename text, elasticsearch_id text, created_at time",
    "rendered_task_instance_fields": (
        "dag_id text, task_id text, run_id text, map_index int, rendered_fields json, "
        "k8s_pod_yaml json"
    ),
    "serialized_dag": (
        "dag_id text, fileloc text, fileloc_hash bigint, data json, data_compressed blob, "
        "last_updated time, dag_hash text, processor_subdir text"
    ),
    "sla_miss": (
        "task_id text, dag_id text, execution_date time, email_sent bool, timestamp time, "
        "description text, notification_sent bool"
    ),
    "slot_pool": "id int, pool text, slots int, description text, include_deferred bool",
    "task_fail": (
        "id int, task_id text, dag_id text, run_id text, map_index int, start_date time, end_date "
        "time, duration int"
    ),
    "task_instance": (
        "task_id text, dag_id text, run_id text, map_index int, start_date time, end_date time, "
        "duration float, state text, try_number int, max_tries int, hostname text, unixname text, "
        "job_id int, pool text, pool_slots int, queue text, priority_weight int, operator text, "
        "custom_operator_name text, queued_dttm time, queued_by_job_id int, pid int, executor "
        "text, executor_config blob, updated_at time, rendered_map_index text, "
        "external_executor_id text, trigger_id int, trigger_timeout localtime, next_method text, "
        "next_kwargs json, task_display_name text"
    ),
    "task_instance_history": (
        "id int, task_id text, dag_id text, run_id text, map_index int, try_number int, "
        "start_date time, end_date time, duration float, state text, max_tries int, hostname "
        "text, unixname text, job_id int, pool text, pool_slots int, queue text, priority_weight "
        "int, operator text, custom_operator_name text, queued_dttm time, queued_by_job_id int, "
        "pid int, executor text, executor_config blob, updated_at time, rendered_map_index text, "
        "external_executor_id text, trigger_id int, trigger_timeout localtime, next_method text, "
        "next_kwargs json, task_display_name text"
    ),
    "task_instance_note": (
        "user_id int, task_id text, dag_id text, run_id text, map_index int, content text, "
        "created_at time, updated_at time"
    ),
    "task_map": "dag_id text, task_id text, run_id text, map_index int, length int, keys json",
    "task_outlet_dataset_reference": (
        "dataset_id int, dag_id text, task_id text, created_at time, updated_at time"
    ),
    "task_reschedule": (
        "id int, task_id text, dag_id text, run_id text, map_index int, try_number int, "
        "start_date time, end_date time, duration int, reschedule_date time"
    ),
    "trigger": "id int, classpath text, kwargs text, created_date time, triggerer_id int",
    "variable": "id int, key text, val text, description text, is_encrypted bool",
    "xcom": (
        "dag_run_id int, task_id text, map_index int, key text, dag_id text, run_id text, value "
        "blob, timestamp time"
    ),
}
"""Table -> its columns, each a name and a kind of `sim.views.metadata.columns`."""
