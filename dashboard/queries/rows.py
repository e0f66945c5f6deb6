"""From database rows to plain values.

Stays out: which rows are asked for.
"""

from __future__ import annotations

from decimal import Decimal


def real(value: Decimal | float | None) -> float | None:
    """A decimal or float as a float, exact to the centavo below 9e13; None stays None."""
    return None if value is None else float(value)


def ratio(part: float | None, whole: float) -> float | None:
    """The part over the whole; None where there is no part to speak of, or nothing to divide by."""
    return None if part is None or not whole else part / whole
