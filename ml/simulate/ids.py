"""Unique 32-digit hexadecimal ids from a counter, the same for the same seed.

Stays out: who gets which id.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ml.simulate.arrays import Ints

_Words = npt.NDArray[np.uint64]
_HEX = np.array([f"{value:02x}".encode() for value in range(256)], dtype="S2")
_NAMESPACES = ("person", "customer", "order", "product", "seller", "review")


def hex_ids(seed: int, namespace: str, counters: Ints) -> pa.Array:
    """Make ids.

    Args:
        seed: Seed of the simulation.
        namespace: What the ids stand for, one of ``person, customer, order, product, seller, review``.
        counters: Non-negative numbers, shape ``(n,)``; different numbers give different ids, because the
            first half of an id is a bijection of the counter.

    Returns:
        Strings of 32 hexadecimal digits, shape ``(n,)``.
    """
    key = np.random.SeedSequence([seed, _NAMESPACES.index(namespace)]).generate_state(2, np.uint64)
    numbers = counters.astype(np.uint64)
    halves = np.stack([_mix(numbers ^ key[0]), _mix(numbers + key[1])], axis=1)
    digits = _HEX[halves.astype(">u8").view(np.uint8)]
    offsets = np.arange(counters.size + 1, dtype=np.int32) * 32
    return pa.StringArray.from_buffers(counters.size, pa.py_buffer(offsets), pa.py_buffer(digits.tobytes()))


def _mix(numbers: _Words) -> _Words:
    """Scramble 64-bit numbers one to one (the finaliser of SplitMix64, Steele, Lea & Flood 2014)."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
