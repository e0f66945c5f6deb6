"""Array types and two small drawing helpers that every part of the simulator uses.

Stays out: anything that knows what a customer, an order or a file is.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DAY_S = 86_400
MISSING = np.iinfo(np.int64).min


def pick(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Draw positions with the given weights.

    Args:
        rng: Source of randomness.
        weights: Non-negative weights, shape ``(k,)``; they need not sum to one.
        size: How many positions to draw.

    Returns:
        Positions in ``0..k-1``, shape ``(size,)``.
    """
    cumulated = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(cumulated, rng.random(size) * cumulated[-1], side="right")
    return np.minimum(found, cumulated.size - 1).astype(np.int64)


def position_in_group(counts: Ints) -> Ints:
    """Number the rows of consecutive groups: counts ``[2, 1, 3]`` give ``[0, 1, 0, 0, 1, 2]``."""
    starts = np.cumsum(counts) - counts
    return np.arange(counts.sum()) - np.repeat(starts, counts)


def instants(seconds: Ints) -> pa.Array:
    """Turn seconds since 1970 into naive local timestamps; ``MISSING`` becomes null."""
    return pa.array(seconds, mask=seconds == MISSING).cast(pa.timestamp("s"))


def money(cents: Ints) -> pa.Array:
    """Turn whole cents into exact decimals with two places, in BRL."""
    words_of_128_bits = np.stack([cents, cents >> 63], axis=1)
    buffers = [None, pa.py_buffer(words_of_128_bits.tobytes())]
    return pa.Array.from_buffers(pa.decimal128(10, 2), cents.size, buffers)


def words(vocabulary: pa.Array, positions: Ints) -> pa.Array:
    """Take the words at the positions; a negative position becomes null."""
    return vocabulary.take(pa.array(positions, mask=positions < 0))
