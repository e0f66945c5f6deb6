"""Make Dagster assets of the catalog's tables.

Stays out: which months exist, schedules and checks (`orchestration`).
"""

import base64
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import dagster as dg
import duckdb

from assets.catalog import Table, catalog, raw_contracts
from assets.charts import draw_charts
from assets.contracts import Contract
from assets.lineage import columns_read
from assets.months import SnapshotMonth, data_end, snapshot_month
from assets.parameters import Parameters
from assets.raw.ingest import Load, ingest
from assets.resources.source_settings import SourceSettings
from assets.resources.tracking import Tracking
from assets.resources.warehouse import Warehouse, bind, replace_rows
from assets.work import Built, RunFacts, Work, read_run_facts

POOL = "warehouse"
_PREVIEW_ROWS = 5


def build_assets(months: dg.PartitionsDefinition, *, column_lineage: bool) -> list[dg.AssetsDefinition]:
    """All assets of the pipeline.

    Args:
        months: the partitions of monthly tables.
        column_lineage: whether to trace columns through the SQL, which the UI shows and a run does not need.
    """
    tables = [table for table in catalog().values() if table.contract.layer != "raw"]
    return [_raw_tables(), *(_asset(table, months, column_lineage) for table in tables)]


def asset_key(table: str) -> dg.AssetKey:
    """The asset key of a table: layer and name."""
    return dg.AssetKey(table.split("."))


def newest_month(connection: duckdb.DuckDBPyConnection) -> SnapshotMonth:
    """The newest month that the marts hold."""
    (key,) = connection.execute("SELECT max(snapshot_month) FROM marts.cltv_trend").fetchone() or (None,)
    if key is None:
        raise LookupError("no month is made yet: materialise a month first")
    return snapshot_month(key, data_end(connection))


def _raw_tables() -> dg.AssetsDefinition:
    contracts = raw_contracts()

    @dg.multi_asset(
        name="raw",
        specs=[_spec(contract, deps=(), lineage=None) for contract in contracts],
        pool=POOL,
        description="Reads every source file and replaces all raw tables in one transaction.",
    )
    def raw(
        context: dg.AssetExecutionContext,
        warehouse: Warehouse,
        source: SourceSettings,
        parameters: Parameters,
    ) -> Iterator[dg.MaterializeResult]:
        def report(load: Load) -> None:
            rejected = f", {load.rows_rejected:,} rejected" if load.rows_rejected else ""
            context.log.info(f"{load.file_name or 'no file'}: {load.rows_read:,} rows{rejected}")

        folder = source.open()
        with warehouse.connect() as connection:
            loads, data = ingest(
                connection,
                contracts,
                folder,
                max_reject_share=source.max_reject_share,
                simulate_ages=source.simulates_ages,
                seed=parameters.seed,
                on_table=report,
            )
            by_table = {load.table_name: load for load in loads}
            for contract in contracts:
                facts = _load_facts(by_table.get(contract.name)) | {"data_fingerprint": data.fingerprint}
                rows = _count(connection, contract, {})
                metadata = _metadata(rows, Built(rows, facts), _preview(connection, contract, {}))
                yield dg.MaterializeResult(asset_key=asset_key(contract.table), metadata=metadata)

    return raw


def _asset(table: Table, months: dg.PartitionsDefinition, column_lineage: bool) -> dg.AssetsDefinition:
    contract = table.contract
    deps = sorted(key for key in table.reads if key in catalog())
    spec = _spec(contract, deps, _lineage(table) if column_lineage else None)

    @dg.asset(
        key=spec.key,
        deps=[asset_key(dep) for dep in deps],
        description=spec.description,
        metadata=spec.metadata,
        group_name=spec.group_name,
        owners=list(spec.owners),
        kinds=set(spec.kinds),
        tags=dict(spec.tags),
        pool=POOL,
        partitions_def=months if contract.is_monthly else None,
        backfill_policy=dg.BackfillPolicy.single_run() if contract.is_monthly else None,
    )
    def materialise(
        context: dg.AssetExecutionContext, warehouse: Warehouse, tracking: Tracking, parameters: Parameters
    ) -> dg.MaterializeResult:
        with warehouse.connect() as connection:
            run = read_run_facts(connection, context.run_id, parameters.code_version)
            if not contract.is_monthly:
                return _make_whole(connection, table, parameters, run, tracking)
            return _make_months(context, connection, table, parameters, run, tracking)

    return materialise


def _make_whole(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    parameters: Parameters,
    run: RunFacts,
    tracking: Tracking,
) -> dg.MaterializeResult:
    values = parameters.values()
    if table.contract.layer == "publish":
        values = parameters.of_month(newest_month(connection))
    built = _build(connection, table, values, run, tracking)
    return dg.MaterializeResult(
        metadata=_metadata(built.rows, built, _preview(connection, table.contract, {}))
    )


def _make_months(
    context: dg.AssetExecutionContext,
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    parameters: Parameters,
    run: RunFacts,
    tracking: Tracking,
) -> dg.MaterializeResult:
    end, keys, total = data_end(connection), sorted(context.partition_keys), 0
    for key in keys:
        started = time.perf_counter()
        values = parameters.of_month(snapshot_month(key, end))
        built = _build(connection, table, values, run, tracking)
        total += built.rows
        context.log.info(f"{key}: {built.rows:,} rows in {time.perf_counter() - started:.2f} s")
        preview = _preview(connection, table.contract, values) if key == keys[-1] else None
        charts = draw_charts(connection, table.contract, values) if key == keys[-1] else {}
        shown = replace(built, figures={**built.figures, **charts})
        context.add_asset_metadata(_metadata(built.rows, shown, preview), partition_key=key)
    return dg.MaterializeResult(metadata={"rows_of_the_run": total})


def _build(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    values: Mapping[str, Any],
    run: RunFacts,
    tracking: Tracking,
) -> Built:
    if table.sql is not None:
        return Built(replace_rows(connection, table.contract, table.sql, values))
    built: Built = table.module.build(Work(connection, table.contract, values, run, tracking))
    return built


def _spec(contract: Contract, deps: Sequence[str], lineage: dg.TableColumnLineage | None) -> dg.AssetSpec:
    metadata: dict[str, Any] = {
        "dagster/column_schema": _schema(contract),
        "dagster/table_name": contract.table,
        "grain": contract.grain,
    }
    if lineage is not None:
        metadata["dagster/column_lineage"] = lineage
    return dg.AssetSpec(
        key=asset_key(contract.table),
        deps=[asset_key(dep) for dep in deps],
        description=f"{contract.description.strip()}\n\nGrain: {contract.grain}",
        metadata=metadata,
        group_name=contract.layer,
        owners=[contract.owner],
        kinds=set(contract.kinds),
        tags={"layer": contract.layer, "grain": "monthly" if contract.is_monthly else "whole"},
    )


def _schema(contract: Contract) -> dg.TableSchema:
    columns = [
        dg.TableColumn(
            name=name,
            type=column.type,
            description=column.meaning + (f" In {column.unit}." if column.unit else ""),
            constraints=dg.TableColumnConstraints(nullable=column.nullable, unique=contract.key == (name,)),
        )
        for name, column in contract.columns.items()
    ]
    return dg.TableSchema(columns=columns)


def _lineage(table: Table) -> dg.TableColumnLineage | None:
    known = {
        key: {name: column.type for name, column in other.contract.columns.items()}
        for key, other in catalog().items()
    }
    if table.sql is None:
        return None
    reads = {key: known[key] for key in table.reads}
    found = {
        name: [
            dg.TableColumnDep(asset_key=asset_key(parent), column_name=column)
            for parent, column in sorted(columns_read(table.sql, reads, name))
        ]
        for name in table.contract.columns
    }
    return dg.TableColumnLineage({name: deps for name, deps in found.items() if deps})


def _metadata(rows: int, built: Built, preview: dg.TableMetadataValue | None) -> dict[str, Any]:
    figures = {f"figure_{name}": _picture(figure) for name, figure in built.figures.items()}
    links = {name: dg.MetadataValue.url(url) for name, url in built.links.items()}
    shown = {"preview": preview} if preview is not None else {}
    return {"dagster/row_count": rows, **built.facts, **figures, **links, **shown}


def _load_facts(load: Load | None) -> dict[str, str | int]:
    if load is None:
        return {}
    return {
        "file": load.file_name or "none",
        "file_sha256": load.file_sha256 or "none",
        "rows_read": load.rows_read,
        "rows_rejected": load.rows_rejected,
        "note": load.note,
    }


def _picture(png: bytes) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md(f"![figure](data:image/png;base64,{base64.b64encode(png).decode()})")


def _count(connection: duckdb.DuckDBPyConnection, contract: Contract, values: Mapping[str, Any]) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {contract.table}", dict(values)).fetchone() or (0,)
    return int(count)


def _preview(
    connection: duckdb.DuckDBPyConnection, contract: Contract, values: Mapping[str, Any]
) -> dg.TableMetadataValue | None:
    of_month = " WHERE snapshot_month = $snapshot_month" if contract.is_monthly else ""
    sql = f"SELECT * FROM {contract.table}{of_month} LIMIT {_PREVIEW_ROWS}"
    rows = connection.execute(sql, bind(sql, values)).fetchall()
    if not rows:
        return None
    records = [
        dg.TableRecord({name: str(value)[:80] for name, value in zip(contract.columns, row, strict=True)})
        for row in rows
    ]
    return dg.MetadataValue.table(records=records)
