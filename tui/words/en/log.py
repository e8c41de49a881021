"""Lines of a task's log."""

from __future__ import annotations

WORDS = {
    "log.state": (
        "try {try_number}: {state}{native:given  (<native>)|}{reason:given , <reason:code reason>|}"
    ),
    "log.exit": (
        "try {try_number}: exit code {exit_code}, {state}{reason:given , <reason:code reason>|}"
    ),
    "log.source": "read {rows:count row|rows} of {data_date} from {source}",
    "log.source_rate_limited": "{source} answers 429: too many requests ({data_date})",
    "log.source_refuse": "{source} refuses the connection ({data_date})",
    "log.source_timeout": "{source} does not answer in time ({data_date})",
    "log.file_read": "read {rows:count row|rows} from {path}",
    "log.file_missing": "there is no file {path}",
    "log.file_opened": "writing {path}",
    "log.file_closed": "wrote {rows:count row|rows} to {path}",
    "log.file_abandoned": "left {path} half written, {rows:count row|rows}",
    "log.statement": "statement {number}/{of}: {op} {table}, {rows:count row|rows}",
    "log.effect_done": "{service} called ({kind}, {data_date})",
    "log.effect_receipt": "{service} not called: there is a receipt ({kind}, {data_date})",
    "log.sql_error": "SQL error: {message}",
    "log.check_passed": (
        "check {check} passed: {metric} {observed:n}"
        "{low:given , at least <low:n>|}{high:given , at most <high:n>|}"
        "{baseline:given , median of the weekday <baseline:n>|}{holiday:if , a holiday|}"
    ),
    "log.check_failed": (
        "check {check} FAILED ({action}): {metric} {observed:n}"
        "{low:given , at least <low:n>|}{high:given , at most <high:n>|}"
        "{baseline:given , median of the weekday <baseline:n>|}{holiday:if , a holiday|}"
    ),
    "log.probe_ready": "{system} is ready: {lag_us:span} behind, {rows:count row|rows}",
    "log.probe_not_ready": "{system} is not ready: {lag_us:span} behind, {rows:count row|rows}",
    "log.external_ready": "{dag} is ready: {states:list}",
    "log.external_not_ready": "{dag} is not ready: {states:list}",
    "log.external_missing": "{dag} has nothing with that logical date",
    "log.published": "published version {version} of {table}: {partitions:list}",
    "log.stale": "{table} marked stale: {partition} is not there",
    "log.stale_over": "{table} no longer stale: {partition} is there",
    "log.alert": "{alert} to {person} by {channel:code channel}: {status:code status}",
    "log.fault": "fault: {fault}",
    "log.process_refused": "the try ended, but its result was refused{http:given  (<http>)|}",
    "log.process_killed": "its own heartbeat ended the process{http:given  (<http>)|}",
    "log.process_died": "the process died",
    "log.process_lost": "the worker is gone without a trace",
    "log.process_stuck": "the hand-over to a worker was lost: the try stays queued",
    "log.process_silent": "no heartbeat for too long: the scheduler gives the worker up",
}
