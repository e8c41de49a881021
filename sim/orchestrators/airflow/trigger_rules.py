"""Trigger rules: a pure function of how many upstream task instances ended how.

Counts are packed into one integer so that a finished task costs its downstream one addition; the
rule unpacks them only when something can be decided. Source: Airflow 2.11.2 and 3.3.2,
`ti_deps/deps/trigger_rule_dep.py` `_evaluate_direct_relatives`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.model.states import TaskState

if TYPE_CHECKING:
    from collections.abc import Callable

BITS = 24
"""Bits of one count; more than any graph has upstream task instances."""
_MASK = (1 << BITS) - 1

UNIT: tuple[int, ...] = tuple(
    {
        TaskState.SUCCESS: 1,
        TaskState.FAILED: 1 << BITS,
        TaskState.UPSTREAM_FAILED: 1 << 2 * BITS,
        TaskState.SKIPPED: 1 << 3 * BITS,
        TaskState.REMOVED: 1 << 4 * BITS,
    }.get(state, 0)
    for state in TaskState
)
"""What one upstream task instance in this state adds to the packed counts."""

RUN = -1
"""The rule is satisfied."""
WAIT = -2
"""Nothing is decided yet."""

_REMOVED = int(TaskState.REMOVED)
_SKIPPED = int(TaskState.SKIPPED)
_UPSTREAM_FAILED = int(TaskState.UPSTREAM_FAILED)


class Counts(NamedTuple):
    """How many direct upstream task instances there are, and how many ended how."""

    total: int
    success: int
    failed: int
    upstream_failed: int
    skipped: int
    removed: int
    ignored: int = 0
    """How many of the removed ones count as if they were not there."""

    @property
    def done(self) -> int:
        """How many are finished."""
        return self.success + self.failed + self.upstream_failed + self.skipped + self.removed

    @property
    def bad(self) -> int:
        """How many failed, or could not run since another failed."""
        return self.failed + self.upstream_failed


def unpack(total: int, packed: int) -> Counts:
    """The counts in a packed integer."""
    return Counts(
        total,
        packed & _MASK,
        packed >> BITS & _MASK,
        packed >> 2 * BITS & _MASK,
        packed >> 3 * BITS & _MASK,
        packed >> 4 * BITS & _MASK,
    )


def decide(rule: str, counts: Counts, *, version: int, map_index: int = -1) -> int:
    """RUN, WAIT, or the state (an `int` of TaskState) that the rule gives to a task instance."""
    if counts.total == 0:
        return RUN
    if counts.removed:
        counts = _without_removed(counts, version, map_index)
        spoilt = counts.bad or counts.skipped
        if rule == "all_success" and not spoilt and 0 < counts.success <= map_index:
            return _REMOVED
    return _RULES[rule](counts, version)


def _without_removed(counts: Counts, version: int, map_index: int) -> Counts:
    """Removed upstreams count as if they were not there; in 2.x for mapped tasks only."""
    ignored = version > 2 or map_index >= 0  # noqa: PLR2004 - the version before the change
    return counts._replace(ignored=counts.removed if ignored else 0)


def _all_success(c: Counts, _version: int) -> int:
    if c.bad:
        return _UPSTREAM_FAILED
    if c.skipped:
        return _SKIPPED
    return RUN if c.total - c.success - c.ignored == 0 else WAIT


def _all_failed(c: Counts, _version: int) -> int:
    if c.success or c.skipped:
        return _SKIPPED
    return RUN if c.total - c.bad - c.ignored == 0 else WAIT


def _all_done(c: Counts, _version: int) -> int:
    return RUN if c.done >= c.total else WAIT


def _all_skipped(c: Counts, _version: int) -> int:
    if c.success or c.bad:
        return _SKIPPED
    return RUN if c.total == c.skipped else WAIT


def _one_success(c: Counts, _version: int) -> int:
    if c.done >= c.total:
        if c.done == c.skipped:
            return _SKIPPED
        if not c.success:
            return _UPSTREAM_FAILED
    return RUN if c.success else WAIT


def _one_failed(c: Counts, _version: int) -> int:
    if c.done >= c.total and not c.bad:
        return _SKIPPED
    return RUN if c.bad else WAIT


def _one_done(c: Counts, _version: int) -> int:
    if c.done >= c.total and not c.failed + c.success:
        return _SKIPPED
    return RUN if c.success + c.failed else WAIT


def _none_failed(c: Counts, _version: int) -> int:
    if c.bad:
        return _UPSTREAM_FAILED
    return RUN if c.total - c.success - c.skipped - c.ignored == 0 else WAIT


def _none_failed_min_one_success(c: Counts, version: int) -> int:
    if c.bad:
        return _UPSTREAM_FAILED
    if c.skipped == c.total:
        return _SKIPPED
    needs_success = version > 2  # noqa: PLR2004 - the version before the change
    if needs_success and c.done >= c.total and not c.success:
        return _UPSTREAM_FAILED
    open_ones = c.total - c.success - c.skipped - c.ignored
    return RUN if open_ones == 0 and (c.success or not needs_success) else WAIT


def _none_skipped(c: Counts, _version: int) -> int:
    if c.skipped:
        return _SKIPPED
    return RUN if c.done >= c.total else WAIT


def _all_done_min_one_success(c: Counts, _version: int) -> int:
    if c.skipped:
        return _SKIPPED
    if c.done >= c.total and not c.success:
        return _UPSTREAM_FAILED
    return RUN if c.success and c.success + c.bad >= c.total - c.removed else WAIT


def _always(_c: Counts, _version: int) -> int:
    return RUN


_RULES: dict[str, Callable[[Counts, int], int]] = {
    "all_success": _all_success,
    "all_failed": _all_failed,
    "all_done": _all_done,
    "all_skipped": _all_skipped,
    "one_success": _one_success,
    "one_failed": _one_failed,
    "one_done": _one_done,
    "none_failed": _none_failed,
    "none_failed_min_one_success": _none_failed_min_one_success,
    "none_failed_or_skipped": _none_failed_min_one_success,
    "none_skipped": _none_skipped,
    "all_done_min_one_success": _all_done_min_one_success,
    # the rule of a teardown, as far as its direct upstream goes: see `setups`
    "all_done_setup_success": _all_done,
    "always": _always,
    "dummy": _always,
}

RULES_OF = {
    2: frozenset(_RULES) - {"all_done_min_one_success", "all_done_setup_success"},
    3: frozenset(_RULES) - {"none_failed_or_skipped", "dummy", "all_done_setup_success"},
}
"""The rules that a task may name in each version; a teardown's own rule is not one of them."""
