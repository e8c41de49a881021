"""DAG files over time: what is seen when, and what happens until then."""

from __future__ import annotations

from typing import Any

from sim.kernel.calendar import format_instant
from sim.model.facts import Fact
from sim.model.work import SUCCESS, Outcome, Result
from tests.unit.airflow.builder import Flight, dag, fly

FILE = "dags/d.py"


def deployed(
    *deploys: tuple[str, str],
    version: int = 3,
    cfg: dict[str, Any] | None = None,
    outcomes: dict[tuple[str, int], Any] | None = None,
    **settings: Any,
) -> Flight:
    """A DAG in a file of its own, deployed to at times of 10 March."""
    section = {
        "dags": {"d": dag(**settings)},
        "dag_files": {FILE: {"dags": ["d"], "parse": "2s", "imports": ["lib/common.py"]}},
        "deploys": [
            {
                "at": f"2024-03-10T{at}",
                "path": FILE if what != "lib" else "lib/common.py",
                "change": "broken" if what == "lib" else what,
            }
            for at, what in deploys
        ],
    }
    return fly(version=version, cfg=cfg or {}, outcomes=outcomes, **section)


def parses(flight: Flight) -> list[str]:
    """Each parse that found something new: `02:50:02 broken`."""
    return [
        f"{format_instant(row.time)[11:-1]} {row.detail.get('error', 'ok')}"
        for row in flight.kernel.journal.rows(Fact.DAG_FILE)
    ]


def test_a_worker_imports_the_file_first() -> None:
    """Two seconds of import, then a minute of work, for each task."""
    flight = deployed()

    assert [line for line in flight.tasks() if "success" in line] == [
        "03-10 03:01:02 a#1 success",
        "03-10 03:02:04 b#1 success",
    ]
    assert parses(flight) == ["00:00:00 ok"]


def test_a_broken_file_has_no_new_runs_until_it_is_mended() -> None:
    """The parse after the mend brings the run that was due, half an hour late."""
    flight = deployed(("02:50:07", "broken"), ("03:30:07", "fixed"))

    assert parses(flight) == ["00:00:00 ok", "02:50:32 broken", "03:30:32 ok"]
    assert flight.runs()[0][:14] == "03-10 03:30:32"


def test_a_shared_module_breaks_its_files() -> None:
    """The file itself did not change."""
    flight = deployed(("02:50:07", "lib"))

    assert parses(flight)[-1] == "02:50:32 broken"
    assert flight.runs() == []


def test_a_try_that_starts_meanwhile_fails() -> None:
    """The worker imports what lies there, whatever the scheduler has seen of it."""
    at_once = {"workers": {"missing_dag_retries": 0}}
    flight = deployed(("03:01:01", "broken"), ("03:01:20", "fixed"), cfg=at_once)

    assert [line[6:] for line in flight.tasks("b")][-2:] == [
        "03:01:02 b#1 running",
        "03:01:04 b#1 failed",
    ]


def test_running_runs_of_a_broken_file() -> None:
    """3.x: not examined once the file was parsed; 2.x: the check for stale DAGs comes first."""
    slow = {"a": {"retries": 1, "retry_delay": "10m"}, "b": {"upstream": ["a"]}}
    ends = {}
    for version in (2, 3):
        flight = fly(
            version=version,
            dags={"d": dag(slow)},
            dag_files={FILE: {"dags": ["d"]}},
            deploys=[
                {"at": "2024-03-10T03:02:07", "path": FILE, "change": "broken"},
                {"at": "2024-03-10T04:00:07", "path": FILE, "change": "fixed"},
            ],
            outcomes={("a", 1): Outcome(Result.FAILED, "boom")},
        )
        ends[version] = [line[6:14] for line in flight.tasks("a") if "a#2 scheduled" in line]

    assert ends == {2: ["04:00:31"], 3: ["04:00:31"]}


def test_in_2_a_broken_file_goes_stale_by_the_check() -> None:
    """Until then its running runs go on; after it they stand still."""
    at = "2024-03-10T03:00:07"
    file = {"dag_files": {FILE: {"dags": ["d"], "parse": "0s"}}}
    broken = {"deploys": [{"at": at, "path": FILE, "change": "broken"}]}
    tasks = {"a": {}, "b": {"upstream": ["a"]}}
    seconds = 1_000_000
    quick = fly(version=2, dags={"d": dag(tasks)}, span_us=40 * seconds, **file, **broken)
    slow = fly(version=2, dags={"d": dag(tasks)}, span_us=200 * seconds, **file, **broken)

    assert [line for line in quick.runs() if "failed" in line] != []
    assert [line for line in slow.runs() if "failed" in line] == []


def test_a_new_file_is_listed_first() -> None:
    """Five minutes between listings, then two seconds of parsing."""
    flight = deployed(("02:56:00", "added"))

    assert parses(flight) == ["03:00:02 ok"]
    assert flight.runs()[0][:14] == "03-10 03:00:02"


def test_a_file_taken_away_stops_its_dag() -> None:
    """The next listing finds it gone, and the check makes its DAG stale: no run comes."""
    flight = deployed(("02:51:00", "removed"))

    assert parses(flight) == ["00:00:00 ok", "02:55:00 removed"]
    assert flight.runs() == []


def test_nobody_parses_while_the_host_is_off() -> None:
    """The first round after the outage finds what was deployed meanwhile."""
    flight = fly(
        version=3,
        dag_files={FILE: {"dags": ["d"], "parse": "2s"}},
        deploys=[{"at": "2024-03-10T02:00:07", "path": FILE, "change": "broken"}],
        host_outages=(("2024-03-10T01:59", "2024-03-10T02:10"),),
    )

    assert parses(flight)[-1] == "02:10:02 broken"


def test_a_file_that_comes_back_brings_its_dag_back() -> None:
    """Taken away before its run was due, and put back: the run comes with the parse."""
    flight = deployed(("02:51:00", "removed"), ("03:07:00", "added"))

    assert parses(flight)[1:] == ["02:55:00 removed", "03:10:02 ok"]
    assert flight.runs()[0][:14] == "03-10 03:10:02"


def test_an_import_that_takes_too_long_is_an_error() -> None:
    """More than 30 s: given up, and the DAG has no new runs."""
    flight = fly(
        version=3,
        dag_files={FILE: {"dags": ["d"]}},
        deploys=[{"at": "2024-03-10T02:00", "path": FILE, "change": "changed", "parse": "45s"}],
    )

    assert parses(flight) == ["00:00:00 ok", "02:00:30 timeout"]
    assert flight.runs() == []


def test_a_try_that_cannot_load_its_dag_begins_anew_three_times() -> None:
    """3.x: after a minute each and still as try 1, so that a mend in time leaves no trace."""
    flight = deployed(("03:01:01", "broken"), ("03:01:20", "fixed"))

    assert [line[6:] for line in flight.tasks("b")] == [
        "03:01:02 b#1 scheduled",
        "03:01:02 b#1 queued",
        "03:01:02 b#1 running",
        "03:01:04 b#1 up_for_reschedule",
        "03:02:04 b#1 scheduled",
        "03:02:04 b#1 queued",
        "03:02:04 b#1 running",
        "03:03:06 b#1 success",
    ]


def test_a_try_fails_once_its_dag_stayed_away() -> None:
    """3.x: the fourth process fails it; a retry of its own begins to count anew."""
    cfg = {"workers": {"missing_dag_retries": 1, "missing_dag_retry_delay": 10}}
    tasks = {"a": {}, "b": {"upstream": ["a"], "retries": 1, "retry_delay": "10s"}}
    flight = deployed(("03:01:01", "broken"), tasks=tasks, cfg=cfg)

    assert [line[6:] for line in flight.tasks("b") if "up_for" in line] == [
        "03:01:04 b#1 up_for_reschedule",
        "03:01:16 b#1 up_for_retry",
        "03:01:29 b#2 up_for_reschedule",
    ]


def test_2_fails_such_a_try_at_once() -> None:
    """There a worker has no second look."""
    flight = deployed(("03:01:01", "broken"), ("03:01:20", "fixed"), version=2)

    assert [line[6:] for line in flight.tasks("b")][-2:] == [
        "03:01:02 b#1 running",
        "03:01:04 b#1 failed",
    ]


def test_a_sensor_that_pokes_imports_its_file_once() -> None:
    """In poke mode the process lives on; in reschedule mode each look is a new process.

    Two seconds of import, a look of a minute that finds nothing, and the second look half a minute
    later, which ends the task at once.
    """
    ends = {}
    for mode in ("poke", "reschedule"):
        looks = iter([Outcome(Result.NOT_READY), SUCCESS])
        sensor = {"system": "db", "mode": mode, "poke_interval": "30s", "timeout": "1h"}
        flight = deployed(
            tasks={"a": {"type": "sensor", "sensor": sensor}},
            outcomes={("a", 1): lambda _, looks=looks: next(looks)},
        )
        ends[mode] = flight.tasks("a")[-1][6:]

    assert {"poke": "03:02:32 a#1 success", "reschedule": "03:02:34 a#1 success"} == ends
