"""KubernetesExecutor: a pod for each task instance, a few made a loop, on nodes that come and go.

Source: Kubernetes provider 10.25.0, executors/kubernetes_executor.py `sync`,
`_create_pods_sequentially`, `_handle_pod_publish_error`, `pod_launch_failure_retries`. Nodes, start
latencies and quota are the cluster's (`config_executors.Cluster`). Invariant: pods on nodes are at
most nodes x pods_per_node, pods in all at most the quota.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span
from sim.model.facts import Entity, Fact
from sim.orchestrators.airflow.executor import Traits

if TYPE_CHECKING:
    from sim.kernel.loop import Call
    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.executor import Executor
    from sim.orchestrators.airflow.executors.backend import Surroundings
    from sim.orchestrators.airflow.rows import TaskInstance

Key = tuple["TaskInstance", int]
"""A task instance and its hand-over."""


@dataclass(slots=True, eq=False)
class Pod:
    """A task instance's pod, from the wish for it until it is deleted."""

    ti: TaskInstance
    token: int
    owner: KubernetesBackend
    refusals: int = 0
    """How often the quota refused it."""
    launches: int = 0
    """How often it was created anew after failing before its task started."""
    placed: bool = False
    """Whether a node has taken it."""
    start: Call | None = None
    """The start of its process, while that is still to come."""

    def kill(self, reason: str) -> None:  # noqa: ARG002 - whatever the reason
        """Delete it, created or not."""
        self.owner.withdraw(self)


class Kubernetes:
    """The cluster: pods pending and on nodes, of all schedulers of a deployment."""

    traits = Traits(adopts=True, revokes=True)
    elsewhere = True
    steps = True

    def __init__(self, around: Surroundings) -> None:
        cluster = around.config.cluster
        self._around = around
        self._kernel = around.kernel
        self._cluster = cluster
        self._pod_start = parse_span(cluster.pod_start) + around.start_delay
        self._node_start = parse_span(cluster.node_start)
        self._node_idle = parse_span(cluster.node_idle)
        self._pending: deque[Pod] = deque()
        """Created, and no node has room."""
        self.pods: dict[Key, Pod] = {}
        """Created."""
        self.nodes = cluster.nodes_min
        self._nodes_coming = 0
        self._placed = 0
        self._idle_since = 0
        self._backends: list[KubernetesBackend] = []

    def backend(self, executor: Executor, clockwork: Clockwork) -> KubernetesBackend:
        """What one scheduler wants of the cluster."""
        backend = KubernetesBackend(self, executor, clockwork, self._around)
        self._backends.append(backend)
        return backend

    @property
    def has_quota(self) -> bool:
        """Whether the namespace may hold one pod more."""
        return self._cluster.quota is None or len(self.pods) < self._cluster.quota

    def create(self, pod: Pod) -> None:
        """Take a pod in."""
        self.pods[pod.ti, pod.token] = pod
        pod.placed = False
        self._pending.append(pod)
        self._place()

    def _place(self) -> None:
        """Give pending pods to nodes with room; ask for more nodes when there is none."""
        while self._pending and self._placed < self.nodes * self._cluster.pods_per_node:
            pod = self._pending.popleft()
            pod.placed = True
            self._placed += 1
            pod.start = self._kernel.after(self._pod_start, self._launch, pod)
        coming = self._nodes_coming
        short = -(-len(self._pending) // self._cluster.pods_per_node)
        while coming < short and self.nodes + coming < self._cluster.nodes_max:
            coming += 1
            self._kernel.after(self._node_start, self._node_up)
        self._nodes_coming = coming

    def _node_up(self) -> None:
        self._nodes_coming -= 1
        self.nodes += 1
        self._place()
        self._watch_idle()

    def _launch(self, pod: Pod) -> None:
        """The task process starts, unless its pod failed before."""
        ti = pod.ti
        pod.start = None
        chance = self._cluster.launch_failures
        if chance > 0.0:
            run = ti.run
            key = (ti.task.dag_id, ti.task.task_id, run.run_id, ti.map_index, ti.try_number)
            if self._kernel.streams.uniform("pod_launch", *key, pod.launches) < chance:
                self._fact(pod, "launch_failed")
                self.leave((ti, pod.token))
                pod.owner.failed(pod)
                return
        self._around.start(ti, pod.token)

    def _fact(self, pod: Pod, reason: str) -> None:
        """A pod that never ran its task leaves no other trace."""
        journal = self._kernel.journal
        name = f"{pod.ti.task.task_id}-{pod.ti.run.number}-{pod.token}"
        entity = journal.entity(Entity.WORKER, name)
        self._kernel.fact(Fact.WORKER, entity, 0, pod.ti.row, kind="pod", reason=reason)

    def leave(self, key: Key) -> None:
        """A pod is over and deleted; its place is free."""
        pod = self.pods.pop(key, None)
        if pod is None:
            return
        if pod.placed:
            self._placed -= 1
            self._watch_idle()
        else:
            self._pending.remove(pod)
        self._place()
        for backend in self._backends:
            backend.quota_changed()

    def _watch_idle(self) -> None:
        """Look again in a while whether an added node is still needed."""
        self._idle_since = self._kernel.now
        if self.nodes > self._cluster.nodes_min:
            self._kernel.after(self._node_idle, self._scale_down, self._kernel.now)

    def _scale_down(self, since: int) -> None:
        """Nothing changed for a while: nodes beyond what the pods need go."""
        if since == self._idle_since:
            needed = -(-self._placed // self._cluster.pods_per_node)
            self.nodes = max(needed, self._cluster.nodes_min)


class KubernetesBackend:
    """One scheduler's side: the pods that it has yet to create."""

    def __init__(
        self, cluster: Kubernetes, executor: Executor, clockwork: Clockwork, around: Surroundings
    ) -> None:
        self._cluster = cluster
        self._executor = executor
        self._clockwork = clockwork
        self._around = around
        self._options = around.config.cfg.kubernetes_executor
        self._wanted: deque[Pod] = deque()
        """The task queue: pods that the executor has yet to create."""
        self._failed: list[Pod] = []
        """Pods that failed before their task started, for the next sync."""

    def send(self, ti: TaskInstance, token: int) -> None:
        """Put the wish for a pod at the end of the queue."""
        ti.process = pod = Pod(ti, token, self)
        self._wanted.append(pod)

    def sync(self) -> None:
        """Take note of failed pods, then create a batch."""
        failed, self._failed = self._failed, []
        for pod in failed:
            self._relaunch(pod)
        for _ in range(min(self._options.worker_pods_creation_batch_size, len(self._wanted))):
            self._create(self._wanted.popleft())
        if self._wanted and (self._cluster.has_quota or self._counts_refusals):
            self._clockwork.again()

    def _create(self, pod: Pod) -> None:
        most = self._options.task_publish_max_retries
        if self._cluster.has_quota:
            self._cluster.create(pod)
        elif most == -1 or pod.refusals < most:
            pod.refusals += 1
            self._wanted.append(pod)
        else:
            self._give_up(pod, "quota_exceeded")

    @property
    def _counts_refusals(self) -> bool:
        return self._options.task_publish_max_retries != -1

    def _relaunch(self, pod: Pod) -> None:
        most = self._options.pod_launch_failure_retries
        if most == -1 or pod.launches < most:
            pod.launches += 1
            self._wanted.append(pod)
        else:
            self._give_up(pod, "pod_failed")

    def _give_up(self, pod: Pod, reason: str) -> None:
        self._around.give_up(pod.ti, pod.token, self._executor, reason)
        self._clockwork.again()

    def failed(self, pod: Pod) -> None:
        """A pod failed before its task started: the watcher tells the next sync."""
        self._failed.append(pod)
        self._clockwork.again()

    def quota_changed(self) -> None:
        """A pod is gone: there may be room for one that is wanted."""
        if self._wanted:
            self._clockwork.again()

    def withdraw(self, pod: Pod) -> None:
        """Delete a pod, or the wish for it."""
        if pod in self._wanted:
            self._wanted.remove(pod)
        if pod in self._failed:
            self._failed.remove(pod)
        if pod.start is not None:
            pod.start.cancel()
            pod.start = None
        if self._cluster.pods.get((pod.ti, pod.token)) is pod:
            self._cluster.leave((pod.ti, pod.token))

    def ended(self, ti: TaskInstance, token: int) -> None:
        """The pod is over and deleted."""
        self._cluster.leave((ti, token))

    def holds(self, ti: TaskInstance, token: int) -> bool:
        """Pods go on; wishes for a pod do not."""
        return (ti, token) in self._cluster.pods

    def adopt(self, ti: TaskInstance) -> None:
        """The pod gets this scheduler's label."""
        pod = self._cluster.pods.get((ti, ti.token))
        if pod is not None:
            pod.owner = self

    def clear(self) -> None:
        """Wishes are gone; pods are adopted, or not."""
        self._wanted.clear()
        self._failed.clear()
