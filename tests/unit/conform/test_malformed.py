"""A recording that is wrong is told with its place; no input ends in a traceback."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.conform.kinds import KINDS, judge
from sim.conform.recording import read_recording
from sim.errors import UsageError
from tests.unit.conform.recordings import bytes_of, case, trace, workload


def refusal(data: bytes) -> UsageError:
    """The error that a file's bytes raise on the way to being judged."""
    with pytest.raises(UsageError) as raised:
        judge(read_recording(data, "mine.json"))
    return raised.value


def changed(path: str, value: Any) -> dict[str, Any]:
    """A good case with one value changed, `workload.dags.0.tasks`."""
    made: Any = json.loads(json.dumps(case()))
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    at = made
    for step in steps:
        at = at[step]
    at[last] = value
    changed_case: dict[str, Any] = made
    return changed_case


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "1:1: is no JSON"),
        (b'{"format": 1,\n "system" 2}', "2:11: is no JSON"),
        (b"\xff\xfe", "byte 0: is not UTF-8"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"9" * 5_000, "Exceeds the limit"),
        (b"[]", "Expected `object`, got `array`"),
        (b"{}", "Object missing required field `format`"),
        (bytes_of(case(), format=2), "format: is 2"),
        (bytes_of(), "cases: holds no case"),
        (gzip.compress(b"{}" * 100, mtime=0)[:-9], "is no whole gzip file"),
        (b"\x1f\x8bnonsense", "is no whole gzip file"),
        (bytes_of(case(), system="luigi"), "system: 'luigi' cannot be judged"),
        (bytes_of(case(), kind="schedulers"), "kind: 'schedulers' of airflow cannot be judged"),
        (bytes_of(case(), version="1.10.15"), "version: Airflow 1.10.15 is not simulated"),
        (bytes_of(case(), version="newest"), "version: 'newest' is no version"),
        (bytes_of([], kind="retries", columns=["a"]), "columns: must be dag_id, task_id"),
        (bytes_of(["a"], kind="retries"), "cases[0]: Expected `array` of at least length 8"),
    ],
    ids=range(17),
)
def test_a_wrong_file(data: bytes, message: str) -> None:
    """File, place and problem in one sentence."""
    assert refusal(data).message.startswith(f"mine.json: {message}")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("workload.tick_s", 0, "cases[0].workload.tick_s: Expected `int` >= 1"),
        ("workload.epoch", "now", "cases[0].workload.epoch: Invalid isoformat string: 'now'"),
        (
            "workload.dags.0.tasks.0.upstream",
            ["x"],
            "cases[0].workload.dags[0].tasks[0].upstream: ",
        ),
        ("workload.dags.0.tasks.0.pool", "p", "cases[0].workload.dags[0].tasks[0].pool: "),
        ("workload.dags.0.tasks.0.tries", [], "cases[0].workload.dags[0].tasks[0].tries: "),
        (
            "workload.actions",
            [{"at_s": 1, "action": "pause", "dag_id": "x"}],
            "cases[0].workload.actions[0].dag_id: there is no 'x'",
        ),
        (
            "workload.actions",
            [{"at_s": 1, "action": "explode"}],
            "cases[0].workload.actions[0].action: Invalid enum value 'explode'",
        ),
        ("trace.dags", {}, "cases[0].trace.dags: Expected `array`"),
        ("trace.dag_runs.0", {"dag_id": "a"}, "cases[0].trace.dag_runs[0]: run_no is missing"),
        (
            "trace.dags.0.dag_id",
            ["a"],
            "cases[0].trace.dags[0].dag_id: must be a name or a number",
        ),
        ("trace.log", "none", "cases[0].trace.log: must be a list of rows"),
        ("trace.log", [1], "cases[0].trace.log[0]: must be an object"),
        ("trace.task_instances.0.tries", 1, "cases[0].trace.task_instances[0].tries: must be"),
    ],
)
def test_a_wrong_case(path: str, value: Any, message: str) -> None:
    """The place goes down to the field."""
    assert refusal(bytes_of(changed(path, value))).message.startswith(f"mine.json: {message}")


def test_a_name_twice() -> None:
    """Two DAGs with one name have no defined meaning."""
    twice = workload()
    twice["dags"] *= 2

    assert "workload.dags[1].dag_id: 'sales' is there twice" in str(
        refusal(bytes_of(case(workload=twice)))
    )


def test_gzip_or_not_is_told_by_the_bytes() -> None:
    """The same recording, packed and plain, is the same recording."""
    data = bytes_of(case())

    assert read_recording(data, "a") == read_recording(gzip.compress(data), "a")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "2024-01-01", "t0"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["workload", "trace", "n", "cron", "case"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(kind=st.sampled_from(sorted(KINDS)), cases=st.lists(JSON, min_size=1, max_size=3))
def test_whatever_a_case_is_it_is_judged_or_refused(
    kind: tuple[str, str], cases: list[Any]
) -> None:
    """Nothing but a refusal with its place leaves the judge."""
    system, name = kind
    try:
        found = judge(read_recording(bytes_of(*cases, system=system, kind=name), "mine.json"))
        told = f"mine.json: {found.agreed} of {found.total}"
    except UsageError as error:
        told = str(error)

    assert told.startswith("mine.json: ")


@pytest.mark.parametrize("part", ["dag_runs", "task_instances", "dags"])
def test_a_trace_needs_its_parts(part: str) -> None:
    """Runs, task instances and pointers are there, if only as empty lists."""
    lacking = {name: rows for name, rows in trace().items() if name != part}

    assert f"missing required field `{part}`" in str(refusal(bytes_of(case(trace=lacking))))
