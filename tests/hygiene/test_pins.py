"""The constraints files pin what pyproject.toml asks for, with hashes, and name no index."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.hygiene.tree import ROOT

PIN = re.compile(
    r"^([a-z0-9-]+)==(\S+)[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}[ \\]*\n)+)", re.MULTILINE
)


def pinned(name: str) -> dict[str, int]:
    """From each package that a constraints file pins to how many hashes it has."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {package: hashes.count("--hash") for package, _, hashes in PIN.findall(text)}


def asked_for(*groups: str) -> set[str]:
    """The packages that pyproject.toml names as dependencies, and in the groups."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = list(project["project"]["dependencies"])
    for group in groups:
        lines += [line for line in project["dependency-groups"][group] if isinstance(line, str)]
    return {re.split(r"[<>=\[ ]", line)[0].lower() for line in lines}


@pytest.mark.parametrize(
    ("name", "groups"), [("constraints.txt", ("setup",)), ("constraints-dev.txt", ("setup", "dev"))]
)
def test_every_dependency_is_pinned_with_hashes(name: str, groups: tuple[str, ...]) -> None:
    """Each package of pyproject.toml has one exact version, and at least one hash."""
    pins = pinned(name)

    assert set() == asked_for(*groups) - set(pins)
    assert all(count > 0 for count in pins.values())


def test_playing_and_testing_use_the_same_versions() -> None:
    """What constraints.txt pins, constraints-dev.txt pins alike."""
    playing = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    testing = (ROOT / "constraints-dev.txt").read_text(encoding="utf-8")
    versions = {(package, version) for package, version, _ in PIN.findall(playing)}

    assert set() == versions - {(package, version) for package, version, _ in PIN.findall(testing)}


@pytest.mark.parametrize("name", ["constraints.txt", "constraints-dev.txt"])
def test_no_pin_names_a_place(name: str) -> None:
    """A pin is a version and hashes: no address, no file, no option that names an index."""
    text = (ROOT / name).read_text(encoding="utf-8")

    assert "://" not in text
    assert [] == [line for line in text.splitlines() if re.match(r"--?\w", line)]
