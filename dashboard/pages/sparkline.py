"""A course of numbers as a small SVG path.

Stays out: which numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 100, 28
_MARGIN = 2


def sparkline(values: Sequence[float | None]) -> str:
    """An SVG path through `values` in a box of 100 by 28; a None leaves a gap; '' below two numbers."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, span = min(known), max(known) - min(known)
    step = WIDTH / (len(values) - 1)
    parts, pen_is_up = [], True
    for i, value in enumerate(values):
        if value is None:
            pen_is_up = True
            continue
        height = (value - low) / span if span else 0.5
        y = HEIGHT - _MARGIN - height * (HEIGHT - 2 * _MARGIN)
        parts.append(f"{'M' if pen_is_up else 'L'}{i * step:.1f} {y:.1f}")
        pen_is_up = False
    return "".join(parts)
