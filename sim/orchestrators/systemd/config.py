"""The `systemd:` section of config.yaml: unit files as an administrator would write them.

Structs only. The language inside the texts is read by `unit_file` and `units`; what is wrong in
them, `validate` says.
"""

from __future__ import annotations

import msgspec


class SystemdConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything an engineer may decide about a host with systemd."""

    host: str = "etl-01"
    """The machine; its name in the journal."""
    timezone: str | None = None
    """Zone of the host's clock (IANA), in which calendar events are meant. Default: the world's."""
    units: dict[str, str]
    """Unit files by name: `extract.timer`, `page@.service`. Timers are enabled."""
    scripts: dict[str, str] = {}
    """Shell scripts by file name; a command with that base name runs the script."""
