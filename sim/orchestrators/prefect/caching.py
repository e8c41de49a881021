"""Cache policies: under which key a task run's result is looked up and kept, and until when.

Source: Prefect 3.8.8, cache_policies.py, results.py, transactions.py. A policy is a sum of parts;
a part that has nothing to say contributes nothing, and a key of no parts is no key: nothing is
looked up, nothing is kept. The function's own name is in no key but through its source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sim.orchestrators.prefect.locks import POLL, Locks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.orchestrators.prefect.transactions import IsolationLevel

Part = Literal["inputs", "task_source", "flow_parameters", "run_id"]
Key = tuple[tuple[str, object], ...]

DEFAULT_PARTS: tuple[Part, ...] = ("inputs", "task_source", "run_id")
"""The policy of a task that names none: a hit only within the same flow run."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a key can be made of."""

    inputs: Mapping[str, object]
    task_source: str
    flow_parameters: Mapping[str, object]
    run_id: str
    names: Mapping[str, Any] = field(default_factory=dict)
    """What a function of one's own may name."""


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """A sum of parts, or a function of one's own (`cache_key_fn`)."""

    parts: tuple[Part, ...] = DEFAULT_PARTS
    without: frozenset[str] = frozenset()
    """Inputs that do not count: `INPUTS - "x"`."""
    key_fn: Callable[[Call], object] | None = None
    """What gives the key instead; None of it is no key."""

    def key(self, call: Call) -> Key | None:
        """The key of a call; None: it is not cached."""
        if self.key_fn is not None:
            made = self.key_fn(call)
            return None if made is None else (("key", made),)
        said = [(part, self._says(part, call)) for part in self.parts]
        return tuple((part, what) for part, what in said if what is not None) or None

    def _says(self, part: Part, call: Call) -> object:
        """What a part contributes; None: nothing. Inputs that are all left out still count."""
        if part == "inputs":
            counted = sorted((k, v) for k, v in call.inputs.items() if k not in self.without)
            return tuple(counted) if call.inputs else None
        if part == "flow_parameters":
            return tuple(sorted(call.flow_parameters.items())) or None
        return call.task_source if part == "task_source" else call.run_id


NO_CACHE = CachePolicy(parts=())


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """What a task says about its results."""

    policy: CachePolicy | None = None
    """None: it names none."""
    expiration: int | None = None
    """From the end of the call that made a result, microseconds; None: it never expires."""
    persist: bool | None = None
    """`persist_result`. None: results are kept when a policy is named, else not
    (results.persist_by_default is false)."""
    refresh: bool = False
    """`refresh_cache`: never look, always keep."""
    isolation_level: IsolationLevel | None = None
    """Of its policy (`CachePolicy.configure`); None: that of the transaction around it."""
    lock_manager: str | None = None
    """Of its policy; None: that of the transaction around it."""

    @property
    def keeps(self) -> bool:
        """Whether a result is kept under its key."""
        return self.policy is not None if self.persist is None else self.persist

    def key(self, call: Call) -> Key | None:
        """The key under which a result is looked up, locked and kept; None: there is none.

        A task that names no policy looks its result up too, although it keeps none.
        """
        if self.persist is False:
            return None
        return (self.policy or CachePolicy()).key(call)


@dataclass(frozen=True, slots=True)
class Record:
    """A result that was kept."""

    value: object
    expires: int | None
    """Instant at which it is gone; at that very instant it is."""


@dataclass(slots=True)
class ResultStore:
    """Where results lie: the same for every run on the machine."""

    records: dict[Key, Record] = field(default_factory=dict)
    locks: Locks = field(default_factory=lambda: Locks(POLL))
    """Lock files (FileSystemLockManager): they stay when a process is gone."""

    def hit(self, settings: CacheSettings, key: Key | None, now: int) -> Record | None:
        """What a task run with this key gets instead of running."""
        if key is None or settings.refresh:
            return None
        found = self.records.get(key)
        if found is None or (found.expires is not None and found.expires <= now):
            return None
        return found

    def keep(self, settings: CacheSettings, key: Key | None, value: object, now: int) -> None:
        """Keep the result of a call that ended well now; later settings do not change it."""
        if key is not None and settings.keeps:
            expires = None if settings.expiration is None else now + settings.expiration
            self.records[key] = Record(value, expires)
