"""Declarative automation: conditions on assets, evaluated tick by tick."""
