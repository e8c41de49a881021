"""Solves the flagship by keys alone, in a terminal of 80x24, from the briefing to the debrief.

    python tests/e2e/solve_flagship.py COMMAND [SCREENS]

COMMAND is the `orchsim` to play, for example that of an installed wheel; nothing else of this
project is imported. The player looks at the night, deletes the config line by line, types another
one, replays, reads the verdict and opens the debrief. Ends with status 0 when each step showed what
it should; otherwise the screen on which it got stuck is printed. With SCREENS, a folder, the screen
of each step is kept there as text.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from terminal import Terminal

SCENARIO = "incident-revenue-zero"
SOLUTION = (
    Path(__file__).parents[2] / "scenarios" / SCENARIO / "solutions" / "write-audit-publish.yaml"
)
COLUMNS, ROWS = 80, 24


def main() -> int:
    """Play; the exit status of the program that was played."""
    if len(sys.argv) not in {2, 3}:
        sys.stderr.write(f"usage: {sys.argv[0]} COMMAND [SCREENS]\n")
        return 2
    command = str(Path(sys.argv[1]).absolute())
    screens = Path(sys.argv[2]) if len(sys.argv) == 3 else None
    with tempfile.TemporaryDirectory() as home:
        env = {
            "HOME": home,
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "XDG_CONFIG_HOME": f"{home}/config",
            "XDG_STATE_HOME": f"{home}/state",
        }
        play = [command, "play", SCENARIO]
        with Terminal(*play, env=env, columns=COLUMNS, rows=ROWS) as terminal:
            return solve(terminal, screens)


def solve(terminal: Terminal, screens: Path | None) -> int:
    """The whole game in the order in which a person plays it."""
    show("1-brief", terminal.wait_for("Brief", "09:00"), screens)
    terminal.press("Enter")
    terminal.wait_for("04:00", "extract   │", "transform │", "load      │")
    terminal.press("]")
    show("2-night", terminal.wait_for("Thu 14 Mar 02:30"), screens)
    terminal.press("r")
    show("3-lost", terminal.wait_for("Not yet", seconds=60), screens)
    terminal.press("3")
    terminal.wait_for("orchestrator: cron")
    text = SOLUTION.read_text(encoding="utf-8")
    retype(terminal, text)
    last = text.rstrip().splitlines()[-1]
    show("4-config", terminal.wait_for(last, "The config is valid"), screens)
    terminal.press("C-r")
    show("5-verdict", terminal.wait_for("All objectives met", seconds=60), screens)
    terminal.press("6")
    show("6-debrief", terminal.wait_for("What happened", seconds=240), screens)
    terminal.press("q")
    return terminal.exit_status()


def retype(terminal: Terminal, text: str) -> None:
    """Delete what stands in the editor and type another text, key by key."""
    terminal.press("i")
    terminal.press("C-Home")
    terminal.press(*["S-Down"] * 60)
    terminal.press("S-End", "DC")
    for line in text.splitlines():
        terminal.type(line)
        terminal.press("Enter")


def show(step: str, screen: str, screens: Path | None) -> None:
    """Say that a step was reached, and keep its screen when asked to."""
    sys.stdout.write(f"{step}: reached\n")
    sys.stdout.flush()
    if screens is not None:
        screens.mkdir(parents=True, exist_ok=True)
        (screens / f"{step}.txt").write_text(screen, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
