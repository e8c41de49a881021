"""The save file: what a player did, kept so that a kill at any instant loses nothing.

Each save writes a new file beside the old one, forces it to the disk and renames it over: there is
always a whole file. One that cannot be read is set aside under another name, never overwritten.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

FORMAT = 1


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one scenario's game."""

    format: int = FORMAT
    scenario: str
    text: str
    """The config as it stands in the editor."""
    undo: tuple[str, ...] = ()
    """Earlier texts, the latest last."""
    redo: tuple[str, ...] = ()
    """Texts that were undone, the next one last."""
    played: tuple[str, ...] = ()
    """The text of each attempt that was replayed."""
    hints: int = 0
    """How many hints were taken."""
    predictions: dict[str, str] = {}
    """Question -> the option chosen."""
    solved: bool = False
    """Whether any attempt met every objective."""
    debriefed: bool = False


class Store:
    """The save files of one folder, a file a scenario."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, scenario: str) -> Path:
        """Where a scenario's game is kept."""
        return self._folder / f"{scenario}.json"

    def load(self, scenario: str) -> Saved | None:
        """The saved game, None when there is none.

        A file that is torn, foreign or of a newer format is renamed to `*.broken-N`: it counts as
        none, and is not lost. Raises `OSError` when it cannot be renamed.
        """
        path = self.path(scenario)
        try:
            saved = msgspec.json.decode(path.read_bytes(), type=Saved)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            self._set_aside(path)
            return None
        if saved.format != FORMAT or saved.scenario != scenario:
            self._set_aside(path)
            return None
        return saved

    def save(self, saved: Saved) -> None:
        """Keep a game; afterwards it is on the disk. Raises `OSError` when the disk refuses."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=f".{saved.scenario}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(saved)))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path(saved.scenario))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @staticmethod
    def _set_aside(path: Path) -> None:
        number = 1
        while (aside := path.with_suffix(f".broken-{number}")).exists():
            number += 1
        path.replace(aside)
