"""Data versions, code versions, and which assets are stale because of which of them.

Source: Dagster 1.13.29, _core/definitions/data_version.py and _core/execution/plan/
execute_step.py. Staleness is not passed on: an asset is stale by its direct upstream assets alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

VERSION_DIGITS = 16
"""How many digits of a hash are kept; Dagster keeps all 64."""
StaleStatus = Literal["MISSING", "STALE", "FRESH"]
StaleCause = Literal["CODE", "DEPENDENCIES", "DATA"]


@dataclass(frozen=True, slots=True)
class Versions:
    """What a materialization remembers."""

    code_version: str
    """The asset's own, or the id of the run when it has none."""
    data_version: str
    upstream: Mapping[str, str | None]
    """The data version that each upstream asset had; None: it had never been materialized."""


class Staleness(NamedTuple):
    """The status of an asset, and why."""

    status: StaleStatus
    causes: tuple[StaleCause, ...] = ()


FRESH = Staleness("FRESH")


def materialized(
    run_id: str,
    code_version: str | None,
    upstream: Mapping[str, str | None],
    data_version: str | None = None,
) -> Versions:
    """What a materialization in this run remembers.

    `data_version`: one that the asset's own code gives; else it is made of the code version and of
    those of what it read, so a run without a code version always makes another one.
    """
    code = run_id if code_version is None else code_version
    if data_version is None:
        known = [upstream[name] or "" for name in sorted(upstream)]
        data_version = sha256("\x1f".join((code, *known)).encode()).hexdigest()[:VERSION_DIGITS]
    return Versions(code, data_version, dict(upstream))


def staleness(
    code_version: str | None,
    deps: Collection[str],
    latest: Versions | None,
    changed: Collection[str],
) -> Staleness:
    """Whether an asset is stale.

    `latest`: what its latest materialization remembers; `changed`: the upstream assets whose data
    is another by now.
    """
    if latest is None:
        return Staleness("MISSING")
    causes: list[StaleCause] = []
    if code_version is not None and code_version != latest.code_version:
        causes.append("CODE")
    if set(deps) != set(latest.upstream):
        causes.append("DEPENDENCIES")
    if set(deps) & set(changed):
        causes.append("DATA")
    return Staleness("STALE", tuple(causes)) if causes else FRESH
