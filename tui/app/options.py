"""How the app was started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line decides for the app."""

    scenario: str
    state_dir: Path
    """Folder of the save files."""
    lang: str = "en"
    seed: int | None = None
    ascii: bool = False
    """Draw with ASCII characters only."""
    reduced_motion: bool = False
    theme: str = ""
    """Name of a Textual theme; empty: Textual's own default."""
    debug: bool = False
    faults: str | None = None
    """A fault file whose troubles happen in every replay."""
    """Let a crash end the app with its traceback."""
