"""Rules of the house that a linter cannot hold. Each failure names the file and the line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.hygiene.tree import ROOT, calls, imports, place, project_files, python_files, syntax

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

OUTSIDE_WORLD = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "hash",
    "input",
    "os.getenv",
    "os.urandom",
    "print",
}
"""Calls that would let the machine, the moment or the hash seed into the library."""

FILE_METHODS = (".read_bytes", ".read_text", ".write_bytes", ".write_text")

OUTSIDE_MODULES = {"random", "secrets", "socket", "time", "urllib", "uuid"}


def test_modules_stay_readable() -> None:
    """No module is longer than 400 lines."""
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in python_files("sim", "tui", "tests", "docs")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > MODULE_LINES_MAX
    ]

    assert [] == long


def test_functions_fit_on_a_screen() -> None:
    """No function is longer than 60 lines, docstring included."""
    long = [
        f"{place(path, node.lineno)} {node.name}"
        for path in python_files("sim", "tui", "tests", "docs")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert [] == long


def test_one_module_owns_stdout() -> None:
    """Only `tui/cli/output.py` prints: stdout is data."""
    printed = [
        place(path, line)
        for path in python_files("sim", "tui")
        if path != ROOT / "tui/cli/output.py"
        for name, line in calls(path)
        if name in {"print", "sys.stdout.write", "sys.stdout.buffer.write"}
    ]

    assert [] == printed


def test_the_library_is_pure() -> None:
    """`sim` reads no clock, no chance, no environment and no hash of the machine."""
    impure = [
        f"{place(path, line)} {name}"
        for path in python_files("sim")
        for name, line in [*calls(path), *imports(path)]
        if name in OUTSIDE_WORLD or name.split(".")[0] in OUTSIDE_MODULES
    ]

    assert [] == impure


def test_the_library_opens_files_at_two_doors() -> None:
    """Only the scenario's loader and the session's save file touch the disk."""
    doors = {"scenario", "session"}
    # asks Linux how large this process is, to bound it while a statement runs: no result reads it
    gauge = ROOT / "sim/world/warehouse/address_space.py"
    opened = [
        f"{place(path, line)} {name}"
        for path in python_files("sim")
        if path.relative_to(ROOT).parts[1] not in doors and path != gauge
        for name, line in calls(path)
        if name in {"open", "os.open"} or name.endswith(FILE_METHODS)
    ]

    assert [] == opened


def test_nothing_is_left_for_later() -> None:
    """No note to self, no hole, and no test that is skipped or expected to fail."""
    words = re.compile(r"\b(" + "|".join(["FIX" + "ME", "TO" + "DO", "XX" + "X"]) + r")\b")
    holes = {"Not" + "ImplementedError", "pytest.mark." + "skip", "pytest.mark." + "xfail"}
    left = [
        place(path, number)
        for path in project_files()
        if path.suffix not in {".svg", ".raw"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if words.search(line) or any(hole in line for hole in holes)
    ]

    assert [] == left


def test_no_file_names_a_machine() -> None:
    """No home folder, no path of the checkout and no address of a package index is written down."""
    home = re.escape(str(Path.home()))
    parent = re.escape(str(ROOT.parent))
    index = r"https?://\S*/simple\b|files\.python" + r"hosted|(extra-)?index" + r"-url\s*[=:]"
    named = re.compile(rf"{home}/|{parent}/|/home/\w+/|/Users/\w+/|{index}")
    found = [
        place(path, number)
        for path in project_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if named.search(line)
    ]

    assert [] == found


def test_no_traces_of_runs_are_kept() -> None:
    """Caches, databases of Hypothesis and build results are not part of the project."""
    kept = [
        str(path.relative_to(ROOT))
        for path in project_files()
        if {".hypothesis", ".venv", "__pycache__", "dist", "build"}
        & set(path.relative_to(ROOT).parts[:-1])
    ]

    assert [] == kept
