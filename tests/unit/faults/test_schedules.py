"""Generated schedules of trouble: drawn by what they belong to, one ordeal a night."""

from __future__ import annotations

from sim.faults.plan import NetworkSplit
from sim.faults.schedules import Ordeal, ordeals
from sim.kernel.calendar import HOUR, MINUTE, SECOND
from sim.kernel.streams import Streams
from sim.model.interventions import Rerun

SPANS = {"copy": 10 * MINUTE, "publish": 2 * MINUTE}
NIGHTS = [(f"2024-03-{day:02}", day * 24 * HOUR) for day in range(1, 29)]


def drawn(seed: int = 7, number: int = 1) -> tuple[Ordeal, ...]:
    """One schedule over four weeks."""
    return ordeals(Streams(seed), number, nights=NIGHTS, spans=SPANS)


def test_each_night_has_one_ordeal() -> None:
    """In the order of the nights."""
    assert [one.data_date for one in drawn()] == [day for day, _ in NIGHTS]


def test_a_night_keeps_its_ordeal_when_others_are_left_out() -> None:
    """Draws are keyed by schedule and data date, never by their order."""
    alone = ordeals(Streams(7), 1, nights=NIGHTS[9:10], spans=SPANS)

    assert alone == drawn()[9:10]


def test_schedules_and_seeds_differ() -> None:
    """Another number or another seed is other trouble."""
    assert len({drawn(), drawn(number=2), drawn(seed=8)}) == 3


def test_every_kind_comes_up() -> None:
    """Within ten schedules of four weeks."""
    kinds = {one.kind for number in range(10) for one in drawn(number=number)}

    assert kinds == {"attempt_crash", "worker_lost", "worker_crash", "network_split", "rerun"}


def test_trouble_strikes_while_it_matters() -> None:
    """A fault within its task's usual span, a rerun within the night."""
    starts = dict(NIGHTS)
    for one in drawn():
        if isinstance(one.trouble, Rerun):
            assert 0 <= one.trouble.at - starts[one.data_date] <= 9 * HOUR
        elif isinstance(one.trouble, NetworkSplit):
            assert isinstance(one.trouble.after, int)
            assert 0 <= one.trouble.after * SECOND <= SPANS[one.task]
