"""The daemon: schedules, sensors, retries of runs, monitoring, outages."""

from __future__ import annotations

from sim.model.facts import Fact
from sim.platform.contract import Fate, SchedulerOutage
from tests.unit.dagster.builder import FAILS, at, chain, fly, nightly

K8S = {"kind": "K8sRunLauncher"}
WATCHED = {"enabled": True}
SENSOR = {"default_status": "RUNNING"}


def test_a_schedule_is_stopped_until_somebody_starts_it() -> None:
    """As deployed by default."""
    flight = fly(schedules={"s": {"job": "j", "cron_schedule": "0 3 * * *"}})

    assert ([], []) == (flight.ticks(), flight.runs())


def test_only_the_latest_missed_tick_is_made_up_for() -> None:
    """Three hours without a daemon, and one run at once when it is back."""
    flight = fly(
        schedules={"hourly": nightly("j", "0 * * * *")},
        host_outages=((at("00:30:00"), at("03:30:00")),),
        until=at("03:45:00"),
    )

    assert ["00:00:00 hourly 1", "03:30:00 hourly 1"] == flight.ticks()
    assert [at("03:00:00")] == [
        row.detail["scheduled"]
        for row in flight.kernel.journal.rows(Fact.TICK)
        if row.time > at("01:00:00")
    ]


def test_nothing_looks_at_whether_the_last_run_still_goes_on() -> None:
    """A run of two hours, and one each hour."""
    flight = fly(
        assets=chain("a"),
        spans={"a": 7_200},
        schedules={"hourly": nightly("j", "0 1,2 * * *")},
    )

    assert ["03:00:10 a#1 success", "04:00:10 a#1 success"] == [
        line for line in flight.steps("a") if line.endswith("success")
    ]


def test_a_sensor_asks_until_its_system_is_ready_and_once_a_day_requests_a_run() -> None:
    """Every 30 s, a second each; then the cursor keeps it quiet."""
    flight = fly(
        schedules={},
        sensors={"ready": {**SENSOR, "job": "j", "system": "erp"}},
        ready_at={"ready": at("02:10:10")},
    )

    assert ["00:00:01 ready 0", "02:10:31 ready 1"] == flight.ticks()
    assert "02:10:31 j0 QUEUED" in flight.runs()
    assert ("a", 1, "2024-03-09") in flight.work.begun


def test_an_asset_sensor_passes_a_materialization_on() -> None:
    """At its next evaluation, and one run for the latest event."""
    flight = fly(
        jobs={"j": {"selection": "a"}, "k": {"selection": "b"}},
        sensors={"on_a": {**SENSOR, "job": "k", "asset_key": "a"}},
    )

    assert "03:01:30 k0 QUEUED" in flight.runs("k")


def test_a_failure_sensor_sends_five_messages_a_tick() -> None:
    """Seven failed runs are told of in two evaluations."""
    flight = fly(
        assets=chain("a"),
        outcomes={("a", 1): FAILS},
        schedules={f"s{number}": nightly("j") for number in range(7)},
        sensors={"tell": {**SENSOR, "run_status": "FAILURE", "alert": "page"}},
    )
    told = [row.time for row in flight.kernel.journal.rows(Fact.TICK) if row.time > at("03:01:00")]

    assert [at("03:01:30")] * 5 + [at("03:02:00")] * 2 == told
    assert [("page", "a")] * 7 == flight.work.sent


def test_a_failed_run_is_executed_again_from_its_failure() -> None:
    """A new run through the queue, of what had not succeeded."""
    flight = fly(
        assets=chain("a", "b", "c"),
        outcomes={("b", 1): FAILS},
        instance={"run_retries": {"enabled": True, "max_retries": 1}},
    )

    assert ["FAILURE", "SUCCESS"] == flight.statuses()
    assert [("a", 1), ("b", 1), ("b", 2), ("c", 1)] == [
        (task, number) for task, number, _ in flight.work.begun
    ]
    assert ["03:02:12 j0 FAILURE", "03:02:15 j1 QUEUED", "03:02:15 j1 STARTING"] == [
        line for line in flight.runs() if "03:02" in line
    ][:3]


def test_run_retries_can_leave_failed_steps_alone() -> None:
    """Then only a run whose worker was lost is executed again."""
    retries = {"enabled": True, "max_retries": 1, "retry_on_asset_or_op_failure": False}
    flight = fly(outcomes={("a", 1): FAILS}, instance={"run_retries": retries})

    assert ["FAILURE"] == flight.statuses()


def test_nobody_misses_a_worker_that_is_gone() -> None:
    """The run is STARTED for ever; monitoring helps nothing with the default launcher."""
    lost = {("a", 1): Fate("worker_lost", 10_000_000)}

    assert ["STARTED"] == fly(fates=lost).statuses()
    assert ["STARTED"] == fly(fates=lost, instance={"run_monitoring": WATCHED}).statuses()


def test_run_monitoring_finds_a_container_that_is_gone() -> None:
    """At the next of its iterations, every two minutes."""
    flight = fly(
        fates={("a", 1): Fate("worker_lost", 10_000_000)},
        instance={"run_monitoring": WATCHED, "run_launcher": K8S},
    )

    assert "03:02:00 j0 FAILURE" in flight.runs()
    assert "03:02:00 a#1 failed" in flight.steps()
    assert [] == flight.illegal()


def test_the_process_of_a_step_that_crashes_is_a_failed_try() -> None:
    """The run's own process sees it, and the policy decides."""
    flight = fly(
        assets=chain("a", retry_policy={"max_retries": 1}),
        fates={("a", 1): Fate("worker_crash", 10_000_000)},
    )

    assert ["SUCCESS"] == flight.statuses()
    assert "03:00:20 a#1 up_for_retry" in flight.steps()


def test_a_launch_that_vanishes_is_found_by_the_start_timeout() -> None:
    """STARTING for three minutes, and at the next iteration it has failed."""
    gone = {("a", 0): Fate("worker_lost", 0)}
    flight = fly(fates=gone, instance={"run_monitoring": WATCHED})

    assert ["STARTING"] == fly(fates=gone).statuses()
    assert "03:04:00 j0 FAILURE" in flight.runs()


def test_a_run_that_takes_too_long_is_ended_and_has_failed() -> None:
    """max_runtime: CANCELING and FAILURE at once, so that run retries may follow."""
    flight = fly(
        spans={"a": 3_600},
        jobs={"j": {"selection": "*", "tags": {"dagster/max_runtime": "600"}}},
        instance={"run_monitoring": WATCHED},
    )

    assert ["03:12:00 j0 CANCELING", "03:12:00 j0 FAILURE"] == flight.runs()[-2:]
    assert ["a: killed"] == flight.work.killed


def test_slots_of_a_dead_run_are_freed_by_run_monitoring_alone() -> None:
    """Otherwise they are held for ever, and the next run waits for them for ever."""
    deployment = {
        "assets": {"a": {"pool": "db"}},
        "schedules": {"two": nightly("j", "0 3,4 * * *")},
        "fates": {("a", 1): Fate("worker_lost", 10_000_000)},
    }
    pools = {"pools": {"limits": {"db": 1}}}
    freeing = {**WATCHED, "free_slots_after_run_end_seconds": 300}
    leaking = fly(
        instance={"concurrency": pools, "run_monitoring": WATCHED, "run_launcher": K8S},
        **deployment,
    )
    freed = fly(
        instance={"concurrency": pools, "run_monitoring": freeing, "run_launcher": K8S},
        **deployment,
    )

    assert ["FAILURE", "QUEUED"] == leaking.statuses()
    assert ["FAILURE", "FAILURE"] == freed.statuses()


def test_a_host_takes_daemon_and_workers_down() -> None:
    """The run is STARTED and nobody executes it; the queue goes on when the host is back."""
    flight = fly(host_outages=((at("03:00:30"), at("03:10:00")),))

    assert ["STARTED"] == flight.statuses()
    assert ["a: host_off"] == flight.work.killed


def test_runs_in_containers_survive_their_daemon() -> None:
    """And so they do when only the daemon dies."""
    crash = SchedulerOutage(at("03:00:30"), 0, at("03:30:00"), workers_survive=True)

    assert ["SUCCESS"] == fly(scheduler_outages=(crash,)).statuses()
    assert ["SUCCESS"] == fly(
        host_outages=((at("03:00:30"), at("03:10:00")),), instance={"run_launcher": K8S}
    ).statuses()


def test_without_its_storage_nothing_is_decided_and_workers_die_of_their_events() -> None:
    """The schedule tries again every five seconds; a step that ends meanwhile ends its run."""
    early = fly(database_outages=((at("02:59:00"), at("03:20:02")),))
    late = fly(database_outages=((at("03:01:00"), at("03:20:00")),))

    assert ["03:20:05 nightly 1"] == early.ticks()
    assert (["SUCCESS"], ["STARTED"]) == (early.statuses(), late.statuses())
