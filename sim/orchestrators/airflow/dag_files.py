"""DAG files over time: parsed again and again, broken by a deploy, mended, added, taken away.

What a file says matters twice: to the scheduler only once the file was parsed, to a worker at the
start of each try, since every task imports its file anew. A parse that would find what the last
one found is not stepped; the instants are those of the cycle all the same. Source: Airflow 2.11.2
and 3.3.2, dag_processing/manager.py, dag_processing/collection.py (3.x), models/dag.py. Invariant:
DAGs that no file of the config names are always well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import parse_instant, parse_span
from sim.kernel.loop import WORLD_FIRST
from sim.model.facts import Entity, Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.orchestrators.airflow.config import AirflowConfig, Dag, Deploy
    from sim.orchestrators.airflow.config import DagFile as Given
    from sim.orchestrators.airflow.creation import Creation
    from sim.orchestrators.airflow.lifecycle import Lifecycle
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import DagRow


class DagFile:
    """One DAG file: what lies on disk, and when the processor comes by."""

    __slots__ = (
        "dags",
        "definitions",
        "entity",
        "error",
        "imports",
        "listed",
        "mended",
        "offset",
        "took",
        "version",
    )

    def __init__(self, given: Given, entity: int) -> None:
        self.entity = entity
        self.dags = list(given.dags)
        self.definitions: dict[str, Dag] = {}
        """What a deploy made of its DAGs, by their ids; as in the config where there is none."""
        self.imports = given.imports
        self.took = parse_span(given.parse)
        """How long an import takes."""
        self.offset = 0
        """From the start of a cycle to the start of its parse."""
        self.error: dict[str, str] = {}
        """What is broken, the file itself or a module that it imports, and how."""
        self.listed = True
        """Whether the file was in the latest listing of the folder."""
        self.mended = 0
        """How many parses found it well after something had changed."""
        self.version = 1


class DagFiles:
    """The DAG processor of a deployment.

    `begin(dag_id)` registers a DAG that was never seen, `redefine(dag_id, dag)` changes what it is.
    """

    def __init__(
        self,
        config: AirflowConfig,
        metadata: Metadata,
        creation: Creation,
        lifecycle: Lifecycle,
        *,
        begin: Callable[[str], None],
        redefine: Callable[[str, Dag], None],
    ) -> None:
        self._config = config
        self._metadata = metadata
        self._kernel = metadata.kernel
        self._creation = creation
        self._lifecycle = lifecycle
        self._begin = begin
        self._redefine = redefine
        self._defined: dict[str, Dag] = {}
        """What parses have made of DAGs so far."""
        self._up = True
        self._missed: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        journal = metadata.kernel.journal
        self._files = {
            path: DagFile(given, journal.entity(Entity.DAG_FILE, path))
            for path, given in config.dag_files.items()
        }
        self._of_dag = {dag: file for file in self._files.values() for dag in file.dags}
        options = config.cfg.scheduler
        self._threshold = parse_span(options.stale_dag_threshold)
        self._cleanup = parse_span(options.parsing_cleanup_interval)
        self._listing = parse_span(options.dag_dir_list_interval)
        self._import_timeout = parse_span(config.cfg.core.dagbag_import_timeout)
        self._cycle = self._plan_cycle(parse_span(options.min_file_process_interval))
        first = {deploy.path: deploy for deploy in reversed(config.deploys)}
        for path, file in self._files.items():
            file.listed = path not in first or first[path].change != "added"

    def _plan_cycle(self, interval: int) -> int:
        """Give each file to the process that is free first; how long a round of all takes."""
        busy = [0] * self._config.cfg.scheduler.parsing_processes
        for file in self._files.values():
            process = busy.index(min(busy))
            file.offset = busy[process]
            busy[process] += self._span(file)
        return max(interval, *busy, 1)

    def _span(self, file: DagFile) -> int:
        """What one parse takes: it is given up after `[core] dagbag_import_timeout`."""
        return min(file.took, self._import_timeout)

    def hidden(self, dag_id: str) -> bool:
        """Whether Airflow has never seen the file of this DAG."""
        file = self._of_dag.get(dag_id)
        return file is not None and not file.listed

    def file_of(self, dag_id: str) -> DagFile | None:
        """The file that says this DAG, if the config has one."""
        return self._of_dag.get(dag_id)

    def start(self) -> None:
        """Write down what is there, and wait for the deploys."""
        for file in self._files.values():
            if file.listed:
                self._write_down(file, None)
        for deploy in self._config.deploys:
            at = parse_instant(deploy.at)
            if at >= self._kernel.now:
                self._kernel.at(at, self._deploy, deploy, priority=WORLD_FIRST)

    # -- the process that parses ------------------------------------------------------------

    def power_off(self) -> None:
        """The host is off: nobody parses."""
        self._up = False

    def power_on(self) -> None:
        """What would have been found meanwhile is found by the first round."""
        self._up = True
        missed, self._missed = self._missed, []
        for function, args in missed:
            function(*args)

    def _step(self, function: Callable[..., None], *args: Any) -> None:
        if self._up:
            function(*args)
        else:
            self._missed.append((function, args))

    # -- deploys ----------------------------------------------------------------------------

    def _deploy(self, deploy: Deploy) -> None:
        path = deploy.path
        for name, file in self._files.items():
            if path != name and path not in file.imports:
                continue
            if deploy.change in {"broken", "removed"}:
                file.error[path] = deploy.error or deploy.change
            else:
                file.error.pop(path, None)
            if path == name and deploy.parse is not None:
                file.took = parse_span(deploy.parse)
            if path == name and deploy.change in {"changed", "fixed"}:
                file.version += 1
            if path == name:
                file.definitions = {**file.definitions, **deploy.dags}
            if path == name and deploy.change in {"added", "removed"}:
                at = self._grid(self._kernel.now, self._listing)
                self._kernel.at(at, self._step, self._list, file, deploy.change == "added")
            elif file.listed:
                self._kernel.at(self._next_parse(file), self._step, self._parse, file)

    def _list(self, file: DagFile, there: bool) -> None:  # noqa: FBT001 - a callback's argument
        """The folder is listed: a new file goes to the front of the queue, a lost one is left."""
        file.listed = there
        if there:
            self._parse(file)
        else:
            at = self._grid(self._kernel.now, self._cleanup)
            self._kernel.at(at, self._step, self._forget, file)

    def _forget(self, file: DagFile) -> None:
        if not file.listed:
            self._write_down(file, "removed")
            for dag in self._known(file):
                self._lifecycle.set_stale(dag, stale=True)

    # -- parses -----------------------------------------------------------------------------

    def _parse(self, file: DagFile) -> None:
        """A parse begins: it reads what lies there now."""
        error = next(iter(file.error.values()), None)
        if error is None and file.took > self._import_timeout:
            error = "timeout"
        read = file.version, file.definitions
        self._kernel.after(self._span(file), self._step, self._parsed, file, error, *read)

    def _parsed(
        self, file: DagFile, error: str | None, version: int, definitions: Mapping[str, Dag]
    ) -> None:
        if not file.listed:
            return
        self._write_down(file, error, version)
        if error is None:
            file.mended += 1
            for dag_id in file.dags:
                given = definitions.get(dag_id)
                if given is not None and self._defined.get(dag_id) is not given:
                    self._defined[dag_id] = given
                    self._redefine(dag_id, given)
                dag = self._metadata.dags.get(dag_id)
                if dag is None:
                    self._begin(dag_id)
                else:
                    self._mend(dag)
            return
        for dag in self._known(file):
            if dag.broken:
                continue
            dag.broken = True
            if self._metadata.version.broken_is_stale:
                self._lifecycle.set_stale(dag, stale=True)
            else:
                self._kernel.at(
                    self._stale_check(), self._step, self._go_stale, dag, file, file.mended
                )

    def _mend(self, dag: DagRow) -> None:
        dag.broken = False
        self._lifecycle.set_stale(dag, stale=False)
        self._creation.parsed(dag, self._kernel.now)
        self._creation.arm(dag)
        self._metadata.wake()

    def _stale_check(self) -> int:
        """The check that sees the file parsed so long after the last time the DAG was in it.

        [A2 dag_processing/manager.py `deactivate_stale_dags`: last_parsed_time +
        stale_dag_threshold < the file's last_finish_time]
        """
        finish = self._kernel.now
        last_parsed = finish - self._cycle
        rounds = max(0, (last_parsed + self._threshold - finish) // self._cycle + 1)
        return self._grid(finish + rounds * self._cycle, self._cleanup)

    def _go_stale(self, dag: DagRow, file: DagFile, mended: int) -> None:
        if file.mended == mended:
            self._lifecycle.set_stale(dag, stale=True)

    def _known(self, file: DagFile) -> list[DagRow]:
        dags = self._metadata.dags
        return [dags[dag_id] for dag_id in file.dags if dag_id in dags]

    def _next_parse(self, file: DagFile) -> int:
        """When the processor next begins with this file."""
        return self._grid(self._kernel.now - file.offset, self._cycle) + file.offset

    def _grid(self, instant: int, every: int) -> int:
        """The first round of something periodic at or after an instant."""
        start = self._kernel.start
        return start + max(0, -((start - instant) // every)) * every

    def _write_down(self, file: DagFile, error: str | None, version: int | None = None) -> None:
        detail: dict[str, Any] = {} if error is None else {"error": error}
        self._kernel.fact(
            Fact.DAG_FILE,
            file.entity,
            int(error is None),
            dags=list(file.dags),
            version=file.version if version is None else version,
            took=self._span(file),
            **detail,
        )
