"""Markdown: tables, and figures with their intervals.

Stays out: what the figures are.
"""

from __future__ import annotations

from collections.abc import Sequence

from ml.metrics import Comparison, ModelMetric

NONE = "–"
_THOUSAND = 1000
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
    """Three significant digits, without an exponent from a ten-thousandth on."""
    return f"{value:,.0f}" if abs(value) >= _THOUSAND else f"{value:#.3g}".rstrip(".")
