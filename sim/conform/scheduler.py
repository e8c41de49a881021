"""Recorded traces of the real scheduler: each workload simulated, each fact of its trace judged.

`form` says what a case is, `workload` plays it, `trace` reads our journal in the recording's form,
and `compare` counts. A workload that this program cannot play agrees in nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.conform.airflow_version import airflow_of
from sim.conform.compare import ABOUT, KEYS, compared
from sim.conform.decision import attempted
from sim.conform.form import Case, check_names
from sim.conform.recording import cases_as, malformed
from sim.conform.workload import replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.decision import Decision
    from sim.conform.recording import Recording


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every fact of every trace beside ours."""
    version = airflow_of(recording)
    for (place, case), raw in zip(cases_as(recording, Case), recording.cases, strict=True):
        check_names(case.workload, recording.file, f"{place}.workload")
        trace = raw["trace"]
        _check_rows(trace, recording.file, f"{place}.trace")
        simulated = attempted(lambda: replay(raw["workload"], version))  # noqa: B023
        yield from compared(case.workload.id, trace, simulated)


def _check_rows(trace: dict[str, Any], file: str, place: str) -> None:
    """Hold a trace to lists of rows, and rows to their keys. Raises `UsageError`."""
    for part, rows in trace.items():
        if part == ABOUT:
            continue
        if not isinstance(rows, list):
            raise malformed(file, f"{place}.{part}", "must be a list of rows")
        for number, row in enumerate(rows):
            here = f"{place}.{part}[{number}]"
            if not isinstance(row, dict):
                raise malformed(file, here, "must be an object")
            for name in KEYS.get(part, ()):
                if name not in row:
                    raise malformed(file, here, f"{name} is missing")
                if not isinstance(row[name], str | int):
                    raise malformed(file, f"{here}.{name}", "must be a name or a number")
            if part in KEYS:
                _check_tries(row.get("tries", []), file, f"{here}.tries")


def _check_tries(tries: Any, file: str, place: str) -> None:
    if not isinstance(tries, list) or not all(isinstance(one, dict) for one in tries):
        raise malformed(file, place, "must be a list of objects")
