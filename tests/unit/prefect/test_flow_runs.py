"""Flow runs of a small server, from the schedule to the last state."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import SECOND
from sim.model.facts import Fact
from sim.model.interventions import Clear, Mark, Pause, SetPool, Trigger
from sim.platform.contract import Fate, SchedulerOutage
from tests.unit.prefect.builder import FAILS, Flight, at, chain, cron, flow, fly

DATE = "2024-03-09"
POOL = {"work_pools": {"p": {}}, "workers": {"w": {"pool": "p"}}}


def deployed(text: str = "0 3 * * *", **options: object) -> dict[str, object]:
    """A deployment of `f` in the pool."""
    return {"nightly": {"flow": "f", "work_pool": "p", "schedules": [cron(text)], **options}}


def refusals(flight: Flight) -> list[str]:
    """What the server did not do, and why."""
    return [
        row.detail["refused"]
        for row in flight.kernel.journal.rows(Fact.INTERVENTION)
        if "refused" in row.detail
    ]


def test_a_run_is_picked_up_early_and_waits_for_its_time() -> None:
    """Prefetch: Pending before three, Running at three sharp."""
    flight = fly(**POOL, deployments=deployed())

    names = [one[9:] for one in flight.runs()]
    assert ["f0 Scheduled", "f0 Pending", "f0 Running", "f0 Success"] == names
    assert "03:00:00 f0 Running" in flight.runs()
    assert flight.runs()[1] < "03:00:00"
    assert ["03:00:00 a#1 RUNNING", "03:01:00 a#1 SUCCESS"] == flight.tasks("a")
    assert ["03:01:00 b#1 RUNNING", "03:02:00 b#1 SUCCESS"] == flight.tasks("b")
    assert [DATE, DATE] == [day for _, _, day in flight.work.begun]


def test_a_task_keeps_its_run_while_it_waits_for_a_retry() -> None:
    """AwaitingRetry, then Retrying; the flow has not failed."""
    flight = fly(outcomes={("a", 1): FAILS}, tasks={"a": {"retries": 1, "retry_delay_seconds": 10}})

    assert [
        "03:00:00 a#1 RUNNING",
        "03:01:00 a#1 AwaitingRetry",
        "03:01:10 a#1 NONE",
        "03:01:10 a#2 Retrying",
        "03:02:10 a#2 SUCCESS",
    ] == flight.tasks("a")
    assert [] == flight.illegal()


def test_what_is_behind_a_failure_is_not_ready() -> None:
    """It cascades, and allow_failure lets it pass."""
    calls = {**chain("a", "b", "c"), "d": {"wait_for": ["b"], "allow_failure": ["b"]}}
    flight = fly(outcomes={("a", 1): FAILS}, flows={"f": flow(calls)})

    assert ["03:01:00 b#0 NotReady"] == flight.tasks("b")
    assert ["03:01:00 c#0 NotReady"] == flight.tasks("c")
    assert ["03:01:00 d#1 RUNNING", "03:02:00 d#1 SUCCESS"] == flight.tasks("d")
    assert ["Failed"] == flight.states()


def test_a_flow_that_returns_nothing_has_completed() -> None:
    """Prefect 3 looks at what is returned, not at what failed."""
    flight = fly(outcomes={("a", 1): FAILS}, flows={"f": {"calls": chain("a", "b")}})

    assert ["Completed"] == flight.states()


def test_a_flow_retry_runs_every_task_again_unless_it_was_kept() -> None:
    """What was persisted is Cached, what was not runs again."""
    calls = {name: {"mode": "direct"} for name in ("a", "b", "c")}
    flight = fly(
        outcomes={("c", 1): FAILS},
        tasks={"a": {"persist_result": True}},
        flows={"f": flow(calls, retries=1, retry_delay_seconds=5)},
    )

    assert "03:03:05 a#2 Cached" in flight.tasks("a")
    assert ["a", "b", "c", "b", "c"] == [task for task, _, _ in flight.work.begun]
    assert ["Completed"] == flight.states()
    assert [] == flight.illegal()


def test_returned_failures_leave_a_run_stuck() -> None:
    """The success path does not loop: AwaitingRetry, and no worker takes it."""
    flight = fly(outcomes={("a", 1): FAILS}, flows={"f": flow(chain("a"), retries=3)})

    assert ["AwaitingRetry"] == flight.states()
    assert 1 == len(flight.work.begun)
    assert [] == flight.illegal()


def test_a_waiting_task_holds_its_thread() -> None:
    """One thread for `b`, which waits for `a`; `c` starts when `a` is over."""
    calls = {"a": {}, "b": {"wait_for": ["a"]}, "c": {}}
    flight = fly(flows={"f": flow(calls, task_runner={"max_workers": 2})})

    assert "03:01:00 c#1 RUNNING" in flight.tasks("c")


@pytest.mark.parametrize(("kind", "start"), [("DaskTaskRunner", "00"), ("RayTaskRunner", "00")])
def test_on_a_cluster_waiting_costs_no_place(kind: str, start: str) -> None:
    """`c` starts at once beside `a`."""
    calls = {"a": {}, "b": {"wait_for": ["a"]}, "c": {}}
    runner = {"kind": kind, "max_workers": 2}
    flight = fly(flows={"f": flow(calls, task_runner=runner)})

    assert f"03:{start}:00 c#1 RUNNING" in flight.tasks("c")


def test_a_timeout_in_a_thread_is_seen_at_the_end() -> None:
    """Submitted: TimedOut after a minute. Direct: after ten seconds, and its process is killed."""
    tasks = {"a": {"timeout_seconds": 10}}
    submitted = fly(tasks=tasks, flows={"f": flow({"a": {}})})
    direct = fly(tasks=tasks, flows={"f": flow({"a": {"mode": "direct"}})})

    assert "03:01:00 a#1 TimedOut" in submitted.tasks("a")
    assert "03:00:10 a#1 TimedOut" in direct.tasks("a")
    assert ["a: timed_out"] == direct.work.killed


def test_mapped_calls_are_one_task_run_each() -> None:
    """Over data, and over the futures of another mapped call."""
    calls = {
        "a": {"mode": "map", "map_over": 2},
        "b": {"mode": "map", "map_over": "a"},
    }
    flight = fly(flows={"f": flow(calls)}, spans={"a": 60, "b": 30})

    assert ["03:01:00 b[0]#1 RUNNING", "03:01:30 b[0]#1 SUCCESS"] == [
        one for one in flight.tasks("b") if "b[0]" in one
    ]
    assert ["Completed"] == flight.states()


def test_a_subflow_runs_in_its_parents_process() -> None:
    """A task run stands for it, and its failure raises."""
    flows = {
        "f": flow({"sub": {"flow": "g"}, "b": {"mode": "direct"}}),
        "g": flow({"a": {"mode": "direct"}}),
    }
    good, bad = fly(flows=flows), fly(flows=flows, outcomes={("a", 1): FAILS})

    assert ["03:00:00 sub#1 RUNNING", "03:01:00 sub#1 SUCCESS"] == good.tasks("sub")
    assert ["Failed", "Failed"] == bad.states()
    assert [] == good.illegal() + bad.illegal()


def test_a_transaction_is_taken_back_in_reverse() -> None:
    """Only what had ended well, the last first; the one that failed staged nothing."""
    calls = {name: {"mode": "direct", "transaction": "t"} for name in ("a", "b", "c")}
    undo = {name: {"on_rollback": f"undo_{name}"} for name in ("a", "b", "c")}
    flight = fly(flows={"f": flow(calls)}, tasks=undo, outcomes={("c", 1): FAILS})

    assert ["a", "b", "c", "undo_b", "undo_a"] == [task for task, _, _ in flight.work.begun]
    assert ["Failed"] == flight.states()


def test_tag_limits_hold_through_retry_delays() -> None:
    """`b` gets the slot only after the second try of `a`."""
    options = {"tags": ["db"], "retries": 1, "retry_delay_seconds": 30}
    flight = fly(
        flows={"f": flow({"a": {}, "b": {}})},
        tasks={"a": options, "b": {"tags": ["db"]}},
        tag_concurrency_limits={"db": 1},
        outcomes={("a", 1): FAILS},
    )

    begun = {one.split()[1]: one[:8] for one in flight.tasks() if one.endswith("RUNNING")}
    assert begun["b#1"] >= "03:02:30"
    assert [] == flight.illegal()


def test_a_full_deployment_makes_new_runs_wait_or_cancels_them() -> None:
    """ENQUEUE: thirty seconds later again. CANCEL_NEW: Cancelled."""
    spans = {"a": 90, "b": 1}
    waits = fly(**POOL, spans=spans, deployments=deployed("0,1 3 * * *", concurrency_limit=1))
    cancels = fly(
        **POOL,
        spans=spans,
        deployments=deployed("0,1 3 * * *", concurrency_limit=1, collision_strategy="CANCEL_NEW"),
    )

    assert any("f1 AwaitingConcurrencySlot" in one for one in waits.runs())
    assert ["Completed", "Completed"] == waits.states()
    assert ["Completed", "Cancelled"] == cancels.states()


def test_a_worker_that_comes_back_finds_a_backlog() -> None:
    """Runs were planned before, became Late, and all run; their dates are their own."""
    flight = fly(
        **POOL,
        deployments=deployed("0 * * * *"),
        worker_outages=(("w", at("01:30:00"), at("05:30:00")),),
        until=at("06:30:00"),
    )

    late = [one for one in flight.runs() if one.endswith("Late")]
    assert 4 == len(late)
    assert ["Completed"] * 7 == flight.states()


def test_a_server_that_was_down_has_missed_its_dates() -> None:
    """No catch-up: what was not planned is never created, and what was planned runs late."""
    outage = SchedulerOutage(
        at=at("01:30:00"), number=0, restart=at("09:30:00"), workers_survive=True
    )
    flight = fly(
        **POOL,
        deployments=deployed("0 * * * *"),
        scheduler_outages=(outage,),
        until=at("10:30:00"),
    )

    hours = [
        row.detail["run_after"]
        for row in flight.kernel.journal.rows(Fact.RUN_STATE)
        if "run_after" in row.detail
    ]
    assert len(hours) < 10
    assert at("08:00:00") not in hours


@pytest.mark.parametrize(
    ("kind", "last"), [("worker_crash", "Crashed"), ("worker_lost", "Running")]
)
def test_a_process_that_dies_is_only_missed_by_who_lives(kind: str, last: str) -> None:
    """A worker sees its child exit; with its machine gone the run is Running for ever."""
    fate = Fate(kind, 5 * SECOND)  # type: ignore[arg-type]
    flight = fly(**POOL, deployments=deployed(), fates={("a", 1): fate})

    assert [last] == flight.states()
    assert ["a: killed"] == flight.work.killed
    assert [] == flight.illegal()


def test_a_host_that_goes_off_takes_served_runs_with_it() -> None:
    """`serve` stands on the server's host."""
    flight = fly(host_outages=((at("03:00:30"), at("04:00:00")),))

    assert ["Running"] == flight.states()
    assert ["a: killed"] == flight.work.killed


def test_an_automation_runs_a_deployment_and_tells_somebody() -> None:
    """On the failure of the first flow."""
    trigger = {
        "type": "event",
        "posture": "Reactive",
        "expect": ["prefect.flow-run.Failed"],
        "match_related": {"prefect.resource.id": "prefect.flow.f"},
    }
    actions = [
        {"type": "run-deployment", "deployment_id": "repair"},
        {"type": "send-notification", "alert": "page"},
    ]
    flight = fly(
        flows={"f": flow({"a": {}}), "g": flow({"b": {}})},
        deployments={
            "nightly": {"flow": "f", "schedules": [cron("0 3 * * *")]},
            "repair": {"flow": "g"},
        },
        automations={"on_failure": {"trigger": trigger, "actions": actions}},
        outcomes={("a", 1): FAILS},
    )

    assert ["Failed", "Completed"] == flight.states()
    assert [("page", "a")] == flight.work.sent


def test_a_paused_pool_makes_runs_late_and_loses_none() -> None:
    """Three come due while it is paused; all of them begin once it is resumed."""
    hold = Pause(at=at("02:50:00"), pipeline="p", paused=True)
    go = Pause(at=at("03:25:00"), pipeline="p", paused=False)
    flight = fly(
        deployments={"d": {"flow": "f", "work_pool": "p", "schedules": [cron("0,10,20 3 * * *")]}},
        work_pools={"p": {}},
        workers={"w": {"pool": "p"}},
        actions=(hold, go),
    )
    begun = [line for line in flight.runs() if line.endswith("Running")]

    assert sum("Late" in line for line in flight.runs()) == 3
    assert len(begun) == 3
    assert all("03:25:00" <= line[:8] <= "03:25:30" for line in begun)


def test_a_flow_is_triggered_by_hand() -> None:
    """With its deployment through the poll, without any at once; `fecha` is a parameter."""
    action = Trigger(at=at("05:00:00"), pipeline="f", conf={"fecha": "2024-01-01"})
    flight = fly(actions=(action,), deployments={})

    assert ["05:00:00 f0 Scheduled", "05:00:00 f0 Pending"] == flight.runs()[:2]
    assert {"2024-01-01"} == {day for _, _, day in flight.work.begun}


def test_a_run_that_is_not_over_cannot_be_retried() -> None:
    """Neither can a date that never ran."""
    clears = (
        Clear(at=at("03:00:30"), pipeline="f", data_date=DATE),
        Clear(at=at("03:00:40"), pipeline="f", data_date="2020-01-01"),
    )

    assert ["its run is not over", "no run of that date"] == refusals(fly(actions=clears))


def test_a_run_is_cancelled() -> None:
    """Cancelling, the process ends, Cancelled."""
    mark = Mark(at=at("03:00:30"), pipeline="f", data_date=DATE, state="failed")
    flight = fly(actions=(mark,))

    assert ["03:00:30 f0 Cancelling", "03:00:30 f0 Cancelled"] == flight.runs()[-2:]
    assert ["03:00:30 a#1 Cancelled"] == flight.tasks("a")[1:]


def test_a_paused_deployment_plans_nothing() -> None:
    """Until somebody resumes it."""
    pauses = (
        Pause(at=at("01:00:00"), pipeline="f"),
        Pause(at=at("04:10:00"), pipeline="f", paused=False),
    )
    flight = fly(
        actions=pauses,
        deployments={"nightly": {"flow": "f", "schedules": [cron("0 * * * *")]}},
        until=at("06:30:00"),
    )

    started = [one[:8] for one in flight.runs() if one.endswith("Running")]
    assert ["00:00:0", "01:00:0", "05:00:0", "06:00:0"] == [one[:7] for one in started]


def test_a_pool_is_resized() -> None:
    """A pool of none gives nothing until it is larger."""
    resize = SetPool(at=at("04:00:00"), pool="p", slots=1)
    flight = fly(
        work_pools={"p": {"concurrency_limit": 0}},
        workers={"w": {"pool": "p"}},
        deployments=deployed(),
        actions=(resize,),
    )

    assert ["Completed"] == flight.states()
    assert "04:00" == flight.runs()[-3][:5]


def test_the_same_night_twice_is_the_same_journal() -> None:
    """Nothing depends on anything but the seed."""
    digests = {
        fly(**POOL, deployments=deployed("*/20 * * * *")).kernel.journal.digest for _ in range(2)
    }

    assert 1 == len(digests)
