"""Dagster: assets, partitions, runs of steps, and the daemon that starts them."""
