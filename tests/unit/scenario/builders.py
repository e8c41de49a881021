"""Small builders for the tests of scenario files."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from sim.scenario.load import load_scenario
from sim.scenario.schema import CONFIG_KEYS

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

HERE = Path(__file__).parent
TINY = HERE / "good" / "tiny"


@lru_cache(maxsize=1)
def tiny() -> Scenario:
    """A small valid scenario in which only part of the config may be changed."""
    return load_scenario(TINY)


def copy_of_tiny(parent: Path) -> Path:
    """A copy of the small scenario that a test may break."""
    return Path(shutil.copytree(TINY, parent / "tiny"))


@lru_cache(maxsize=1)
def tiny_open() -> Scenario:
    """The same, with every part of the config open to change."""
    return structs.replace(tiny(), editable=list(CONFIG_KEYS))
