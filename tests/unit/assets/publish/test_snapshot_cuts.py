"""What the snapshot prepares from its own customers, counted again in pandas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from assets.publish import dashboard_snapshot
from assets.resources.tracking import Tracking
from dashboard.snapshot import connect, current_snapshot_id

SEGMENTS = ["value_tier", "age_band", "risk_band", "rfm_segment"]
CUTS = [*SEGMENTS, "action"]
MOVING = ["value_tier", "risk_band", "rfm_segment"]


@pytest.fixture(scope="module")
def tracking(pipeline_home: Path) -> Tracking:
    """The store of the run that made the warehouse; publishing only reads it."""
    return Tracking(database=str(pipeline_home / "mlflow.db"), artifacts=str(pipeline_home / "mlartifacts"))


@pytest.fixture
def put_out(work, tmp_path: Path) -> Callable[..., Path]:
    """Publish a month to a folder of the test's own; gives the snapshot's folder."""
    published = tmp_path / "published"

    def build(month: str = "2018-08") -> Path:
        dashboard_snapshot.build(work("publish.dashboard_snapshot", month, published=str(published)))
        return published / str(current_snapshot_id(published))

    return build


@pytest.fixture
def snapshot(put_out: Callable[..., Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(put_out()) as connection:
        yield connection


def table(connection: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    return connection.execute(f"SELECT * FROM {name}").df()


def test_the_cube_has_every_customer_once_and_any_cut_of_it_adds_up(snapshot) -> None:
    cube, customers = table(snapshot, "segment_cube"), table(snapshot, "customers")
    assert not cube.duplicated(CUTS).any()
    for names in (["value_tier"], ["risk_band", "rfm_segment"], ["action", "risk_band"], CUTS):
        mine, members = cube.groupby(names), customers.groupby(names)
        for column, counted in (
            ("customers", members.size()),
            ("order_count", members["order_count"].sum()),
            ("value_brl", members["value_brl"].sum()),
            ("cltv_total", members["cltv"].sum()),
            ("repeat_customers", members["frequency"].agg(lambda values: (values > 0).sum())),
            ("active_customers", members["recency_days"].agg(lambda values: (values < 180).sum())),
            ("scored_customers", members["churn_probability"].count()),
            ("churn_probability_total", members["churn_probability"].sum()),
            ("churn_sensitivity_total", members["churn_sensitivity_30d"].sum()),
        ):
            pd.testing.assert_series_equal(
                mine[column].sum().astype(float), counted.astype(float), check_names=False, rtol=1e-9
            )


def test_movement_tells_where_every_customer_was_a_month_before(snapshot) -> None:
    movement, history = table(snapshot, "segment_movement"), table(snapshot, "customer_history")
    months = sorted(history["snapshot_month"].unique())[-2:]
    before, now = (
        history[history["snapshot_month"] == month].set_index("customer_unique_id") for month in months
    )
    for dimension in MOVING:
        pairs = pd.DataFrame({"before": before[dimension].reindex(now.index), "now": now[dimension]})
        counted = pairs.fillna("").groupby(["before", "now"]).size()
        rows = movement[movement["dimension"] == dimension].fillna({"segment_before": ""})
        mine = rows.set_index(["segment_before", "segment"])["customers"].sort_index()
        pd.testing.assert_series_equal(mine, counted.sort_index(), check_names=False)
        assert rows["cltv_total"].sum() == pytest.approx(now["cltv"].sum())


def test_with_a_single_month_nothing_has_moved(warehouse, put_out) -> None:
    for name in ("scores.customer_segments", "scores.customer_cltv", "scores.customer_churn"):
        warehouse.execute(f"DELETE FROM {name} WHERE snapshot_month <> '2018-08'")
    with connect(put_out()) as snapshot:
        assert table(snapshot, "segment_movement").empty


def test_medians_are_those_of_the_segments_customers(snapshot) -> None:
    medians, customers = table(snapshot, "segment_medians"), table(snapshot, "customers").assign(total="All")
    assert set(medians["dimension"]) == {"total", *SEGMENTS}
    for row in medians.to_dict("records"):
        members = customers[customers[row["dimension"]] == row["segment"]]
        assert row["customers"] == len(members)
        for name in ("order_count", "value_brl", "recency_days", "review_score", "cltv", "churn_probability"):
            assert row[name] == pytest.approx(float(members[name].astype(float).median()), nan_ok=True), name


def test_steps_of_an_action_go_down_and_hold_all_its_customers(snapshot) -> None:
    steps, customers = table(snapshot, "action_steps"), table(snapshot, "customers")
    for action, rows in steps.sort_values("step").groupby("action"):
        members = customers[customers["action"] == action].sort_values("cltv", ascending=False)
        assert rows["customers"].sum() == len(members)
        assert rows["cltv_min"].is_monotonic_decreasing
        at = rows["customers"].cumsum()
        assert rows["cltv_min"].tolist() == pytest.approx(members["cltv"].iloc[at - 1].tolist())
        assert rows["cltv_total"].cumsum().tolist() == pytest.approx(
            members["cltv"].cumsum().iloc[at - 1].tolist()
        )


def test_curves_are_those_of_the_versions_that_serve(snapshot, warehouse) -> None:
    curves = table(snapshot, "model_curves")
    serving = warehouse.execute(
        "SELECT model_name, model_version FROM models.cltv_model WHERE snapshot_month = '2018-08' "
        "UNION ALL SELECT model_name, model_version FROM models.churn_model WHERE snapshot_month = '2018-08'"
    ).fetchall()
    found = set(curves[["model", "model_version"]].itertuples(index=False, name=None))
    assert found == {row for row in serving if row[1] is not None}
    assert set(curves["curve"]) == {"calibration", "gain"}


def test_comments_that_were_not_yet_written_are_not_in_the_snapshot(warehouse, put_out) -> None:
    (order,) = warehouse.execute(
        "SELECT order_id FROM staging.purchases JOIN staging.reviews USING (order_id) "
        "WHERE purchased_at < '2018-08-01' ORDER BY order_id LIMIT 1"
    ).fetchone()
    said = {}
    for answered in ("2018-08-31 23:59:59", "2018-09-01 00:00:00"):
        warehouse.execute(
            "UPDATE staging.reviews SET comment_title = ' Bom ', comment_message = NULL, answered_at = ? "
            "WHERE order_id = ?",
            [answered, order],
        )
        with connect(put_out()) as snapshot:
            said[answered] = snapshot.execute(
                "SELECT review_comment FROM purchases WHERE order_id = ?", [order]
            ).fetchone()
    assert list(said.values()) == [("Bom",), (None,)]
