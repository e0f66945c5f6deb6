"""A cross table as a heat map: every cell with its number, its shade and the way to its customers.

Stays out: the figures (`dashboard.queries.cube`) and the colours of the shades (`pages/segments.css`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.formatting import count
from dashboard.i18n import gettext, ngettext
from dashboard.links import customers_link
from dashboard.pages.measures import Measure
from dashboard.queries.cube import CrossTable, Edge, Figures
from dashboard.terms import Term, dimension_label, term

LEVELS = 6
FEW = 10


@dataclass(frozen=True)
class HeatCell:
    """A cell: its figure as text, its shade from 0 to LEVELS - 1 or None for none, and its customers.

    `link` is '' where there are no customers.
    """

    text: str
    exact: str
    level: int | None
    customers: str
    is_few: bool
    label: str
    link: str


@dataclass(frozen=True)
class HeatRow:
    """A row of cells, one per column and then that of the whole row."""

    segment: str
    term: Term
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class HeatColumn:
    """The head of a column."""

    segment: str
    term: Term


@dataclass(frozen=True)
class Shade:
    """A shade of the scale and the smallest figure that has it."""

    level: int
    text: str


@dataclass(frozen=True)
class HeatTable:
    """The cross table of one measure; `total` is the row at the lower edge."""

    row_label: str
    column_label: str
    columns: tuple[HeatColumn, ...]
    rows: tuple[HeatRow, ...]
    total: HeatRow
    scale: tuple[Shade, ...]
    has_few: bool


class _Scale:
    """Which shade a figure has. Sums are spread by their square root, for a few cells hold nearly everybody."""

    def __init__(self, values: Sequence[float], is_sum: bool) -> None:
        self._power = 0.5 if is_sum else 1.0
        self._low = 0.0 if is_sum or not values else min(values)
        self._span = (max(values) - self._low) if values else 0.0

    @property
    def is_flat(self) -> bool:
        return self._span <= 0

    def level(self, value: float) -> int:
        if self.is_flat:
            return 0
        height = min(max((value - self._low) / self._span, 0.0), 1.0)
        return min(int(height**self._power * LEVELS), LEVELS - 1)

    def bound(self, level: int) -> float:
        return self._low + self._span * (level / LEVELS) ** (1 / self._power)


def heat_table(cross: CrossTable, measure: Measure) -> HeatTable:
    """The cells of `measure`. Rates of fewer than FEW customers have no shade: chance alone moves them."""
    figures = {(cell.row, cell.column): cell.figures for cell in cross.cells}
    scale = _Scale(
        [value for one in figures.values() if (value := _shaded(one, measure)) is not None], measure.is_sum
    )
    rows = tuple(
        HeatRow(
            row.segment,
            term(cross.row_dimension, row.segment),
            (
                *(
                    _cell(cross, measure, scale, figures.get((row.segment, column.segment)), row, column)
                    for column in cross.columns
                ),
                _cell(cross, measure, None, row.figures, row, None),
            ),
        )
        for row in cross.rows
    )
    below = tuple(_cell(cross, measure, None, column.figures, None, column) for column in cross.columns)
    whole = _cell(cross, measure, None, cross.total, None, None)
    return HeatTable(
        row_label=dimension_label(cross.row_dimension),
        column_label=dimension_label(cross.column_dimension),
        columns=tuple(
            HeatColumn(one.segment, term(cross.column_dimension, one.segment)) for one in cross.columns
        ),
        rows=rows,
        total=HeatRow("", Term(gettext("Total"), "none"), (*below, whole)),
        scale=_shades(scale, measure),
        has_few=not measure.is_sum and any(one.customers < FEW for one in figures.values()),
    )


def _shaded(figures: Figures, measure: Measure) -> float | None:
    is_too_few = not measure.is_sum and figures.customers < FEW
    return None if is_too_few else measure.of(figures)


def _shades(scale: _Scale, measure: Measure) -> tuple[Shade, ...]:
    if scale.is_flat:
        return ()
    return tuple(Shade(level, measure.text(scale.bound(level))) for level in range(LEVELS))


def _cell(
    cross: CrossTable,
    measure: Measure,
    scale: _Scale | None,
    figures: Figures | None,
    row: Edge | None,
    column: Edge | None,
) -> HeatCell:
    if figures is None or not figures.customers:
        text = count(0) if measure.name == "customers" else "–"
        return HeatCell(text, "", None, count(0), False, gettext("No customers"), "")
    value = _shaded(figures, measure)
    shown = measure.of(figures)
    customers = ngettext(
        "%(count)s customer", "%(count)s customers", figures.customers, count=count(figures.customers)
    )
    return HeatCell(
        text=measure.text(shown),
        exact=measure.exact(shown),
        level=scale.level(value) if scale and value is not None else None,
        customers=customers,
        is_few=not measure.is_sum and figures.customers < FEW,
        label=_label(cross, measure, shown, customers, row, column),
        link=_link(cross, row, column),
    )


def _label(
    cross: CrossTable,
    measure: Measure,
    value: float | None,
    customers: str,
    row: Edge | None,
    column: Edge | None,
) -> str:
    """What a screen reader says of a cell: its place, its figure, and that it leads to its customers."""
    places = [
        term(dimension, edge.segment).label
        for dimension, edge in ((cross.row_dimension, row), (cross.column_dimension, column))
        if edge is not None
    ]
    place = ", ".join(places) or gettext("All")
    return gettext(
        "%(place)s: %(measure)s %(value)s. Show %(customers)s.",
        place=place,
        measure=measure.label,
        value=measure.exact(value),
        customers=customers,
    )


def _link(cross: CrossTable, row: Edge | None, column: Edge | None) -> str:
    """The list of a cell's customers. Row and column may be one dimension; the cell is then on the diagonal."""
    filters: dict[str, object] = dict(cross.filters)
    if row is not None:
        filters[cross.row_dimension] = row.segment
    if column is not None:
        filters[cross.column_dimension] = column.segment
    return customers_link(**filters)
