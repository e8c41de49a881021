"""Prefect's section in a comparison: flows and deployments under more names, and no edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from sim.orchestrators.prefect.config import PrefectConfig


def copied(section: PrefectConfig, number: int) -> PrefectConfig:
    """Each flow with its deployments so many times; flows that it calls keep their names."""
    names = [f"__{at}" for at in range(2, number + 1)]
    deployed = dict.fromkeys(one.flow for one in section.deployments.values())
    flows = {f"{name}{more}": section.flows[name] for more in names for name in deployed}
    deployments = {
        f"{name}{more}": replace(one, flow=f"{one.flow}{more}")
        for more in names
        for name, one in section.deployments.items()
    }
    return replace(
        section,
        flows={**section.flows, **flows},
        deployments={**section.deployments, **deployments},
    )


def declared(section: PrefectConfig) -> tuple[tuple[str, str], ...]:
    """None: a call takes what another returns, and neither names a table."""
    del section
    return ()
