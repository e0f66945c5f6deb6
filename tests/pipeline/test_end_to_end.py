"""One run over four months of a small simulated shop: every table, the snapshot, the figures."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from assets.catalog import catalog
from dashboard.snapshot import TABLES, Manifest, connect, current_snapshot_id, verify

MONTHS = ["2018-05", "2018-06", "2018-07", "2018-08"]


@pytest.fixture(scope="module")
def warehouse(pipeline_home: Path):
    with duckdb.connect(str(pipeline_home / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def folder(published: Path) -> Path:
    return published / str(current_snapshot_id(published))


@pytest.fixture(scope="module")
def manifest(folder: Path) -> Manifest:
    return verify(folder)


# Nothing need be rejected, and no horizon has passed within the four months of the small shop.
MAY_BE_EMPTY = {"raw.rejected_lines", "marts.past_predictions"}


@pytest.mark.parametrize("name", list(catalog()))
def test_every_table_is_there_as_its_contract_says_and_has_rows_where_it_must(name, warehouse) -> None:
    contract = catalog()[name].contract
    described = [(row[0], row[1]) for row in warehouse.execute(f"DESCRIBE {name}").fetchall()]
    (rows,) = warehouse.execute(f"SELECT count(*) FROM {name}").fetchone()

    assert [column for column, _ in described] == list(contract.columns)
    assert rows > 0 or (contract.may_be_empty and name in MAY_BE_EMPTY)


@pytest.mark.parametrize(
    "name",
    [name for name, table in catalog().items() if table.contract.is_monthly and name not in MAY_BE_EMPTY],
)
def test_every_monthly_table_has_every_month_and_no_other(name, warehouse) -> None:
    found = warehouse.execute(f"SELECT DISTINCT snapshot_month FROM {name} ORDER BY 1").fetchall()

    assert [month for (month,) in found] == MONTHS


def test_scores_and_segments_are_for_exactly_the_customers_of_each_month(warehouse) -> None:
    sets = {
        name: set(warehouse.execute(f"SELECT snapshot_month, customer_unique_id FROM {name}").fetchall())
        for name in ("scores.customer_cltv", "scores.customer_churn", "scores.customer_segments")
    }
    customers = warehouse.execute(
        "SELECT months.snapshot_month, customer_unique_id FROM staging.purchases "
        "JOIN (SELECT snapshot_month, as_of_date FROM marts.cltv_trend) AS months ON purchased_at < as_of_date "
        "GROUP BY ALL"
    ).fetchall()

    assert all(found == set(customers) for found in sets.values())


def test_the_snapshot_verifies_and_has_every_table(folder, manifest) -> None:
    assert set(manifest.row_counts) == set(TABLES)
    assert set(manifest.content_digests) == set(TABLES)
    assert manifest.row_counts["customers"] > 5_000
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "snapshot.duckdb"]


def test_the_manifest_says_what_the_snapshot_is_made_of(folder, manifest, warehouse, small_shop) -> None:
    (fingerprint,) = warehouse.execute("SELECT fingerprint FROM raw.data_source").fetchone()
    versions = {
        name: warehouse.execute(
            f"SELECT model_version FROM models.{name} WHERE snapshot_month = '2018-08'"
        ).fetchone()[0]
        for name in ("cltv_model", "churn_model")
    }

    assert manifest.snapshot_id == folder.name
    assert manifest.snapshot_id.startswith("2018-08-")
    assert manifest.months == MONTHS
    assert (manifest.snapshot_month, str(manifest.as_of_date)) == ("2018-08", "2018-09-01")
    assert manifest.data_fingerprint == fingerprint
    assert manifest.source == str(small_shop)
    assert (manifest.is_simulated, manifest.demographics) == (True, "simulated")
    assert manifest.model_versions == versions
    assert (manifest.horizon_days, manifest.cltv_horizon_days) == (180, 365)
    assert manifest.annual_discount_rate == 0.10
    assert manifest.risk_rule is not None
    assert manifest.risk_rule.red_lift < 1 < manifest.risk_rule.green_lift
    assert 0 < manifest.risk_rule.base_return_rate < 0.5


def test_the_manifest_names_runs_that_exist(manifest, pipeline_home) -> None:
    import sqlite3

    with sqlite3.connect(pipeline_home / "mlflow.db") as store:
        runs = dict(store.execute("SELECT run_uuid, name FROM runs WHERE status = 'FINISHED'").fetchall())
    with sqlite3.connect(pipeline_home / "dagster" / "history" / "runs.db") as history:
        states = dict(history.execute("SELECT run_id, status FROM runs").fetchall())

    assert {runs[run_id] for run_id in manifest.mlflow_run_ids.values()} == {"2018-08"}
    assert states[manifest.dagster_run_id] == "SUCCESS"


def test_the_snapshot_shows_the_customers_of_the_warehouse(folder, warehouse) -> None:
    query = "SELECT count(*), sum(cltv), sum(value_brl) FROM"
    with connect(folder) as snapshot:
        shown = snapshot.execute(f"{query} customers").fetchone()
    kept = warehouse.execute(
        f"{query} scores.customer_cltv JOIN features.customer_behaviour USING (snapshot_month, customer_unique_id) "
        "WHERE snapshot_month = '2018-08'"
    ).fetchone()

    assert shown[0] == kept[0]
    assert shown[1] == pytest.approx(kept[1], rel=1e-9)
    assert shown[2] == kept[2]


def test_customers_purchases_and_money_of_each_month_agree_with_the_files(
    pipeline_home, small_shop, count_months, trend
) -> None:
    pd.testing.assert_frame_equal(
        trend(pipeline_home), count_months(small_shop).loc[MONTHS], check_names=False, check_dtype=False
    )


def test_status_shows_the_snapshot_months_rows_and_versions(
    crm, pipeline_home, manifest, trend, status_months, warehouse
) -> None:
    done = crm(pipeline_home, "status")

    assert done.returncode == 0, done.stderr
    assert manifest.snapshot_id in done.stdout
    assert "(simulated)" in done.stdout
    expected = {month: tuple(row) for month, row in zip(MONTHS, trend(pipeline_home).to_numpy(), strict=True)}
    assert status_months(done.stdout) == expected
    for name in catalog():
        (rows,) = warehouse.execute(f"SELECT count(*) FROM {name}").fetchone()
        assert re.search(rf"{re.escape(name)}\s*│\s*{rows:,}\s*│", done.stdout), name
    for version in manifest.model_versions.values():
        assert f"v{version} " in done.stdout


def test_status_of_an_empty_home_says_how_to_begin(crm, tmp_path) -> None:
    done = crm(tmp_path, "status")

    assert done.returncode == 1
    assert "crm run" in done.stdout
