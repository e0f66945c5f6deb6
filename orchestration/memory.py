"""When a run looks for garbage, and giving freed memory back to the system.

Stays out: the database's memory (`assets.resources.warehouse`), which its own allocator keeps.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from functools import cache


def let_garbage_wait() -> None:
    """Look for garbage rarely: imports and events make objects that stay, and looking at them costs 8 % of a run."""
    gc.set_threshold(200_000, 50, 1_000)


def give_back() -> None:
    """Give back what a step left: frames and models in reference cycles, and pages of the heap with nothing in them.

    Objects that were there before the last call are not looked at again, so that all calls of a run together take a
    third of a second. Most of what they find are figures and what training leaves. The GNU C library keeps freed pages
    until it is asked for them; where there is another library, only the garbage is collected.
    """
    gc.collect(1)
    _trim()(0)


@cache
def _trim() -> Callable[[int], object]:
    """`malloc_trim` of the GNU C library, or a function that does nothing where there is none."""
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (
        AttributeError,
        OSError,
        TypeError,
    ):  # another C library, or a system that has no handle of itself
        return lambda _: None
    return trim
