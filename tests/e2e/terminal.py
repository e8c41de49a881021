"""A person at a terminal: tmux at a fixed size, keys in, the screen out. Knows no program.

Uses a tmux server of its own, so that no session of the person who runs the tests is touched.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

POLL_SECONDS = 0.1
STATUS = "exit status "


class Terminal:
    """One terminal with one command in it. A context manager: it is gone at the end."""

    def __init__(self, *command: str, env: Mapping[str, str], columns: int, rows: int) -> None:
        self._tmux = ["tmux", "-L", f"orchsim-{os.getpid()}", "-f", "/dev/null"]
        variables = [word for name, value in env.items() for word in ("-e", f"{name}={value}")]
        size = ["-x", str(columns), "-y", str(rows)]
        # A shell outlives the command, so that its last screen and its exit status can be read.
        outlive = ["sh", "-c", f'"$@"; echo "{STATUS}$?."; exec sleep 3600', "sh"]
        self._run("new-session", "-d", "-s", "game", *size, *variables, "--", *outlive, *command)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run("kill-server")

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: `r`, `Enter`, `Escape`, `C-a`."""
        self._run("send-keys", "-t", "game", *keys)

    def type(self, text: str) -> None:
        """Type text as it is, without pressing anything else."""
        self._run("send-keys", "-t", "game", "-l", "--", text)

    def screen(self) -> str:
        """What stands on the screen."""
        return self._run("capture-pane", "-p", "-t", "game")

    def wait_for(self, *texts: str, seconds: float = 30.0) -> str:
        """Wait until all of the texts stand on the screen, and return it.

        Raises `TimeoutError` with the last screen when they do not appear in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            screen = self.screen()
            missing = [text for text in texts if text not in screen]
            if not missing:
                return screen
            if time.monotonic() > deadline:
                message = f"no {missing} on the screen after {seconds:.0f} s:\n{screen}"
                raise TimeoutError(message)
            time.sleep(POLL_SECONDS)

    def exit_status(self, *, seconds: float = 10.0) -> int:
        """The command's exit status once it has ended. Raises `TimeoutError` when it goes on."""
        screen = self.wait_for(STATUS, seconds=seconds)
        return int(screen.rpartition(STATUS)[2].partition(".")[0])

    def _run(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], capture_output=True, text=True, check=True)
        return done.stdout
