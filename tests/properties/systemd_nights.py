"""Random small hosts with systemd: units in any order, timers of all kinds, restarts, templates."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.properties.nights import TASKS, Night, actions, faults, seeds


@st.composite
def systemd_nights(draw: st.DrawFn) -> Night:
    """Up to three services, each perhaps behind those before it, and up to two timers."""
    units: dict[str, Any] = {"page@.service": "[Service]\nType=oneshot\nExecStart=notify ring\n"}
    made: list[str] = []
    for name in TASKS[: draw(st.integers(1, len(TASKS)))]:
        units[f"{name}.service"] = draw(services(name, made))
        made.append(name)
    for number in range(draw(st.integers(1, 2))):
        units[f"t{number}.timer"] = draw(timers(draw(st.sampled_from(made))))
    return Night(
        {"units": units},
        "systemd",
        faults=draw(faults()),
        actions=draw(actions()),
        seed=draw(seeds),
    )


@st.composite
def services(draw: st.DrawFn, name: str, before: list[str]) -> str:
    """A service that does one task, or retries it in its shell."""
    lines = ["[Unit]", f"StartLimitBurst={draw(st.integers(1, 3))}", "StartLimitIntervalSec=1h"]
    if draw(st.booleans()):
        lines.append("OnFailure=page@%n.service")
    for other in draw(st.lists(st.sampled_from(before), unique=True)) if before else []:
        lines.append(f"{draw(st.sampled_from(['Requires', 'Wants']))}={other}.service")
        if draw(st.booleans()):
            lines.append(f"After={other}.service")
    kind = draw(st.sampled_from(["oneshot", "simple"]))
    lines += ["[Service]", f"Type={kind}", f"ExecStart={draw(st.sampled_from(['', '-']))}{name}"]
    if draw(st.booleans()):
        lines += ["Restart=on-failure", f"RestartSec={draw(st.sampled_from(['1s', '5min']))}"]
    if draw(st.booleans()):
        lines.append(f"RuntimeMaxSec={draw(st.sampled_from(['2min', '1h']))}")
    return "\n".join(lines) + "\n"


@st.composite
def timers(draw: st.DrawFn, unit: str) -> str:
    """A timer by the calendar or by what ran before."""
    when = draw(
        st.sampled_from(
            [
                "OnCalendar=03:00",
                "OnCalendar=0/6:30",
                "OnUnitInactiveSec=4h",
                "OnUnitActiveSec=20min",
            ]
        )
    )
    return (
        f"[Timer]\n{when}\nUnit={unit}.service\n"
        f"AccuracySec={draw(st.sampled_from(['1us', '1min']))}\n"
        f"RandomizedDelaySec={draw(st.sampled_from(['0', '10min']))}\n"
        f"Persistent={draw(st.sampled_from(['yes', 'no']))}\n"
    )
