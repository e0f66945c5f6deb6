"""How often somebody may try: a sliding window per key, in memory.

Stays out: what is tried (`dashboard.login`).
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import deque
from collections.abc import Callable
from math import ceil

MAX_KEYS = 10_000


class SlidingWindow:
    """At most `limit` attempts within any `seconds`, each key for itself. A process has its own memory of them."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._attempts: dict[str, deque[float]] = {}

    def take(self, key: str) -> int:
        """Note an attempt and return 0, or note nothing and return the whole seconds to wait."""
        now = self._clock()
        with self._lock:
            attempts = self._recent(key, now)
            if len(attempts) >= self._limit:
                return max(1, ceil(attempts[0] + self._seconds - now))
            attempts.append(now)
            return 0

    def give_back(self, key: str) -> None:
        """Forget the last attempt: it was a rightful one."""
        with self._lock:
            attempts = self._attempts.get(key)
            if attempts:
                attempts.pop()

    def _recent(self, key: str, now: float) -> deque[float]:
        attempts = self._attempts.pop(key, deque())
        while attempts and attempts[0] <= now - self._seconds:
            attempts.popleft()
        self._attempts[key] = attempts  # the key used last stands last
        if len(self._attempts) > MAX_KEYS:
            del self._attempts[next(iter(self._attempts))]
        return attempts


def network(address: str) -> str:
    """The key of an address: itself, or its /64 where it is of IPv6, since one machine has all of that."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found.packed, 64), strict=False))
