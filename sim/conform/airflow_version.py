"""Which of our two Airflows judges a recording: the one with its major version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.conform.recording import malformed
from sim.orchestrators.airflow.versions import VERSIONS

if TYPE_CHECKING:
    from sim.conform.recording import Recording


def airflow_of(recording: Recording) -> int:
    """2 or 3. Raises `UsageError` for any other Airflow."""
    if recording.major not in VERSIONS:
        known = " and ".join(f"{number}.x" for number in VERSIONS)
        problem = f"Airflow {recording.version} is not simulated, {known} are"
        raise malformed(recording.file, "version", problem)
    return recording.major
