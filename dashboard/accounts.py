"""Who may look at the dashboard: names with the hashes of their passwords, from the settings.

Stays out: how a password is hashed (`dashboard.passwords`) and how long a login lasts (`dashboard.visits`).
"""

from __future__ import annotations

import hashlib
import re
import secrets

from dashboard.passwords import Cost, check_format, check_password, hash_password

NAME = re.compile(r"[\w.@+-]{1,64}")


def read_accounts(text: str) -> dict[str, str]:
    """Hashes by name from a list `name:hash, name:hash`, also over several lines.

    Raises:
        ValueError: for an entry that does not read, or a name given twice; the message names it, but shows no hash.
    """
    found: dict[str, str] = {}
    for i, entry in enumerate(re.split(r"[,\s]+", text.strip())):
        if not entry:
            continue
        name, _, stored = entry.partition(":")
        if not NAME.fullmatch(name):
            raise ValueError(f"entry {i + 1} has no name before a colon, as in name:hash")
        if name in found:
            raise ValueError(f"{name} is given twice")
        try:
            check_format(stored)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        found[name] = stored
    return found


class Accounts:
    """Checks names and passwords. An unknown name costs as much time as a known one."""

    def __init__(self, hashes: dict[str, str]) -> None:
        self._hashes = hashes
        costs = [check_format(stored) for stored in hashes.values()]
        self._decoy = hash_password(secrets.token_urlsafe(), max(costs, key=_work)) if costs else ""

    @property
    def are_needed(self) -> bool:
        """Whether anybody has to sign in at all."""
        return bool(self._hashes)

    def check(self, name: str, password: str) -> bool:
        """Whether this is that user's password."""
        is_right = check_password(password, self._hashes.get(name, self._decoy))
        return is_right and name in self._hashes

    def mark(self, name: str) -> str | None:
        """A digest that changes with the user's password, so that older logins end; None for an unknown name."""
        stored = self._hashes.get(name)
        return None if stored is None else hashlib.sha256(stored.encode()).hexdigest()[:16]


def _work(cost: Cost) -> int:
    return 2**cost.log2_n * cost.r * cost.p
