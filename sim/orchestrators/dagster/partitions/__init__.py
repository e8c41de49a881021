"""Partitions: which exist at an instant, which windows they are, and how they map to each other."""
