"""What a config says about executors: `[celery]`, `[kubernetes_executor]`, and where work runs.

The options of airflow.cfg have their own names and defaults (Celery provider 3.26, Kubernetes
provider 10.25). Container and process latencies are facts of a platform and not of Airflow: they
are settings here, without a real name.
"""

from __future__ import annotations

from sim.orchestrators.airflow.config_section import Section, Span


class Celery(Section, frozen=True, kw_only=True):
    """`[celery]` of airflow.cfg."""

    worker_concurrency: int = 16
    """Task instances that one worker runs at a time."""
    worker_prefetch_multiplier: int = 1
    """A worker reserves concurrency times this many messages."""
    task_acks_late: bool = True
    """A message counts as taken until its work is over, not only until it starts."""
    task_publish_max_retries: int = 3
    """How often sending to a broker that does not answer is tried again, once a loop."""


class BrokerTransport(Section, frozen=True, kw_only=True):
    """`[celery_broker_transport_options]` of airflow.cfg."""

    visibility_timeout: Span = 86_400
    """A message not acknowledged for so long is delivered again; redis and SQS."""


class KubernetesExecutor(Section, frozen=True, kw_only=True):
    """`[kubernetes_executor]` of airflow.cfg."""

    worker_pods_creation_batch_size: int = 1
    """Pods created in one scheduler loop."""
    task_publish_max_retries: int = 0
    """How often a pod that exceeded the quota is asked for again, once a loop; -1: always."""
    pod_launch_failure_retries: int = 1
    """How often a pod that failed before its task started is replaced; -1: always."""


class CeleryWorker(Section, frozen=True, kw_only=True):
    """`airflow celery worker`: one worker process on its own machine."""

    queues: list[str] = []
    """Queues it listens to. None given: `[operators] default_queue`."""
    concurrency: int | None = None
    """Default: `[celery] worker_concurrency`."""


class Cluster(Section, frozen=True, kw_only=True):
    """The Kubernetes cluster that pods run on."""

    pod_start: Span = 20
    """From a node taking the pod until the task process runs: image, containers, imports."""
    pods_per_node: int = 16
    nodes_min: int = 1
    """Nodes that are always there."""
    nodes_max: int = 1
    """Nodes that the autoscaler may go up to."""
    node_start: Span = 120
    """From the first pod without a node until the new node takes pods."""
    node_idle: Span = 600
    """An added node without pods for so long is taken away."""
    quota: int | None = None
    """ResourceQuota of the namespace: pods there may be. None: without bound."""
    launch_failures: float = 0.0
    """Chance that a pod fails before its task starts, each one by itself."""
