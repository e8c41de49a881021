"""Where a task instance's work goes: Python instructions by function, counted and not timed.

Run it by hand: `python -m tests.bench.instructions`. The world of `engine.py`, for fewer days. A
profiler's seconds overrate short calls and move with the machine; this count is the same each time.
What C does (the heap, packing rows, making objects) is not in it.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import DAY, SECOND, parse_instant
from sim.kernel.loop import Kernel
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.platform.contract import Platform
from tests.bench.engine import DAGS, TASKS, FixedWork, engine_config

if TYPE_CHECKING:
    from types import CodeType, FrameType

DAYS = 3
SHOWN = 24


def counted() -> tuple[Counter[CodeType], Counter[CodeType]]:
    """(instructions, calls) by function, while time passes; plans are made before."""
    instructions: Counter[CodeType] = Counter()
    calls: Counter[CodeType] = Counter()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            calls[frame.f_code] += 1
        elif event == "opcode":
            instructions[frame.f_code] += 1
        return trace

    start = parse_instant("2024-01-01")
    kernel = Kernel(seed=0, start=start)
    work, end = FixedWork(kernel, 60 * SECOND), start + DAYS * DAY
    platform = Platform(kernel=kernel, workshop=work, announcer=work, timezone="UTC", end=end)
    Airflow(msgspec.convert(engine_config(), AirflowConfig), platform).start()
    sys.settrace(trace)
    try:
        kernel.run(until=end)
    finally:
        sys.settrace(None)
    return instructions, calls


def main() -> None:
    """Count and print, for one task instance."""
    instructions, calls = counted()
    count = DAGS * TASKS * DAYS
    whole = instructions.total()
    print(f"{whole / count:7.0f} instructions, {calls.total() / count:.1f} calls a task instance")
    for code, spent in instructions.most_common(SHOWN):
        share, where = spent / whole, f"{code.co_filename.rpartition('/')[2]} {code.co_qualname}"
        print(f"{spent / count:7.1f} {share:6.1%} {calls[code] / count:6.2f} calls  {where}")


if __name__ == "__main__":
    main()
