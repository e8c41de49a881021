"""The `cron:` section of config.yaml: a crontab as an administrator would edit it.

Structs only. The languages inside the texts, crontab and shell, are read by `crontab` and
`shell_parse`; what is wrong in them, `validate` says.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class CronConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything an engineer may decide about a host with cron."""

    host: str = "etl-01"
    """The machine; its name in the journal."""
    timezone: str | None = None
    """Zone of the host's clock (IANA), which Debian cron schedules by. Default: the world's."""
    daemon: Literal["debian", "busybox"] = "debian"
    """Which cron it is. `debian` allows for clock changes of up to three hours; `busybox`, which
    small containers have, does not: what the clock leaves out never starts, what it shows twice
    starts twice."""
    start_delay: str = "0s"
    """From the minute until jobs really start. The real daemon wakes at second 01; the default
    keeps 03:00 at 03:00:00, as incident reports write it."""
    crontab: str
    """A user crontab (crontab(5)): schedules, macros, environment lines, comments."""
    scripts: dict[str, str] = {}
    """Shell scripts by file name; a command with that base name runs the script."""
    mail_to_alert: str | None = None
    """Alert as which mail from cron reaches a person. Default: nobody reads it."""
