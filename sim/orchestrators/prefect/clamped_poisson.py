"""The interval that Prefect waits in many places: exponential, but never far from its mean.

Source: Prefect 3.8.8, utilities/math.py `clamped_poisson_interval`. Its lower bound is no mirror of
the upper one: both cut off the same share of the exponential distribution.
"""

from __future__ import annotations

from math import exp, log, log2

_TINY = 1e-10


def clamped_poisson(mean: float, factor: float, draw: float) -> float:
    """An interval around `mean`, in its unit; `draw` is uniform in [0, 1].

    Between `mean` times log2(2^(1+f) / (2^(1+f) - 1)) and `mean` times (1 + f).
    """
    low, high = bounds(mean, factor)
    share = _distribution(low, mean) + draw * (_distribution(high, mean) - _distribution(low, mean))
    return -mean * log(max(1 - share, _TINY))


def bounds(mean: float, factor: float) -> tuple[float, float]:
    """The shortest and the longest interval."""
    power = 2 ** (1 + factor)
    return mean * log2(power / (power - 1)), mean * (1 + factor)


def _distribution(interval: float, mean: float) -> float:
    return 1 - exp(-interval / mean)
