"""Cuts of the cube against independent SQL over the customers it was made from."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.queries.cube import DIMENSIONS, Figures, cross_table, figures, read_cube, segments_of_cube

VALUES = {
    "value_tier": ("High Value", "Low Value"),
    "age_band": ("Child 0–12", "Adult 20–64", "Unknown"),
    "risk_band": ("red", "yellow", "green", "unknown"),
    "rfm_segment": ("Champions", "New", "Lost"),
    "action": ("Win-back", "Nurture"),
}
SQL = """
    SELECT
        count(*), count(*) FILTER (recency_days < 180), count(*) FILTER (frequency > 0), count(churn_probability),
        coalesce(sum(order_count), 0), coalesce(sum(value_brl), 0)::DOUBLE,
        (sum(value_brl) / sum(order_count))::DOUBLE, avg((frequency > 0)::INTEGER), avg((recency_days < 180)::INTEGER),
        sum(cltv), avg(cltv), avg(churn_probability), avg(churn_sensitivity_30d)
    FROM customers WHERE {}
"""


def _customers(seed: int, size: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    rows = []
    for i in range(size):
        segments = {name: draw.choice(values) for name, values in VALUES.items()}
        is_scored = segments["risk_band"] != "unknown"
        rows.append(
            segments
            | {
                "customer_unique_id": str(i),
                "recency_days": draw.randrange(400),
                "frequency": draw.choice((0, 0, 0, 1, 2)),
                "order_count": draw.randrange(1, 4),
                "value_brl": draw.randrange(1000, 90000) / 100,
                "cltv": draw.expovariate(0.1),
                "churn_probability": draw.random() if is_scored else None,
                "churn_sensitivity_30d": draw.uniform(-0.01, 0.02) if is_scored else None,
            }
        )
    return rows


def _cube(customers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def sums(rows: list[dict[str, Any]], name: str) -> float | None:
        known = [row[name] for row in rows if row[name] is not None]
        return sum(known) if known else None

    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in customers:
        groups.setdefault(tuple(row[name] for name in VALUES), []).append(row)
    return [
        dict(zip(VALUES, key, strict=True))
        | {
            "customers": len(rows),
            "active_customers": sum(row["recency_days"] < 180 for row in rows),
            "repeat_customers": sum(row["frequency"] > 0 for row in rows),
            "scored_customers": sum(row["churn_probability"] is not None for row in rows),
            "order_count": sum(row["order_count"] for row in rows),
            "value_brl": round(sum(row["value_brl"] for row in rows), 2),
            "cltv_total": sums(rows, "cltv"),
            "churn_probability_total": sums(rows, "churn_probability"),
            "churn_sensitivity_total": sums(rows, "churn_sensitivity_30d"),
        }
        for key, rows in groups.items()
    ]


@pytest.fixture
def crossed(rows) -> dict[str, list[dict[str, Any]]]:
    """The tiny snapshot with 120 drawn customers and their cube; a few combinations have nobody."""
    customers = _customers(7, 120)
    return rows | {"customers": customers, "segment_cube": _cube(customers)}


def _counted(connection: sa.Connection, conditions: dict[str, tuple[str, ...]]) -> tuple[Any, ...]:
    """The same figures from the customers themselves."""
    where = " AND ".join(
        f"{name} IN ({', '.join(repr(v) for v in values)})" for name, values in conditions.items()
    )
    return tuple(connection.execute(sa.text(SQL.format(where or "TRUE"))).one())


def _values(found: Figures) -> list[Any]:
    return [getattr(found, name) for name in Figures.__dataclass_fields__]


@pytest.mark.parametrize(
    "filters", [{}, {"risk_band": ("red", "green")}, {"age_band": ("Unknown",), "value_tier": ("Low Value",)}]
)
def test_every_cell_edge_and_total_is_what_the_customers_add_up_to(asking, crossed, filters) -> None:
    with asking(crossed) as connection:
        for rows_by, columns_by in itertools.permutations(DIMENSIONS, 2):
            cross = cross_table(read_cube(connection), rows_by, columns_by, filters)
            whole = _counted(connection, filters)
            assert _values(cross.total) == pytest.approx(list(whole))
            for edges, dimension in ((cross.rows, rows_by), (cross.columns, columns_by)):
                for edge in edges:
                    wanted = _counted(connection, filters | {dimension: (edge.segment,)})
                    assert _values(edge.figures) == pytest.approx(list(wanted))
            assert sum(cell.figures.customers for cell in cross.cells) == cross.total.customers


def test_every_cell_counts_the_customers_of_both_segments(asking, crossed) -> None:
    with asking(crossed) as connection:
        cross = cross_table(
            read_cube(connection), "rfm_segment", "risk_band", {"value_tier": ("High Value",)}
        )
        cells = {(cell.row, cell.column): cell.figures for cell in cross.cells}
        for row, column in itertools.product(VALUES["rfm_segment"], VALUES["risk_band"]):
            conditions = {"rfm_segment": (row,), "risk_band": (column,), "value_tier": ("High Value",)}
            wanted = list(_counted(connection, conditions))
            if (row, column) in cells:
                assert _values(cells[row, column]) == pytest.approx(wanted)
            else:
                assert wanted[0] == 0


def test_sums_of_rows_and_columns_are_the_totals(asking, crossed) -> None:
    with asking(crossed) as connection:
        cross = cross_table(read_cube(connection), "age_band", "rfm_segment", {})
    for name in ("customers", "value_brl", "cltv_total"):
        whole = pytest.approx(getattr(cross.total, name))
        assert sum(getattr(edge.figures, name) for edge in cross.rows) == whole
        assert sum(getattr(edge.figures, name) for edge in cross.columns) == whole
        assert sum(getattr(cell.figures, name) for cell in cross.cells) == whole


def test_segments_come_in_their_own_order_and_a_filter_narrows_its_own_edge(asking, crossed) -> None:
    with asking(crossed) as connection:
        known = segments_of_cube(read_cube(connection))
        cross = cross_table(read_cube(connection), "risk_band", "value_tier", {"risk_band": ("green", "red")})
    assert known["risk_band"] == ("red", "yellow", "green", "unknown")
    assert [edge.segment for edge in cross.rows] == ["red", "green"]
    assert cross.segments == known


def test_a_dimension_crossed_with_itself_has_its_diagonal(asking, crossed) -> None:
    with asking(crossed) as connection:
        cross = cross_table(read_cube(connection), "risk_band", "risk_band", {})
    assert [(cell.row, cell.column) for cell in cross.cells] == [(one, one) for one in VALUES["risk_band"]]


def test_an_unknown_dimension_is_an_error(asking, crossed) -> None:
    with asking(crossed) as connection:
        with pytest.raises(ValueError, match="no dimension city"):
            cross_table(read_cube(connection), "city", "risk_band", {})
        with pytest.raises(ValueError, match="no dimension action"):
            cross_table(read_cube(connection), "age_band", "risk_band", {"action": ("Nurture",)})


def test_nobody_has_no_rates_and_no_expected_spend() -> None:
    nobody = figures([])
    assert (nobody.customers, nobody.value_brl) == (0, 0.0)
    assert (nobody.repurchase_rate, nobody.average_order_brl, nobody.cltv_total) == (None, None, None)


def test_without_models_counts_stay_and_predictions_are_missing(asking, rows) -> None:
    customers = [
        row | {"cltv": None, "churn_probability": None, "churn_sensitivity_30d": None}
        for row in _customers(1, 20)
    ]
    with asking(rows | {"segment_cube": _cube(customers)}) as connection:
        total = cross_table(read_cube(connection), "age_band", "risk_band", {}).total
    assert total.customers == 20
    assert total.repurchase_rate is not None
    assert (total.cltv_total, total.cltv_mean, total.churn_probability_mean) == (None, None, None)
