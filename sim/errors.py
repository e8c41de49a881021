"""The tree of errors that may leave `sim`.

    OrchsimError
    ├── UserError            a person can mend it
    │   ├── ScenarioError    a scenario, config or faults file is wrong; carries all its diagnostics
    │   ├── UsageError       a name or a value asked for does not exist
    │   └── LimitError       a bound was exceeded; carries its name and its number
    └── InternalError        our bug: an invariant of the engine does not hold

A *simulated* failure (a task that raised, a replica that refused) is a value in the journal and
never one of these. Every class can be rebuilt from `args`, since SimPy re-creates an exception
that leaves a process as `type(exc)(*exc.args)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.model.diagnostics import Diagnostic


class OrchsimError(Exception):
    """The root: catch this to catch everything `sim` raises on purpose."""


class UserError(OrchsimError):
    """Something that the person who called can mend."""


class ScenarioError(UserError):
    """A file is wrong. `diagnostics` holds every problem found in one pass, in file order."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics)
        self.diagnostics = tuple(diagnostics)

    def __str__(self) -> str:
        return "\n".join(str(diagnostic) for diagnostic in self.diagnostics)


class UsageError(UserError):
    """A name or value that does not exist was asked for. `hint` says what would be right."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class LimitError(UserError):
    """A bound was exceeded. `limit` is its name (`events_max`), `bound` its number."""

    def __init__(self, limit: str, bound: int, message: str = "") -> None:
        super().__init__(limit, bound, message)
        self.limit = limit
        self.bound = bound
        self.message = message or f"limit {limit} = {bound} exceeded"

    def __str__(self) -> str:
        return self.message


class InternalError(OrchsimError):
    """The engine broke one of its own rules: please report it with the seed and the scenario."""
