"""Prefect 3: flows, deployments, work pools, and what the server plans and allows."""
