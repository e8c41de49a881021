"""What every test stands on: Hypothesis profiles, and an environment that is nobody's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    max_examples=50,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    # many examples, and the same ones for the same commit: it is judged alike twice
    "ci",
    settings.get_profile("default"),
    max_examples=400,
)
settings.register_profile(
    "nightly",
    settings.get_profile("default"),
    derandomize=False,
    max_examples=1000,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

PERSONAL = (
    "COLORTERM",
    "COLUMNS",
    "EDITOR",
    "FORCE_COLOR",
    "LC_ALL",
    "LINES",
    "NO_COLOR",
    "VISUAL",
)


@pytest.fixture(autouse=True, scope="session")
def nobodys_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Language, colours, config and saved games of the person who runs the tests stay out of them.

    A test that needs one of these sets it with `monkeypatch`; child processes inherit the rest.
    """
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [*PERSONAL, *(name for name in os.environ if name.startswith("ORCHSIM_"))]:
            patch.delenv(name, raising=False)
        patch.setenv("LANG", "C.UTF-8")
        patch.setenv("TERM", "xterm-256color")
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(home / name.lower()))
        yield home
