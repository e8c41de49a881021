"""One bad file per mistake, with the diagnostics that it must give beside it.

`bad/config-*.yaml` is read as a config of the small scenario, `bad/scenario-*.yaml` as its
scenario.yaml. To write the expectations anew: `python -m tests.unit.scenario.test_bad_files`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.model.diagnostics import Diagnostic
from sim.scenario.load import check_config, load_scenario
from tests.unit.scenario.builders import HERE, copy_of_tiny, tiny_open

BAD = sorted((HERE / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_gives_the_diagnostics_beside_it(path: Path, tmp_path: Path) -> None:
    """Code, line, column, path, message and hint are those that stand beside the file."""
    expected = path.with_suffix(".expected").read_text(encoding="utf-8")

    assert expected == diagnosed(path, tmp_path)


def diagnosed(path: Path, workspace: Path) -> str:
    """The diagnostics of a bad file as text, three lines each."""
    text = path.read_text(encoding="utf-8")
    if path.name.startswith("config-"):
        return "".join(map(shown, check_config(text, scenario=tiny_open(), file="config.yaml")[1]))
    folder = copy_of_tiny(workspace)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    try:
        return "".join(map(shown, load_scenario(folder).warnings))
    except ScenarioError as error:
        return "".join(map(shown, error.diagnostics))


def shown(one: Diagnostic) -> str:
    """One diagnostic as it stands in a file of expectations."""
    place = f"{one.severity}[{one.code}] {one.line}:{one.column} {one.path}".rstrip()
    return f"{place}\n  {one.message}\n" + (f"  help: {one.hint}\n" if one.hint else "")


if __name__ == "__main__":
    for bad in BAD:
        with tempfile.TemporaryDirectory() as folder:
            bad.with_suffix(".expected").write_text(diagnosed(bad, Path(folder)), encoding="utf-8")
