"""What the pipeline's tests share: digests of the warehouse, the real history, months counted from CSV files.

Stays out: the small run of the session (the fixture `pipeline_home`).
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from assets.catalog import catalog
from orchestration.cli import app

Digests = dict[str, tuple[int, str]]
CrmRunner = Callable[..., "object"]


@pytest.fixture(scope="session")
def digests() -> Callable[..., Digests]:
    """Rows and a digest of every table of a home: `digests(home, month="2018-08", without=("model_version",))`."""
    return _digests


def _digests(home: Path, month: str | None = None, without: tuple[str, ...] = ()) -> Digests:
    """Of each table, or of each monthly one the rows of `month`; the order of rows does not count."""
    tables = {name: table.contract for name, table in catalog().items()}
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return {
            name: _digest(connection, name, list(contract.columns), month, without)
            for name, contract in tables.items()
            if month is None or contract.is_monthly
        }


def _digest(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: list[str],
    month: str | None,
    without: tuple[str, ...],
) -> tuple[int, str]:
    kept = ", ".join(f'"{name}"' for name in columns if name not in without)
    where = f" WHERE snapshot_month = '{month}'" if month else ""
    found = connection.execute(
        f"WITH lines AS (SELECT md5(row({kept})::VARCHAR) AS line FROM {table}{where}) "
        "SELECT count(*), coalesce(md5(string_agg(line, '' ORDER BY line)), '') FROM lines"
    ).fetchone()
    assert found is not None
    return int(found[0]), str(found[1])


@pytest.fixture(scope="session")
def count_months() -> Callable[[Path], pd.DataFrame]:
    """Customers, purchases and money by month, counted in pandas straight from a folder of Olist's files."""
    return _count_months


def _count_months(folder: Path) -> pd.DataFrame:
    """One row per month: customers known at its end, orders that count in it, their price and freight in R$."""
    orders, customers, items = (
        _read(folder, f"olist_{name}_dataset") for name in ("orders", "customers", "order_items")
    )
    first_of_each = orders.drop_duplicates("order_id").merge(
        customers.drop_duplicates("customer_id")[["customer_id", "customer_unique_id"]], on="customer_id"
    )
    counted = first_of_each[~first_of_each["order_status"].isin(["canceled", "unavailable"])]
    lines = items.drop_duplicates(["order_id", "order_item_id"])
    cents = ((lines["price"] + lines["freight_value"]) * 100).round().astype("int64")
    value = cents.groupby(lines["order_id"]).sum().rename("cents").reset_index()
    purchases = counted.merge(value[value["cents"] > 0], on="order_id")
    month = purchases["order_purchase_timestamp"].str[:7]
    new = purchases.groupby("customer_unique_id")["order_purchase_timestamp"].min().str[:7].value_counts()
    grouped = purchases.groupby(month)["cents"].agg(["size", "sum"])
    return pd.DataFrame(
        {
            "customers": new.sort_index().reindex(grouped.index, fill_value=0).cumsum(),
            "purchases": grouped["size"],
            "revenue_brl": grouped["sum"] / 100,
        }
    )


def _read(folder: Path, stem: str) -> pd.DataFrame:
    (path,) = [found for found in folder.glob(f"{stem}.*") if found.name != f"{stem}.parquet"]
    return pd.read_csv(path, dtype={"order_item_id": "Int64"}, encoding="utf-8-sig")


@pytest.fixture(scope="session")
def trend() -> Callable[[Path], pd.DataFrame]:
    """The same figures from marts.cltv_trend of a home, indexed by month."""
    return _trend


def _trend(home: Path) -> pd.DataFrame:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "SELECT snapshot_month, customers, purchases, revenue_brl::DOUBLE AS revenue_brl FROM marts.cltv_trend"
        ).df()
    return rows.set_index("snapshot_month").sort_index()


@pytest.fixture(scope="session")
def status_months() -> Callable[[str], Mapping[str, tuple[int, int, float]]]:
    """The months that `crm status` prints: customers, purchases and money of each."""
    return _status_months


def _status_months(output: str) -> dict[str, tuple[int, int, float]]:
    line = re.compile(r"│\s*(\d{4}-\d{2})\s*│\s*([\d,]+)\s*│\s*([\d,]+)\s*│\s*([\d,.]+)\s*│")
    return {
        month: tuple(float(figure.replace(",", "")) for figure in figures)  # type: ignore[misc]
        for month, *figures in line.findall(output)
    }


@pytest.fixture
def crm_here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command line in this process, which has imported everything: `crm_here(home, "run", "--latest")`."""

    def run(home: Path, *arguments: str, **settings: str) -> Result:
        for name in list(os.environ):
            if name.startswith(("CRM_", "DAGSTER_")):
                monkeypatch.delenv(name)
        plain = {"CRM_HOME": str(home), "CRM_SOURCE": "sample", "DAGSTER_HOME": str(home / "dagster")}
        for name, value in {**plain, **settings, "DAGSTER_DISABLE_TELEMETRY": "1"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(home.parent)
        done = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, list(arguments))
        _wait_for_the_warm_up()
        return done

    return run


def _wait_for_the_warm_up() -> None:
    """A process of its own would end here, and its thread with it."""
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join(60)


@pytest.fixture(scope="session")
def olist_home(tmp_path_factory: pytest.TempPathFactory, olist: Path, crm: CrmRunner) -> Path:
    """CRM_HOME after the whole history of the real data was made and published."""
    home = tmp_path_factory.mktemp("olist-home")
    done = crm(home, "run", "--source", str(olist), "--history", timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr  # type: ignore[attr-defined]
    return home
