"""Flow runs and task runs: what is known of each while it lives.

Records only. Who changes a state is an engine, and who writes it down is its client. Invariant:
`finished` of a task run is told once, when it will not change any more.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sim.orchestrators.prefect.states import PENDING, SCHEDULED, State

if TYPE_CHECKING:
    from sim.kernel.loop import Kernel
    from sim.model.work import Attempt, Running
    from sim.orchestrators.prefect.caching import Key, ResultStore
    from sim.orchestrators.prefect.concurrency import ConcurrencyLimit
    from sim.orchestrators.prefect.flows import Call, Flow, Pause
    from sim.orchestrators.prefect.pauses import Answer
    from sim.orchestrators.prefect.transactions import Transaction

Steps = Generator[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a body ended: it returned a value, returned a state, or raised."""

    value: object = None
    state: State | None = None
    """The state that it returned, which may be a failed one."""
    raised: str = ""
    """Code of what it raised; empty: it did not."""
    cause: int = -1
    """Journal row that decided it."""
    reason: str = ""
    """What is to be said of a success."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Slots of limits, taken together."""

    limits: tuple[ConcurrencyLimit, ...]
    slots: int
    since: int
    """Instant."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """That a flow run is Paused or Suspended."""

    until: int | None
    """Instant after which it fails unless it was resumed; None: it may wait for ever."""
    suspends: bool
    """Whether its process ends meanwhile (`pause_reschedule`)."""


DATE = "fecha"
"""The parameter that says which data date a flow run is about."""


@dataclass(slots=True, eq=False)
class FlowRun:
    """One run of one flow."""

    flow: Flow
    run_id: str
    number: int
    scheduled: int
    """Instant for which it was scheduled."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    starts: int = 0
    """When its function may begin at the earliest, once it was picked up."""
    deployment: str | None = None
    parent: TaskRun | None = None
    """The dummy task run that stands for a subflow in its parent."""
    state: State = SCHEDULED
    run_count: int = 0
    entity: int = -1
    row: int = -1
    told: bool = False
    """Whether the journal knows it."""
    data_date: str = ""
    run_type: str = "scheduled"
    process: Any = None
    """The process of its function."""
    threads: list[Any] = field(default_factory=list)
    tries: dict[tuple[str, int], int] = field(default_factory=dict)
    """How many tries each task instance has had, in every try of the flow."""
    rows: dict[tuple[str, int], int] = field(default_factory=dict)
    """The newest journal row of each of them."""
    performing: set[tuple[str, int]] = field(default_factory=set)
    """The task instances that are hooks under way."""
    task_runs: list[TaskRun] = field(default_factory=list)
    children: list[FlowRun] = field(default_factory=list)
    attempt: Attempt | None = None
    """The newest try, which messages are about."""
    on_end: Callable[[], None] = lambda: None
    """Told when its process is over."""
    pause_keys: set[str] = field(default_factory=set)
    """Keys of the pauses that have fired (`empirical_policy.pause_keys`)."""
    standstill: Standstill | None = None
    """How it is paused."""
    resumed: Any = None
    """Kernel event that its blocked process waits for."""
    resuming: bool = False
    """Whether it was suspended before: its next Running is no new try."""
    leaving: bool = False
    """Whether it was suspended: its process ends at its next call."""

    @property
    def root(self) -> FlowRun:
        """The flow run whose process it is."""
        return self if self.parent is None else self.parent.flow_run.root

    def parameter(self, name: str) -> str:
        """What its function was given; `fecha` is its data date where nobody gave one."""
        return str(self.parameters.get(name, self.data_date if name == DATE else None))


@dataclass(slots=True, eq=False)
class TaskRun:
    """One run of one task in one flow run."""

    flow_run: FlowRun
    call: Call
    map_index: int = -1
    upstream: tuple[tuple[TaskRun, bool], ...] = ()
    """Task runs it waits for, in order, each with whether it allows its failure."""
    inputs: tuple[Any, ...] = ()
    """What it was given: task runs, or plain values."""
    main_thread: bool = False
    """Whether it runs in the thread of its flow, where a signal can end it."""
    state: State = PENDING
    run_count: int = 0
    finished: bool = False
    done: Any = None
    """Kernel event for those who wait for it; None while nobody does."""
    entity: int = -1
    row: int = -1
    started: int = 0
    process: Running | None = None
    """Its body under way."""
    attempt: Attempt | None = None
    key: Key | None = None
    holds: list[Hold] = field(default_factory=list)
    """The slots that it has: by its tags, and of global limits."""
    raised: bool = False
    """Whether its last try raised, which a direct call does in its flow too."""
    cancelled: bool = False
    """Whether its future was cancelled before a thread took it."""
    block: Transaction | None = None
    """The innermost `with transaction():` that it was called in."""
    elsewhere: bool = False
    """Whether it runs in another process than its flow."""
    transaction: Transaction | None = None
    """That of its try, between its begin and its end."""

    @property
    def place(self) -> tuple[str, int]:
        """Which task instance it is of its flow run."""
        return self.call.name, self.map_index


@dataclass(frozen=True, slots=True)
class HookRun:
    """A hook of a transaction that is to be performed."""

    flow_run: FlowRun
    owner: str
    """The call, or the block, that it was hung on."""
    event: str
    """`on_commit` or `on_rollback`."""
    number: int
    """Which of those it is, from 0."""
    task: str
    """The task of the config that does its work."""
    run: TaskRun | None = None
    """The task run of the call; None of a block."""


class Client(Protocol):
    """What the engines ask of the server and of the machine they run on."""

    @property
    def kernel(self) -> Kernel:
        """Time."""

    @property
    def results(self) -> ResultStore:
        """Where results are kept."""

    def flow_run_state(self, run: FlowRun, state: State, **detail: Any) -> None:
        """A flow run came into a state."""

    def task_run_state(self, run: TaskRun, state: State, **detail: Any) -> None:
        """A task run came into a state."""

    def waits_for_slot(self, run: TaskRun) -> None:
        """A task run was refused a slot."""

    def begin(self, run: TaskRun, on_end: Callable[[Ending], None]) -> Running | None:
        """Start a try of its body; None when it ended at once."""

    def limits_of(self, tags: Sequence[str]) -> Sequence[ConcurrencyLimit]:
        """The limits that there are for some tags."""

    def global_limits(self, names: Sequence[str]) -> Sequence[ConcurrencyLimit]:
        """The global limits that there are of these names."""

    def draw(self, run: TaskRun, purpose: str, number: int) -> float:
        """Uniform in (0, 1), keyed by what it belongs to."""

    def subflow(self, run: TaskRun) -> FlowRun:
        """The flow run of a subflow call."""

    def hook(self, hook: HookRun, cause: int) -> Steps:
        """Perform a hook of a transaction in the thread that asks; False: it raised."""

    def rolled_back(self, run: TaskRun, cause: int) -> None:
        """What a task run did was taken back."""

    def call_hooks(self, run: FlowRun, state: State) -> None:
        """Call the hooks of a flow run's state, which the server has brought it into."""

    def never_begun(self, run: TaskRun) -> None:
        """A task run will not begin in this process any more."""

    def pause(self, run: FlowRun, key: str, pause: Pause) -> Answer:
        """A flow function asks to be paused or suspended."""
