"""Laws of the kernel that hold for any input: slots, order, streams."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.loop import Kernel
from sim.kernel.slots import Request, Slots
from sim.kernel.streams import Streams

steps = st.lists(
    st.one_of(
        st.tuples(st.just("request"), st.integers(1, 4), st.integers(0, 3)),
        st.tuples(st.just("release"), st.integers(0, 30), st.just(0)),
        st.tuples(st.just("resize"), st.integers(0, 8), st.just(0)),
    ),
    max_size=60,
)


@given(capacity=st.integers(1, 8), steps=steps)
def test_slots_are_never_exceeded_and_never_leak(
    capacity: int, steps: list[tuple[str, int, int]]
) -> None:
    """No grant passes the capacity of its moment, and releasing everything leaves nothing held."""
    slots, requests = Slots(capacity), list[Request]()

    def check() -> None:
        assert slots.held <= slots.capacity

    for action, number, priority in steps:
        if action == "request":
            requests.append(slots.request(check, slots=number, priority=priority))
        elif action == "release" and requests:
            slots.release(requests[number % len(requests)])
        elif action == "resize":
            slots.resize(number)
        held = sum(
            request.slots for request in requests if request.granted and not request.released
        )
        assert slots.held == held
        assert slots.waiting == sum(
            not request.granted and not request.released for request in requests
        )
    slots.resize(8)
    for request in requests:
        slots.release(request)
    assert (slots.held, slots.waiting) == (0, 0)


@given(priorities=st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_waiting_requests_are_served_by_priority_then_order(priorities: list[int]) -> None:
    """The order of service is the stable order of priorities."""
    slots, served = Slots(1), list[int]()
    blocker = slots.request(lambda: None)
    waiting = [
        slots.request(lambda number=number: served.append(number), priority=priority)  # type: ignore[misc]
        for number, priority in enumerate(priorities)
    ]
    slots.release(blocker)
    while len(served) < len(priorities):
        slots.release(waiting[served[-1]])

    assert served == sorted(range(len(priorities)), key=lambda number: priorities[number])


@given(instants=st.lists(st.integers(0, 1_000), max_size=50))
def test_time_never_goes_back(instants: list[int]) -> None:
    """Whatever is scheduled in whatever order happens in order of time."""
    kernel, seen = Kernel(seed=0, start=0), list[int]()
    for instant in instants:
        kernel.at(instant, lambda: seen.append(kernel.now))
    kernel.run(until=1_001)

    assert seen == sorted(instants)


@given(seed=st.integers(), key=st.lists(st.text(max_size=5), max_size=3), other=st.text(max_size=5))
def test_a_draw_depends_on_its_key_alone(seed: int, key: list[str], other: str) -> None:
    """Drawing something else in between changes nothing."""
    streams = Streams(seed)
    first = streams.uniform("duration", *key)
    streams.uniform("duration", *key, other)

    assert streams.uniform("duration", *key) == first
    assert Streams(seed).uniform("duration", *key) == first
    assert 0.0 < first < 1.0
