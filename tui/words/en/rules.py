"""Rules of real systems that a difference may rest on, one sentence each."""

from __future__ import annotations

WORDS = {
    "rule.airflow.cron-text.2": (
        "{release}: a cron text becomes a CronDataIntervalTimetable, since "
        "create_cron_data_intervals defaults to True: a run starts when its data interval is "
        "over."
    ),
    "rule.airflow.cron-text.3": (
        "{release}: a cron text becomes a CronTriggerTimetable, since "
        "create_cron_data_intervals defaults to False: a run at each tick, and its data "
        "interval has no length."
    ),
    "rule.airflow.interval-timetable": (
        "{release}: under a data interval timetable a run starts when its interval is over."
    ),
    "rule.airflow.trigger-timetable": (
        "{release}: under a trigger timetable a run starts at each tick."
    ),
    "rule.airflow.zone-of-the-schedule": (
        "{release}: ticks are those of the DAG's own zone, and what a run works on stands in "
        "the run itself, as instants."
    ),
    "rule.airflow.ds-of-interval": (
        "{release}: `ds` is the start of the data interval: at three in the morning, the day "
        "before."
    ),
    "rule.airflow.ds-of-tick": (
        "{release}: the interval of a trigger timetable has no length, so `ds` is the day of "
        "the tick: at three in the morning, a day that has barely begun."
    ),
    "rule.airflow.catchup-default.2": (
        "{release}: catchup defaults to True: every interval since start_date gets its run."
    ),
    "rule.airflow.catchup-default.3": (
        "{release}: catchup defaults to False: only the latest date of the schedule gets a run."
    ),
    "rule.airflow.catchup-written": (
        "{release}: with catchup written as true, every date since start_date gets its run."
    ),
    "rule.airflow.no-catchup-written": (
        "{release}: with catchup written as false, only the latest date of the schedule gets "
        "a run; one that lies in the past when the DAG is first seen still does."
    ),
    "rule.airflow.dependencies": (
        "{release}: a task starts when its trigger rule lets it, by default when all tasks "
        "before it have succeeded."
    ),
    "rule.airflow.retries": (
        "{release}: a try that failed is followed by another after retry_delay (300 s by "
        "default), as often as `retries` says."
    ),
    "rule.airflow.no-retries": (
        "{release}: `retries` defaults to 0: a try that failed is the last one."
    ),
    "rule.airflow.upstream-failed": (
        "{release}: under all_success a task below one that failed is upstream_failed and "
        "never runs."
    ),
    "rule.airflow.sensor": (
        "{release}: a sensor pokes every poke_interval until what it waits for is there."
    ),
    "rule.airflow.scheduler-loop": (
        "{release}: what may start starts with the scheduler's next loop."
    ),
    "rule.airflow.run-limit": (
        "{release}: no more than max_active_runs runs of a DAG are there at once (16 by default)."
    ),
    "rule.airflow.heartbeat.2": (
        "{release}: a task instance that has not been heard of for 300 s is a zombie, and "
        "failed by a callback."
    ),
    "rule.airflow.heartbeat.3": (
        "{release}: a task instance that has not been heard of for 300 s is failed by the "
        "scheduler."
    ),
    "rule.airflow.message": (
        "{release}: a person is told by a callback: on_retry_callback after a try that "
        "another follows, on_failure_callback after the last one."
    ),
    "rule.airflow.no-message": (
        "{release}: callbacks default to none, and a task that has not failed has nothing to tell."
    ),
    "rule.airflow.backfill.2": (
        "{release}: `airflow dags backfill` is a process of its own with its own loop: if it "
        "dies, its runs stay running; dates that have a run reuse it and its successes are "
        "left alone."
    ),
    "rule.airflow.backfill.3": (
        "{release}: a backfill is the scheduler's own: runs are created at once, ten active "
        "at a time by default, and a date that has a run is left out unless "
        "reprocess_behavior says otherwise."
    ),
    "rule.airflow.manual-run.2": (
        "{release}: a manual run has a logical date, the moment of the request, and the last "
        "data interval that is over."
    ),
    "rule.airflow.manual-run.3": (
        "{release}: a manual run without a logical date has none, and no data interval."
    ),
    "rule.airflow.sla.2": (
        "{release}: a task's `sla` is watched, and a miss told by sla_miss_callback."
    ),
    "rule.airflow.sla.3": (
        "{release}: `sla` is accepted and watched by nobody; deadlines of the DAG are what "
        "there is."
    ),
    "rule.airflow.removed.3": (
        "{release}: an option of 2.x that is gone has no effect or is refused."
    ),
    "rule.cron.five-fields": (
        "{release}: a line starts whenever the wall clock matches its five fields, and knows "
        "no other line."
    ),
    "rule.cron.missed-is-lost": (
        "{release}: what was due before the daemon looked, or while the host was off, never starts."
    ),
    "rule.cron.anacron-days": (
        "{release}: a job is due when as many days as its period have passed since the date of "
        "its timestamp; when it starts depends on what starts anacron, on its delay and on the "
        "hours that are allowed."
    ),
    "rule.cron.anacron-once": (
        "{release}: however many days were missed, a job runs once, and not once for each of them."
    ),
    "rule.cron.anacron-order": (
        "{release}: jobs start in the order of their delays, with -s one after the other, and "
        "nobody looks at an exit status."
    ),
    "rule.cron.no-date": (
        "{release}: a command is given no date; the script takes one from the clock at which "
        "it starts."
    ),
    "rule.cron.one-script": (
        "Commands of one script run one after the other, whatever time it is by then."
    ),
    "rule.cron.exit-status-ignored": (
        "{release}: a line waits for no other line, and nobody looks at an exit status."
    ),
    "rule.cron.no-retry": (
        "{release}: a command that failed is not started again before its next time."
    ),
    "rule.cron.script-retries": (
        "A command is repeated only where the script itself says so (`||`, a loop)."
    ),
    "rule.cron.script-tells": (
        "{release}: a person hears of it by what the script sends, or by the mail of its output."
    ),
    "rule.cron.silent": (
        '{release}: its one message is the mail of a command\'s output; with MAILTO="" there '
        "is none, and a failure without output never has one."
    ),
    "rule.cron.clock-change.debian": (
        "{release}: when the clock goes back by up to three hours, lines with a fixed time "
        "are not run again; when it goes forward they are made up for at once. Lines with "
        "`*` as minute or hour follow the wall clock."
    ),
    "rule.cron.clock-change.busybox": (
        "{release}: the clock on the wall is all there is: an hour that it leaves out never "
        "starts, one that it shows twice starts twice."
    ),
    "rule.dagster.schedule": (
        "{release}: a schedule that is RUNNING asks for a run at each tick of its "
        "cron_schedule; an instance starts with every schedule STOPPED."
    ),
    "rule.dagster.latest-tick": (
        "{release}: of the ticks that a schedule without partitions missed only the latest "
        "one runs."
    ),
    "rule.dagster.partition-or-clock": (
        "{release}: a run without a partition key has no date of its own; what it works on "
        "is what its code makes of the time of the tick."
    ),
    "rule.dagster.steps": (
        "{release}: a step starts when all steps before it are over, and each run goes "
        "through the queue first."
    ),
    "rule.dagster.retries": (
        "{release}: a step is tried again where it has a RetryPolicy; with run_retries a run "
        "that failed is executed again as a new run."
    ),
    "rule.dagster.no-retries": (
        "{release}: there is no RetryPolicy unless one is given, and run_retries are off."
    ),
    "rule.dagster.abandoned": (
        "{release}: a step below one that failed is abandoned: it never runs, and no event "
        "tells of it."
    ),
    "rule.dagster.daemons": "{release}: daemons act in loops: runs leave the queue every 5 s.",
    "rule.dagster.run-queue": (
        "{release}: a run waits in the queue while max_concurrent_runs, 10 by default, or a limit "
        "of its tags or pools is used up."
    ),
    "rule.dagster.sensor": (
        "{release}: a sensor is evaluated every 30 s at most, and a run_key that any run had "
        "is skipped."
    ),
    "rule.dagster.hooks": (
        "{release}: a person is told by a hook of a step or by a sensor on the state of runs."
    ),
    "rule.dagster.no-hooks": (
        "{release}: there are no hooks and no sensors unless they are defined, and sensors "
        "start STOPPED."
    ),
    "rule.dagster.clock-change": (
        "{release}: a fixed hour that the clock leaves out fires when it comes back, one that it "
        "shows twice fires the second time; schedules of every hour follow the clock."
    ),
    "rule.prefect.planned-ahead": (
        "{release}: the server plans the runs of an active schedule ahead of time, at least three "
        "of them, and a worker or runner takes each when its start is near."
    ),
    "rule.prefect.planned-from-now": (
        "{release}: no run is planned for a time that has passed; runs that were planned and not "
        "taken stay, and all of them run when somebody asks again."
    ),
    "rule.prefect.clock-change": (
        "{release}: a fixed hour that the clock leaves out comes an hour early, one that it shows "
        "twice comes once."
    ),
    "rule.prefect.scheduled-start": (
        "{release}: a flow run has its scheduled start and its parameters; what day it works on is "
        "what its code makes of them."
    ),
    "rule.prefect.futures": (
        "{release}: a task run waits for the futures that it takes or that stand in wait_for; a "
        "call that is not submitted simply comes next."
    ),
    "rule.prefect.retries": (
        "{release}: a task is tried again within its run; a flow that raised is executed again "
        "from the top, in the same process, and only results that were persisted are kept."
    ),
    "rule.prefect.no-retries": (
        "{release}: retries of tasks and flows are 0 by default, and what has crashed is never "
        "retried."
    ),
    "rule.prefect.not-ready": (
        "{release}: a task run that takes what did not complete stays Pending as NotReady, and its "
        "function is never called."
    ),
    "rule.prefect.polls": (
        "{release}: a worker asks for runs every 10 s or so, give or take a third."
    ),
    "rule.prefect.deployment-limit": (
        "{release}: when a deployment's concurrency limit is reached, a run tries again after 30 s "
        "or is cancelled, as its collision strategy says."
    ),
    "rule.prefect.hooks": (
        "{release}: a person is told by a hook of a task or flow, in its process, or by an "
        "automation of the server."
    ),
    "rule.prefect.no-hooks": (
        "{release}: there are no hooks and no automations unless somebody makes them."
    ),
    "rule.prefect.no-backfill": (
        "{release}: there is no backfill; a run is made for each date, with the date as a "
        "parameter."
    ),
    "rule.systemd.on-calendar": (
        "{release}: a timer starts its unit when OnCalendar elapses, up to AccuracySec (1 min by "
        "default) later, and drops the start when the unit is still active."
    ),
    "rule.systemd.persistent": (
        "{release}: with Persistent=true a timer that missed any elapse while the machine was off "
        "starts its unit once."
    ),
    "rule.systemd.missed-is-lost": (
        "{release}: what elapsed while the machine was off is lost, for Persistent is false by "
        "default."
    ),
    "rule.systemd.clock-change": (
        "{release}: an hour that the clock leaves out does not come that day, one that it shows "
        "twice comes once, hourly timers included."
    ),
    "rule.systemd.no-date": (
        "{release}: a unit is given no date; its script takes one from the clock at which it "
        "starts."
    ),
    "rule.systemd.requires-after": (
        "{release}: Requires= starts another unit as well, After= waits until that one is over; "
        "only both together make a chain."
    ),
    "rule.systemd.timer-alone": (
        "{release}: a timer knows its own unit; without Requires= and After= it waits for no other."
    ),
    "rule.systemd.restart": (
        "{release}: with Restart=on-failure a unit that failed starts again after RestartSec, "
        "whole, until StartLimitBurst is reached."
    ),
    "rule.systemd.no-restart": "{release}: Restart is no by default: a unit that failed stays so.",
    "rule.systemd.dependency-failed": (
        "{release}: when a required unit fails, the job of the one after it ends with the result "
        "dependency, and nothing of it runs."
    ),
    "rule.systemd.on-failure": (
        "{release}: OnFailure= starts a unit when this one enters failed, after the last restart; "
        "a script may tell somebody before."
    ),
    "rule.systemd.journal-only": (
        "{release}: output and exit status go to the journal, and nobody is told."
    ),
    "rule.cron.loop-by-hand": (
        "{release}: of what has run nothing is known; who wants dates again runs the lines in a "
        "loop, each by itself."
    ),
    "rule.dagster.backfill": (
        "{release}: a backfill is one of partitions, run by run as a BackfillPolicy says; what has "
        "no partitions cannot be backfilled."
    ),
    "rule.systemd.start-by-hand": (
        "{release}: there is no date to run again; who wants one starts the units by hand, one "
        "date after the other."
    ),
}
