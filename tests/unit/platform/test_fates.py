"""What becomes of the workers of tries: each fault strikes the try of one run."""

from __future__ import annotations

from msgspec.structs import replace

from sim.faults.plan import WorkerCrash, WorkerLost
from sim.kernel.calendar import SECOND
from sim.model.work import Attempt
from sim.platform.contract import Fate
from sim.platform.fates import WorkerFates
from tests.unit.platform.stage import DAY_ONE, stage

LOST = WorkerLost(task="copy", data_date=DAY_ONE, after=20)
CRASH = WorkerCrash(task="copy", data_date=DAY_ONE, after=30)


def attempts(*runs: str) -> list[Attempt]:
    """The first try of `copy` for the first day, in each of these runs."""
    first = stage().attempt("copy")
    return [replace(first, run_id=run) for run in runs]


def test_a_fault_strikes_the_run_that_comes_first() -> None:
    """A second run of that date has the same try, and nothing happens to it."""
    fates = WorkerFates([LOST], stage().site)
    struck, spared, again = attempts("scheduled", "manual", "scheduled")

    assert Fate("worker_lost", 20 * SECOND) == fates.of(struck)
    assert fates.of(spared) is None
    assert fates.of(struck) == fates.of(again)


def test_two_faults_strike_two_runs() -> None:
    """In the order of the plan; the third run is spared, and so is another day's."""
    fates = WorkerFates([LOST, CRASH], stage().site)
    told = [fates.of(one) for one in attempts("a", "b", "c", "a")]
    other = fates.of(stage().attempt("copy", day="2024-03-12"))

    assert ["worker_lost", "worker_crash", None, "worker_lost"] == [
        None if one is None else one.kind for one in told
    ]
    assert other is None
