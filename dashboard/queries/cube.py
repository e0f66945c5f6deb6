"""How do two groupings of the customers cross, and what do the customers in each cell add up to?

Stays out: a single grouping with its intervals (`dashboard.queries.segments`) and the customers themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dashboard.queries.rows import ratio, real
from dashboard.tables import segment_cube
from dashboard.terms import rank

DIMENSIONS = ("value_tier", "age_band", "risk_band", "rfm_segment")
Filters = Mapping[str, Sequence[str]]
_Row = dict[str, Any]
Cube = tuple[_Row, ...]
_COUNTS = ("customers", "active_customers", "repeat_customers", "scored_customers", "order_count")
_SUMS = ("cltv_total", "churn_probability_total", "churn_sensitivity_total")


@dataclass(frozen=True)
class Figures:
    """What a group of customers adds up to; a None is a figure for which there is not enough data.

    Money is in reais; rates and probabilities are fractions. `active_customers` bought within the last horizon,
    `repeat_customers` on more than one day, `scored_customers` have a churn probability. `cltv_*` speak of the CLTV
    horizon, `churn_*` of the horizon, both in the manifest.
    """

    customers: int
    active_customers: int
    repeat_customers: int
    scored_customers: int
    order_count: int
    value_brl: float
    average_order_brl: float | None
    repurchase_rate: float | None
    active_share: float | None
    cltv_total: float | None
    cltv_mean: float | None
    churn_probability_mean: float | None
    churn_sensitivity_30d: float | None


@dataclass(frozen=True)
class Cell:
    """The customers who are in this segment of the rows and that one of the columns; at least one is."""

    row: str
    column: str
    figures: Figures


@dataclass(frozen=True)
class Edge:
    """The customers of a whole row or column."""

    segment: str
    figures: Figures


@dataclass(frozen=True)
class CrossTable:
    """Two dimensions crossed at the newest month, among the customers that the filters let through.

    Cells without customers are left out; the edges hold every segment there is. `segments` are all of every dimension.
    """

    row_dimension: str
    column_dimension: str
    filters: dict[str, tuple[str, ...]]
    cells: tuple[Cell, ...]
    rows: tuple[Edge, ...]
    columns: tuple[Edge, ...]
    total: Figures
    segments: dict[str, tuple[str, ...]]


def read_cube(connection: sa.Connection) -> Cube:
    """The cube of the newest month: a row for each combination of segments that customers are in."""
    return tuple(dict(row) for row in connection.execute(sa.select(segment_cube)).mappings())


def cross_table(cube: Cube, row_dimension: str, column_dimension: str, filters: Filters) -> CrossTable:
    """Cross two dimensions of the cube; a dimension without a filter lets everybody through.

    Raises:
        ValueError: for a dimension that the cube does not have.
    """
    unknown = sorted({row_dimension, column_dimension, *filters} - set(DIMENSIONS))
    if unknown:
        raise ValueError(f"the cube has no dimension {', '.join(unknown)}; it has {', '.join(DIMENSIONS)}")
    wanted = {name: tuple(filters[name]) for name in DIMENSIONS if filters.get(name)}
    kept = [row for row in cube if all(row[name] in values for name, values in wanted.items())]
    segments = segments_of_cube(cube)
    return CrossTable(
        row_dimension=row_dimension,
        column_dimension=column_dimension,
        filters=wanted,
        cells=_cells(kept, row_dimension, column_dimension),
        rows=_edges(kept, row_dimension, wanted.get(row_dimension) or segments[row_dimension]),
        columns=_edges(kept, column_dimension, wanted.get(column_dimension) or segments[column_dimension]),
        total=figures(kept),
        segments=segments,
    )


def segments_of_cube(cube: Cube) -> dict[str, tuple[str, ...]]:
    """The segments that have customers at the newest month, by dimension, each dimension in its own order."""
    return {
        name: tuple(sorted({row[name] for row in cube}, key=lambda segment: rank(name, segment)))
        for name in DIMENSIONS
    }


def figures(rows: Sequence[_Row]) -> Figures:
    """What rows of the cube add up to."""
    counts = {name: sum(row[name] for row in rows) for name in _COUNTS}
    value = real(sum(row["value_brl"] for row in rows)) or 0.0
    cltv, churn, sensitivity = (_sum(row[name] for row in rows) for name in _SUMS)
    customers, scored = counts["customers"], counts["scored_customers"]
    return Figures(
        **counts,
        value_brl=value,
        average_order_brl=ratio(value, counts["order_count"]),
        repurchase_rate=ratio(counts["repeat_customers"], customers),
        active_share=ratio(counts["active_customers"], customers),
        cltv_total=cltv,
        cltv_mean=ratio(cltv, customers),
        churn_probability_mean=ratio(churn, scored),
        churn_sensitivity_30d=ratio(sensitivity, scored),
    )


def _cells(rows: list[_Row], row_dimension: str, column_dimension: str) -> tuple[Cell, ...]:
    groups = _grouped(rows, lambda row: (row[row_dimension], row[column_dimension]))
    order = sorted(groups, key=lambda pair: (rank(row_dimension, pair[0]), rank(column_dimension, pair[1])))
    return tuple(Cell(row, column, figures(groups[row, column])) for row, column in order)


def _edges(rows: list[_Row], dimension: str, segments: Sequence[str]) -> tuple[Edge, ...]:
    groups = _grouped(rows, lambda row: row[dimension])
    order = sorted(set(segments), key=lambda segment: rank(dimension, segment))
    return tuple(Edge(segment, figures(groups.get(segment, []))) for segment in order)


def _grouped(rows: list[_Row], key: Callable[[_Row], Any]) -> dict[Any, list[_Row]]:
    groups: dict[Any, list[_Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _sum(values: Any) -> float | None:
    """The exactly rounded sum of those that are there; None where none is."""
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None
