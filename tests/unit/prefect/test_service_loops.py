"""What a Prefect server decides by itself, and at which instants: planning, lateness, ends."""

from __future__ import annotations

from sim.kernel.calendar import DAY, MINUTE, SECOND
from sim.kernel.loop import Kernel
from sim.orchestrators.prefect.concurrency import ConcurrencyLimit, take
from sim.orchestrators.prefect.scheduler_service import DeploymentSchedule, ScheduledDeployment
from sim.orchestrators.prefect.schedules import CronSchedule, RRuleSchedule, Schedule
from sim.orchestrators.prefect.service_loop import ServiceLoop
from tests.unit.prefect.services_stage import START, Stage


def deployment(*schedules: Schedule, paused: bool = False) -> ScheduledDeployment:
    """A deployment `d` with schedules `s0`, `s1` and so on."""
    made = tuple(DeploymentSchedule(f"s{n}", one) for n, one in enumerate(schedules))
    return ScheduledDeployment("d", made, paused)


def created(stage: Stage) -> list[tuple[float, str]]:
    """When which flow run was created."""
    return stage.names("Created")


def test_a_loop_steps_on_its_grid_and_only_when_woken() -> None:
    """Woken twice in between, it steps once, at the next multiple of its span."""
    kernel, steps = Kernel(seed=1, start=START), list[int]()
    loop = ServiceLoop(kernel, 5 * SECOND, steps.append)
    loop.start()
    kernel.at(START + 11 * SECOND, loop.wake)
    kernel.at(START + 12 * SECOND, loop.wake)
    kernel.at(START + 20 * SECOND, loop.wake_at, START + 31 * SECOND)
    kernel.run(START + MINUTE)

    assert [0, 15, 35] == [(at - START) // SECOND for at in steps]


def test_a_loop_that_was_stopped_begins_a_new_grid() -> None:
    """What it was woken for while it stood still is seen when it starts again."""
    kernel, steps = Kernel(seed=1, start=START), list[int]()
    loop = ServiceLoop(kernel, 5 * SECOND, steps.append)
    loop.start()
    kernel.at(START + 6 * SECOND, loop.stop)
    kernel.at(START + 7 * SECOND, loop.wake)
    kernel.at(START + 8 * SECOND, loop.start)
    kernel.at(START + 9 * SECOND, loop.wake)
    kernel.run(START + MINUTE)

    assert [0, 8, 13] == [(at - START) // SECOND for at in steps]


def test_an_hour_of_runs_is_planned_and_three_at_least() -> None:
    """Every ten minutes: until the first date an hour ahead. Daily: three days."""
    stage = Stage()
    stage.services.scheduler.put(
        deployment(CronSchedule("*/10 * * * *"), CronSchedule("0 3 * * *"))
    )
    stage.run(1)
    tens = [f"s0@{seconds}" for seconds in range(0, 3601, 600)]
    days = [f"s1@{10_800 + day * 86_400}" for day in range(3)]

    assert [(0.0, name) for name in tens + days] == created(stage)


def test_the_next_run_is_planned_in_the_first_loop_after_the_last_is_near() -> None:
    """The run of 01:10 is less than an hour ahead after 00:10; the loop of 00:11 plans one more."""
    stage = Stage(queue=None)
    stage.services.scheduler.put(deployment(CronSchedule("*/10 * * * *")))
    stage.run(1_300)

    # the one of 01:10 itself was planned by the second look at what is new
    assert [(5.0, "s0@4200"), (660.0, "s0@4800"), (1_260.0, "s0@5400")] == [
        one for one in created(stage) if one[0] > 0
    ]


def test_a_deployment_changed_in_between_is_planned_within_five_seconds() -> None:
    """The loop of recent changes sees it, 55 seconds before the other would."""
    stage = Stage()
    stage.after(62, stage.services.scheduler.put, deployment(CronSchedule("0 3 * * *")))
    stage.run(70)

    assert {65.0} == {at for at, _ in created(stage)}


def test_dates_that_passed_while_the_server_was_down_are_never_planned() -> None:
    """Hourly, down from 01:30 to 12:30: the three runs ahead stay, the rest is lost."""
    stage = Stage(queue=None)
    stage.services.scheduler.put(deployment(CronSchedule("0 * * * *")))
    stage.after(5_400, stage.services.stop)
    stage.after(45_000, stage.services.start)
    stage.run(46_000)
    hours = [int(name.split("@")[1]) // 3_600 for _, name in created(stage)]

    assert [0, 1, 2, 3, 4, 13, 14, 15] == hours


def test_a_paused_deployment_loses_what_was_planned_and_gets_it_back() -> None:
    """Pausing deletes runs, overdue ones too; after resuming they are planned again."""
    stage = Stage(queue=None)
    schedule = CronSchedule("*/30 * * * *")
    stage.services.scheduler.put(deployment(schedule))
    stage.after(100, stage.services.scheduler.pause, deployment(schedule, paused=True))
    stage.after(4_000, stage.services.scheduler.pause, deployment(schedule))
    stage.run(4_100)

    assert [(100.0, f"s0@{at}") for at in (0, 1_800, 3_600, 5_400)] == stage.names("Deleted")
    assert [(4_000.0, f"s0@{at}") for at in (5_400, 7_200, 9_000)] == created(stage)[4:]


def test_a_rule_that_ends_is_not_looked_at_for_ever() -> None:
    """A schedule without further dates costs no steps; one beyond 100 days waits for its day."""
    stage = Stage(queue=None)
    far = RRuleSchedule("DTSTART:20240701T000000\nRRULE:FREQ=DAILY;COUNT=2")
    stage.services.scheduler.put(deployment(far))
    stage.run(25 * 86_400)
    at = created(stage)
    first = (119 - 100) * DAY // SECOND

    assert [(first, "s0@10281600"), (first + 86_400, "s0@10368000")] == at
    assert stage.kernel.events < 200


def test_runs_that_nobody_picks_up_become_late_after_fifteen_seconds() -> None:
    """At the first step of five seconds that finds it; what awaits a slot never is."""
    stage = Stage()
    stage.put("exact", 100)
    stage.put("between", 101)
    stage.after(50, stage.put, "past", 10)
    stage.put("waits", 100)
    stage.state("waits", "SCHEDULED", "AwaitingConcurrencySlot")
    stage.run(600)

    assert [(50.0, "past"), (115.0, "exact"), (120.0, "between")] == stage.names("Late")


def test_a_pause_that_nobody_ends_fails_the_run() -> None:
    """In the first step of five seconds after its time, not at it."""
    stage = Stage()
    for name, until in (("exact", 100), ("resumed", 100), ("between", 102)):
        stage.put(name, 0)
        stage.services.pauses.paused(name, START + until * SECOND)
    stage.after(99, stage.services.pauses.left, "resumed")
    stage.run(600)

    assert [(105.0, "between"), (105.0, "exact")] == sorted(stage.names("Failed"))


def test_cancelling_ends_after_five_minutes_and_children_within_twenty_seconds() -> None:
    """The check comes at its time; what runs under a cancelled run is found by a loop."""
    stage = Stage()
    stage.put("run", 0)
    stage.put("left", 0)
    stage.after(7, stage.services.cancellations.cancelling, "run")
    stage.after(7, stage.services.cancellations.cancelling, "left")
    stage.after(9, stage.services.cancellations.left, "left")
    stage.after(310, stage.services.cancellations.cancelled, "run")
    stage.run(600)

    assert [(307.0, "run")] == stage.names("Cancelled")
    assert [(320.0, "run")] == stage.names("children cancelled")


def test_a_check_that_fell_into_an_outage_is_made_when_the_server_is_back() -> None:
    """Cancelling since 0:07, due at 5:07, down until 10:00."""
    stage = Stage()
    stage.put("run", 0)
    stage.after(7, stage.services.cancellations.cancelling, "run")
    stage.after(300, stage.services.stop)
    stage.after(600, stage.services.start)
    stage.run(900)

    assert [(600.0, "run")] == stage.names("Cancelled")


def test_slots_of_a_holder_that_died_come_back_with_the_repossessor() -> None:
    """Renewed every 225 s: the last before 1,000 s was at 900 s, so it runs out at 1,200 s."""
    stage = Stage()
    limit = ConcurrencyLimit("db", 1, updated=START)
    take([limit], 1, START)
    lease = stage.services.leases.create([limit], 1, 300 * SECOND)
    stage.services.leases.hold(lease)
    stage.after(1_000, stage.services.leases.holder_died, lease)
    stage.run(1_200)

    assert 1 == limit.active_slots
    stage.run(2_000)
    assert 0 == limit.active_slots
    assert [(1_215.0, "db")] == stage.names("revoked")
    assert not stage.services.leases.release(lease)
