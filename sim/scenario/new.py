"""A new scenario from the template: a tiny complete one, to be changed until it is yours."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from sim.errors import UsageError
from sim.scenario.content import CONFIG_FILE, SCENARIO_FILE, TEMPLATE, content_root

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
NAME_MAX = 60


def new_scenario(name: str, *, parent: str | Path = ".") -> Path:
    """Copy the template to the folder `parent`/`name` and return that folder.

    The copy is complete: it loads, plays and is proved by its own `expect`. Raises `UsageError` for
    a name that is no scenario's name and for a folder that exists or cannot be made.
    """
    if not NAME.fullmatch(name) or len(name) > NAME_MAX:
        message = f'"{name}" is no name for a scenario'
        hint = f"lower-case letters, digits and single hyphens, at most {NAME_MAX}: late-orders"
        raise UsageError(message, hint)
    folder = Path(parent) / name
    if folder.exists():
        message = f"{folder} is there already"
        raise UsageError(message, "choose another name, or another folder with --dir")
    try:
        shutil.copytree(content_root() / TEMPLATE, folder)
        for file in (folder / SCENARIO_FILE, folder / CONFIG_FILE):
            text = file.read_text(encoding="utf-8")
            file.write_text(re.sub(r"(?m)^id: _template$", f"id: {name}", text), encoding="utf-8")
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror or 'it failed'}"
        raise UsageError(message, "choose another folder with --dir") from None
    return folder
