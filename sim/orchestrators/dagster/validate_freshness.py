"""What types cannot say about freshness policies. Part of `validate`; nothing is raised.

Source of the bounds: Dagster 1.13.29, _core/definitions/freshness.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span, zone
from sim.kernel.cron_expression import CronSyntaxError, parse_cron
from sim.orchestrators.dagster.freshness import WINDOW_MIN_US

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.dagster.config import DagsterConfig
    from sim.orchestrators.dagster.config_freshness import FreshnessPolicyConfig

Path = tuple[str | int, ...]
Found = tuple[Path, str, str, str]
_CODE = "E-FRESHNESS"


def freshness_problems(config: DagsterConfig) -> Iterator[Found]:
    """Every problem with the freshness policies of a section."""
    for key, asset in config.assets.items():
        if asset.freshness_policy is not None:
            yield from _policy(asset.freshness_policy, ("assets", key, "freshness_policy"))


def _policy(policy: FreshnessPolicyConfig, path: Path) -> Iterator[Found]:
    if (policy.fail_window is None) == (policy.deadline_cron is None):
        message = "a freshness policy has a fail_window or a deadline_cron, one of the two"
        yield path, _CODE, message, 'fail_window: "24h"'
        return
    needed = ("fail_window",) if policy.deadline_cron is None else ("lower_bound_delta",)
    spans: dict[str, int] = {}
    for field in (*needed, "warn_window"):
        text = getattr(policy, field)
        if text is None:
            if field in needed:
                yield (*path, field), _CODE, f"{field} is missing", 'such as "1h"'
            continue
        try:
            spans[field] = parse_span(text)
        except ValueError as error:
            yield (*path, field), "E-SPAN", str(error), 'such as "1h"'
        else:
            if spans[field] < WINDOW_MIN_US:
                yield (*path, field), "E-RANGE", f"{field} is {text}", "a minute or more"
    if spans.get("warn_window", 0) >= spans.get("fail_window", 1 << 62):
        message = "the warn_window is not shorter than the fail_window"
        yield (*path, "warn_window"), _CODE, message, "let it warn before it fails"
    if policy.deadline_cron is not None:
        yield from _deadline(policy.deadline_cron, policy.timezone, path)


def _deadline(cron: str, timezone: str, path: Path) -> Iterator[Found]:
    try:
        parse_cron(cron, dialect="croniter")
    except CronSyntaxError as error:
        yield (*path, "deadline_cron"), "E-CRON", error.message, error.hint
    try:
        zone(timezone)
    except ValueError as error:
        yield (*path, "timezone"), "E-TIMEZONE", str(error), "an IANA name such as Europe/Madrid"
