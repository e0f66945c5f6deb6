"""What there is: the published snapshot, the months in the warehouse, the model versions, and how fresh all is.

Stays out: making any of it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import duckdb
from rich.console import Console
from rich.table import Table

from assets.catalog import catalog
from assets.resources.warehouse import WarehouseError
from dashboard.snapshot import Manifest, current_snapshot_id, read_manifest
from orchestration.progress import Outcome
from orchestration.settings import Settings, load_settings

_MONTHS = """
    SELECT trend.snapshot_month, trend.customers, trend.purchases, trend.revenue_brl, trend.cltv_total,
        cltv.model_version, churn.model_version
    FROM marts.cltv_trend AS trend
    LEFT JOIN models.cltv_model AS cltv USING (snapshot_month)
    LEFT JOIN models.churn_model AS churn USING (snapshot_month)
    ORDER BY snapshot_month
"""
_MONTHS_READ = {"marts.cltv_trend", "models.cltv_model", "models.churn_model"}


def show_status(console: Console) -> int:
    """Print the state of CRM_HOME; 1 if nothing is there yet."""
    settings = load_settings()
    if not settings.warehouse_path.exists():
        console.print(f"Nothing in {settings.home_path} yet. Begin with: crm run")
        return 1
    manifest = _manifest(settings)
    if manifest is not None:
        console.print(_snapshot_table(manifest, settings))
    with _warehouse(settings) as connection:
        console.print(_months_table(connection))
        console.print(_rows_table(connection))
    return 0


def show_outcome(console: Console, settings: Settings, run_id: str, outcome: Outcome) -> None:
    """Print what a run made, what the checks warned of, and where everything is."""
    with _warehouse(settings) as connection:
        console.print(_months_table(connection))
    for warning in outcome.warnings:
        console.print(f"[yellow]warning[/] {warning}")
    manifest = _manifest(settings)
    if manifest is not None:
        console.print(_snapshot_table(manifest, settings))
    console.print(f"Dagster run {run_id[:8]}; {sum(outcome.seconds.values()):.1f} s of work")
    console.print(
        f"Open the dashboard: [bold]{_program()} serve[/], then http://localhost:8000. "
        f"With Dagster's and MLflow's UI: [bold]{_program()} dev[/]"
    )


@contextmanager
def _warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = duckdb.connect(str(settings.warehouse_path), read_only=True)
    except duckdb.IOException as error:
        raise WarehouseError(
            f"{settings.warehouse_path} cannot be read ({str(error).splitlines()[0]}). "
            "If a run is writing to it, wait for it to end"
        ) from error
    with connection:
        yield connection


def _made(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The tables that were made so far; a run that failed early leaves some."""
    names = connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
    return {name for (name,) in names}


def _manifest(settings: Settings) -> Manifest | None:
    snapshot_id = current_snapshot_id(settings.published_path)
    return read_manifest(settings.published_path / snapshot_id) if snapshot_id else None


def _snapshot_table(manifest: Manifest, settings: Settings) -> Table:
    table = Table(title="Published snapshot", show_header=False, title_justify="left")
    models = ", ".join(f"{name} {number}" for name, number in manifest.model_versions.items()) or "none"
    kind = "simulated" if manifest.is_simulated else "real"
    rows = {
        "snapshot": manifest.snapshot_id,
        "months": f"{manifest.months[0]} to {manifest.months[-1]} ({len(manifest.months)})",
        "looks from": f"{manifest.as_of_date}",
        "published": f"{manifest.published_at:%Y-%m-%d %H:%M} UTC ({_age(manifest.published_at)} ago)",
        "customers": f"{manifest.row_counts['customers']:,}",
        "purchases": f"{manifest.row_counts['purchases']:,}",
        "models": models,
        "data": f"{manifest.source} ({kind}), fingerprint {manifest.data_fingerprint[:12]}",
        "folder": str(settings.published_path / manifest.snapshot_id),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _months_table(connection: duckdb.DuckDBPyConnection) -> Table:
    table = Table(title="Months", title_justify="left")
    for name in ("month", "customers", "purchases", "revenue R$", "CLTV R$", "cltv_model", "churn_model"):
        table.add_column(name, justify="left" if name == "month" else "right")
    months = connection.execute(_MONTHS).fetchall() if _made(connection) >= _MONTHS_READ else []
    for month, customers, purchases, revenue, cltv, cltv_version, churn_version in months:
        table.add_row(
            month,
            f"{customers:,}",
            f"{purchases:,}",
            f"{revenue:,.2f}",
            "not enough data" if cltv is None else f"{cltv:,.2f}",
            f"v{cltv_version}" if cltv_version else "not enough data",
            f"v{churn_version}" if churn_version else "not enough data",
        )
    return table


def _rows_table(connection: duckdb.DuckDBPyConnection) -> Table:
    table = Table(title="Tables", title_justify="left")
    table.add_column("table")
    table.add_column("rows", justify="right")
    there = _made(connection)
    for name in catalog():
        table.add_row(name, f"{_count(connection, name):,}" if name in there else "not made yet")
    return table


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,)
    return int(count)


def _age(instant: datetime) -> str:
    hours = (datetime.now(UTC) - instant).total_seconds() / 3600
    return (
        f"{hours * 60:.0f} min"
        if hours < 2
        else (f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days")
    )


def _program() -> str:
    """How the console script is called from here."""
    return "crm" if shutil.which("crm") else os.path.relpath(sys.argv[0])
