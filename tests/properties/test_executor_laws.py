"""Laws that hold whoever runs the work: executors of every kind, deferral, a slow database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.faults.plan import BrokerOff, DatabaseOff, Fault, HostOff, SchedulerCrash, WorkerOff
from tests.properties.legal import illegal
from tests.properties.nights import Night, actions, airflow_nights
from tests.properties.test_engine_laws import unfinished, unordered
from tests.properties.test_worker_laws import blows, pools, revenants


@st.composite
def executors(draw: st.DrawFn, version: int) -> dict[str, Any]:
    """Where the work of a night runs; the smaller, the more of it waits below the slots."""
    kinds = ["LocalExecutor", "CeleryExecutor", "KubernetesExecutor"]
    names = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=2, unique=True))
    if version == 2 and draw(st.integers(0, 4)) == 4:
        names = ["SequentialExecutor"]
    return {
        "names": names,
        "core": {"executor": ",".join(names)},
        "celery": {
            "worker_prefetch_multiplier": draw(st.integers(1, 2)),
            "task_acks_late": draw(st.booleans()),
        },
        "celery_broker_transport_options": {
            "visibility_timeout": draw(st.sampled_from(["4m", "1h"]))
        },
        "kubernetes_executor": {"task_publish_max_retries": draw(st.sampled_from([-1, 0, 2]))},
        "operators": {"default_deferrable": draw(st.booleans())},
        "triggerer": {"capacity": draw(st.integers(1, 2))},
    }


@st.composite
def elsewhere_nights(draw: st.DrawFn) -> Night:
    """A night of Airflow on any executors, with all that can happen to them."""
    night = draw(airflow_nights())
    section = dict(night.section)
    made = draw(executors(section["version"]))
    names = made.pop("names")
    made["core"] |= section["cfg"]["core"]
    section |= {
        "cfg": made,
        "schedulers": 1 if names == ["SequentialExecutor"] else draw(st.integers(1, 2)),
        "triggerers": 2,
        "celery_workers": {"w1": {"concurrency": 1}, "w2": {"concurrency": 2}},
        "cluster": {
            "pods_per_node": draw(st.integers(1, 2)),
            "nodes_max": draw(st.integers(1, 2)),
            "quota": draw(st.sampled_from([None, 1, 2])),
            "launch_failures": draw(st.sampled_from([0.0, 0.3])),
        },
        "database": {
            "latency": draw(st.sampled_from([0, 0.02])),
            "max_connections": draw(st.sampled_from([None, 22])),
        },
        "pools": {"small": {"slots": 2, "include_deferred": draw(st.booleans())}},
    }
    for one in section["dags"].values():
        for task in one["tasks"].values():
            task["executor"] = draw(st.sampled_from(names))
            if "sensor" in task and draw(st.booleans()):
                task["sensor"]["mode"] = "deferrable"
    return replace(night, section=section, faults=draw(outages()), actions=draw(actions()))


def outages() -> st.SearchStrategy[tuple[Fault, ...]]:
    """Up to four: hosts, workers, triggerers, the broker and schedulers, all of them come back."""
    minute, span = st.integers(0, 90), st.integers(1, 50)
    names = st.sampled_from(["w1", "w2", "triggerer-1", "triggerer-2"])

    def at(minutes: int) -> str:
        return f"2024-03-12T{3 + minutes // 60:02d}:{minutes % 60:02d}:02Z"

    one = st.one_of(
        st.builds(lambda m, s: HostOff(start=at(m), end=at(m + s)), minute, span),
        st.builds(lambda m, s: BrokerOff(start=at(m), end=at(m + s)), minute, span),
        st.builds(lambda m, s: DatabaseOff(start=at(m), end=at(m + s)), minute, span),
        st.builds(
            lambda n, m, s: WorkerOff(worker=n, start=at(m), end=at(m + s)), names, minute, span
        ),
        st.builds(lambda m, s: SchedulerCrash(at=at(m), restart=at(m + s)), minute, span),
    )
    return st.tuples(st.lists(one, max_size=3).map(tuple), st.one_of(st.just(()), blows())).map(
        lambda both: (*both[0], *both[1])
    )


def broken(night: Night) -> list[object]:
    """What no night may show: states by a way that there is not, rows out of order, no end."""
    journal = night.journal()
    return [*illegal(journal), *unordered(journal), *unfinished(journal), *revenants(journal)]


@given(night=elsewhere_nights())
def test_states_stay_legal_and_everything_ends(night: Night) -> None:
    """Whoever runs the work, and whatever goes off: a slot that leaked would keep the rerun."""
    assert [] == broken(night)


@given(night=elsewhere_nights())
def test_pool_slots_never_leak(night: Night) -> None:
    """Deferred or not, no pool holds anything when all is over."""
    assert {} == pools(night)[1]


@settings(max_examples=15)
@given(night=elsewhere_nights())
def test_the_same_night_gives_the_same_bytes(night: Night) -> None:
    """Twice in one process, everything built anew."""
    assert night.journal().to_bytes() == night.journal().to_bytes()


@pytest.mark.slow
@settings(max_examples=150)
@given(night=elsewhere_nights())
def test_nothing_breaks_in_a_long_search(night: Night) -> None:
    """The same over many more nights."""
    assert [] == broken(night)
    assert {} == pools(night)[1]
