"""Workers and runners: when they poll, what they take, and what they do without an answer."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.streams import Streams
from sim.orchestrators.prefect.deployment_concurrency import DeploymentLimit
from sim.orchestrators.prefect.loop_times import RUNNER_BACKOFF, WORKER_BACKOFF, LoopTimes
from sim.orchestrators.prefect.scheduler_service import DeploymentSchedule, ScheduledDeployment
from sim.orchestrators.prefect.schedules import CronSchedule
from sim.orchestrators.prefect.work_queues import WorkPool, WorkQueue
from tests.unit.prefect.services_stage import START, Stage

DEFAULT = WorkQueue("default", 1)


def polls(seed: int, name: str, until: float, every: float = 10) -> list[float]:
    """When the first life of a poller polls, seconds from the start."""
    times = LoopTimes(Streams(seed), ("poll", name, "1"), every, START, backoff=WORKER_BACKOFF)
    found = []
    while times.at < START + until * 1_000_000:
        found.append((times.at - START) / 1_000_000)
        times.passed()
    return found


def staffed(
    pool: WorkPool | None = None, *, limit: int | None = None, lasts: int = 60, up: bool = True
) -> Stage:
    """A stage with a worker `w` of `pool` that started at the start."""
    stage = Stage(lasts=lasts, up=up)
    asked = WorkPool([DEFAULT]) if pool is None else pool
    stage.services.add_worker("w", "pool", lambda: asked, limit=limit)
    stage.services.start_poller("w")
    return stage


def test_intervals_between_polls_stay_within_the_clamp() -> None:
    """Never below 0.75 nor above 1.3 of ten seconds, and not always the same."""
    gaps = [after - before for before, after in pairwise(polls(1, "w", 20_000))]

    assert 7.49 < min(gaps) < 8
    assert 12 < max(gaps) <= 13


def test_a_run_is_picked_up_by_the_first_poll_ten_seconds_before_its_time() -> None:
    """It is Pending from then on, and Running when its time has come."""
    stage = staffed()
    stage.put("run", 1_000)
    stage.run(2_000)
    first = next(at for at in polls(1, "w", 2_000) if at >= 990)

    assert [(first, "run")] == stage.names("Pending")
    assert [(max(first, 1_000.0), "run")] == stage.names("Running")


def test_polls_that_see_nothing_new_cost_nothing() -> None:
    """Ten days with one run at their end."""
    stage = staffed()
    stage.put("run", 864_000)
    stage.run(864_100)

    assert 1 == len(stage.names("Pending"))
    assert stage.kernel.events < 40


@given(st.lists(st.integers(0, 900), min_size=1, max_size=12), st.integers(0, 50))
def test_each_run_is_seen_at_the_instant_of_the_real_poll(dues: list[int], seed: int) -> None:
    """However runs come: each is taken by the first poll that could see it."""
    stage = Stage(seed=seed, lasts=1)
    stage.services.add_worker("w", "pool", lambda: WorkPool([DEFAULT]))
    stage.services.start_poller("w")
    expected = {}
    for number, due in enumerate(dues):
        there = due // 2
        stage.after(there + 0.5, stage.put, f"run{number}", due)
        first = max(there + 0.5, due - 10)
        expected[f"run{number}"] = next(at for at in polls(seed, "w", 2_000) if at >= first)
    stage.run(1_500)

    assert expected == {flow_run: at for at, flow_run in stage.names("Pending")}


def test_the_limit_of_a_worker_ends_a_batch() -> None:
    """Two at once; the next is taken by the first poll after one has ended."""
    stage = staffed(limit=2, lasts=100)
    for number in range(5):
        stage.put(f"run{number}", 0)
    stage.run(1_000)
    pending = stage.names("Pending")
    ends = [at for at, _ in stage.names("Completed")]
    all_polls = polls(1, "w", 1_000)

    assert [f"run{number}" for number in range(5)] == [flow_run for _, flow_run in pending]
    assert [
        0.0,
        0.0,
        next(at for at in all_polls if at >= ends[0]),
        next(at for at in all_polls if at >= ends[1]),
        next(at for at in all_polls if at >= ends[2]),
    ] == [at for at, _ in pending]


def test_slots_of_a_pool_go_to_the_first_queue_as_long_as_it_has_runs() -> None:
    """Three slots: the runs of the queue of priority 1 first, although they are due later."""
    pool = WorkPool([WorkQueue("high", 1), WorkQueue("low", 2)], concurrency_limit=3)
    stage = staffed(pool, lasts=40)
    for number in range(4):
        stage.put(f"low{number}", 0, queue=("pool", "low"))
        stage.put(f"high{number}", 5, queue=("pool", "high"))
    stage.run(1_000)

    assert [f"high{n}" for n in range(4)] == [name for _, name in stage.names("Pending")][:4]
    assert 8 == len(stage.names("Completed"))


def test_a_paused_pool_gives_nothing_until_it_is_resumed() -> None:
    """The next poll after somebody resumed it takes what has waited."""
    pools = [WorkPool([DEFAULT], is_paused=True)]
    stage = Stage()
    stage.services.add_worker("w", "pool", lambda: pools[-1])
    stage.services.start_poller("w")
    stage.put("run", 0)
    stage.after(500, pools.append, WorkPool([DEFAULT]))
    stage.after(500, stage.services.wake_pollers)
    stage.run(1_000)

    assert [(next(at for at in polls(1, "w", 1_000) if at >= 500), "run")] == stage.names("Pending")


def test_runs_of_a_full_deployment_ask_again_for_half_a_minute_each() -> None:
    """Scheduled anew in 30 s, and picked up by the first poll from 10 s before that on."""
    stage = staffed(lasts=200)
    stage.services.deployment_concurrency.put("d", DeploymentLimit(1))
    for number in range(3):
        stage.put(f"run{number}", 0, deployment="d")
    stage.run(2_000)
    running = [at for at, _ in stage.names("Running")]
    waits = [(at, name) for at, name in stage.names("AwaitingConcurrencySlot") if name == "run1"]

    assert 3 == len(running)
    assert all(after - before >= 200 for before, after in pairwise(running))
    assert all(20 <= after[0] - before[0] < 33 for before, after in pairwise(waits))


def test_new_runs_of_a_full_deployment_can_be_cancelled() -> None:
    """CANCEL_NEW: when they are picked up, and when they become late meanwhile."""
    stage = staffed(limit=1, lasts=300)
    stage.services.deployment_concurrency.put("d", DeploymentLimit(1, "CANCEL_NEW"))
    stage.put("first", 0, deployment="d")
    stage.put("second", 100, deployment="d")
    stage.run(1_000)

    assert [(115.0, "second")] == stage.names("Cancelled")
    assert [(0.0, "first")] == stage.names("Running")


def test_a_slot_that_was_lost_before_the_start_is_asked_for_again_or_the_run_is_cancelled() -> None:
    """The lease of a run that starts too late is taken back; another has its slot by then."""
    stage = Stage()
    rules = stage.services.deployment_concurrency
    rules.put("d", DeploymentLimit(1, grace_period_seconds=60))
    stage.after(10, rules.to_pending, "slow", "d")
    stage.after(80, rules.to_pending, "quick", "d")
    stage.run(100)

    assert [(75.0, "deployment:d")] == stage.names("revoked")
    assert ["accept", "cancel"] == [rules.to_running(name).value for name in ("quick", "slow")]


def test_a_runner_takes_five_at_once_and_asks_by_deployment() -> None:
    """`serve()` has no pool: its own limit is all there is, and runs come in order of time."""
    stage = Stage(lasts=30, queue=None)
    stage.services.add_runner("served", ["d"])
    stage.services.start_poller("served")
    for number in range(7):
        stage.put(f"run{number}", number, deployment="d", queue=None)
    stage.put("other", 0, deployment="e", queue=None)
    stage.run(200)
    pending = stage.names("Pending")

    assert [(0.0, f"run{number}") for number in range(5)] == pending[:5]
    assert ["run5", "run6"] == [name for _, name in pending[5:]]
    assert [(15.0, "other"), (20.0, "run5"), (25.0, "run6")] == stage.names("Late")


def test_a_worker_survives_minutes_without_a_server_and_a_runner_does_not() -> None:
    """Three failures end a `serve()`, twelve a worker, with ever longer intervals between."""
    stage = staffed()
    stage.services.add_runner("served", ["d"])
    stage.services.start_poller("served")
    stage.after(100, stage.services.stop)
    stage.run(2_000)
    (runner_at, runner), (worker_at, worker) = stage.ended

    assert ("served", "w") == (runner, worker)
    assert 100 + 2 * 7.5 < runner_at < 100 + 3 * 13
    # intervals: 10, 10, then three each of 20, 40 and 80, from the first failure on
    assert 100 + 440 * 0.75 < worker_at < 100 + 13 + 440 * 1.3
    assert 1 == RUNNER_BACKOFF


def test_a_worker_outage_leaves_a_burst_and_a_server_outage_leaves_a_hole() -> None:
    """Every ten minutes for six hours, two of them without: the server plans one hour ahead."""
    schedule = DeploymentSchedule("s", CronSchedule("*/10 * * * *"))
    counts = []
    for outage in ("worker", "server"):
        stage = staffed(lasts=5)
        stage.services.scheduler.put(ScheduledDeployment("d", (schedule,)))
        if outage == "worker":
            stage.after(7_100, stage.services.stop_poller, "w")
            stage.after(14_300, stage.services.start_poller, "w")
        else:
            stage.after(7_100, stage.services.stop_poller, "w")
            stage.after(7_100, stage.services.stop)
            stage.after(14_300, stage.services.start)
            stage.after(14_301, stage.services.start_poller, "w")
        stage.run(21_500)
        after = [at for at, _ in stage.names("Running") if 14_300 <= at < 14_330]
        counts.append((len(after), len(stage.names("Running"))))
    (burst, all_of_worker), (waiting, all_of_server) = counts

    assert (12, 36) == (burst, all_of_worker)
    assert (7, 31) == (waiting, all_of_server)


def test_a_pool_is_ready_as_long_as_a_worker_sends_heartbeats() -> None:
    """90 s after the last heartbeat of the last worker the foreman's next look says so."""
    stage = staffed()
    stage.services.add_worker("v", "pool", lambda: WorkPool([DEFAULT]))
    stage.services.start_poller("v")
    stage.after(600, stage.services.stop_poller, "v")
    stage.after(1_000, stage.services.stop_poller, "w")
    stage.run(800)
    health = stage.services.health

    assert {"w": True, "v": False} == health.online
    assert {"pool": True} == health.pool_ready
    stage.run(1_060)
    assert {"pool": True} == health.pool_ready
    stage.run(1_110)
    assert {"pool": False} == health.pool_ready


def test_after_an_outage_living_workers_count_as_offline_until_their_next_heartbeat() -> None:
    """Two minutes without a server: the foreman comes before the first heartbeat does."""
    stage = staffed()
    stage.after(100, stage.services.stop)
    stage.after(220, stage.services.start)
    stage.run(220.5)

    assert {"w": False} == stage.services.health.online
    stage.run(300)
    assert {"w": True} == stage.services.health.online
