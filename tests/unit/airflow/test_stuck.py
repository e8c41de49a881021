"""Tasks that stay queued, with executors that take work back and with one that does not."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import pytest

from sim.kernel.calendar import DAY, parse_instant
from sim.kernel.loop import Kernel
from sim.model.work import Attempt
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.orchestrators.airflow.executor import Traits
from sim.platform.contract import Fate, Platform
from tests.unit.airflow.builder import START, Flight, Work, dag

CELERY = Traits(adopts=True, revokes=True)
LOCAL = Traits(adopts=False, revokes=False)


@dataclass
class Vanishing:
    """The first `times` hand-overs of task `a` vanish."""

    times: int
    asked: list[str] = field(default_factory=list)

    def of(self, _: Attempt) -> Fate | None:
        """No worker has a fate."""
        return None

    def vanishes(self, attempt: Attempt) -> bool:
        """Whether this is one of them."""
        self.asked.append(attempt.task)
        return attempt.task == "a" and self.asked.count("a") <= self.times


def fly(times: int, *, traits: Traits = CELERY, **section: object) -> Flight:
    """One night of `a -> b` at 03:00."""
    start = parse_instant(START)
    kernel = Kernel(seed=1, start=start)
    work = Work(kernel)
    platform = Platform(
        kernel=kernel,
        workshop=work,
        announcer=work,
        timezone="UTC",
        end=start + DAY,
        fates=Vanishing(times),
    )
    tasks = {"a": {"on_failure_callback": "page", "retries": 3}, "b": {"upstream": ["a"]}}
    config = {"version": 2, "dags": {"d": dag(tasks)}, **section}
    airflow = Airflow(msgspec.convert(config, AirflowConfig), platform, traits=traits)
    airflow.start()
    kernel.run(until=start + DAY)
    return Flight(airflow, kernel, work)


def test_it_is_queued_again_with_the_same_try() -> None:
    """Over 600 s old at the check of 03:12:00, which fires every 120 s from the start on."""
    flight = fly(1)

    assert flight.tasks("a") == [
        "03-10 03:00:00 a#1 scheduled",
        "03-10 03:00:00 a#1 queued",
        "03-10 03:12:00 a#1 scheduled",
        "03-10 03:12:01 a#1 queued",
        "03-10 03:12:01 a#1 running",
        "03-10 03:13:01 a#1 success",
    ]
    assert flight.illegal() == []


def test_after_two_more_times_it_has_failed_though_retries_are_left() -> None:
    """The third time it is failed at once, and the person who asked for it is told."""
    flight = fly(9)

    assert flight.tasks("a")[-2:] == ["03-10 03:24:01 a#1 queued", "03-10 03:36:00 a#1 failed"]
    assert flight.tasks("b") == ["03-10 03:36:01 b#0 upstream_failed"]
    assert [(alert, task) for alert, task, _ in flight.work.sent] == [("page", "a")]


def test_an_executor_that_takes_nothing_back_leaves_it_queued() -> None:
    """The LocalExecutor does not implement it, so nothing follows, all day."""
    assert fly(1, traits=LOCAL).tasks()[-1] == "03-10 03:00:00 a#1 queued"


@pytest.mark.parametrize(("delay", "starts"), [("9m", 1), ("11m", 0)])
def test_work_that_takes_too_long_to_start_is_taken_back(delay: str, starts: int) -> None:
    """A pod that needs longer than the timeout never gets to run."""
    section = {"cfg": {"scheduler": {"task_queued_timeout_check_interval": 30}}}
    flight = fly(0, task_start_delay=delay, **section)

    assert len([line for line in flight.tasks("a") if line.endswith("running")]) == starts
