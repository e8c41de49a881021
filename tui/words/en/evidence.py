"""Evidence for and against objectives: which read, which night, which figure."""

from __future__ import annotations

WORDS = {
    "held": "holds; looked at: {checked:n}",
    "read.wrong": (
        "{person} is shown {figure} {shown:n} for {partition}; the truth is "
        "{truth:n}{table:given  (<table>)|}"
    ),
    "read.stale": (
        "{person} is shown the last good day instead of {partition}, marked stale; "
        "the truth is {figure} {truth:n}{table:given  (<table>)|}"
    ),
    "read.missing": (
        "{person} finds nothing for {partition}; the truth is {figure} "
        "{truth:n}{table:given  (<table>)|}"
    ),
    "page.none": (
        "{task} ends with {rows:n} of {rows_true:count row|rows} for {data_date} "
        "and nobody is paged"
    ),
    "page.late": (
        "{task} ends with {rows:n} of {rows_true:count row|rows} for {data_date}; "
        "the page comes at {paged_at:clock}, {late_us:span} later (allowed: {minutes:n} min)"
    ),
    "page.nobody": "{task} fails and nobody is paged",
    "page.slow": (
        "{task} fails; the page comes at {paged_at:clock}, {late_us:span} later "
        "(allowed: {minutes:n} min)"
    ),
    "page.false": "{alert} pages {person} for {data_date}, and nothing was wrong",
    "page.many": "{alert} pages {person} for {data_date}",
    "late.published": "{table} has {partition} {late_us:span} after {by}",
    "late.never": "{table} never gets {partition} (due by {by})",
    "table.differs": (
        "{table} ends with {rows:count row|rows} for {partition} ({sums:figures}); "
        "the truth is {rows_true:count row|rows} ({sums_true:figures})"
    ),
    "table.gap": "{table} has nothing for {partition}",
    "rerun.differs": (
        "run again, {partition} has {rows:count row|rows} ({sums:figures}); "
        "the truth is {rows_true:count row|rows} ({sums_true:figures})"
    ),
    "rerun.elsewhere": (
        "run again, {partition} of {table} is not even read: the run works on another date"
    ),
    "rerun.touched": "running other dates again also writes {partition} of {table}",
    "rerun.removed": "running dates again removes {partition} from {table}",
    "version.differs": (
        "{table} version {version} has {rows:count row|rows} for {partition} ({sums:figures}); "
        "the truth is {rows_true:count row|rows} ({sums_true:figures})"
    ),
    "version.gone": "{partition} vanishes from {table} for a while",
    "ordeal.fault": (
        "schedule {schedule:n}, {fault:code trouble} under {task}: {table} ends with "
        "{rows:count row|rows} for {partition} ({sums:figures}); "
        "the truth is {rows_true:count row|rows} ({sums_true:figures})"
    ),
    "ordeal.rerun": (
        "schedule {schedule:n}, the date run once more by a person: {table} ends with "
        "{rows:count row|rows} for {partition} ({sums:figures}); "
        "the truth is {rows_true:count row|rows} ({sums_true:figures})"
    ),
    "search.broken": (
        "the smallest of {plan:count plan|plans} that breaks it takes "
        "{troubles:count trouble|troubles}, {fault:code trouble}: {table} ends with "
        "{rows:count row|rows} for {partition}; the truth is {rows_true:count row|rows}"
    ),
    "search.unended": (
        "the smallest of {plan:count plan|plans} that breaks it takes "
        "{troubles:count trouble|troubles}, {fault:code trouble}: the run of {pipeline} for "
        "{partition} {end:given ends at <end:clock>, too late|does not end}"
    ),
    "trouble.none": "nothing at all",
    "trouble.clear": "a clear",
    "trouble.backfill": "a backfill",
    "trouble.dispatch_lost": "a lost message",
    "trouble.host_off": "a host without power",
    "trouble.scheduler_crash": "a dead scheduler",
    "trouble.database_off": "an absent database",
    "trouble.broker_off": "an absent broker",
    "trouble.worker_off": "a worker without power",
    "trouble.attempt_crash": "a crash",
    "trouble.worker_crash": "a dead worker",
    "trouble.worker_lost": "a lost worker",
    "trouble.network_split": "a cut network",
    "trouble.rerun": "a person who runs the date again",
    "task.lost": "{task} is lost: its last state is {state}",
    "retry.never": "after {fault:code trouble}, {task} is never tried again",
    "retry.late": (
        "after {fault:code trouble}, {task} runs again {after_us:span} later "
        "(allowed: {minutes:n} min)"
    ),
    "ended.late": (
        "{task} ends {late_us:span} after {by} ({count:count task instance is|task instances are} "
        "late that day)"
    ),
    "ended.never": "{task} does not end well (due by {by})",
    "ended.none": "{task} does not run at all (due by {by})",
    "wait.long": (
        "{task} waits {wait_us:span} for a slot; percentile {percentile:n} of all waits is "
        "{found_us:span} (allowed: {minutes:n} min)"
    ),
    "start.late": "{task} begins {wait_us:span} after it was due (allowed: {minutes:n} min)",
    "connections.many": (
        "{task} reads {system}, and {connections:count connection is|connections are} in use "
        "(allowed: {max:n})"
    ),
    "reads.many": ("{source} is read {count:count time|times} for {partition} (allowed: {max:n})"),
    "calls.many": (
        "{service} acts {calls:count time|times} for {partition} (allowed: {bound:n})"
        "{fault:given , after: <fault:code trouble>, schedule <schedule:n>|}"
    ),
    "calls.few": (
        "{service} acts {calls:count time|times} for {partition} (needed: {bound:n})"
        "{fault:given , after: <fault:code trouble>, schedule <schedule:n>|}"
    ),
    "cost.high": (
        "the nights cost {cost:n} (allowed: {max:n}): slots for {slot_hours:n} h, "
        "schedulers for {scheduler_hours:n} h, worker slots for {worker_hours:n} h, "
        "{pages:count page|pages}"
    ),
}
