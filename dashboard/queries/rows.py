"""From database rows to plain values.

Stays out: which rows are asked for.
"""

from __future__ import annotations

from decimal import Decimal


def real(value: Decimal | float | None) -> float | None:
    """A decimal or float as a float, exact to the centavo below 9e13; None stays None."""
    return None if value is None else float(value)
