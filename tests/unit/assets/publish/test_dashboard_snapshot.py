"""The snapshot holds the months up to its own, the glossary of all tables, and the same id for the same content."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.catalog import catalog
from assets.publish import dashboard_snapshot
from assets.publish.dashboard_snapshot import glossary
from assets.resources.tracking import Tracking
from dashboard.snapshot import connect, current_snapshot_id, verify


@pytest.fixture(scope="module")
def tracking(pipeline_home: Path) -> Tracking:
    """The store of the run that made the warehouse; publishing only reads it."""
    return Tracking(database=str(pipeline_home / "mlflow.db"), artifacts=str(pipeline_home / "mlartifacts"))


@pytest.fixture
def put_out(work, tmp_path):
    """Publish a month to a folder of the test's own; gives the snapshot's folder."""
    published = tmp_path / "published"

    def build(month: str = "2018-08", **parameters) -> Path:
        made = work("publish.dashboard_snapshot", month, published=str(published), **parameters)
        assert dashboard_snapshot.build(made).rows == 1
        return published / str(current_snapshot_id(published))

    return build


def test_publishing_twice_gives_one_snapshot(put_out) -> None:
    first, second = put_out(), put_out()

    assert first == second
    assert len([path for path in first.parent.iterdir() if path.is_dir()]) == 1


def test_a_changed_score_gives_another_snapshot(put_out, warehouse) -> None:
    first = put_out()
    warehouse.execute(
        "UPDATE scores.customer_cltv SET cltv = cltv + 1 WHERE snapshot_month = '2018-08' "
        "AND customer_unique_id = (SELECT min(customer_unique_id) FROM scores.customer_cltv)"
    )

    assert put_out() != first


def test_the_table_says_what_is_served(put_out, warehouse) -> None:
    folder = put_out()
    manifest = verify(folder)
    row = warehouse.execute(
        "SELECT snapshot_id, snapshot_month, months, customers, purchases FROM publish.dashboard_snapshot"
    ).fetchall()

    assert row == [
        (
            folder.name,
            "2018-08",
            4,
            manifest.row_counts["customers"],
            manifest.row_counts["purchases"],
        )
    ]


def test_a_month_whose_models_were_never_made_is_not_published(put_out, warehouse) -> None:
    warehouse.execute("DELETE FROM models.churn_model WHERE snapshot_month = '2018-08'")

    with pytest.raises(LookupError, match=r"models\.churn_model has no row for 2018-08"):
        put_out()


def test_the_glossary_explains_every_column_of_every_table(put_out) -> None:
    rows = glossary()
    with connect(put_out()) as snapshot:
        published = set(snapshot.execute("SELECT table_name, column_name FROM glossary").fetchall())

    wanted = {(name, column) for name, table in catalog().items() for column in table.contract.columns}
    assert set(zip(rows["table_name"], rows["column_name"], strict=True)) == wanted == published
    assert rows["meaning"].str.len().min() > 3
