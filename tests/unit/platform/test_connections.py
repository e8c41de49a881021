"""A source that lets in only so many: who gets in, who waits, who gives up, and what is told."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from sim.kernel.calendar import MINUTE
from sim.kernel.loop import Interrupt, Kernel
from sim.platform.connections import Connections
from sim.world.resolved import ResolvedSystem


def readers(
    *, wanted: list[int], reads: int = 10, wait: int = 30, killed: int = -1
) -> list[tuple[int, int, int] | None]:
    """What readers of a system of 10 connections, 4 of them others', get: (minute, others, in all).

    They come at one instant and read `reads` minutes; one of them may be killed after a minute.
    """
    kernel = Kernel(seed=1, start=0)
    system = ResolvedSystem(10, 4, wait * MINUTE, 2 * MINUTE)
    doors = Connections(kernel, {"db": system})
    got: list[tuple[int, int, int] | None] = [None] * len(wanted)

    def read(number: int) -> Generator[Any, Any, None]:
        held = None
        try:
            held = yield from doors.connect("db", wanted[number])
            if held is None:
                return
            assert held.slower_us == held.others * 2 * MINUTE
            got[number] = kernel.now // MINUTE, held.others, held.in_all
            yield kernel.timeout(reads * MINUTE)
        except Interrupt:
            pass
        finally:
            if held is not None:
                held.release()

    processes = [kernel.process(read(number)) for number in range(len(wanted))]
    if killed >= 0:
        kernel.after(MINUTE, lambda: processes[killed].interrupt("killed"))
    kernel.run(until=120 * MINUTE)
    return got


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ([2, 2, 2], [(0, 0, 6), (0, 1, 8), (0, 2, 10)]),
        ([4, 4], [(0, 0, 8), (10, 0, 8)]),
        ([4, 4, 2], [(0, 0, 8), (10, 0, 10), (10, 1, 10)]),
    ],
)
def test_readers_wait_in_line(wanted: list[int], told: list[tuple[int, int, int]]) -> None:
    """First come, first served, even where one that comes later would fit."""
    got = readers(wanted=wanted)

    assert got == told


def test_who_waits_too_long_gives_up() -> None:
    """And does not stand in the way of others any more."""
    got = readers(wanted=[4, 4, 4], wait=15)

    assert got == [(0, 0, 8), (10, 0, 8), None]


@pytest.mark.parametrize(("killed", "told"), [(0, [(0, 0, 8), (1, 0, 8)]), (1, [(0, 0, 8), None])])
def test_a_killed_reader_leaves_nothing_behind(
    killed: int, told: list[tuple[int, int, int] | None]
) -> None:
    """Neither connections nor a place in the line."""
    got = readers(wanted=[4, 4], killed=killed)

    assert got == told
