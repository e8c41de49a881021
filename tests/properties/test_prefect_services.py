"""Laws of a Prefect server's services, over schedules, runs, limits and outages of every kind."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.calendar import SECOND
from sim.orchestrators.prefect.automations_config import Automation
from sim.orchestrators.prefect.caching import CachePolicy, CacheSettings, Call, ResultStore
from sim.orchestrators.prefect.deployment_concurrency import DeploymentLimit
from sim.orchestrators.prefect.scheduler_service import DeploymentSchedule, ScheduledDeployment
from sim.orchestrators.prefect.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from sim.orchestrators.prefect.work_queues import WorkPool, WorkQueue
from tests.unit.prefect.services_stage import START, Stage

if TYPE_CHECKING:
    from sim.orchestrators.prefect.schedules import Schedule

pytestmark = pytest.mark.hypothesis
HORIZON = 3_600
"""Seconds that are played."""

schedules = st.sampled_from(
    [
        CronSchedule("*/10 * * * *", "Europe/Madrid"),
        CronSchedule("7 * * * *"),
        IntervalSchedule(137 * SECOND, START - 11),
        IntervalSchedule(30 * SECOND, START),
        RRuleSchedule("FREQ=MINUTELY;INTERVAL=25"),
        RRuleSchedule("DTSTART:20240304T000000\nRRULE:FREQ=HOURLY;COUNT=2"),
    ]
)
moments = st.integers(0, HORIZON).map(lambda tenth: tenth + 0.5)
spans = st.tuples(moments, st.integers(1, 4_000))
actions = st.one_of(
    st.tuples(st.just("run"), moments, st.integers(0, 2_000)),
    st.tuples(st.just("server"), moments, st.integers(1, 1_500)),
    st.tuples(st.just("worker"), moments, st.integers(1, 3_000)),
    st.tuples(st.just("pause"), moments, st.integers(1, 3_000)),
)
plans = st.fixed_dictionaries(
    {
        "schedules": st.lists(schedules, max_size=2),
        "actions": st.lists(actions, max_size=6),
        "deployment_limit": st.sampled_from([None, 1, 2]),
        "strategy": st.sampled_from(["ENQUEUE", "CANCEL_NEW"]),
        "pool_limit": st.sampled_from([None, 1, 3]),
        "worker_limit": st.sampled_from([None, 1, 2]),
        "lasts": st.sampled_from([1, 60, 900]),
        "seed": st.integers(0, 1_000),
    }
)
STUCK = msgspec.convert(
    {
        "trigger": {
            "type": "event",
            "posture": "Proactive",
            "after": ["prefect.flow-run.Late"],
            "expect": ["prefect.flow-run.Running"],
            "for_each": ["prefect.resource.id"],
            "within": 120,
        },
        "actions": [{"type": "send-notification"}],
    },
    Automation,
)


def played(plan: dict[str, object], *, wake_all: bool = False) -> Stage:
    """A plan on a stage; `wake_all`: every loop is woken every second, needed or not."""
    stage = Stage(
        seed=int(str(plan["seed"])), lasts=int(str(plan["lasts"])), automations={"stuck": STUCK}
    )
    services = stage.services
    pool_limit, worker_limit = plan["pool_limit"], plan["worker_limit"]
    assert pool_limit is None or isinstance(pool_limit, int)
    assert worker_limit is None or isinstance(worker_limit, int)
    pool = WorkPool([WorkQueue("default", 1)], pool_limit)
    services.add_worker("w", "pool", lambda: pool, limit=worker_limit)
    services.start_poller("w")
    limit = plan["deployment_limit"]
    if isinstance(limit, int):
        strategy = "ENQUEUE" if plan["strategy"] == "ENQUEUE" else "CANCEL_NEW"
        services.deployment_concurrency.put("d", DeploymentLimit(limit, strategy))
    asked = plan["schedules"]
    assert isinstance(asked, list)
    made = tuple(DeploymentSchedule(f"s{n}", one) for n, one in enumerate(asked))
    services.scheduler.put(ScheduledDeployment("d", made))
    steps = plan["actions"]
    assert isinstance(steps, list)
    for number, step in enumerate(steps):
        _arrange(stage, made, number, step)
    if wake_all:
        for second in range(HORIZON):
            stage.after(second + 0.25, _wake_all, stage)
    stage.run(HORIZON)
    return stage


def _arrange(
    stage: Stage,
    schedules: tuple[DeploymentSchedule, ...],
    number: int,
    step: tuple[str, float, int],
) -> None:
    what, at, span = step
    services = stage.services
    if what == "run":
        stage.after(at, lambda: stage.put(f"adhoc{number}", at + span, deployment="d"))
    elif what == "server":
        stage.after(at, services.stop)
        stage.after(at + span, services.start)
    elif what == "worker":
        stage.after(at, services.stop_poller, "w")
        stage.after(at + span, _restart, stage)
    else:
        paused = ScheduledDeployment("d", schedules, paused=True)
        stage.after(at, services.scheduler.pause, paused)
        stage.after(at + span, services.scheduler.pause, ScheduledDeployment("d", schedules))


def _restart(stage: Stage) -> None:
    if not stage.services.pollers["w"].running:
        stage.services.start_poller("w")


def _wake_all(stage: Stage) -> None:
    services = stage.services
    loops = (services.scheduler.main, services.scheduler.recent, services.late_runs.loop)
    others = (services.leases.loop, services.health.loop, services.automations.loop)
    for loop in (*loops, *others):
        loop.wake()
    services.wake_pollers()


@given(plans)
def test_stepping_every_loop_changes_nothing(plan: dict[str, object]) -> None:
    """What is not stepped would have decided nothing: every decision and its instant are equal."""
    few, all_of_them = played(plan), played(plan, wake_all=True)

    assert few.told == all_of_them.told
    assert few.acted == all_of_them.acted
    assert few.ended == all_of_them.ended


@given(plans)
def test_what_is_planned_and_picked_up_keeps_its_limits(plan: dict[str, object]) -> None:
    """No date twice, nothing planned for the past, no more at once than limits allow."""
    stage = played(plan)
    created = [(at, name) for at, name in stage.names("Created")]
    deleted = {name for _, name in stage.names("Deleted")}
    names = [name for _, name in created if name not in deleted]

    assert len(names) == len(set(names))
    assert all(int(name.split("@")[1]) >= at for at, name in created)
    bounds = [one for one in (plan["deployment_limit"],) if isinstance(one, int)]
    assert all(_most(stage) <= bound for bound in bounds)


def _most(stage: Stage) -> int:
    """Most flow runs that were Pending or Running at once."""
    there: set[str] = set()
    most = 0
    for _, flow_run, state in stage.told:
        if state in {"Pending", "Running"}:
            there.add(flow_run)
        elif state in {"Completed", "Cancelled"}:
            there.discard(flow_run)
        most = max(most, len(there))
    return most


@given(schedules, st.integers(0, 400 * 86_400))
def test_planned_dates_of_a_schedule_strictly_increase(schedule: Schedule, start: int) -> None:
    """From whatever instant they are planned."""
    found = []
    for date in schedule.dates(START + start * SECOND):
        found.append(date)
        if len(found) == 9:
            break

    assert all(before < after for before, after in pairwise(found))
    assert all(date >= START + start * SECOND for date in found)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 50),
            st.sampled_from(["a", "b"]),
            st.booleans(),
            st.sampled_from([None, 10, 100]),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_a_hit_needs_a_record_that_was_stored_before_and_has_not_expired(
    calls: list[tuple[int, str, bool, int | None, bool]],
) -> None:
    """Whatever is called, fails, expires or is refreshed."""
    store, now = ResultStore(), 0
    stored: dict[str, tuple[int, int | None]] = {}
    for wait, given_input, fails, expiration, refresh in calls:
        now += wait
        settings = CacheSettings(CachePolicy(("inputs",)), expiration, refresh=refresh)
        key = settings.key(Call({"x": given_input}, "source", {}, "run"))
        hit = store.hit(settings, key, now)
        expires = stored.get(given_input, (0, 0))[1]
        valid = given_input in stored and (expires is None or now < expires)

        assert (hit is not None) == (valid and not refresh)
        if hit is None and not fails:
            store.keep(settings, key, given_input, now)
            stored[given_input] = (now, None if expiration is None else now + expiration)
