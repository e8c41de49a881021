"""Whole processes beside `python -c pass`: what a person waits for. Prints a Markdown table.

    .venv/bin/python tests/bench/processes.py [ROUNDS]

Each command is run in turn, ROUNDS times over (7), so that a busy moment touches all of them alike;
the figures are medians. The first frame is timed in a pseudo-terminal of 80x24, from the start of
the process to the first row of the scenario's title.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable

SCENARIO = "incident-revenue-zero"
MAIN = "import sys; from tui.cli.main import main; sys.exit(main(sys.argv[1:]))"
FRAME_SECONDS_MAX = 30.0


def main() -> None:
    """Measure, and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    measures: dict[str, Callable[[], float]] = {
        "`python -c pass`": lambda: process("-c", "pass"),
        "`orchsim --help`": lambda: process("-c", MAIN, "--help"),
        "`orchsim list`": lambda: process("-c", MAIN, "list"),
        f"`orchsim run {SCENARIO}`, the full verdict": lambda: process("-c", MAIN, "run", SCENARIO),
        f"`orchsim play {SCENARIO}`, first frame": first_frame,
    }
    seconds: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            seconds[name].append(measure())
    floor = statistics.median(seconds["`python -c pass`"])
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, medians of {rounds}\n")
    print("| process | median | least | x `pass` |\n|---|---|---|---|")
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"| {name} | {median:.3f} s | {min(values):.3f} s | {median / floor:.1f} |")


def process(*words: str) -> float:
    """Seconds that a Python process with these words takes, its output thrown away."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def first_frame() -> float:
    """Seconds from starting `play` in a pseudo-terminal until the incident's name is drawn."""
    with tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        child, terminal = pty.fork()
        if child == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", XDG_STATE_HOME=home)
            os.execv(sys.executable, [sys.executable, "-c", MAIN, "play", SCENARIO])
        try:
            seen = b""
            while b"VP sees" not in seen:
                left = started + FRAME_SECONDS_MAX - time.perf_counter()
                if left <= 0 or not select.select([terminal], [], [], left)[0]:
                    message = f"no first frame within {FRAME_SECONDS_MAX} s"
                    raise SystemExit(message)
                seen += _read(terminal)
            return time.perf_counter() - started
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
            os.close(terminal)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side of a pseudo-terminal is gone.
        message = "`orchsim play` ended without a first frame"
        raise SystemExit(message) from None


if __name__ == "__main__":
    main()
