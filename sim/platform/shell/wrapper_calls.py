"""Running wrappers: what flock, timeout and the like do with the command inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.loop import Interrupt
from sim.platform.shell.descriptors import OpenFile
from sim.platform.shell.wrappers import (
    Commands,
    CommandUsageError,
    Flock,
    Plain,
    Timeout,
    unwrap,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.platform.shell.shell import Shell, Steps

USAGE_CODES = {"flock": 64, "timeout": 125, "nice": 125, "env": 125}
"""Exit status of a wrapper that was called wrongly (their manuals); 2 for the others."""
TIMED_OUT = 124
BAD_DESCRIPTOR = 65
"""Exit status of flock for a number that no file is open as (util-linux flock.c, EX_DATAERR)."""


class Expired:
    """Interrupts a job because of one `timeout`; compared by identity."""


def call_wrapper(shell: Shell, words: Sequence[str], assigned: dict[str, str]) -> Steps:
    """Run a wrapper and the command inside it; the exit status."""
    name = words[0].rpartition("/")[2]
    try:
        wrapper = unwrap(words)
    except CommandUsageError as problem:
        shell.err.append(str(problem))
        return USAGE_CODES.get(name, 2)
    if isinstance(wrapper, Plain):
        variables = {**assigned, **dict(wrapper.variables)}
        code = yield from shell.call(wrapper.command, variables, external=True)
        if name == "exec":
            raise shell.leave(code)
        return code
    if isinstance(wrapper, Commands):
        name, *arguments = wrapper.arguments or ("sh",)
        return (yield from shell.call_script(wrapper.text, name, arguments, assigned))
    if isinstance(wrapper, Flock):
        return (yield from _flock(shell, wrapper, assigned))
    return (yield from _timeout(shell, wrapper, assigned))


def _flock(shell: Shell, flock: Flock, assigned: dict[str, str]) -> Steps:
    """Hold the lock while the command runs; it is free as soon as the process is gone.

    Without a command, an open file of the shell is locked or unlocked.
    """
    kernel, shared = shell.around.kernel, flock.mode == "shared"
    if not flock.command:
        found = shell.files.get(int(flock.lock))
        if found is None:
            shell.err.append(f"flock: {flock.lock}: Bad file descriptor")
            return BAD_DESCRIPTOR
        if flock.mode == "unlock":
            found.release()
            return 0
        held = yield from found.acquire(kernel, shared=shared, wait_us=flock.wait_us)
        return 0 if held else flock.conflict_code
    file = OpenFile(shell.around.lock(flock.lock))
    try:
        if flock.mode != "unlock":
            held = yield from file.acquire(kernel, shared=shared, wait_us=flock.wait_us)
            if not held:
                return flock.conflict_code
        return (yield from shell.call(flock.command, assigned, external=True))
    finally:
        file.release()


def _timeout(shell: Shell, timeout: Timeout, assigned: dict[str, str]) -> Steps:
    """Kill the command when its span is over; `timeout` then answers 124."""
    if timeout.span_us == 0:
        return (yield from shell.call(timeout.command, assigned, external=True))
    expired = Expired()
    timer = shell.around.kernel.after(timeout.span_us, shell.around.interrupt, expired)
    try:
        return (yield from shell.call(timeout.command, assigned, external=True))
    except Interrupt as stop:
        if stop.cause is not expired:
            raise
        return TIMED_OUT
    finally:
        timer.cancel()
