"""Model figures in plain words, each beside its baseline.

Stays out: the figures (`dashboard.queries.models`) and the words of the metrics (`dashboard.terms`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from dashboard.formatting import number, rate
from dashboard.i18n import gettext, ngettext
from dashboard.model_names import baseline_label
from dashboard.queries.models import ModelQuality, Score
from dashboard.terms import METRICS, Metric, metric, model_label

_SHOWN_ROWS = 4
_GAIN = "_gain"
_DECIMALS = {"": 3, "small": 4}


@dataclass(frozen=True)
class Span:
    """A figure and its interval on a scale from 0 to 100."""

    at: float
    low: float
    high: float


@dataclass(frozen=True)
class Row:
    """A metric as shown: `verdict` is better, worse, alike, or '' when there is nothing to compare."""

    name: str
    label: str
    meaning: str
    value: str
    interval: str
    baseline: str
    baseline_value: str
    baseline_interval: str
    verdict: str
    span: Span | None
    baseline_span: Span | None


@dataclass(frozen=True)
class Model:
    """A model as shown, with a sentence on where its figures come from."""

    name: str
    title: str
    quality: ModelQuality
    in_short: str
    rows: tuple[Row, ...]
    more_rows: tuple[Row, ...]


def models(qualities: tuple[ModelQuality, ...]) -> tuple[Model, ...]:
    """The models with their metrics, known metrics first and in their own order."""
    order = list(METRICS)

    def place(score: Score) -> int:
        return order.index(score.metric) if score.metric in order else len(order)

    def model(item: ModelQuality) -> Model:
        rows = _decided_by_gains(tuple(_row(score) for score in sorted(item.scores, key=place)))
        title = model_label(item.model)
        return Model(item.model, title, item, _in_short(rows), rows[:_SHOWN_ROWS], rows[_SHOWN_ROWS:])

    return tuple(model(item) for item in qualities)


def _decided_by_gains(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows, with the verdict on a figure taken from its gain over the baseline where that was measured.

    Measured on the same customers, a gain can be clear although the ranges of the two figures overlap.
    """
    gains = {
        row.name.removesuffix(_GAIN): row.verdict for row in rows if row.name.endswith(_GAIN) and row.verdict
    }
    figures = {row.name for row in rows}

    def decided(row: Row) -> Row:
        if row.name in gains:
            return replace(row, verdict=gains[row.name])
        is_told = row.name.endswith(_GAIN) and row.name.removesuffix(_GAIN) in figures
        return replace(row, verdict="") if is_told else row

    return tuple(decided(row) for row in rows)


def _in_short(rows: tuple[Row, ...]) -> str:
    """One sentence on the verdicts of a model's rows; '' when nothing could be compared."""
    counts = Counter(row.verdict for row in rows if row.verdict)
    if not counts:
        return ""
    return ngettext(
        "Of %(n)s comparison with a baseline: better in %(better)s, no clear difference in %(alike)s, "
        "worse in %(worse)s.",
        "Of %(n)s comparisons with a baseline: better in %(better)s, no clear difference in %(alike)s, "
        "worse in %(worse)s.",
        counts.total(),
        better=counts["better"],
        alike=counts["alike"],
        worse=counts["worse"],
    )


def verdict(score: Score, better: str) -> str:
    """Whether a figure beats its baseline: only where their intervals, if measured, do not overlap.

    A metric whose good end is zero is compared by distance from zero. Without a baseline, a figure that is
    itself a difference is compared with zero by its own interval.
    """
    value, base = _distances(score, better)
    if value is None or base is None:
        return ""
    if value[0] > base[1]:
        return "better"
    return "worse" if value[1] < base[0] else "alike"


def _distances(score: Score, better: str) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    value = _goodness(score.value, score.low, score.high, better)
    if score.baseline_value is None and score.metric.endswith(_GAIN):
        return value, (0.0, 0.0)
    return value, _goodness(score.baseline_value, score.baseline_low, score.baseline_high, better)


def _goodness(
    value: float | None, low: float | None, high: float | None, better: str
) -> tuple[float, float] | None:
    """An interval turned so that more is better; None when there is no figure or it is no grade."""
    if value is None or not better:
        return None
    ends = [value, value if low is None else low, value if high is None else high]
    if better == "high":
        return min(ends), max(ends)
    if better == "low":
        return -max(ends), -min(ends)
    nearest = 0.0 if min(ends) <= 0 <= max(ends) else min(abs(end) for end in ends)
    return -max(abs(end) for end in ends), -nearest


def _row(score: Score) -> Row:
    words = metric(score.metric)
    span, baseline_span = _spans(score)
    return Row(
        name=score.metric,
        label=words.label,
        meaning=words.meaning,
        value=_text(score.value, words),
        interval=_interval(score.low, score.high, words),
        baseline=baseline_label(score.baseline) if score.baseline else gettext("not named"),
        baseline_value="" if score.baseline_value is None else _text(score.baseline_value, words),
        baseline_interval=_interval(score.baseline_low, score.baseline_high, words),
        verdict=verdict(score, words.better),
        span=span,
        baseline_span=baseline_span,
    )


def _text(value: float | None, words: Metric) -> str:
    if value is None or words.unit in _DECIMALS:
        return number(value, _DECIMALS.get(words.unit, 3))
    if words.unit == "times":
        return f"{number(value, 2)}×"
    return rate(value)


def _interval(low: float | None, high: float | None, words: Metric) -> str:
    if low is None or high is None:
        return ""
    return gettext("%(low)s to %(high)s", low=_text(low, words), high=_text(high, words))


def _spans(score: Score) -> tuple[Span | None, Span | None]:
    """The figure and its baseline on one scale; None for both when there is nothing to compare."""
    if score.value is None or score.baseline_value is None:
        return None, None
    own = [score.value, score.low, score.high]
    other = [score.baseline_value, score.baseline_low, score.baseline_high]
    known = [value for value in own + other if value is not None]
    start, width = min(known), max(known) - min(known)
    if width == 0:
        return None, None

    def place(value: float) -> float:
        return round(4 + 92 * (value - start) / width, 1)

    def span(value: float, low: float | None, high: float | None) -> Span:
        return Span(
            place(value), place(value if low is None else low), place(value if high is None else high)
        )

    return span(score.value, score.low, score.high), span(
        score.baseline_value, score.baseline_low, score.baseline_high
    )
