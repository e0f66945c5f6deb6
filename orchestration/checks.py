"""One blocking asset check per table, made of its contract.

Stays out: what is expected (the contracts) and how it is evaluated (`assets.validation`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
import duckdb

from assets.catalog import catalog
from assets.contracts import Contract
from assets.expectations import Result
from assets.factory import POOL, asset_key
from assets.months import data_end, snapshot_month
from assets.parameters import Parameters
from assets.resources.warehouse import Warehouse
from assets.validation import check_table, keep_results

CHECK_NAME = "contract_holds"
_KIND = "great-expectations"
_SERIES = """
    SELECT strftime(month, '%Y-%m')
    FROM generate_series($first::DATE, $last::DATE, INTERVAL 1 MONTH) AS months (month)
"""


def build_checks() -> list[dg.AssetChecksDefinition]:
    """The checks of all tables. A broken critical expectation stops whatever depends on the table.

    The raw tables are made by one step and checked by one; every other table has a step of its own.
    """
    contracts = [table.contract for table in catalog().values()]
    raw = [contract for contract in contracts if contract.layer == "raw"]
    return [_checks_of_raw(raw), *(_check(contract) for contract in contracts if contract.layer != "raw")]


def _check(contract: Contract) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset_key(contract.table),
        name=CHECK_NAME,
        blocking=True,
        pool=POOL,
        compute_kind=_KIND,
        description=_describe(contract),
    )
    def contract_holds(
        context: dg.AssetCheckExecutionContext, warehouse: Warehouse, parameters: Parameters
    ) -> dg.AssetCheckResult:
        with warehouse.connect() as connection:
            return _result(context, connection, contract, parameters)

    return contract_holds


def _checks_of_raw(contracts: Sequence[Contract]) -> dg.AssetChecksDefinition:
    by_key = {asset_key(contract.table): contract for contract in contracts}

    @dg.multi_asset_check(
        name=f"raw_{CHECK_NAME}",
        specs=[
            dg.AssetCheckSpec(CHECK_NAME, asset=key, blocking=True, description=_describe(contract))
            for key, contract in by_key.items()
        ],
        can_subset=True,
        pool=POOL,
        compute_kind=_KIND,
    )
    def raw_contracts_hold(
        context: dg.AssetCheckExecutionContext, warehouse: Warehouse, parameters: Parameters
    ) -> Iterator[dg.AssetCheckResult]:
        selected = {key.asset_key for key in context.selected_asset_check_keys}
        with warehouse.connect() as connection:
            for key, contract in by_key.items():
                if key in selected:
                    yield _result(context, connection, contract, parameters)

    return raw_contracts_hold


def _describe(contract: Contract) -> str:
    return f"The table keeps its contract. {contract.grain}"


def _result(
    context: dg.AssetCheckExecutionContext,
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    parameters: Parameters,
) -> dg.AssetCheckResult:
    values = {**parameters.values(), **_months(context, connection, contract)}
    results = check_table(connection, contract, values)
    keep_results(connection, contract, results)
    return _outcome(contract, results, values)


def _months(
    context: dg.AssetCheckExecutionContext, connection: duckdb.DuckDBPyConnection, contract: Contract
) -> dict[str, Any]:
    """The months to check: those of the run, or all of the table where the check runs on its own."""
    if not contract.is_monthly:
        return {}
    tags = context.run.tags
    first = tags.get("dagster/asset_partition_range_start", tags.get("dagster/partition"))
    last = tags.get("dagster/asset_partition_range_end", tags.get("dagster/partition"))
    if first is None:
        sql, bound = f"SELECT DISTINCT snapshot_month FROM {contract.table} ORDER BY 1", {}
    else:
        sql, bound = _SERIES, {"first": f"{first}-01", "last": f"{last}-01"}
    found = connection.execute(sql, bound).fetchall()
    months = [month for (month,) in found]
    end = data_end(connection)
    return {"months": months, "as_of_dates": [snapshot_month(month, end).as_of for month in months]}


def _outcome(contract: Contract, results: Sequence[Result], values: dict[str, Any]) -> dg.AssetCheckResult:
    broken = [result for result in results if not result.passed]
    critical = [result for result in broken if result.severity == "critical"]
    records = [
        dg.TableRecord(
            {
                "expectation": result.expectation,
                "column": result.column,
                "severity": result.severity,
                "passed": "yes" if result.passed else "no",
                "observed": result.observed,
                "meaning": result.meaning,
            }
        )
        for result in sorted(results, key=lambda result: result.passed)
    ]
    months = ", ".join(values.get("months", [])) or "whole table"
    return dg.AssetCheckResult(
        asset_key=asset_key(contract.table),
        check_name=CHECK_NAME,
        passed=not broken,
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        description=_summary(results, broken),
        metadata={
            "expectations": len(results),
            "broken": len(broken),
            "checked": months,
            "results": dg.MetadataValue.table(records=records),
        },
    )


def _summary(results: Sequence[Result], broken: Sequence[Result]) -> str:
    if not broken:
        return f"All {len(results)} expectations hold."
    listing = "; ".join(
        f"{result.column or 'table'}: {result.expectation} ({result.observed})" for result in broken
    )
    return f"{len(broken)} of {len(results)} expectations are broken: {listing}"
