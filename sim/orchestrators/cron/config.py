"""The `cron:` section of config.yaml: a crontab as an administrator would edit it.

Structs only. The languages inside the texts, crontab, anacrontab and shell, are read by `crontab`,
`anacrontab` and `shell_parse`; what is wrong in them, `validate` says.
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
    anacrontab: str | None = None
    """An anacrontab (anacrontab(5)): jobs by a period in days, made up for once after days on which
    the host was off. When the clock starts, each of them last ran the day before."""
    anacron_start: Literal["hourly", "debian", "by_hand"] = "hourly"
    """What starts anacron, and whose it is. `hourly`: cronie's package, `anacron -s` at minute 01
    of each hour until the job `cron.daily` has run that day. `debian`: Debian's anacron 2.3, whose
    anacrontab knows less, `anacron -s` at boot and at minute 30 of the hours 7 to 23. `by_hand`:
    cronie's, and nothing starts it but the command `anacron` in a line of the crontab."""
    scripts: dict[str, str] = {}
    """Shell scripts by file name; a command with that base name runs the script."""
    mail_to_alert: str | None = None
    """Alert as which mail from cron reaches a person. Default: nobody reads it."""
