"""What by far the most task instances go through is written in one piece: it changes nothing.

The same nights are simulated with those pieces and step by step, and must give equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import msgspec
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from sim.kernel.calendar import DAY, HOUR, SECOND, parse_instant
from sim.kernel.loop import Kernel
from sim.model.facts import Fact
from sim.model.interventions import Clear
from sim.model.work import SUCCESS, Attempt, Deferral, Outcome, Result, Returned
from sim.orchestrators.airflow import together
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.critical_section import CriticalSection
from sim.orchestrators.airflow.deployment import Airflow
from sim.orchestrators.airflow.simple_tries import SimpleTries
from sim.platform.contract import Platform
from tests.properties.nights import seeds

START = parse_instant("2024-01-01")
DAYS = 3
OUTCOMES = (
    SUCCESS,
    SUCCESS,
    SUCCESS,
    Outcome(Result.FAILED, "drawn"),
    Outcome(Result.SKIPPED),
    Outcome(Result.SUCCESS, returned=Returned(10)),
    Outcome(Result.DEFERRED),
)


@dataclass
class DrawnWork:
    """Tries whose spans and ends belong to (seed, task, try); two of a task may end together."""

    kernel: Kernel
    alerts: list[str] = field(default_factory=list)

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> DrawnWork:
        """Start a try, which writes a fact of its own as many do."""
        bits = self.kernel.streams.bits("work", attempt.task, attempt.try_number)
        self.kernel.fact(Fact.PROCESS, attempt.task_instance, bits % 97, attempt.cause)
        outcome = OUTCOMES[bits % len(OUTCOMES)]
        if outcome.result is Result.DEFERRED:
            outcome = replace(outcome, deferral=Deferral(self._wait, self._rest))
        self.kernel.after(bits % 4 * 20 * SECOND, on_end, outcome)
        return self

    def _wait(self, fires: Callable[[], None]) -> DrawnWork:
        self.kernel.after(50 * SECOND, fires)
        return self

    def _rest(self, timed_out: bool, on_end: Callable[[Outcome], None]) -> DrawnWork:  # noqa: FBT001
        del timed_out
        self.kernel.after(15 * SECOND, on_end, SUCCESS)
        return self

    def kill(self, reason: str) -> None:
        """What it wrote stays, and nobody listens to its end."""

    def send(self, alert: str, attempt: Attempt, *, cause: int) -> None:
        """Write it down."""
        self.alerts.append(alert)


def simulated(section: dict[str, Any], seed: int, clears: tuple[int, ...]) -> bytes:
    """The journal of a few days, with DAG `a` cleared by hand at some hours."""
    kernel = Kernel(seed=seed, start=START)
    work, end = DrawnWork(kernel), START + DAYS * DAY
    platform = Platform(kernel=kernel, workshop=work, announcer=work, timezone="UTC", end=end)
    airflow = Airflow(msgspec.convert(section, AirflowConfig), platform)
    airflow.start()
    for hour in clears:
        at = START + DAY + hour * HOUR
        kernel.at(at, airflow.intervene, Clear(at=at, pipeline="a", data_date="2024-01-01"))
    kernel.run(until=end)
    return kernel.journal.to_bytes()


@contextmanager
def step_by_step(taken: list[str] | None = None) -> Iterator[None]:
    """Without the pieces; with `taken`, with them, and which were used is noted there."""

    def start(self: SimpleTries, chosen: list[Any], job: Any) -> None:
        for ti in chosen:
            ti.token += 1
            ti.job = job
            self._start(ti, ti.token)

    def noting(owner: object, name: str) -> Any:
        real = getattr(owner, name)

        def noted(*args: Any, **named: Any) -> Any:
            answer = real(*args, **named)
            if answer or name in {"start", "ended"}:
                assert taken is not None
                taken.append(name)
            return answer

        return noted

    pieces: list[tuple[object, str, Any]] = [
        (CriticalSection, "pass_through", lambda *_: False),
        (together, "queue", lambda *_, **__: []),
        (SimpleTries, "start", start),
        (SimpleTries, "ended", lambda self, *args: self._otherwise(*args)),
    ]
    with ExitStack() as stack:
        for owner, name, long_way in pieces:
            instead = long_way if taken is None else noting(owner, name)
            stack.enter_context(patch.object(owner, name, instead))
        yield


@st.composite
def sections(draw: st.DrawFn) -> dict[str, Any]:
    """Up to three DAGs, often due at one minute, mostly of tasks that are alike."""
    dags = {name: draw(_dag()) for name in draw(st.sampled_from(["a", "ab", "abc"]))}
    return {
        "version": draw(st.sampled_from([2, 3])),
        "pools": {"small": {"slots": draw(st.integers(1, 3))}},
        "cfg": {
            "core": {"parallelism": draw(st.sampled_from([2, 5, 32]))},
            "scheduler": {"max_tis_per_query": draw(st.sampled_from([0, 2, 16]))},
        },
        "dags": dags,
    }


@st.composite
def _dag(draw: st.DrawFn) -> dict[str, Any]:
    alike = {
        "retries": draw(st.integers(0, 1)),
        "retry_delay": "45s",
        "pool": draw(st.sampled_from(["default_pool", "default_pool", "small"])),
        "depends_on_past": draw(st.sampled_from([False, False, False, True])),
    }
    tasks: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 6))):
        wide = draw(st.integers(1, 3))
        above = [f"t{number - wide}"] if number >= wide else []
        tasks[f"t{number}"] = {"upstream": above, **alike, **draw(_oddity())}
    return {
        "schedule": draw(st.sampled_from(["0 3 * * *", "0 3 * * *", "*/30 * * * *"])),
        "start_date": "2023-12-01",
        "max_active_runs": draw(st.integers(1, 3)),
        "max_active_tasks": draw(st.sampled_from([1, 2, 16])),
        "tasks": tasks,
    }


def _oddity() -> st.SearchStrategy[dict[str, Any]]:
    """What keeps a task out of the pieces, now and then."""
    plain: dict[str, Any] = {}
    return st.sampled_from(
        [
            *[plain] * 8,
            {"type": "empty"},
            {"pool_slots": 2},
            {"priority_weight": 7},
            {"trigger_rule": "all_done"},
            {"trigger_rule": "one_success"},
            {"max_active_tis_per_dag": 1},
            {"execution_timeout": "30s"},
            {"on_success_callback": "ring"},
        ]
    )


CHAIN = {"t0": {}, "t1": {"upstream": ["t0"]}, "t2": {"upstream": ["t0"]}}
TWO = {"schedule": "0 3 * * *", "start_date": "2023-12-01", "tasks": CHAIN}


@given(sections(), seeds, st.lists(st.integers(0, 20), max_size=2).map(tuple))
@example({"version": 3, "dags": {"a": TWO}}, 1, ())
@example({"version": 2, "dags": {"a": TWO, "b": TWO}}, 1, (4,))
@settings(max_examples=60)
def test_pieces_and_steps_write_the_same(
    section: dict[str, Any], seed: int, clears: tuple[int, ...]
) -> None:
    """Equal bytes for any config, outcome of work and clearing by hand."""
    taken: list[str] = []
    with step_by_step(taken):
        in_pieces = simulated(section, seed, clears)
    for name in sorted(set(taken)):
        event(name)
    with step_by_step():
        steps = simulated(section, seed, clears)

    assert steps == in_pieces


def test_the_pieces_are_taken() -> None:
    """Each of the four is what a plain night goes through, so that the law above is about them."""
    taken: list[str] = []
    with step_by_step(taken):
        alone = TWO | {"schedule": "0 5 * * *"}
        simulated({"version": 3, "dags": {"a": TWO, "b": TWO, "c": alone}}, 1, ())

    assert {"ended", "pass_through", "queue", "start"} == set(taken)
