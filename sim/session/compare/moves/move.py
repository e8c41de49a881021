"""One thing that a release moves, as far as a config alone tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.session.compare.rules.rule import Rule, Topic


@dataclass(frozen=True, slots=True)
class Moved:
    """A setting, or a default, of one pipeline that means another thing in the other release."""

    topic: Topic
    pipeline: str
    before: Rule
    after: Rule
