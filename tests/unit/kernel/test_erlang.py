"""The kernel's slots against queueing theory: mean waits are those of Erlang C."""

from __future__ import annotations

import pytest

from tests.bench.mmc import Queue, interval, waits


@pytest.mark.parametrize(
    ("queue", "seed"),
    [(Queue(0.5, 1, 1), 1), (Queue(1.6, 1, 2), 2), (Queue(6.4, 1, 8), 3), (Queue(28, 1, 32), 4)],
    ids=str,
)
def test_mean_waits_are_those_of_erlang_c(queue: Queue, seed: int) -> None:
    """Theory lies in the 99 % confidence interval of the simulation, and that is narrow."""
    mean, half = interval(waits(queue, jobs=40_000, seed=seed))

    assert abs(queue.mean_wait - mean) <= half
    assert half < queue.mean_wait / 2


def test_erlang_c_has_its_known_values() -> None:
    """M/M/1 waits load / (1 - load) services; M/M/2 at 0.75 is a textbook's."""
    assert Queue(0.5, 1, 1).mean_wait == pytest.approx(1.0)
    assert Queue(1.5, 1, 2).mean_wait == pytest.approx(9 / 7)
