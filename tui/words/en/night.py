"""Words that sentences about a night share: modes of a source, reasons, channels."""

from __future__ import annotations

WORDS = {
    "mode.ok": "answers",
    "mode.empty": "answers without rows",
    "mode.partial": "answers with part of the rows",
    "mode.refuse": "refuses connections",
    "mode.rate_limited": "answers 429",
    "mode.slow": "answers slowly",
    "mode.timeout": "does not answer",
    "reason.check_failed": "a check failed",
    "reason.rate_limited": "too many requests (429)",
    "reason.source_connections": "the source had no connection left",
    "reason.source_refuse": "the source refused the connection",
    "reason.source_refused": "the source refused the connection",
    "reason.source_timeout": "the source did not answer in time",
    "reason.missing_input": "the input file was not there",
    "reason.sql_error": "the SQL failed",
    "reason.crashed": "the process died",
    "reason.killed": "the process was killed",
    "reason.import_error": "the DAG file could not be imported",
    "reason.task_missing": "the task is not in its DAG file any more",
    "reason.external_failed": "the task waited for failed",
    "reason.external_skipped": "the task waited for was skipped",
    "reason.external_unknown": "the DAG or task waited for does not exist",
    "reason.upstream": "a task before it failed or was skipped",
    "reason.empty_list": "the list to expand over was empty",
    "reason.not_mapped": "a list to expand over was not there",
    "reason.removed": "the list to expand over has become shorter",
    "reason.no_list_returned": "it returned no list, and others are expanded over it",
    "reason.map_too_long": "it returned a longer list than max_map_length allows",
    "reason.fail_fast": "another task failed and the DAG fails fast",
    "reason.branch": "the branch went elsewhere",
    "reason.cleared": "cleared by an operator",
    "reason.heartbeat_timeout": "no heartbeat of its worker for too long",
    "reason.executor_failed": "its worker died, the executor says",
    "reason.stuck_in_queued": "stuck in queued",
    "reason.orphaned": "its scheduler was gone",
    "channel.chat": "chat",
    "channel.mail": "mail",
    "channel.pager": "pager",
    "status.sent": "sent",
    "status.grouped": "joined the open incident",
    "status.undelivered": "not delivered",
    "metric.rows": "rows",
    "action.fail": "fail",
    "action.fail_no_retry": "fail without retry",
    "action.skip": "skip",
    "action.warn": "warn",
    "phase.opened": "opened",
    "phase.closed": "complete",
    "phase.abandoned": "left half written",
    # markers and people
    "outage.opens": "{system}: outage opens ({mode:code mode})",
    "outage.closes": "{system}: outage over",
    "check.failed": (
        "{task}: check {check} fails, {metric} {observed:n}"
        "{low:given , at least <low:n>|}{high:given , at most <high:n>|} ({action})"
    ),
    "published.wrong": (
        "{table} version {version} published with wrong figures for {partition}: "
        "{sums:figures} (truth: {sums_true:figures})"
    ),
    "alert.sent": "{alert} to {person} by {channel:code channel} about {data_date}",
    "alert.grouped": (
        "{alert} to {person} about {data_date} joins the open incident ({channel:code channel})"
    ),
    "alert.acknowledged": "{person} acknowledges, {after_us:span} later",
    "person.noticed": "{person} notices: {shown:n} instead of about {expected:n}",
    "person.escalated": "{person} hears of it from {by}",
    "person.reads": (
        "{person} reads {figure} of {partition}: {shown:given <shown:n>|nothing}"
        "{stale:if  (marked stale)|}"
    ),
    "operator.acts": "{by}: {action} {what}",
    "table.stale": "{table} marked stale: {partition} is not there",
    "fault": "fault in {what}: {fault}",
    "scheduler.started": "{scheduler} starts",
    "scheduler.gone": "{scheduler} is gone",
    "run.paused": "{pipeline} {run} waits for a person{until:given , until <until:clock>|}",
    "run.suspended": (
        "{pipeline} {run} is suspended until a person resumes it"
        "{until:given , at <until:clock> at the latest|}"
    ),
    "heartbeat.missed": "no ping of {heartbeat}, expected at {expected:clock}",
    "process.silent": "{task}: no heartbeat of try {try_number}, its worker is given up",
    "process.refused": "{task}: try {try_number}, given up before, ends; its result is refused",
    "how.alert": "by an alert",
    "how.noticed": "by looking at the dashboard",
    "how.told": "from somebody else",
    # what was handed on
    "what.read": "read",
    "what.file": "wrote",
    "what.file_open": "is writing",
    "what.file_left": "left half written",
    # what moved
    "moved.task": "task",
    "moved.published": "published",
    "moved.read": "read",
    "moved.pages": "pages",
}
