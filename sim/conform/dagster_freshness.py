"""Recorded freshness and staleness of Dagster's assets: each state at each instant is a decision.

A case of `freshness`: `origin`, `policy` (`time_window`: `fail`, `warn`; `cron`: `cron`, `lower`,
`tz`; all spans in minutes), `materialized_at_min`, and `expect` [[minute, state]]. A case of
`staleness`: `nodes` (`name`, `deps`, `code_version`), a `script` (`look`, `run` assets, `bump` an
asset's code version), and each asset's status and causes after each `look` and `run`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sim.conform.decision import ABSENT, Decision, attempted
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import MINUTE, parse_instant
from sim.orchestrators.dagster.freshness import CronDeadline, TimeWindow
from sim.orchestrators.dagster.staleness import Versions, materialized, staleness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording
    from sim.orchestrators.dagster.freshness import FreshnessPolicy


class Policy(msgspec.Struct):
    """A freshness policy; spans in minutes."""

    kind: Literal["time_window", "cron"]
    fail: float = 0
    warn: float | None = None
    cron: str = ""
    lower: float = 0
    tz: str = "UTC"


class Node(msgspec.Struct):
    """One asset."""

    name: str
    deps: list[str]
    code_version: str | None = None


class Case(msgspec.Struct):
    """A script and what it leads to."""

    kind: Literal["freshness", "staleness"]
    expect: list[tuple[Any, Any]]
    origin: str = ""
    policy: Policy | None = None
    materialized_at_min: list[float] = []
    nodes: list[Node] = []
    script: list[list[Any]] = []


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded state beside ours."""
    for place, case in cases_as(recording, Case):
        try:
            yield from (_freshness if case.kind == "freshness" else _staleness)(place, case)
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise malformed(recording.file, place, f"is no script ({error!r})") from None


def _freshness(place: str, case: Case) -> Iterator[Decision]:
    origin = parse_instant(case.origin)
    if case.policy is None:
        message = "has no policy"
        raise ValueError(message)
    policy = _policy(case.policy)
    done = sorted(origin + round(minute * MINUTE) for minute in case.materialized_at_min)
    for minute, state in case.expect:
        now = origin + round(minute * MINUTE)
        latest = max((at for at in done if at <= now), default=None)
        ours = attempted(lambda: policy.state(now, latest))  # noqa: B023
        yield Decision(place, f"minute {minute}", state, ours)


def _policy(asked: Policy) -> FreshnessPolicy:
    if asked.kind == "cron":
        return CronDeadline(asked.cron, round(asked.lower * MINUTE), asked.tz)
    warn = None if asked.warn is None else round(asked.warn * MINUTE)
    return TimeWindow(round(asked.fail * MINUTE), warn)


def _staleness(place: str, case: Case) -> Iterator[Decision]:
    codes = {node.name: node.code_version for node in case.nodes}
    deps = {node.name: node.deps for node in case.nodes}
    latest: dict[str, Versions] = {}
    answers = iter(case.expect)
    for number, step in enumerate(case.script):
        if step[0] == "bump":
            codes[step[1]] = step[2]
            continue
        if step[0] == "run":
            # in the order of the nodes, which is one of the graph
            for name in [name for name in deps if name in step[1]]:
                upstream = {dep: _data_version(latest, dep) for dep in deps[name]}
                latest[name] = materialized(f"run {number}", codes[name], upstream)
        current = {name: _data_version(latest, name) for name in deps}
        _, expected = next(answers, (step, {}))
        for name, told in expected.items():
            found: Any = ABSENT
            if name in deps:
                known = latest[name].upstream if name in latest else {}
                changed = [dep for dep, version in known.items() if current.get(dep) != version]
                found = staleness(codes[name], deps[name], latest.get(name), changed)
            what = f"step {number} {name}"
            yield Decision(place, f"{what} status", told[0], getattr(found, "status", found))
            causes = list(getattr(found, "causes", ()))
            yield Decision(place, f"{what} causes", told[1], causes)


def _data_version(latest: dict[str, Versions], name: str) -> str | None:
    return latest[name].data_version if name in latest else None
