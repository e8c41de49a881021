"""The tree of errors and the exit codes: drawn as they are, rebuilt from `args`, and all tested."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from sim import errors
from sim.model.diagnostics import Diagnostic
from tests.hygiene.tree import python_files, syntax
from tui.cli.diagnostics import ExitCode

EVERY_ERROR = [
    errors.OrchsimError("anything"),
    errors.UserError("something a person can mend"),
    errors.ScenarioError([Diagnostic("E-KEY", "there is no key x", file="config.yaml", line=3)]),
    errors.UsageError("no such scenario", "see the list"),
    errors.LimitError("events_max", 1000),
    errors.LimitError("statements_max", 10, "too many statements"),
    errors.InternalError("a slot leaked"),
]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_errors_are_rebuilt_from_their_arguments(error: errors.OrchsimError) -> None:
    """`type(error)(*error.args)` is the same error: SimPy and process pools rebuild it so."""
    again = type(error)(*error.args)

    assert str(error) == str(again)
    assert vars(error) == vars(again)


def test_every_error_class_is_in_the_list() -> None:
    """The list above and the drawing in `sim.errors` name each class of the module."""
    defined = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and value.__module__ == errors.__name__
    }

    assert defined == {type(error).__name__ for error in EVERY_ERROR}
    assert defined == set(re.findall(r"\b[A-Z]\w+Error\b", errors.__doc__ or ""))


def test_every_error_is_raised_in_a_test() -> None:
    """Some test expects each kind of error that is raised from the code itself."""
    families = {"OrchsimError", "UserError"}
    kinds = {type(error).__name__ for error in EVERY_ERROR} - families
    expected = {
        ast.unparse(call.args[0]).rpartition(".")[2]
        for path in _other_tests()
        for call in ast.walk(syntax(path))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.raises" and call.args
    }

    assert set() == kinds - expected


def test_every_exit_code_is_expected_in_a_test() -> None:
    """Some test names each member of `ExitCode` as what it expects."""
    named = {
        node.attr
        for path in _other_tests()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "ExitCode"
    }

    assert set() == {code.name for code in ExitCode} - named


def _other_tests() -> list[Path]:
    return [path for path in python_files("tests") if path != Path(__file__).resolve()]
