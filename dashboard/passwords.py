"""Passwords as text that can be kept: scrypt with its cost and salt in the text itself.

Stays out: whose password it is (`dashboard.accounts`).

The text reads `scrypt.14.8.5.<salt>.<digest>`: log2 of N, r, p (RFC 7914), then 16 and 32 bytes in URL-safe base64. It
holds no character that a shell, a line of `.env` or a list with commas and colons would read as its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

_FORMAT = re.compile(r"scrypt\.(\d{1,2})\.(\d{1,2})\.(\d{1,2})\.([\w-]{22})\.([\w-]{43})", re.ASCII)
_SALT_BYTES, _DIGEST_BYTES = 16, 32
_MEMORY_LIMIT = 2**28


@dataclass(frozen=True)
class Cost:
    """What one guess costs: `128 * 2**log2_n * r` bytes, `p` times over."""

    log2_n: int
    r: int
    p: int


# OWASP's Password Storage Cheat Sheet: one of its equal choices for scrypt, the one with the least memory (16 MiB).
COST = Cost(log2_n=14, r=8, p=5)


def hash_password(password: str, cost: Cost = COST) -> str:
    """The text to keep instead of a password, with a salt of its own."""
    return _written(cost, secrets.token_bytes(_SALT_BYTES), password)


def check_password(password: str, stored: str) -> bool:
    """Whether this is the password; takes the same time for a wrong one. ValueError if `stored` is no such text."""
    cost, salt = _read(stored)
    return hmac.compare_digest(_written(cost, salt, password), stored)


def check_format(stored: str) -> Cost:
    """The cost that a kept text names.

    Raises:
        ValueError: when it is none of `hash_password`, or its cost is out of bounds.
    """
    return _read(stored)[0]


def _read(stored: str) -> tuple[Cost, bytes]:
    found = _FORMAT.fullmatch(stored)
    if found is None:
        raise ValueError("not a password's hash; `crm dashboard-password` makes one")
    cost = Cost(int(found[1]), int(found[2]), int(found[3]))
    is_cheap = cost.log2_n < 1 or cost.r < 1 or cost.p < 1
    if is_cheap or 128 * cost.r * (2**cost.log2_n + cost.p) > _MEMORY_LIMIT // 2:
        raise ValueError("the cost in a password's hash is out of bounds; `crm dashboard-password` makes one")
    return cost, base64.urlsafe_b64decode(found[4] + "==")


def _written(cost: Cost, salt: bytes, password: str) -> str:
    digest = hashlib.scrypt(
        password.encode(),
        salt=salt,
        n=2**cost.log2_n,
        r=cost.r,
        p=cost.p,
        maxmem=_MEMORY_LIMIT,
        dklen=_DIGEST_BYTES,
    )
    return f"scrypt.{cost.log2_n}.{cost.r}.{cost.p}.{_text(salt)}.{_text(digest)}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
