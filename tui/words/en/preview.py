"""What a runbook would bring about, before anybody does it."""

from __future__ import annotations

WORDS = {
    "preview.rerun": "{at:day} {at:clock}: {data_date} is run again",
    "preview.clear": (
        "{at:day} {at:clock}: {tasks:given <tasks> of |}{pipeline} for {data_date} is cleared"
    ),
    "preview.trigger": "{at:day} {at:clock}: a manual run of {pipeline}",
    "preview.backfill": (
        "{at:day} {at:clock}: backfill of {pipeline}, {first} to {last}"
        "{reverse:if , backwards|} (reprocess: {reprocess})"
    ),
    "preview.set_pool": "{at:day} {at:clock}: pool {pool} gets {slots:count slot|slots}",
    "preview.pause": "{at:day} {at:clock}: {pipeline} is {paused:if paused|unpaused}",
    "preview.pause_run": (
        "{at:day} {at:clock}: {pipeline} of {data_date} is {paused:if suspended|resumed}"
    ),
    "preview.mark": "{at:day} {at:clock}: {pipeline} of {data_date} is marked {state}",
    "preview.nothing": "The runbook has nothing for these nights.",
    "preview.outside": "In the runbook, but not on these nights",
    "preview.refused": "refused: {reason}",
    "preview.runs": (
        "{runs:count run|runs}: {created:n} created, {again:n} done again; "
        "{at_once:n} at once at most"
    ),
    "preview.no_runs": "no run comes of it",
    "preview.ends": "ends {at:day} at {at:clock}",
    "preview.ends_not": "does not end by {end:day} {end:clock}",
    "preview.left_alone": (
        "left as they are: {count:count run|runs}, {first} to {last} ({reasons:list})"
    ),
    "preview.column_number": "#",
    "preview.column_run": "run",
    "preview.column_fate": "",
    "preview.column_start": "start",
    "preview.column_end": "end",
    "preview.column_state": "state",
    "preview.column_what": "",
    "preview.column_without": "without",
    "preview.column_with": "with it",
    "preview.created": "created",
    "preview.again": "again",
    "preview.more": "… and {count:n} more",
    "preview.writes": "What it rewrites",
    "preview.rewritten": "{count:count partition|partitions}, {first} to {last}",
    "preview.often": (
        "{count:n} of them change more than once under the readers' eyes; "
        "{gone:n} are gone meanwhile"
    ),
    "preview.wrong": "in the end {count:n} of them are wrong, {first} to {last}",
    "preview.right": "in the end all {count:n} that a truth is known of are right",
    "preview.others": "What becomes of the other runs",
    "preview.moved": "{pipeline} {run} ends at {after:clock} instead of {before:clock}",
    "preview.moved_out": (
        "{pipeline} {run} ends {after:given at <after:clock>|after these nights} instead of "
        "{before:given at <before:clock>|after these nights}"
    ),
    "preview.unmoved": "all end when they would have ended anyway",
    "preview.longer": "{span:span} more: {reason}",
    "preview.bill": "Cost",
    "preview.slot_hours": "slot hours",
    "preview.pages": "pages",
    "preview.cost": "cost",
    "preview.objectives": "Objectives on these nights",
    "preview.now_met": "{id} is met with it, and missed without",
    "preview.now_missed": "{id} is missed with it, and met without",
    "preview.as_before": "the same ones are met with it and without",
    "preview.simulated": "No estimate: the nights were simulated with the runbook and without.",
}
