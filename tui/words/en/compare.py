"""Side by side: outcomes, differences and their causes, and what an upgrade moves."""

from __future__ import annotations

WORDS = {
    "compare.title": (
        "{scenario}: {nights:count night|nights} from {first:day} to {last:day}, seed {seed}"
    ),
    "compare.same": "The same world, seed, troubles and clock on each side.",
    "compare.sides": "Sides",
    "compare.changed": "with {changed}",
    "compare.outcomes": "Outcomes",
    "compare.differences": "Where they differ: {count:count thing|things}",
    "compare.alike": "They differ in nothing.",
    "compare.met": "met",
    "compare.missed": "missed",
    "compare.not_judged": "see run",
    "compare.reads_of": "{person}: reads right / wrong / without a figure",
    "compare.first_bad": "first that was not right",
    "compare.first_bad_read": "{at:day} {at:clock}: {shown:given <shown:n>|nothing}",
    "compare.no_bad_read": "-",
    "compare.runs": "runs created",
    "compare.tries": "tries started",
    "compare.failures": "task instances failed at the end",
    "compare.ran": "time at work",
    "compare.waited": "waited: {reason}",
    "compare.pages": "pages (false)",
    "compare.cost": "cost",
    "compare.kind_runs": "Runs",
    "compare.kind_task": "Task {subject}",
    "compare.kind_published": "{subject} {data_date}",
    "compare.kind_read": "What {subject} reads of {data_date}",
    "compare.kind_messages": "What people are told",
    "compare.on_night": "night of {night:day}",
    "compare.on_nights": "{count:n} nights alike, the first one {night:day}",
    "compare.runs.none": "no run",
    "compare.runs.some": (
        "{count:count run|runs} ({pipelines:list}) at {first:clock}{last:given  … <last:clock>|}"
        "{since:given , for <since>|}{until:given  … <until>|}"
        "{made_up:given , <made_up:n> of them long overdue|}"
    ),
    "compare.task.none": "does nothing",
    "compare.task.some": (
        "{tries:count try|tries}, then {states:list}{reason:given  (<reason:code reason>)|}"
    ),
    "compare.published.none": "not published",
    "compare.published.right": "right, {at:day} {at:clock}, {versions:count version|versions}",
    "compare.published.wrong": "wrong, {at:day} {at:clock}, {versions:count version|versions}",
    "compare.published.some": (
        "{rows:count row|rows}, {at:day} {at:clock}, {versions:count version|versions}"
    ),
    "compare.read.nothing": "did not look",
    "compare.read.none": "no figure",
    "compare.read.right": "{shown:n}, right",
    "compare.read.wrong": "{shown:n}, wrong (true: {true:n})",
    "compare.read.stale": "{shown:n}, marked as an earlier day's",
    "compare.read.unknown": "{shown:n}",
    "compare.messages.none": "nothing",
    "compare.messages.some": (
        "{count:count message|messages}, the first one at {at:clock}: {alert} to {person} "
        "({channel:code channel})"
    ),
    "compare.why": "why",
    "compare.rests_on": "rests on",
    "compare.left_out": "({count:count link|links} more)",
    "compare.chain_above": "the cause is the publication's, above",
    "chain.run": "run {run} of {pipeline} was created ({type})",
    "chain.started": "{task} started{try:given , try <try>|}",
    "chain.state": (
        "{task} became {state}{reason:given  (<reason:code reason>)|}{until:given , until "
        "<until:clock>|}"
    ),
    "chain.source": (
        "{task} read {source} of {data_date}: {rows:n} of {rows_true:n} rows ({mode})"
    ),
    "chain.file_read": (
        "{task} read {path}: {rows:count row|rows}{complete:if |, while it was being written}"
    ),
    "chain.missing": "{task} did not find {path}",
    "chain.file_opened": "{path} was opened",
    "chain.file_closed": "{path} was written: {rows:count row|rows}",
    "chain.file_abandoned": "{path} was left half written: {rows:count row|rows}",
    "chain.published": (
        "{table} was published, version {version}: {rows:count row|rows} ({data_dates:list})"
    ),
    "chain.read": (
        "{person} read {figure} of {partition}: {shown:given <shown:n>|nothing}{stale:if  (stale)|}"
    ),
    "chain.check": (
        "check {check} {passed:if passed|failed}: {metric} {observed:n}, at least {low:n}"
    ),
    "chain.alert": "{alert} went to {person} ({channel:code channel})",
    "chain.outage": "{system} was {opens:if in an outage|well again}{mode:given  (<mode>)|}",
    "chain.fault": "fault {fault} ({subject})",
    "chain.intervention": "{by} asked for {action}",
    "chain.sql_error": "{task}: {message}",
    "chain.heartbeat": (
        "heartbeat {name} {pinged:if was pinged|was not pinged}"
        "{expected:given , expected at <expected:clock>|}"
    ),
    "chain.host": "host {name} went {up:if on|off}",
    "chain.scheduler": "scheduler {name} {up:if started|was gone}{reason:given  (<reason>)|}",
    "chain.worker": "worker {name} {up:if was up|was down}{reason:given  (<reason>)|}",
    "chain.database": (
        "the metadata database {up:if was reachable|was not reachable}{reason:given  (<reason>)|}"
    ),
    "criterion.title": "Seven criteria, counted or simulated",
    "criterion.lines": "lines of config",
    "criterion.lines_is": "{lines:n}",
    "criterion.keys": "keys of config",
    "criterion.keys_is": "{keys:n}",
    "criterion.setup": "things that must exist first",
    "criterion.setup_is": (
        "{objects:n}: {pipelines:count pipeline|pipelines}, {tasks:count task|tasks}, "
        "{machines:count machine|machines}{database:if , a database|}"
    ),
    "criterion.failure": "until a failure shows (median)",
    "criterion.failure_is": "{median_us:span} ({shown:n} of {failures:n})",
    "criterion.backfill": "all dates once more",
    "criterion.backfill_is": (
        "{actions:count action|actions}, {minutes:n} min, {right:n} of {partitions:n} right"
        "{over:if |, not over}"
    ),
    "criterion.growth": "overhead of one, of a hundred pipelines",
    "criterion.growth_is": "{one:percent}, {many:percent} of work ({ran:n} of {asked:n} tasks ran)",
    "criterion.lineage": "edges between tables that are declared",
    "criterion.lineage_is": "{found:n} of {edges:n} ({recall:percent})",
    "ranking.title": "Your weights, and what was measured",
    "ranking.weight": "weight",
    "ranking.points": "{points:n}",
    "ranking.sum": "weights times points",
    "ranking.agrees": "Your ranking agrees with what was measured.",
    "ranking.contradicts": (
        "You put {ahead} before {behind}, and by your own weights it is {behind}, "
        "{behind_sum:n} to {ahead_sum:n}: {because:list}."
    ),
    "criterion.not_never_shown": "never ({failures:n} of them)",
    "criterion.not_nothing_failed": "nothing failed",
    "criterion.not_no_runs": "nothing ran",
    "criterion.not_refused": "there is no such action: {by}",
    "criterion.not_nothing_happened": "asked for, and nothing happened",
    "criterion.not_not_known": "not known for this orchestrator",
    "criterion.not_no_edges": "nothing is read",
    "upgrade.title": "What moves for {file}, from {before} to {after}",
    "upgrade.refused": "The newer release does not take",
    "upgrade.schedule": "Schedule of {pipeline}",
    "upgrade.data_date": "What a run of {pipeline} is about",
    "upgrade.catchup": "Catch-up of {pipeline}",
    "upgrade.sla": "SLAs of {pipeline}",
    "upgrade.backfill": "A backfill of three dates of {pipeline}",
    "upgrade.manual_run": "A run of {pipeline} by hand",
    "upgrade.no_instance": "These nights have no instance of it.",
    "upgrade.no_run": "no such run",
    "upgrade.run": (
        "{run}, created {created}, logical date {logical_date}, data interval "
        "{start:given <start> … <end>|none}{data_dates:given , works on <data_dates:list>|, reads "
        "nothing}{failed:given , <failed:n> failed|}"
    ),
    "upgrade.differences": (
        "The nights differ in {count:count thing|things}; `orchsim compare` shows each with its "
        "cause."
    ),
    "upgrade.nothing": "Nothing moves by itself in these nights.",
    "upgrade.by_hand": "When somebody acts (tried in both; does not count for the exit code)",
    "action.compare": "side by side",
    "app.compare_title": "{count:count side|sides} · {at} · the same world, seed and clock",
    "app.compare_keys": "←→ 5 minutes · ] [ incident marker · home end · ↑↓ scroll · esc close",
    "app.compare_nothing": "nothing published or read so far",
    "app.compare_right": "right, {at:clock}",
    "app.compare_wrong": "wrong, {at:clock}",
    "app.compare_some": "{rows:count row|rows}, {at:clock}",
    "app.compare_errors": "The config has errors: a comparison needs one that can run.",
    "app.compare_playing": "Playing the sides...",
    "app.compare_yours": "yours",
}
