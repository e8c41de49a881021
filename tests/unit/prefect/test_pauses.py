"""Flow runs that wait for a person: paused in their process, or suspended without one."""

from __future__ import annotations

from typing import Any

from sim.model.facts import Fact
from sim.model.interventions import Mark, Pause
from tests.unit.prefect.builder import FAILS, Flight, at, chain, cron, flow, fly

DATE = "2024-03-09"
POOL = {"work_pools": {"p": {}}, "workers": {"w": {"pool": "p"}}}
DIRECT = {"mode": "direct"}


def deployed(**options: Any) -> dict[str, Any]:
    """A deployment of `f` in the pool, at three."""
    one = {"flow": "f", "work_pool": "p", "schedules": [cron("0 3 * * *")], **options}
    return {**POOL, "deployments": {"nightly": one}}


def approved(kind: str = "pause_flow_run", **said: Any) -> dict[str, Any]:
    """`a`, then a pause, then `b`."""
    return {"a": DIRECT, "approval": {kind: said}, "b": DIRECT}


def resume(clock: str) -> Pause:
    """Somebody lets the run of the date go on."""
    return Pause(at=at(clock), pipeline="f", data_date=DATE, paused=False)


def suspend(clock: str) -> Pause:
    """Somebody suspends the run of the date."""
    return Pause(at=at(clock), pipeline="f", data_date=DATE)


def said(flight: Flight) -> list[str]:
    """States of the flow run from its start on, without the word in front."""
    return [one.replace(" f0", "") for one in flight.runs()][2:]


def refusals(flight: Flight) -> list[str]:
    """What the server did not do, and why."""
    rows = flight.kernel.journal.rows(Fact.INTERVENTION)
    return [row.detail["refused"] for row in rows if "refused" in row.detail]


def test_a_paused_flow_goes_on_at_the_look_after_its_resume() -> None:
    """It looks each ten seconds from ten seconds on: resumed at 03:31:03, on at 03:31:10."""
    flight = fly(**deployed(), flows={"f": flow(approved())}, actions=(resume("03:31:03"),))

    assert [
        "03:00:00 Running",
        "03:01:00 Paused",
        "03:31:03 Running",
        "03:32:10 Success",
    ] == said(flight)
    assert ["03:31:10 b#1 RUNNING", "03:32:10 b#1 SUCCESS"] == flight.tasks("b")


def test_a_short_pause_is_looked_at_after_half_of_its_timeout() -> None:
    """`min(timeout / 2, poll_interval)`: twelve seconds give six, then each ten."""
    flight = fly(
        **deployed(), flows={"f": flow(approved(timeout=12))}, actions=(resume("03:01:02"),)
    )

    assert ["03:01:06 b#1 RUNNING", "03:02:06 b#1 SUCCESS"] == flight.tasks("b")


def test_a_pause_that_nobody_ends_fails_the_run() -> None:
    """The service of the server sees it within five seconds of the timeout; `b` never begins."""
    flight = fly(
        **deployed(), flows={"f": flow(approved(timeout=600), on_failure=["pager"], retries=3)}
    )

    last = said(flight)[-1]
    assert "03:11:00" <= last[:8] <= "03:11:05"
    assert "Failed" in last
    assert [] == flight.tasks("b")
    assert [("pager", "a")] == flight.work.sent
    assert [] == flight.illegal()


def test_what_was_submitted_runs_on_while_the_flow_is_paused() -> None:
    """Only the flow's own thread waits; a thread that comes free takes the next task run."""
    calls = {"a": {}, "c": {}, "approval": {"pause_flow_run": {}}}
    runner = {"task_runner": {"max_workers": 1}}
    flight = fly(**deployed(), flows={"f": flow(calls, **runner)}, actions=(resume("04:00:00"),))

    assert ["03:01:00 c#1 RUNNING", "03:02:00 c#1 SUCCESS"] == flight.tasks("c")


def test_a_pause_waits_for_what_it_is_told_to_wait_for() -> None:
    """`wait_for`: the flow asks to be paused when those are over."""
    calls = {**chain("a", "c"), "approval": {"pause_flow_run": {}, "wait_for": ["c"]}}
    flight = fly(**deployed(), flows={"f": flow(calls)}, actions=(resume("04:00:00"),))

    assert "03:02:00 Paused" in said(flight)


def test_a_paused_flow_gives_its_places_back_and_takes_none_when_resumed() -> None:
    """Neither the deployment's limit nor the pool's counts it; the next run starts meanwhile."""
    calls = {"approval": {"pause_flow_run": {"timeout": 7200}}, "a": DIRECT}
    one = {"flow": "f", "work_pool": "p", "concurrency_limit": 1}
    deployments = {"nightly": {**one, "schedules": [cron("0 3 * * *"), cron("30 3 * * *")]}}
    flight = fly(**POOL, deployments=deployments, flows={"f": flow(calls)}, until=at("03:40:00"))

    assert ["Paused", "Paused"] == flight.states()


def test_the_timeout_of_a_flow_ends_its_pause() -> None:
    """It is the flow's own thread that is blocked; a run that is not Running is not tried again."""
    flight = fly(
        **deployed(),
        flows={"f": flow(approved(), timeout_seconds=300, retries=2)},
    )

    assert ["03:05:00 TimedOut"] == said(flight)[-1:]


def test_a_suspended_flow_begins_anew_when_it_is_resumed() -> None:
    """Its process ends; a worker takes it again, `a` runs again and the suspension is passed."""
    flight = fly(
        **deployed(),
        flows={"f": flow(approved("suspend_flow_run"))},
        actions=(resume("05:00:00"),),
    )

    states = [one[9:] for one in said(flight)]
    assert ["Running", "Suspended", "Resuming", "Pending", "Running", "Success"] == states
    assert [1, 2] == [number for task, number, _ in flight.work.begun if task == "a"]
    assert [1] == [number for task, number, _ in flight.work.begun if task == "b"]
    assert [] == flight.illegal()
    assert 1 == next(iter(flight.prefect.server.runs.values())).run_count


def test_what_was_persisted_is_not_done_again_after_a_suspension() -> None:
    """The default policy keys by the run, which is the same one."""
    flight = fly(
        **deployed(),
        tasks={"a": {"persist_result": True}},
        flows={"f": flow(approved("suspend_flow_run"))},
        actions=(resume("05:00:00"),),
    )

    assert [1] == [number for task, number, _ in flight.work.begun if task == "a"]
    assert ["Cached"] == [one.split()[-1] for one in flight.tasks("a") if "Cached" in one]


def test_a_suspension_from_outside_ends_the_process_at_the_next_call() -> None:
    """What runs is finished, what has not begun stays Pending."""
    calls = {"a": DIRECT, "b": DIRECT}
    flight = fly(**deployed(), flows={"f": flow(calls)}, actions=(suspend("03:00:20"),))

    assert ["03:00:00 Running", "03:00:20 Suspended"] == said(flight)
    assert ["03:00:00 a#1 RUNNING", "03:01:00 a#1 SUCCESS"] == flight.tasks("a")
    assert [] == flight.tasks("b")


def test_a_task_that_waits_behind_another_does_not_begin_in_a_suspended_flow() -> None:
    """Its thread meets the suspension when its upstream is over."""
    flight = fly(**deployed(), flows={"f": flow(chain("a", "b"))}, actions=(suspend("03:00:20"),))

    assert [] == flight.tasks("b")
    assert ["Suspended"] == flight.states()


def test_a_retry_is_not_waited_for_in_a_suspended_flow() -> None:
    """The try that failed is the last in this process."""
    flight = fly(
        **deployed(),
        flows={"f": flow({"a": DIRECT})},
        tasks={"a": {"retries": 1, "retry_delay_seconds": 600}},
        outcomes={("a", 1): FAILS},
        actions=(suspend("03:00:20"), resume("03:02:00")),
    )

    assert "03:01:00 a#1 AwaitingRetry" in flight.tasks("a")
    begun = [number for task, number, _ in flight.work.begun if task == "a"]
    assert [1, 2] == begun
    assert "Success" in said(flight)[-1]
    assert said(flight)[-1] < "03:10"


def test_a_run_resumed_before_its_process_has_gone_waits_for_that() -> None:
    """`a` takes ten minutes: nobody takes the run before it is over."""
    flight = fly(
        **deployed(),
        flows={"f": flow({"a": DIRECT})},
        spans={"a": 600},
        actions=(suspend("03:00:20"), resume("03:00:30")),
    )

    pending = [one for one in said(flight) if "Pending" in one]
    assert 1 == len(pending)
    assert pending[0] >= "03:10:00"


def test_a_suspension_leaves_its_transaction() -> None:
    """It is an exception to the block around it: what was staged is taken back."""
    calls = {
        "a": {**DIRECT, "transaction": "t"},
        "b": {**DIRECT, "transaction": "t"},
    }
    flight = fly(
        **deployed(),
        flows={"f": flow(calls)},
        tasks={"a": {"on_rollback": "undo"}},
        actions=(suspend("03:00:20"),),
    )

    assert ["a", "undo"] == [task for task, _, _ in flight.work.begun]


def test_what_the_server_refuses_fails_the_flow_or_is_said() -> None:
    """Served by hand a flow has no deployment; a run that is over cannot be suspended."""
    calls = {"g": {"flow": "g"}}
    flows = {"f": flow(calls), "g": flow({"stop": {"suspend_flow_run": {}}})}
    flight = fly(**deployed(), flows=flows, actions=(suspend("03:30:00"), resume("03:40:00")))

    assert ["Failed", "Failed"] == flight.states()
    assert ["its run is not running", "its run is not paused"] == refusals(flight)


def test_a_flow_retry_is_paused_again() -> None:
    """Keys are forgotten when a run is tried again."""
    flight = fly(
        **deployed(),
        flows={"f": flow(approved(), retries=1)},
        outcomes={("b", 1): FAILS},
        actions=(resume("03:10:00"), resume("03:40:00")),
    )

    assert 2 == sum("Paused" in one for one in said(flight))
    assert "Success" in said(flight)[-1]


def test_a_key_fires_once_however_often_the_flow_is_suspended() -> None:
    """Two suspensions of one key: the second is passed."""
    calls = {
        "one": {"suspend_flow_run": {"key": "k"}},
        "two": {"suspend_flow_run": {"key": "k"}},
        "a": DIRECT,
    }
    flight = fly(**deployed(), flows={"f": flow(calls)}, actions=(resume("04:00:00"),))

    assert 1 == sum("Suspended" in one for one in said(flight))
    assert "Success" in said(flight)[-1]


def test_a_suspended_run_is_cancelled_without_any_process() -> None:
    """Suspended: Cancelled at once; paused: its process is ended."""
    cancel = Mark(at=at("04:00:00"), pipeline="f", data_date=DATE, state="failed")
    flight = fly(**deployed(), flows={"f": flow(approved("suspend_flow_run"))}, actions=(cancel,))
    paused = fly(**deployed(), flows={"f": flow(approved(timeout=7200))}, actions=(cancel,))

    assert ["04:00:00 Cancelled"] == said(flight)[-1:]
    assert ["04:00:00 Cancelling", "04:00:00 Cancelled"] == said(paused)[-2:]


def when_running(*actions: dict[str, Any]) -> dict[str, Any]:
    """An automation that acts once a flow run is Running."""
    trigger = {
        "type": "event",
        "posture": "Reactive",
        "expect": ["prefect.flow-run.Running"],
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "for_each": ["prefect.resource.id"],
    }
    return {"stop": {"trigger": trigger, "actions": list(actions)}}


def test_an_automation_suspends() -> None:
    """For an hour at most (`SuspendFlowRun`), as nobody resumes it."""
    flight = fly(
        **deployed(),
        flows={"f": flow({"a": DIRECT, "b": DIRECT})},
        automations=when_running({"type": "suspend-flow-run"}),
    )

    assert "03:00:00 Suspended" in said(flight)
    last = said(flight)[-1]
    assert "Failed" in last
    assert "04:00:00" <= last[:8] <= "04:00:05"


def test_a_state_that_an_automation_sets_is_replaced_by_that_of_the_process() -> None:
    """The process knows nothing of it: the run that was Failed ends as Completed."""
    flight = fly(
        **deployed(),
        flows={"f": flow({"a": DIRECT})},
        automations=when_running({"type": "change-flow-run-state", "state": "FAILED"}),
    )

    assert ["03:00:00 Running", "03:00:00 Failed", "03:01:00 Success"] == said(flight)
    assert [] == flight.illegal()


def test_a_queue_that_an_automation_pauses_gives_no_runs() -> None:
    """The run of four stays Late; that of three was taken before."""
    one = {"flow": "f", "work_pool": "p", "schedules": [cron("0 3,4 * * *")]}
    pause = {"type": "pause-work-queue", "work_queue_id": "p/default"}
    flight = fly(**POOL, deployments={"d": one}, automations=when_running(pause))

    assert ["Completed", "Late"] == flight.states()


def test_looking_is_not_stepped() -> None:
    """Six hours of a pause cost as many events as one."""

    def events(timeout: int) -> int:
        flight = fly(**deployed(), flows={"f": flow(approved(timeout=timeout))})
        return flight.kernel.events

    assert abs(events(6 * 3600) - events(3600)) < 20
