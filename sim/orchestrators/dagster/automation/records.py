"""What conditions ask the instance about its assets: a door, without the instance behind it.

An update is a materialization or an observation; updates are numbered in the order in which they
were stored, and a tick remembers the number that it has seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.orchestrators.dagster.asset_graph_view import PartitionKeys
    from sim.orchestrators.dagster.freshness import FreshnessState

CheckStatus = Literal["SUCCEEDED", "FAILED", "IN_PROGRESS", "EXECUTION_FAILED", "SKIPPED"]
"""Of the latest execution of a check (`AssetCheckExecutionResolvedStatus`)."""


@dataclass(frozen=True, slots=True)
class Update:
    """One materialization or observation of a partition."""

    number: int
    """Its place among all updates, from 1."""
    at: int
    """Instant."""
    planned: frozenset[str] = frozenset()
    """The assets that its run had planned; empty for one that was reported without a run."""
    data_version: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    """Of its run."""
    run_id: str | None = None
    """None: it was reported without a run."""


class CheckKey(NamedTuple):
    """An asset check."""

    asset: str
    name: str

    def __str__(self) -> str:
        return f"{self.asset}:{self.name}"


class CheckState(NamedTuple):
    """What is known of a check."""

    status: CheckStatus | None = None
    """None: it was not executed for the latest materialization."""
    evaluated: int | None = None
    """Instant of its latest result."""


class AssetRecords(Protocol):
    """The state of every asset as of now."""

    def last_number(self) -> int:
        """The number of the newest update of all."""

    def materialized(self, key: str) -> PartitionKeys:
        """The partitions that were ever materialized."""

    def updates(self, key: str) -> Sequence[tuple[str | None, Update]]:
        """Every update of an asset with its partition, in order."""

    def run_in_progress(self, key: str) -> PartitionKeys:
        """What runs that are not over have planned and have not materialized."""

    def backfill_in_progress(self, key: str) -> PartitionKeys:
        """What backfills that are not over target, and have neither made nor lost."""

    def failed(self, key: str) -> PartitionKeys:
        """What was planned by a run that failed, and not materialized since."""

    def freshness(self, key: str) -> FreshnessState | None:
        """The state of the asset's freshness policy; None: it has none."""

    def check(self, key: CheckKey) -> CheckState:
        """The latest execution of a check."""
