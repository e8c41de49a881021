"""Recorded outcomes of steps: a run of a graph, executed one step at a time without delays.

Each step's end, tries and starts, each check, each materialization and the run's own end are one
decision each. The work is the recording's; everything else is what a simulated run does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from sim.conform.decision import ABSENT, Absent, Decision, attempted
from sim.conform.recording import cases_as, malformed
from sim.orchestrators.dagster.failures import StepFailure, asks_again
from sim.orchestrators.dagster.plan import CheckSpec, NodeSpec, Step, plan_of
from sim.orchestrators.dagster.steps import ActiveExecution, StepEnd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

_RECORDED = {StepEnd.SUCCESS: "success", StepEnd.FAILED: "failure", StepEnd.SKIPPED: "skipped"}
_REQUESTS = "retry_requested:"


class Check(msgspec.Struct):
    """An asset check and what it finds."""

    name: str
    blocking: bool
    severity: Literal["ERROR", "WARN"]
    passed: bool
    inside: bool = False
    crash: bool = False


class Retry(msgspec.Struct):
    """A RetryPolicy without a delay."""

    max_retries: Annotated[int, msgspec.Meta(ge=0)]


class Node(msgspec.Struct):
    """An asset or an op, and how its tries end; the last entry holds for all that follow."""

    name: str
    deps: list[str]
    output: Literal["yes", "optional_yes", "optional_no", "required_no"]
    tries: Annotated[list[str], msgspec.Meta(min_length=1)]
    retry: Retry | None = None
    priority: int = 0
    fan: bool = False
    checks: list[Check] = []


class Expect(msgspec.Struct):
    """What the real run did."""

    run: str
    steps: dict[str, str]
    starts: list[str]
    tries: dict[str, int]
    materialized: list[str]
    checks: dict[str, list[Any]]
    fan_in_len: dict[str, int] = {}


class Case(msgspec.Struct):
    """A graph and its run."""

    kind: Literal["assets", "ops"]
    nodes: list[Node]
    expect: Expect


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded fact of every run beside ours."""
    for place, case in cases_as(recording, Case):
        _check_names(case, recording.file, place)
        ours = attempted(partial(_execute, case))
        yield from _compared(place, case.expect, ours)


def _check_names(case: Case, file: str, place: str) -> None:
    names = [node.name for node in case.nodes]
    for number, node in enumerate(case.nodes):
        at = f"{place}.nodes[{number}]"
        if names.index(node.name) != number:
            raise malformed(file, f"{at}.name", f"{node.name!r} is there twice")
        for name in node.deps:
            if name not in names:
                raise malformed(file, f"{at}.deps", f"there is no {name!r}")
        for entry in node.tries:
            _failure(entry, file, f"{at}.tries")


def _failure(entry: str, file: str = "", place: str = "") -> StepFailure | None:
    """How a try ends; None: well."""
    if entry.startswith(_REQUESTS) and entry.removeprefix(_REQUESTS).isdecimal():
        return StepFailure("retry_requested", int(entry.removeprefix(_REQUESTS)))
    ends = {"ok": None, "fail": StepFailure("error"), "fail_no_retry": StepFailure("no_retries")}
    if entry not in ends:
        raise malformed(file, place, f"{entry!r} is no end of a try")
    return ends[entry]


@dataclass
class _Run:
    """One run under way."""

    nodes: dict[str, Node]
    active: ActiveExecution
    starts: list[str] = field(default_factory=list)
    materialized: list[str] = field(default_factory=list)
    checks: dict[str, list[Any]] = field(default_factory=dict)
    fan_in_len: dict[str, int] = field(default_factory=dict)

    def perform(self, step: Step) -> tuple[StepFailure | None, bool]:
        """One try: how it failed (None: it did not), and whether it yielded its output."""
        node = self.nodes[step.node]
        if step.check is not None:
            check = next(each for each in node.checks if each.name == step.check.name)
            return (StepFailure("error"), False) if check.crash else (self.judge(node, check), True)
        failure = _failure(node.tries[min(self.tries(step.key), len(node.tries)) - 1])
        if failure is not None:
            return failure, False
        if node.output.endswith("_no"):
            return (StepFailure("framework") if node.output == "required_no" else None), False
        self.materialized.append(node.name)
        for check in node.checks:
            failure = self.judge(node, check) if check.inside else None
            if failure is not None:
                return failure, True
        return None, True

    def judge(self, node: Node, check: Check) -> StepFailure | None:
        """Evaluate a check; only a blocking ERROR fails the step that evaluates it."""
        word = "passed" if check.passed else "failed"
        self.checks[f"{node.name}/{check.name}"] = [word, check.severity, check.blocking]
        blocks = check.blocking and check.severity == "ERROR" and not check.passed
        return StepFailure("framework") if blocks else None

    def tries(self, key: str) -> int:
        """How many times a step was started."""
        return self.starts.count(key)


def _execute(case: Case) -> _Run:
    """The run, in process: one step at a time."""
    specs = [
        NodeSpec(
            node.name,
            tuple(node.deps),
            fan_in=node.fan,
            checks=tuple(
                CheckSpec(check.name, check.blocking, check.severity, check.inside)
                for check in node.checks
            ),
            priority=node.priority,
        )
        for node in case.nodes
    ]
    run = _Run({node.name: node for node in case.nodes}, ActiveExecution(plan_of(specs)))
    active = run.active
    while not active.idle:
        (step,) = active.take(0, limit=1)
        run.starts.append(step.key)
        node = run.nodes[step.node]
        failure, yielded = run.perform(step)
        if node.fan and step.inputs and yielded and node.output == "yes":
            run.fan_in_len[step.key] = len(active.loaded(step, 0))
        policy = None if step.check is not None or node.retry is None else node.retry.max_retries
        attempts = active.attempts.get(step.key, 0)
        if failure is None:
            active.mark_success(step.key, missing=() if yielded else step.outputs)
        elif asks_again(failure, policy_retries=policy, attempts=attempts):
            active.mark_up_for_retry(step.key)
        else:
            active.mark_failed(step.key)
        active.sweep()
    if case.kind == "ops":
        run.materialized.clear()
    return run


def _compared(place: str, expect: Expect, ours: _Run | Absent) -> Iterator[Decision]:
    if isinstance(ours, Absent):
        yield Decision(place, "run", expect.run, ours)
        return
    ends = {step.key: _word(ours.active.ends.get(step.key)) for step in ours.active.plan.steps}
    yield Decision(place, "run", expect.run, "FAILURE" if ours.active.failed else "SUCCESS")
    yield from _by_name(place, "steps", expect.steps, ends)
    tries = {key: ours.tries(key) for key in dict.fromkeys(ours.starts)}
    yield from _by_name(place, "tries", expect.tries, tries)
    yield from _by_name(place, "checks", expect.checks, ours.checks)
    yield from _by_name(place, "fan_in_len", expect.fan_in_len, ours.fan_in_len)
    for what, recorded, simulated in (
        ("starts", expect.starts, ours.starts),
        ("materialized", expect.materialized, ours.materialized),
    ):
        for number in range(max(len(recorded), len(simulated))):
            yield Decision(
                place,
                f"{what}[{number}]",
                recorded[number] if number < len(recorded) else ABSENT,
                simulated[number] if number < len(simulated) else ABSENT,
            )


def _word(end: StepEnd | None) -> str:
    """What the event log tells of a step; it has no event of any other end."""
    return "not_executed" if end is None else _RECORDED.get(end, "not_executed")


def _by_name(
    place: str, what: str, recorded: dict[str, Any], simulated: dict[str, Any]
) -> Iterator[Decision]:
    for name in dict.fromkeys((*recorded, *simulated)):
        yield Decision(
            place, f"{what} {name}", recorded.get(name, ABSENT), simulated.get(name, ABSENT)
        )
