"""What conditions ask the instance about its assets: a door, without the instance behind it.

An update is a materialization or an observation; updates are numbered in the order in which they
were stored, and a tick remembers the number that it has seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sim.orchestrators.dagster.asset_graph_view import PartitionKeys
    from sim.orchestrators.dagster.freshness import FreshnessState


@dataclass(frozen=True, slots=True)
class Update:
    """The latest materialization or observation of a partition."""

    number: int
    """Its place among all updates, from 1."""
    at: int
    """Instant."""
    planned: frozenset[str] = frozenset()
    """The assets that its run had planned; empty for one that was reported without a run."""
    data_version: str | None = None


class AssetRecords(Protocol):
    """The state of every asset as of now."""

    def last_number(self) -> int:
        """The number of the newest update of all."""

    def materialized(self, key: str) -> PartitionKeys:
        """The partitions that were ever materialized."""

    def latest(self, key: str, partition: str | None) -> Update | None:
        """The latest update of a partition."""

    def run_in_progress(self, key: str) -> PartitionKeys:
        """What runs that are not over have planned."""

    def backfill_in_progress(self, key: str) -> PartitionKeys:
        """What backfills that are not over target."""

    def failed(self, key: str) -> PartitionKeys:
        """What was planned by a run that failed, and not materialized since."""

    def freshness(self, key: str) -> FreshnessState | None:
        """The state of the asset's freshness policy; None: it has none."""

    def blocking_checks_passed(self, key: str) -> PartitionKeys:
        """Where every blocking check of the latest materialization has passed."""
