"""Markdown: tables, figures with their intervals, lists in words.

Stays out: what the figures are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.metrics import Comparison, ModelMetric

NONE = "–"
Figure = ModelMetric | Comparison | None


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; without rows a line that says so."""
    if not rows:
        return "No month has any."
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def number(figure: Figure, form: str = ".3f") -> str:
    """A figure with its 95 % interval."""
    if figure is None:
        return NONE
    value = figure.difference if isinstance(figure, Comparison) else figure.value
    return with_interval(value, figure.low, figure.high, form)


def baseline(figure: ModelMetric | None, form: str = ".3f") -> str:
    """The baseline's figure with its 95 % interval."""
    if figure is None or figure.baseline_value is None:
        return NONE
    if figure.baseline_low is None or figure.baseline_high is None:
        return f"{figure.baseline_value:{form}}"
    return with_interval(figure.baseline_value, figure.baseline_low, figure.baseline_high, form)


def with_interval(value: float, low: float, high: float, form: str = ".3f") -> str:
    """A value and the ends of its interval."""
    return f"{value:{form}} ({low:{form}} to {high:{form}})"


def significant(value: float) -> str:
    """Three significant digits."""
    return np.format_float_positional(value, precision=3, fractional=False, trim="k").rstrip(".")


def listed(words: Sequence[str]) -> str:
    """Words as "a, b and c"."""
    if len(words) < 2:
        return "".join(words) or "none"
    return f"{', '.join(words[:-1])} and {words[-1]}"
