"""A recorded trace beside a simulated one, decision by decision.

Rows with a key (runs, task instances, DAG pointers) are met by it, and every further field is one
decision; a try's fields are decisions of their own. Rows without a key (log, deadlines, SLA misses,
refused actions) are events: each row is one decision, their order within an instant has none.
Only what is recorded is compared: a field that the recording does not have is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.conform.decision import ABSENT, Absent, Decision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

KEYS = {
    "dag_runs": ("dag_id", "run_no"),
    "task_instances": ("dag_id", "run_no", "task_id", "map_index"),
    "dags": ("dag_id",),
}
"""Parts whose rows have a key, and its fields."""
TRIES = "tries"
ABOUT = "meta"
"""The part that tells how the recording was made: no decision."""
A_ROW = "a row"
"""What stands for a row that the recording does not have."""

Row = dict[str, Any]


def compared(
    case: str, recorded: Mapping[str, Any], simulated: Mapping[str, Any] | Absent
) -> Iterator[Decision]:
    """Every decision of a recorded trace beside the simulated one."""
    missing = simulated if isinstance(simulated, Absent) else ABSENT
    ours: Mapping[str, Any] = {} if isinstance(simulated, Absent) else simulated
    for part, rows in recorded.items():
        if part in KEYS:
            yield from _keyed(case, part, rows, ours.get(part, []), missing)
        elif part != ABOUT:
            yield from _events(case, part, rows, ours.get(part, []), missing)


def _keyed(
    case: str, part: str, recorded: Sequence[Row], simulated: Sequence[Row], missing: Absent
) -> Iterator[Decision]:
    names = KEYS[part]
    ours = {tuple(row[name] for name in names): row for row in simulated}
    for row in recorded:
        key = tuple(row[name] for name in names)
        what = f"{part} {_shown(key)}"
        mine = ours.pop(key, None)
        for name, value in row.items():
            if name in names:
                continue
            here = missing if mine is None else mine.get(name, ABSENT)
            if name == TRIES:
                yield from _tries(case, what, value, here)
            else:
                yield Decision(case, f"{what} {name}", value, here)
    for key in ours:
        yield Decision(case, f"{part} {_shown(key)}", ABSENT, A_ROW)


def _tries(
    case: str, what: str, recorded: Sequence[Row], simulated: Sequence[Row] | Absent
) -> Iterator[Decision]:
    """Tries are met by their place: the first start with the first start."""
    missing = simulated if isinstance(simulated, Absent) else ABSENT
    ours = [] if isinstance(simulated, Absent) else simulated
    for at, row in enumerate(recorded):
        for name, value in row.items():
            here = ours[at].get(name, ABSENT) if at < len(ours) else missing
            yield Decision(case, f"{what} start {at + 1} {name}", value, here)
    for at in range(len(recorded), len(ours)):
        yield Decision(case, f"{what} start {at + 1}", ABSENT, A_ROW)


def _events(
    case: str, part: str, recorded: Sequence[Row], simulated: Sequence[Row], missing: Absent
) -> Iterator[Decision]:
    left = list(simulated)
    unmet = []
    for row in recorded:
        at = next((at for at, mine in enumerate(left) if _covers(mine, row)), None)
        if at is None:
            unmet.append(row)
        else:
            del left[at]
            yield Decision(case, part, row, row)
    for at, row in enumerate(unmet):
        # What is left over on both sides is shown in pairs: most often the same event elsewhen.
        yield Decision(case, part, row, left[at] if at < len(left) else missing)
    for row in left[len(unmet) :]:
        yield Decision(case, part, ABSENT, row)


def _covers(simulated: Row, recorded: Row) -> bool:
    return all(simulated.get(name, ABSENT) == value for name, value in recorded.items())


def _shown(key: tuple[Any, ...]) -> str:
    """`dag#run task[map_index]`."""
    dag_id, *rest = key
    text = str(dag_id)
    if rest:
        text += f"#{rest[0]}"
    if len(rest) > 1:
        task_id, map_index = rest[1:]
        text += f" {task_id}" + ("" if map_index == -1 else f"[{map_index}]")
    return text
