"""Key to repaint in the night view, with 100,000 task instances in the journal.

Run it by hand: `python tests/bench/repaint.py`. Two journals: a hundred nights of a thousand task
instances, and a single night that holds all of them. Each key is pressed into the real app (without
a terminal behind it) and timed until its screen is drawn; the median counts. A figure, not a test.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from sim.kernel.calendar import DAY, SECOND
from sim.kernel.journal import Journal
from sim.model.facts import Entity, Fact
from sim.model.states import TaskState
from tui.app.app import KEYS as PRESSED
from tui.app.app import OrchsimApp
from tui.app.deck import Deck
from tui.app.options import Options
from tui.app.snapshot import Snapshot, snapshot

TASK_INSTANCES = 100_000
PIPELINES = 50
STATES = (TaskState.SCHEDULED, TaskState.QUEUED, TaskState.RUNNING, TaskState.SUCCESS)
KEYS = ("right", "]", "down", "left", ".", "tab", ",", "up", "[", "shift+tab")
ROUNDS = 3
SCENARIO = Path(__file__).parents[2] / "scenarios" / "_template"


def nights(start: int, *, count: int) -> Journal:
    """A journal of `count` nights that together hold all task instances."""
    tasks = TASK_INSTANCES // count // PIPELINES
    names = [f"task_{number:04}" for number in range(tasks)]
    edges = [[names[number - 1], names[number]] for number in range(1, tasks)]
    shape = {"tasks": names, "edges": edges}
    journal = Journal({"pipelines": {f"dag_{dag:02}": shape for dag in range(PIPELINES)}})
    dags = [journal.entity(Entity.PIPELINE, f"dag_{dag:02}") for dag in range(PIPELINES)]
    for night in range(count):
        begin = start + night * DAY
        instances = []
        for dag in dags:
            run = journal.entity(Entity.RUN, f"run_{night}", dag, night)
            instances += list(journal.new_entities(Entity.TASK_INSTANCE, tuple(names), run, -1))
        step = 12 * 3600 * SECOND // (len(instances) * len(STATES))
        now = begin
        for instance in instances:
            for state in STATES:
                now += step
                journal.add(now, Fact.TASK_STATE, instance, int(state) + 256)
    return journal


async def measure(count: int, size: tuple[int, int]) -> dict[str, float]:
    """Milliseconds of each key, the median of its presses."""
    with tempfile.TemporaryDirectory() as folder:
        app = OrchsimApp(Options(scenario=str(SCENARIO), state_dir=Path(folder)))
        async with app.run_test(size=size) as pilot:
            while app.snapshot is None:
                await pilot.pause(0.05)
            shown = _big(app.snapshot, count)
            app.snapshot = shown
            app.deck = Deck(shown.first, shown.chart_end, (shown.first + shown.chart_end) // 2)
            app.go("night")
            await pilot.pause()
            spans: dict[str, list[float]] = {key: [] for key in KEYS}
            for key in KEYS * ROUNDS:
                begin = time.perf_counter()
                app.action_press(PRESSED.index(key))
                await pilot.pause()
                app.screen._compositor.render_strips()
                spans[key].append((time.perf_counter() - begin) * 1000)
            return {key: statistics.median(values) for key, values in spans.items()}


def _big(shown: Snapshot, count: int) -> Snapshot:
    journal = nights(shown.start - (count - 1) * DAY, count=count)
    attempt = replace(shown.attempt, replay=replace(shown.attempt.replay, journal=journal))
    return snapshot(attempt, start=shown.start, end=shown.end)


def main() -> None:
    """Print a line a key."""
    for count in (100, 1):
        print(f"{TASK_INSTANCES:,} task instances in {count} night(s); ms from key to screen")
        for size in ((80, 24), (200, 60)):
            spans = asyncio.run(measure(count, size))
            told = "  ".join(f"{key} {span:.0f}" for key, span in spans.items())
            print(f"  {size[0]}x{size[1]}: {told}")


if __name__ == "__main__":
    main()
