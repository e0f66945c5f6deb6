"""The curves of the models as data: every text is made here, the browser only draws.

Stays out: the charts over the months (`dashboard.pages.charts`) and drawing (`dashboard/static/js/curve.js`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.formatting import count, number, share
from dashboard.i18n import gettext
from dashboard.pages.charts import BAND, COLUMN, LINE, Series, Trend, between
from dashboard.queries.curves import CALIBRATION, GAIN, CurvePoint, ModelCurve

DASHED = "dashed"
_SAME = 1e-9


@dataclass(frozen=True)
class Line:
    """A line over the x of its curve; `form` is line, dashed, or band (from `values` up to `tops`)."""

    label: str
    token: str
    form: str
    values: tuple[float | None, ...]
    tops: tuple[float | None, ...] = ()
    shape: str = ""


@dataclass(frozen=True)
class TipRow:
    """A line of what a point says; `token` is that of its colour, '' for none."""

    label: str
    text: str
    token: str


@dataclass(frozen=True)
class Tip:
    """What a point says."""

    title: str
    rows: tuple[TipRow, ...]


@dataclass(frozen=True)
class Curve:
    """Lines over a number, with what each point says; `has_points` where the points themselves are marked."""

    kind: str
    name: str
    x_label: str
    y_label: str
    x_unit: str
    y_unit: str
    has_points: bool
    x: tuple[float, ...]
    series: tuple[Line, ...]
    tips: tuple[Tip, ...]


def calibration_curve(curve: ModelCurve) -> Curve:
    """Return rates that the churn model predicted against those seen, by groups of customers."""
    points = curve.points
    predicted, seen = gettext("Predicted return rate"), gettext("Return rate seen")
    lines = (
        Line(gettext("As predicted"), "none", DASHED, tuple(point.x for point in points)),
        Line(gettext("95% interval of it"), "actual", BAND, _values(points, "low"), _values(points, "high")),
        Line(seen, "actual", LINE, _values(points, "y")),
    )
    tips = tuple(
        Tip(
            gettext("Group of %(count)s customers", count=count(point.customers)),
            (
                TipRow(predicted, share(point.x, 2), "none"),
                TipRow(seen, share(point.y, 2), "actual"),
                TipRow(gettext("95% interval"), between(share(point.low, 2), share(point.high, 2)), ""),
            ),
        )
        for point in points
    )
    name = f"{curve.model}-{CALIBRATION}"
    has_band = all(point.low is not None and point.high is not None for point in points)
    drawn = lines if has_band else (lines[0], lines[2])
    return Curve("curve", name, predicted, seen, "share", "share", True, lines_x(points), drawn, tips)


def calibration_columns(curve: ModelCurve) -> Trend:
    """Purchases per customer that the lifetime-value model expected beside those seen, by purchase days before."""
    points = curve.points
    names = tuple(_group(point) for point in points)

    def column(label: str, token: str, values: tuple[float | None, ...]) -> Series:
        return Series(label, token, COLUMN, "", values, tuple(number(value) for value in values))

    sizes = tuple(count(point.customers) for point in points)
    series = (
        column(gettext("Expected purchases per customer"), "value-high", tuple(point.x for point in points)),
        column(gettext("Purchases seen per customer"), "actual", _values(points, "y")),
        Series(gettext("Customers"), "none", "text", "", (), sizes),
    )
    return Trend("trend", f"{curve.model}-{CALIBRATION}", "number", names, series, is_stacked=False)


def gain_curve(curve: ModelCurve, y_label: str) -> Curve:
    """What is found by asking the best-ranked share of the customers: by the model, the baseline, at random."""
    points = curve.points
    lines = [Line(gettext("Model"), "value-high", LINE, _values(points, "y"))]
    if any(point.baseline is not None and abs(point.baseline - point.x) > _SAME for point in points):
        lines.append(Line(gettext("Baseline"), "none", LINE, _values(points, "baseline")))
    lines.append(Line(gettext("Customers in random order"), "none", DASHED, lines_x(points)))
    tips = tuple(
        Tip(
            gettext("The best %(share)s of customers", share=share(point.x)),
            tuple(TipRow(line.label, share(line.values[i]), line.token) for line in lines),
        )
        for i, point in enumerate(points)
    )
    x_label = gettext("Share of customers, the best-ranked first")
    name = f"{curve.model}-{GAIN}"
    return Curve(
        "curve", name, x_label, y_label, "share", "share", False, lines_x(points), tuple(lines), tips
    )


def lines_x(points: tuple[CurvePoint, ...]) -> tuple[float, ...]:
    """Where the points of a curve lie."""
    return tuple(point.x for point in points)


def found_among_best(curve: ModelCurve | None, best: float) -> float | None:
    """The y of a gain curve at the share `best` of the customers; None where it has no such point."""
    points = curve.points if curve else ()
    return next((point.y for point in points if abs(point.x - best) < _SAME), None)


def _values(points: tuple[CurvePoint, ...], name: str) -> tuple[float | None, ...]:
    return tuple(getattr(point, name) for point in points)


def _group(point: CurvePoint) -> str:
    """A group by its purchase days, such as 2, 4 to 6 or 4+."""
    if point.group_from is None:
        return gettext("not known")
    first = count(point.group_from)
    if point.group_to is None:
        return f"{first}+"
    return first if point.group_to == point.group_from else between(first, count(point.group_to))
