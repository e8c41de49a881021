"""A rule that a difference may rest on: what a real system does, with where it says so.

What a side did is told in topics; each orchestrator's module beside this one says what its rule of
a topic is under a given section. A topic without a rule is one on which nothing is claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Topic = Literal[
    "schedule",
    "clock_change",
    "catchup",
    "no_catchup",
    "data_date",
    "dependencies",
    "no_dependencies",
    "retries",
    "no_retries",
    "upstream_failed",
    "sensor",
    "scheduler_loop",
    "run_limit",
    "heartbeat",
    "message",
    "no_message",
    "backfill",
    "manual_run",
    "removed",
    "sla",
]
"""What a fact shows of a side:

- `schedule`: when a run of its schedule is due; `clock_change`: on a night whose clock changes;
- `catchup`, `no_catchup`: dates before the nights are made up for, or are not though they could;
- `data_date`: which business day a run works on when nobody says so;
- `dependencies`: a task starts because others are done; `no_dependencies`: whatever others did;
- `retries`, `no_retries`: a try that failed is followed by another, or is not;
- `upstream_failed`: a task does not run since one before it failed;
- `sensor`, `scheduler_loop`, `run_limit`: what it waited for; `heartbeat`: who misses a worker;
- `message`, `no_message`: a person is told, or nobody is;
- `backfill`, `manual_run`, `removed`, `sla`: what an operator or a release changes.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one release. Its sentence is `rule.CODE` in the words."""

    id: str
    """Citable: `airflow-3.3.2/catchup-default`."""
    release: str
    """As people say it: `Airflow 3.3.2`."""
    code: str
    source: str
    """Where the release itself says so."""

    @property
    def name(self) -> str:
        """Its name without the release, `catchup-default`."""
        return self.id.rpartition("/")[2]
