"""How often each row is drawn in each replicate of a bootstrap.

Stays out: what is computed from the draws, and intervals (`metrics`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_LEVELS = 2**16
_MOST = 9


def poisson_weights(size: int, replicates: int, seed: int) -> Iterator[np.ndarray]:
    """Yield for each replicate how often each row is drawn, as floats of shape (size,).

    Each row is drawn Poisson(1) times, independent of the others (Hanley & MacGibbon 2006, "Creating
    non-parametric bootstrap samples using Poisson frequencies"). A replicate then has `size` rows only on
    average, which does not matter to figures that divide by the sum of weights. The Poisson distribution is
    inverted on a grid of 2^16 equal steps, so each probability is off by less than 1.6e-5.
    """
    counts = _poisson_quantiles()
    rng = np.random.default_rng(seed)
    for _ in range(replicates):
        yield counts.take(rng.integers(_LEVELS, size=size, dtype=np.uint16)).astype(np.float64)


def _poisson_quantiles() -> np.ndarray:
    """Return the quantiles of Poisson(1) at 2^16 equal steps of probability, ascending."""
    factorials = np.cumprod(np.maximum(np.arange(_MOST + 1), 1))
    borders = np.round(_LEVELS * np.cumsum(np.exp(-1.0) / factorials))
    return np.searchsorted(borders, np.arange(_LEVELS), side="right").astype(np.uint8)
