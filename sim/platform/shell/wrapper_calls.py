"""Running wrappers: what flock, timeout and the like do with the command inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.loop import Interrupt
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
    """Hold the lock while the command runs; it is free as soon as the process is gone."""
    lock, kernel = shell.around.lock(flock.lock), shell.around.kernel
    if flock.wait_us == 0 and (lock.held or lock.waiting):
        return flock.conflict_code
    answer = kernel.event()

    def tell(*, held: bool) -> None:
        if not answer.triggered:
            answer.succeed(held)

    request = lock.request(lambda: tell(held=True))
    timer = None
    if flock.wait_us:
        timer = kernel.after(flock.wait_us, lambda: tell(held=False))
    try:
        held = yield answer
        if not held:
            return flock.conflict_code
        return (yield from shell.call(flock.command, assigned, external=True))
    finally:
        if timer is not None:
            timer.cancel()
        lock.release(request)


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
