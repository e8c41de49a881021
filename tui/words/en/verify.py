"""What a search for troubles found: troubles, violations, coverage."""

from __future__ import annotations

WORDS = {
    "verify.holds": "Nothing found: {plans:count plan|plans} tried, every invariant holds.",
    "verify.broken": "Broken by {count:count trouble|troubles}:",
    "verify.broken_at_once": "Broken without any trouble:",
    "verify.sentence": "{troubles} → {violation}",
    "verify.seen_read": "It is sealed at {inevitable:clock}; a reader meets it at {seen:clock}.",
    "verify.seen_alert": "It is sealed at {inevitable:clock}; an alert goes out at {seen:clock}.",
    "verify.seen_check": "It is sealed at {inevitable:clock}; a check fails at {seen:clock}.",
    "verify.unseen": "It is sealed at {inevitable:clock}; nobody sees it in these nights.",
    "verify.searched": (
        "seed {seed:n} · nights {window} · found by plan {found:n}, "
        "shrunk in {trials:count trial|trials}"
    ),
    "verify.searched_all": "seed {seed:n} · nights {window}",
    "verify.stopped": (
        "Stopped after {plans:count plan|plans}; started again, it goes on from here."
    ),
    "verify.diff": "{table}, {partition}: the truth (-) and what stands there (+)",
    "verify.around": "Around it",
    "verify.coverage": "Covered",
    "verify.points": "{tried:n} of {there:n} points",
    "verify.absent": "not possible here: {why:code verify.why}",
    "verify.pairs": "pairs of kinds: {tried:n} of {there:n}",
    "verify.changes": "changes of state seen: {count:n}",
    "verify.saved": "Saved: {file}",
    "verify.next": "Look further:",
    "verify.next_judge": "judge the scenario under it",
    "verify.next_play": "play it",
    "verify.progress": "{done:n} of {all:n} plans, {rate:n} a second",
    "verify.window": "a search has at most {most:n} nights",
    "verify.window_hint": "write --nights 2024-03-13..2024-03-14",
    "verify.kind": 'there is no kind of trouble "{kind}"',
    "verify.nothing_to_export": "nothing was found that could be exported",
    "run.survives": "{name}: survives",
    "run.broken_by": "{name}: broken ({code})",
    # why a kind of trouble is not possible
    "verify.why.left_out": "left out on the command line",
    "verify.why.no_statements": "no task writes anything",
    "verify.why.no_workers": "this orchestrator runs everything on one host, without workers",
    "verify.why.no_tries": "no task runs in these nights",
    "verify.why.no_runs": "nothing runs in these nights",
    "verify.why.no_message": "this executor hands tasks over inside one process",
    "verify.why.no_database": "this orchestrator has no database",
    "verify.why.no_broker": "no executor uses a broker",
    "verify.why.no_machines": "no worker has a machine of its own",
    "verify.why.no_scheduler": "this orchestrator has no scheduler apart from its host",
    "verify.why.no_reads": "no source is read in these nights",
    "verify.why.no_such_action": "this orchestrator has no such command",
    "verify.why.one_scheduler": "only cron can run twice: this orchestrator cannot",
    "verify.why.one_date": "there is only one date",
    # troubles
    "verify.fact.state": "{state} (try {number})",
    "verify.fact.fault": "{fault:code verify.fact.fault}",
    "verify.fact.action": "{action:code verify.fact.action}",
    "verify.fact.outage": "{mode:code verify.fact.mode}",
    "verify.fact.process": "process {end:code verify.fact.end}",
    "verify.fact.fault.attempt_crash": "its process dies",
    "verify.fact.fault.late_report": "its end is told late",
    "verify.fact.fault.host_off": "the host goes off",
    "verify.fact.fault.worker_lost": "its worker is gone",
    "verify.fact.fault.worker_crash": "its worker dies",
    "verify.fact.fault.network_split": "its heartbeats vanish",
    "verify.fact.fault.double_delivery": "its message comes twice",
    "verify.fact.fault.double_cron": "a second cron starts it",
    "verify.fact.fault.warehouse_restart": "the warehouse ends its session",
    "verify.fact.fault.shell_closed": "the laptop goes to sleep",
    "verify.fact.fault.dispatch_lost": "its message vanishes",
    "verify.fact.action.rerun": "run again by hand",
    "verify.fact.action.clear": "cleared by hand",
    "verify.fact.action.trigger": "triggered by hand",
    "verify.fact.action.backfill": "a backfill is asked for",
    "verify.fact.action.set_pool": "resized by hand",
    "verify.fact.action.pause": "paused, or let go on",
    "verify.fact.action.mark": "marked by hand",
    "verify.fact.mode.ok": "well again",
    "verify.fact.mode.empty": "empty",
    "verify.fact.mode.partial": "partly filled",
    "verify.fact.mode.refuse": "refuses connections",
    "verify.fact.mode.slow": "slow",
    "verify.fact.mode.timeout": "does not answer",
    "verify.fact.end.refused": "refused",
    "verify.fact.end.killed": "ended by its own heartbeat",
    "verify.fact.end.died": "died",
    "verify.fact.end.lost": "lost",
    "verify.fact.end.stuck": "never started",
    "verify.fact.end.silent": "silent: given up",
    "say.attempt_crash": (
        "{task} of {data_date} crashes before its statement {before_statement:n} "
        "(try {try_number:n})"
    ),
    "say.attempt_crash_end": (
        "{task} of {data_date} crashes after its last effect and before it reports "
        "(try {try_number:n})"
    ),
    "say.attempt_crash_undone": (
        "{task} of {data_date} crashes inside its statement {before_statement:n}, of which nothing "
        "comes (try {try_number:n})"
    ),
    "say.attempt_crash_completes": (
        "{task} of {data_date} crashes inside its statement {before_statement:n}, which completes "
        "all the same (try {try_number:n})"
    ),
    "say.source_late": "the rows of {data_date} in {source} come late, at {end:clock} on {end:day}",
    "say.late_report": (
        "{task} of {data_date} is done and reports {late:span} later (try {try_number:n})"
    ),
    "say.double_delivery": (
        "the message that starts {task} of {data_date} is delivered twice (try {try_number:n})"
    ),
    "say.double_cron": (
        "a second cron has the same crontab from {start:clock} to {end:clock} on {start:day}"
    ),
    "say.worker_lost": (
        "the worker of {task} of {data_date} is lost {after:span} after its start "
        "(try {try_number:n})"
    ),
    "say.worker_crash": (
        "the worker of {task} of {data_date} dies {after:span} after its start (try {try_number:n})"
    ),
    "say.network_split": (
        "the worker of {task} of {data_date} is cut off {after:span} after its start "
        "for {lasts:span} (try {try_number:n})"
    ),
    "say.dispatch_lost": (
        "the message that starts {task} of {data_date} is lost "
        "{times:count time|times} (try {try_number:n})"
    ),
    "say.rerun": "{data_date} is run again on {at:day} at {at:clock}",
    "say.clear": "{task} of {data_date} is cleared on {at:day} at {at:clock}",
    "say.backfill": "{first} to {last} are backfilled on {at:day} at {at:clock} ({reprocess})",
    "say.source_outage": (
        "{system} is {mode:code say.mode} from {start:clock} to {end:clock} on {start:day}"
    ),
    "say.mode.empty": "empty",
    "say.mode.partial": "partly filled",
    "say.mode.refuse": "refusing connections",
    "say.mode.slow": "slow",
    "say.mode.timeout": "silent",
    "say.host_off": "the host is off from {start:clock} to {end:clock} on {start:day}",
    "say.database_off": (
        "Airflow's database is away from {start:clock} to {end:clock} on {start:day}"
    ),
    "say.broker_off": "the broker is away from {start:clock} to {end:clock} on {start:day}",
    "say.worker_off": "{worker} is off from {start:clock} to {end:clock} on {start:day}",
    "say.scheduler_crash": (
        "the scheduler dies on {start:day} at {start:clock} and another starts at {end:clock}"
    ),
    # violations
    "broken.truth.doubled": (
        "{table} ends with {rows:count row|rows} for {partition}; the truth is {rows_true:n}: "
        "the same rows more than once"
    ),
    "broken.truth.more": (
        "{table} ends with {rows:count row|rows} for {partition}; the truth is {rows_true:n}"
    ),
    "broken.truth.fewer": (
        "{table} ends with {rows:count row|rows} for {partition}; the truth is {rows_true:n}"
    ),
    "broken.truth.zero": (
        "{table} ends with zeros for {partition} ({sums:figures}; true: {sums_true:figures})"
    ),
    "broken.truth.smaller": (
        "{table} ends with a part of {partition} ({sums:figures}; true: {sums_true:figures})"
    ),
    "broken.truth.other": (
        "{table} ends with other figures for {partition} ({sums:figures}; true: "
        "{sums_true:figures})"
    ),
    "broken.truth.invented": (
        "{table} ends with {rows:count row|rows} for {partition}, which has none"
    ),
    "broken.lost.gone": "{partition} is gone from {table}, where it had stood",
    "broken.lost.silent": "{partition} never reaches {table}, and no task has failed",
    "broken.lost.first_try": (
        "{partition} never reaches {table}: {task} gives up at its first try"
    ),
    "broken.effects.again": (
        "{service} is called {calls:count time|times} for {partition}; due: {due:n}"
    ),
    "broken.effects.never": (
        "{service} is called {calls:count time|times} for {partition}, and no task has failed; "
        "due: {due:n}"
    ),
    "broken.keys.twice": "{table} has {rows:count row|rows} of {partition} twice by its key",
    "broken.history.changed": (
        "{partition} of {table}, which was right, has {rows:count row|rows} "
        "(the truth is {rows_true:n})"
    ),
    "broken.history.gone": "{partition} of {table}, which was right, is gone for a while",
    "broken.shown.wrong": (
        "a reader of {table} could meet {rows:count row|rows} for {partition} ({sums:figures}); "
        "the truth is {rows_true:n} ({sums_true:figures})"
    ),
    "broken.writers.interleaved": (
        "{task} writes {partition} of {table} between the statements of another write"
    ),
    "broken.order.unfinished": (
        "{task} reads {path} before its writer is done ({rows:n} of {rows_true:count row|rows}) "
        "and ends well"
    ),
    "broken.order.other_date": (
        "{task} of {partition} reads {path}, which is of {found}, and ends well"
    ),
    "broken.liveness.late": (
        "{pipeline} of {partition} ends at {end:clock}, more than {bound:span} after the trouble"
    ),
    "broken.liveness.open": (
        "{pipeline} of {partition} has not ended {bound:span} after the trouble, and does not end"
    ),
}
