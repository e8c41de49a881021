"""What types cannot say about DAG files and deploys: DAGs, paths, instants and spans.

Part of `validate`; every problem in one pass as (path, code, message, hint), nothing is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_instant, parse_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.airflow.config import AirflowConfig, Deploy
    from sim.orchestrators.airflow.config_section import Span

Path = tuple[str | int, ...]
Found = tuple[Path, str, str, str]


def dag_file_problems(config: AirflowConfig) -> Iterator[Found]:
    """Every problem with the files and their deploys."""
    owner: dict[str, str] = {}
    for name, file in config.dag_files.items():
        path: Path = ("dag_files", name)
        yield from _span(file.parse, (*path, "parse"))
        for index, dag_id in enumerate(file.dags):
            place = (*path, "dags", index)
            if dag_id not in config.dags:
                yield place, "E-DAG-UNKNOWN", f'there is no DAG "{dag_id}"', ""
            elif dag_id in owner:
                message = f'the DAG "{dag_id}" is in {owner[dag_id]} already'
                yield place, "E-DAG-TWICE", message, "one file says a DAG"
            owner.setdefault(dag_id, name)
    if config.cfg.scheduler.parsing_processes < 1:
        place = ("cfg", "scheduler", "parsing_processes")
        yield place, "E-RANGE", "without a parsing process no file is ever parsed", "1 or more"
    modules = {module for file in config.dag_files.values() for module in file.imports}
    for index, deploy in enumerate(config.deploys):
        yield from _deploy(deploy, ("deploys", index), config, modules)


def _deploy(
    deploy: Deploy, path: Path, config: AirflowConfig, modules: set[str]
) -> Iterator[Found]:
    try:
        parse_instant(deploy.at)
    except ValueError:
        message = f'"{deploy.at}" is no date or instant'
        yield (*path, "at"), "E-DATE", message, "such as 2024-03-14T09:00Z"
    if deploy.parse is not None:
        yield from _span(deploy.parse, (*path, "parse"))
    file = config.dag_files.get(deploy.path)
    for dag_id in deploy.dags:
        place = (*path, "dags", dag_id)
        if file is None or dag_id not in file.dags:
            yield place, "E-DAG-UNKNOWN", f'"{deploy.path}" does not say a DAG "{dag_id}"', ""
        elif deploy.change not in {"changed", "fixed", "added"}:
            message = f"a file that is {deploy.change} says no DAG at all"
            yield place, "E-DEPLOY", message, "set change: changed"
    if file is not None:
        return
    if deploy.path not in modules:
        message = f'"{deploy.path}" is neither a DAG file nor a module that one imports'
        yield (*path, "path"), "E-FILE-UNKNOWN", message, "a key of dag_files"
    elif deploy.change == "added" or deploy.parse is not None:
        message = "a module is imported from the beginning and has no parse of its own"
        yield (*path, "change"), "E-DEPLOY", message, "deploy the DAG file that imports it"


def _span(span: Span, path: Path) -> Iterator[Found]:
    try:
        bad = parse_span(span) < 0
    except ValueError:
        bad = True
    if bad:
        yield path, "E-SPAN", f'"{span}" is no span of time', "such as 45m, 1h30m or 20s"
