"""What was found as a test of pytest, to stand in a team's own project."""

from __future__ import annotations

_TEST = '''"""Found by `orchsim verify {scenario}`."""

from __future__ import annotations

from sim.verify import broken_by

FAULTS = """\\
{faults}"""


def test_{name}() -> None:
    """{what}"""
    assert broken_by({scenario!r}, FAULTS{config}) is None
'''


def pytest_text(scenario: str, *, config: str | None, faults: str, what: str) -> str:
    """A module with one test, which holds once the pipeline survives these faults."""
    name = "".join(char if char.isalnum() else "_" for char in f"{scenario} {_breaks(faults)}")
    return _TEST.format(
        scenario=scenario,
        faults=faults,
        name=name.lower(),
        what=what.replace('"', "'"),
        config="" if config is None else f", config={config!r}",
    )


def _breaks(faults: str) -> str:
    for line in faults.splitlines():
        if line.startswith("breaks: "):
            return line.removeprefix("breaks: ")
    return "faults"
