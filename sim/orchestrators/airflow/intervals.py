"""What a timetable answers: a data interval, and everything a new run needs to know.

Plain values in integer microseconds since the epoch; they decide nothing.
"""

from __future__ import annotations

import msgspec


class DataInterval(msgspec.Struct, frozen=True):
    """The span of data a run is about, [start, end); start == end for trigger timetables."""

    start: int
    end: int


class RunInfo(msgspec.Struct, frozen=True):
    """The next run a timetable asks for (Airflow: `DagRunInfo`)."""

    logical_date: int
    start: int
    """Start of the data interval."""
    end: int
    """End of the data interval."""
    run_after: int
    """Earliest instant at which the run may be created."""

    @property
    def interval(self) -> DataInterval:
        """The data interval of the run."""
        return DataInterval(self.start, self.end)
