"""What searches of a scenario leave for later ones: plans that broke it, and how far one got.

Plans that broke some config once are tried first, whatever the config is by then. A search that was
stopped goes on behind the plans that it has tried, when scenario, config, nights, seed and kinds
are the same. Losing the file costs nothing but time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sim.verify.plan import Gene

if TYPE_CHECKING:
    from pathlib import Path

    from sim.verify.plan import Plan

BROKEN_MAX = 50
"""Plans that are kept, the latest first."""


class Searches(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one scenario."""

    broken: tuple[tuple[Gene, ...], ...] = ()
    stopped: dict[str, int] = {}
    """What was searched -> how many plans were tried before it was stopped."""


def load_searches(path: Path) -> Searches:
    """What a file keeps; nothing when there is none, or it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Searches)
    except (OSError, msgspec.MsgspecError):
        return Searches()


def save_searches(path: Path, kept: Searches) -> None:
    """Keep it. Raises `OSError` when the disk refuses."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(kept))


def after(kept: Searches, *, search: str, broken: Plan | None, stopped_at: int | None) -> Searches:
    """What is kept once a search is over: broken by a plan, stopped, or neither."""
    plans = kept.broken
    if broken:
        plans = (broken, *(plan for plan in plans if plan != broken))[:BROKEN_MAX]
    others = {name: tried for name, tried in kept.stopped.items() if name != search}
    stopped = others if stopped_at is None else {**others, search: stopped_at}
    return Searches(broken=plans, stopped=stopped)
