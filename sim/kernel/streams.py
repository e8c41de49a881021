"""Named random streams: every draw is keyed by what it belongs to, never by the order of draws.

The key is (seed, purpose, the names of the thing drawn for). Adding a draw in one place, or editing
one pipeline, therefore moves no other draw: common random numbers for clean comparisons.
"""

from __future__ import annotations

import math
from hashlib import blake2b
from statistics import NormalDist

_STANDARD_NORMAL = NormalDist()
_SCALE = 1 << 53


class Streams:
    """All draws of one seed. Stateless: the same key always gives the same number."""

    __slots__ = ("_root", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        """The seed, any integer."""
        self._root = blake2b(str(seed).encode(), digest_size=16).digest()

    def bits(self, purpose: str, *key: str | int) -> int:
        """64 uniform bits for this purpose and key."""
        # the unit separator keeps ("a", "bc") apart from ("ab", "c")
        text = "\x1f".join((purpose, *(str(part) for part in key)))
        return int.from_bytes(blake2b(text.encode(), key=self._root, digest_size=8).digest(), "big")

    def uniform(self, purpose: str, *key: str | int) -> float:
        """Uniform in the open interval (0, 1)."""
        return ((self.bits(purpose, *key) >> 11) + 0.5) / _SCALE

    def between(self, low: float, high: float, purpose: str, *key: str | int) -> float:
        """Uniform between `low` and `high`."""
        return low + (high - low) * self.uniform(purpose, *key)

    def lognormal(self, median: float, sigma: float, purpose: str, *key: str | int) -> float:
        """Lognormal with this median and this sigma of the logarithm."""
        return median * math.exp(sigma * _STANDARD_NORMAL.inv_cdf(self.uniform(purpose, *key)))

    def exponential(self, mean: float, purpose: str, *key: str | int) -> float:
        """Exponential with this mean."""
        return -mean * math.log(self.uniform(purpose, *key))
