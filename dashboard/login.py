"""Checks a name and a password, as often as the limits allow and a few at a time.

Stays out: the page that asks for them (`dashboard.pages.login`) and what a login opens (`dashboard.gate`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

import anyio
import anyio.to_thread

from dashboard.accounts import Accounts
from dashboard.rate_limit import SlidingWindow, network

WINDOW_SECONDS = 300.0
TRIES_PER_USER, TRIES_PER_ADDRESS = 10, 30
AT_ONCE = 2
KNOWN_SECONDS, MAX_KNOWN = 600.0, 1000
_LONGEST = 1024


class TooManyTriesError(Exception):
    """Too many wrong passwords; `wait_seconds` until the next try counts."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"wait {wait_seconds} seconds")
        self.wait_seconds = wait_seconds


class Login:
    """Checks passwords within limits per user and per address; right ones do not count.

    A hash costs a fifth of a second on purpose, so credentials that were right are known again for ten minutes by a
    keyed digest (the key is this process's own): a program that sends them with every request is not slowed down.
    """

    def __init__(self, accounts: Accounts, clock: Callable[[], float] = time.monotonic) -> None:
        self.accounts = accounts
        self._clock = clock
        self._users = SlidingWindow(TRIES_PER_USER, WINDOW_SECONDS, clock)
        self._addresses = SlidingWindow(TRIES_PER_ADDRESS, WINDOW_SECONDS, clock)
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, float] = {}
        self._limiter: anyio.CapacityLimiter | None = None

    async def check(self, name: str, password: str, address: str) -> bool:
        """Whether name and password belong together.

        Raises:
            TooManyTriesError: when this user, or this address, has had too many wrong ones lately.
        """
        digest = hmac.digest(self._key, f"{name}\0{password}".encode(), hashlib.sha256)
        if self._known.get(digest, 0.0) > self._clock():
            return True
        keys = ((self._addresses, network(address)), (self._users, name[:_LONGEST]))
        for window, key in keys:
            wait = window.take(key)
            if wait:
                raise TooManyTriesError(wait)
        if len(name) > _LONGEST or len(password) > _LONGEST:
            return False
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(AT_ONCE)
        is_right = await anyio.to_thread.run_sync(self.accounts.check, name, password, limiter=self._limiter)
        if is_right:
            for window, key in keys:
                window.give_back(key)
            self._remember(digest)
        return is_right

    def _remember(self, digest: bytes) -> None:
        now = self._clock()
        self._known = {one: until for one, until in self._known.items() if until > now}
        if len(self._known) < MAX_KNOWN:
            self._known[digest] = now + KNOWN_SECONDS
