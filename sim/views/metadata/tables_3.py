"""The tables of Airflow 3.3.2's metadata database, with their columns.

Source: Airflow 3.3.2, models/*.py and jobs/job.py, as SQLAlchemy declares them for PostgreSQL. Not
here: what belongs to the auth manager and to migrations (`ab_user`, `alembic_version`).
"""

from __future__ import annotations

TABLES: dict[str, str] = {
    "asset": (
        "id int, name text, uri text, group text, extra json, created_at time, updated_at time"
    ),
    "asset_active": "name text, uri text",
    "asset_alias": "id int, name text, group text",
    "asset_alias_asset": "alias_id int, asset_id int",
    "asset_alias_asset_event": "alias_id int, event_id int",
    "asset_dag_run_queue": "asset_id int, target_dag_id text, created_at time",
    "asset_event": (
        "id int, asset_id int, extra json, source_task_id text, source_dag_id text, source_run_id "
        "text, source_map_index int, timestamp time, partition_key text"
    ),
    "asset_partition_dag_run": (
        "id int, target_dag_id text, created_dag_run_id int, partition_key text, partition_date "
        "time, rollup_fingerprint json, created_at time, updated_at time"
    ),
    "asset_state_store": (
        "asset_id int, key text, value text, updated_at time, last_updated_by_kind text, "
        "last_updated_by_dag_id text, last_updated_by_run_id text, last_updated_by_task_id text, "
        "last_updated_by_map_index int"
    ),
    "asset_watcher": "name text, asset_id int, trigger_id int",
    "backfill": (
        "id int, dag_id text, from_date time, to_date time, dag_run_conf json, is_paused bool, "
        "reprocess_behavior text, max_active_runs int, created_at time, completed_at time, "
        "updated_at time, triggering_user_name text"
    ),
    "backfill_dag_run": (
        "id int, backfill_id int, dag_run_id int, exception_reason text, logical_date time, "
        "partition_key text, sort_ordinal int"
    ),
    "callback": (
        "id uuid, type text, fetch_method text, data json, bundle_name text, state text, output "
        "text, priority_weight int, created_at time, trigger_id int"
    ),
    "connection": (
        "id int, conn_id text, conn_type text, description text, host text, schema text, login "
        "text, port int, team_name text, password text, extra text, is_encrypted bool, "
        "is_extra_encrypted bool"
    ),
    "connection_test_request": (
        "id uuid, token text, connection_id text, state text, result_message text, created_at "
        "time, updated_at time, executor text, queue text, conn_type text, host text, login text, "
        "schema text, port int, commit_on_success bool, is_encrypted bool, is_extra_encrypted "
        "bool, active_connection_id text, team_name text, password text, extra text"
    ),
    "dag": (
        "dag_id text, is_paused bool, is_stale bool, exceeds_max_non_backfill bool, "
        "last_parsed_time time, last_parse_duration float, last_expired time, fileloc text, "
        "relative_fileloc text, bundle_name text, bundle_version text, owners text, "
        "dag_display_name text, description text, timetable_type text, timetable_summary text, "
        "timetable_description text, timetable_partitioned bool, timetable_periodic bool, "
        "partition_mapper_info json, asset_expression json, deadline json, max_active_tasks int, "
        "max_active_runs int, max_consecutive_failed_dag_runs int, has_task_concurrency_limits "
        "bool, has_import_errors bool, fail_fast bool, allowed_run_types json, next_dagrun time, "
        "next_dagrun_data_interval_start time, next_dagrun_data_interval_end time, "
        "next_dagrun_partition_key text, next_dagrun_partition_date time, "
        "next_dagrun_create_after time"
    ),
    "dag_bundle": (
        "name text, active bool, version text, last_refreshed time, signed_url_template text, "
        "template_params json"
    ),
    "dag_bundle_team": "dag_bundle_name text, team_name text",
    "dag_code": (
        "id uuid, dag_id text, fileloc text, created_at time, last_updated time, source_code "
        "text, source_code_hash text, dag_version_id uuid"
    ),
    "dag_favorite": "user_id text, dag_id text",
    "dag_owner_attributes": "dag_id text, owner text, link text",
    "dag_priority_parsing_request": "id text, bundle_name text, relative_fileloc text",
    "dag_run": (
        "id int, dag_id text, queued_at time, logical_date time, start_date time, end_date time, "
        "state text, run_id text, creating_job_id int, run_type text, triggered_by text, "
        "triggering_user_name text, conf json, data_interval_start time, data_interval_end time, "
        "run_after time, last_scheduling_decision time, log_template_id int, created_at time, "
        "updated_at time, clear_number int, backfill_id int, bundle_version text, "
        "scheduled_by_job_id int, context_carrier json, span_status text, created_dag_version_id "
        "uuid, partition_key text, partition_date time"
    ),
    "dag_run_note": "user_id text, dag_run_id int, content text, created_at time, updated_at time",
    "dag_schedule_asset_alias_reference": (
        "alias_id int, dag_id text, created_at time, updated_at time"
    ),
    "dag_schedule_asset_name_reference": "name text, dag_id text, created_at time",
    "dag_schedule_asset_reference": (
        "asset_id int, dag_id text, allow_producer_teams json, allow_global_producers bool, "
        "created_at time, updated_at time"
    ),
    "dag_schedule_asset_uri_reference": "uri text, dag_id text, created_at time",
    "dag_tag": "name text, dag_id text",
    "dag_version": (
        "id uuid, version_number int, dag_id text, bundle_name text, bundle_version text, "
        "version_data json, created_at time, last_updated time"
    ),
    "dag_warning": "dag_id text, warning_type text, message text, timestamp time",
    "dagrun_asset_event": "dag_run_id int, event_id int",
    "deadline": (
        "id uuid, created_at time, last_updated_at time, dagrun_id int, deadline_time time, "
        "missed bool, callback_id uuid, deadline_alert_id uuid"
    ),
    "deadline_alert": (
        "id uuid, created_at time, serialized_dag_id uuid, name text, description text, reference "
        "json, interval json, callback_def json"
    ),
    "hitl_detail": (
        "ti_id uuid, options json, subject text, body text, defaults json, multiple bool, params "
        "json, assignees json, created_at time, responded_at time, responded_by json, "
        "chosen_options json, params_input json"
    ),
    "hitl_detail_history": (
        "ti_history_id uuid, options json, subject text, body text, defaults json, multiple bool, "
        "params json, assignees json, created_at time, responded_at time, responded_by json, "
        "chosen_options json, params_input json"
    ),
    "import_error": "id int, timestamp time, filename text, bundle_name text, stacktrace text",
    "job": (
        "id int, dag_id text, state text, job_type text, start_date time, end_date time, "
        "latest_heartbeat time, executor_class text, hostname text, unixname text"
    ),
    "log": (
        "id int, dttm time, dag_id text, task_id text, map_index int, event text, logical_date "
        "time, run_id text, owner text, owner_display_name text, extra text, try_number int"
    ),
    "log_template": "id int, filename text, elasticsearch_id text, created_at time",
    "partitioned_asset_key_log": (
        "id int, asset_id int, asset_event_id int, asset_partition_dag_run_id int, "
        "source_partition_key text, target_dag_id text, target_partition_key text, created_at "
        "time"
    ),
    "rendered_task_instance_fields": (
        "dag_id text, task_id text, run_id text, map_index int, rendered_fields json, "
        "k8s_pod_yaml json"
    ),
    "revoked_token": "jti text, exp time",
    "serialized_dag": (
        "id uuid, dag_id text, data json, data_compressed blob, created_at time, last_updated "
        "time, dag_hash text, dag_version_id uuid"
    ),
    "slot_pool": (
        "id int, pool text, slots int, description text, include_deferred bool, team_name text"
    ),
    "task_inlet_asset_reference": (
        "asset_id int, dag_id text, task_id text, created_at time, updated_at time"
    ),
    "task_instance": (
        "id uuid, task_id text, dag_id text, run_id text, map_index int, start_date time, "
        "end_date time, duration float, state text, try_number int, max_tries int, hostname text, "
        "unixname text, pool text, pool_slots int, queue text, priority_weight int, operator "
        "text, custom_operator_name text, queued_dttm time, scheduled_dttm time, queued_by_job_id "
        "int, last_heartbeat_at time, pid int, executor text, executor_config blob, updated_at "
        "time, rendered_map_index text, context_carrier json, span_status text, "
        "external_executor_id text, trigger_id int, trigger_timeout time, next_method text, "
        "next_kwargs json, task_display_name text, dag_version_id uuid, retry_delay_override "
        "float, retry_reason text"
    ),
    "task_instance_history": (
        "task_instance_id uuid, task_id text, dag_id text, run_id text, map_index int, try_number "
        "int, start_date time, end_date time, duration float, state text, max_tries int, hostname "
        "text, unixname text, pool text, pool_slots int, queue text, priority_weight int, "
        "operator text, custom_operator_name text, queued_dttm time, scheduled_dttm time, "
        "queued_by_job_id int, pid int, executor text, executor_config blob, updated_at time, "
        "rendered_map_index text, context_carrier json, span_status text, external_executor_id "
        "text, trigger_id int, trigger_timeout time, next_method text, next_kwargs json, "
        "task_display_name text, dag_version_id uuid, retry_delay_override float, retry_reason "
        "text"
    ),
    "task_instance_note": (
        "ti_id uuid, user_id text, content text, created_at time, updated_at time"
    ),
    "task_map": "dag_id text, task_id text, run_id text, map_index int, length int, keys json",
    "task_outlet_asset_reference": (
        "asset_id int, dag_id text, task_id text, allow_consumer_teams json, "
        "allow_global_consumers bool, created_at time, updated_at time"
    ),
    "task_reschedule": (
        "id int, ti_id uuid, start_date time, end_date time, duration int, reschedule_date time"
    ),
    "task_state_store": (
        "id int, dag_run_id int, task_id text, map_index int, key text, dag_id text, run_id text, "
        "value text, updated_at time, expires_at time"
    ),
    "team": "name text",
    "trigger": (
        "id int, classpath text, kwargs text, created_date time, triggerer_id int, queue text, "
        "team_name text"
    ),
    "variable": "id int, key text, val text, description text, is_encrypted bool, team_name text",
    "xcom": (
        "dag_run_id int, task_id text, map_index int, key text, dag_result bool, dag_id text, "
        "run_id text, value json, timestamp time"
    ),
}
"""Table -> its columns, each a name and a kind of `sim.views.metadata.columns`."""
