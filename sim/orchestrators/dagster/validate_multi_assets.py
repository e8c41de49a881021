"""What types cannot say about multi-assets: who belongs to which op, and what the op decides.

Part of `validate`; every problem in one pass as (path, code, message, hint), nothing is raised.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.selection import SelectionError, select, upstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.dagster.config import Asset, DagsterConfig

    Path = tuple[str | int, ...]
    Found = tuple[Path, str, str, str]

_OF_THE_OP = ("compute", "retry_policy", "pool", "op_tags", "backfill_policy", "observable")
"""What is said of the op of several assets, or not at all, and never of one of them."""


def multi_asset_problems(config: DagsterConfig) -> Iterator[Found]:
    """Every problem of the assets that are made together."""
    made: dict[str, list[str]] = {name: [] for name in config.multi_assets}
    for key, asset in config.assets.items():
        if asset.op is None:
            continue
        path: Path = ("assets", key)
        if asset.op not in made:
            close = get_close_matches(asset.op, list(made), n=1)
            hint = f"did you mean {close[0]}?" if close else "add it under multi_assets:"
            message = f'multi-asset "{asset.op}" is not defined'
            yield (*path, "op"), "E-MULTI-ASSET-UNKNOWN", message, hint
            continue
        made[asset.op].append(key)
        yield from _asset(asset, path)
    for name, keys in made.items():
        yield from _op(name, keys, config)
    yield from _circles(config)
    for name, job in config.jobs.items():
        if job.selection is not None:
            yield from _parts(name, job.selection, config, made)


def _asset(asset: Asset, path: Path) -> Iterator[Found]:
    for field in _OF_THE_OP:
        if getattr(asset, field):
            message = f"{field} is of the op {asset.op}, which makes other assets, too"
            yield (*path, field), "E-MULTI-ASSET", message, f"multi_assets: {{{asset.op}: ...}}"
    if not asset.output_required:
        message = "every output of a multi-asset is required here"
        yield (*path, "output_required"), "E-MULTI-ASSET", message, "take it away"


def _op(name: str, keys: list[str], config: DagsterConfig) -> Iterator[Found]:
    path: Path = ("multi_assets", name)
    if not keys:
        hint = f"write op: {name} of the assets that it makes"
        yield path, "E-MULTI-ASSET", f"{name} makes no asset", hint
    if name in config.assets and config.assets[name].op is None:
        message = f"there are two steps {name}"
        yield path, "E-STEP-TWICE", message, "give the op another name"
    definitions = {config.assets[key].partitions_def for key in keys}
    if len(definitions) > 1:
        named = ", ".join(sorted(str(one) for one in definitions))
        message = f"its assets have different partitions ({named}), and one run makes them all"
        yield path, "E-MULTI-ASSET", message, "give them one partitions_def"


def _circles(config: DagsterConfig) -> Iterator[Found]:
    """Ops that wait for each other although no asset does."""
    op_of = {key: asset.op or key for key, asset in config.assets.items()}
    left: dict[str, set[str]] = {}
    for key, asset in config.assets.items():
        above = {op_of[name] for name in upstream(asset) if name in op_of}
        left.setdefault(op_of[key], set()).update(above - {op_of[key]})
    while True:
        free = [op for op, above in left.items() if not above & set(left)]
        if not free:
            break
        for op in free:
            del left[op]
    several = sorted(set(left) & set(config.multi_assets))
    if several:
        message = f"these ops wait for each other: {', '.join(sorted(left))}"
        yield ("multi_assets", several[0]), "E-CIRCLE", message, "make them in separate ops"


def _parts(
    job: str, selection: str, config: DagsterConfig, made: dict[str, list[str]]
) -> Iterator[Found]:
    """An op that cannot be subset is selected whole or not at all."""
    try:
        chosen = set(select(selection, config.assets))
    except SelectionError:
        return  # told elsewhere
    for op, keys in made.items():
        missing = [key for key in keys if key not in chosen]
        if missing and len(missing) < len(keys):
            message = f"{op} makes {', '.join(missing)}, too, and cannot make a part"
            yield ("jobs", job, "selection"), "E-SELECTION", message, "select all of its assets"
