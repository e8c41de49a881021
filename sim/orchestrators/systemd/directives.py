"""The directives that are simulated, by section, and those that are read and change nothing here.

Source: systemd 252, systemd.directives(7). What is in neither list is what systemd itself ignores
with a warning.
"""

from __future__ import annotations

KNOWN = {
    "Unit": frozenset(
        {
            *("Requires", "Wants", "Requisite", "BindsTo", "After", "Before"),
            *("OnFailure", "OnSuccess", "StartLimitIntervalSec", "StartLimitBurst"),
            *("Description", "Documentation", "PartOf", "DefaultDependencies"),
        }
    ),
    "Service": frozenset(
        {
            *("Type", "ExecStart", "ExecStartPre", "ExecStartPost", "Environment"),
            *("TimeoutStartSec", "RuntimeMaxSec", "Restart", "RestartSec"),
            *("User", "Group", "WorkingDirectory", "Nice", "StandardOutput", "StandardError"),
            *("SyslogIdentifier", "EnvironmentFile", "MemoryMax", "CPUQuota"),
        }
    ),
    "Timer": frozenset(
        {
            *("OnCalendar", "OnActiveSec", "OnBootSec", "OnStartupSec"),
            *("OnUnitActiveSec", "OnUnitInactiveSec", "AccuracySec", "RandomizedDelaySec"),
            *("FixedRandomDelay", "Persistent", "Unit", "WakeSystem"),
        }
    ),
    "Install": frozenset({"WantedBy", "RequiredBy", "Also", "Alias", "DefaultInstance"}),
}
SECTIONS = tuple(KNOWN)
SPANS = frozenset(
    {
        *("StartLimitIntervalSec", "TimeoutStartSec", "RuntimeMaxSec", "RestartSec"),
        *("OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec"),
        *("AccuracySec", "RandomizedDelaySec"),
    }
)
"""Directives whose value is a span of time."""
